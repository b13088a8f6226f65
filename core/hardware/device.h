#pragma once

#include "core/hardware/accelerator.h"
#include "core/quantity/bytes.h"

#include <cmath>

namespace weighbridge {

/// One device of a machine, with what others have taken of it.
struct Device
{
    Accelerator accelerator; ///< its capacity as the machine has it
    Bytes in_use;            ///< by others, the display included
    double usable_fraction = 1;

    /// What the driver would call free.
    double free() const { return static_cast<double>(accelerator.capacity.count - in_use.count); }
    /// Bytes that may be used of it.
    double usable() const { return std::floor(free() * usable_fraction); }

    bool operator==(const Device&) const = default;
};

} // namespace weighbridge
