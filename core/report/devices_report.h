#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace weighbridge {

/// Devices in the engine's order, those that hold alike as one, and the host below them.
Table devices_table(const Estimate& estimate, ByteUnit unit = ByteUnit::gib);

/// Whether the table says more than the fit of the one kind of device does.
bool tells_devices(const Estimate& estimate);

/// devices[] and host of the report, each with its terms.
nlohmann::ordered_json devices_json(const Estimate& estimate);
nlohmann::ordered_json host_json(const Estimate& estimate);

/// "GPU 2, RTX 3060 12 GB", "the host": whose memory decides; empty where there is one kind of device.
std::string decided_by_text(const Estimate& estimate);

} // namespace weighbridge
