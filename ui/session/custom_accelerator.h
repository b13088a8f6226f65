#pragma once

#include "core/hardware/accelerator.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <QString>

namespace weighbridge {

/// An accelerator to be edited by hand, with the figures of another.
Accelerator customAccelerator(const Accelerator& like);

/// Whether this is one of "hardware.custom.name", ".memory", ".bandwidth", ".peak".
bool isCustomAcceleratorKey(const QString& key);

/// Sets one figure of the scenario's custom accelerator: memory in GiB, bandwidth in GB/s (empty: unknown), peak in
/// dense TFLOP/s at 16 bits (empty: unknown). The scenario is unchanged on error.
Outcome setCustomAccelerator(Scenario& scenario, const QString& key, const QString& text);

QString customAcceleratorText(const Scenario& scenario, const QString& key);

} // namespace weighbridge
