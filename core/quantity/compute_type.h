#pragma once

#include <string_view>

namespace weighbridge {

/// The arithmetic a format runs at, which picks the accelerator's peak.
enum class ComputeType
{
    fp32,
    bf16,
    fp16,
    fp8,
    int8,
    fp4,
    int4,
};

/// "BF16", "FP8": as peaks are labelled.
std::string_view compute_type_name(ComputeType type);

} // namespace weighbridge
