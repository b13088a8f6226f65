#pragma once

#include <cmath>

namespace weighbridge {

/// What PyTorch's caching allocator sets aside for a tensor on a CUDA device and counts as allocated: sizes are rounded
/// up to 512 bytes; from 10 MiB on a tensor gets a segment of whole 2 MiB steps of its own, and what it leaves of that
/// segment is cut off only where it is more than 1 MiB (c10/cuda/CUDACachingAllocator.cpp: round_size,
/// get_allocation_size, should_split).
inline double allocated_bytes(double tensor_bytes)
{
    constexpr double step = 512;
    constexpr double mib = 1024.0 * 1024.0;
    constexpr double own_segment_from = 10 * mib;
    constexpr double segment_step = 2 * mib;
    constexpr double kept_up_to = mib;
    const double rounded = std::ceil(tensor_bytes / step) * step;
    if (rounded < own_segment_from)
        return rounded;
    const double segment = std::ceil(rounded / segment_step) * segment_step;
    return segment - rounded <= kept_up_to ? segment : rounded;
}

} // namespace weighbridge
