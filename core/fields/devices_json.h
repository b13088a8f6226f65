#pragma once

#include "core/quantity/result.h"
#include "core/scenario/device_group.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// hardware.devices: a list of 1 to 64 groups, each an object. `key` is what the error calls it. An accelerator's id
/// must be in the catalogue; what is free and what is in use are one thing, so only one of them may stand.
Result<std::vector<DeviceGroup>> read_devices(const nlohmann::json& json, std::string_view key);

/// The same list; reading it back gives equal groups.
nlohmann::ordered_json write_devices(const std::vector<DeviceGroup>& groups);

/// Whether a text names more than one accelerator: "2xrtx_3090,rtx_3060_12", or a system: "dgx_h200".
bool is_device_list(std::string_view text);

/// "2xrtx_3090,rtx_3060_12", or the JSON of the list. The id of a system is as many of its accelerator as it has.
Result<std::vector<DeviceGroup>> parse_devices(std::string_view text, std::string_view key);

/// As parse_devices() reads it back: short where ids and counts are all there is to say.
std::string devices_text(const std::vector<DeviceGroup>& groups);

} // namespace weighbridge
