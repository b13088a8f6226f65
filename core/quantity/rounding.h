#pragma once

#include <cstdint>

namespace weighbridge {

/// The least multiple that is at least `value`, which is not negative.
constexpr std::int64_t rounded_up(std::int64_t value, std::int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

} // namespace weighbridge
