#pragma once

#include <cstdint>

namespace weighbridge::vllm {

/// The least multiple that is at least `value`.
inline std::int64_t rounded_up(std::int64_t value, std::int64_t multiple)
{
    return (value + multiple - 1) / multiple * multiple;
}

} // namespace weighbridge::vllm
