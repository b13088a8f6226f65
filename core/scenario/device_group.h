#pragma once

#include "core/hardware/accelerator.h"

#include <cstdint>
#include <optional>
#include <string>

namespace weighbridge {

/// Devices of a machine that are alike: one entry of hardware.devices. GiB.
struct DeviceGroup
{
    std::string accelerator;           ///< an id of the catalogue, "custom", or empty: hardware.accelerator
    std::optional<Accelerator> custom; ///< when `accelerator` is "custom"
    std::int64_t count = 1;
    std::optional<double> memory_gib;        ///< of each, where it is not what the catalogue says
    std::optional<double> memory_in_use_gib; ///< of each, by others; 0 where neither this nor the next stands
    std::optional<double> memory_free_gib;   ///< in its place: what the driver says is free

    bool operator==(const DeviceGroup&) const = default;
};

inline constexpr std::size_t most_device_groups = 64;

} // namespace weighbridge
