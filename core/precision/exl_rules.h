#pragma once

#include "core/model/tensor.h"
#include "core/model/weight_column.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A quantization of ExLlama's converters (exllamav3: convert.py): a mean width of all matrices but the head's.
struct ExlMix
{
    bool third = true;         ///< EXL3; else EXL2, which has neither padding nor vectors of signs
    double bits = 4;           ///< of a number in the mean, 1 to 8; each tensor has a whole one in EXL3
    double head_bits = 6;      ///< 1 to 8
    bool high_quality = false; ///< -hq: attention and shared experts of networks with experts get more

    std::string name() const;  ///< "4.0", "3.5_h8", "4.0_hq"
    std::string label() const; ///< "EXL3 4.0 bits"
};

/// Reads "4.0", "4.0bpw", "3.5bpw_h8", "4.0_hq".
std::optional<ExlMix> find_exl_mix(std::string_view name, bool third = true);
/// Those of EXL3 that lists show.
std::span<const std::string_view> exl3_mix_names();

/// Whether a tensor is a matrix that the converter takes, the head's included.
bool exl_takes(const Tensor& tensor);

/// Bits of an EXL3 matrix of k inputs and n outputs: the trellis of both sides padded to 128, and a vector of 16 bits
/// for each side (exllamav3/modules/quant/exl3.py).
double exl3_matrix_bits(std::int64_t inputs, std::int64_t outputs, double bits);

/// How each row of an inventory is stored. What is not taken stays in 16 bits.
WeightColumn exl_column(const ExlMix& mix, const std::vector<Tensor>& tensors);

/// Bits of cached keys and of values, without their scales.
struct ExlCacheBits
{
    std::int64_t keys = 0;
    std::int64_t values = 0;
};

/// Reads "exl3:4", "exl3:6,5", and what TabbyAPI's cache_mode says: "Q4", "6,5" (2 to 8 each).
std::optional<ExlCacheBits> find_exl_cache(std::string_view name);
/// "exl3:6,5".
std::string exl_cache_name(const ExlCacheBits& bits);

/// A scale of 16 bits for 32 numbers (exllamav3/cache/quant.py).
inline constexpr double exl_cache_scale_bits = 16.0 / 32;

} // namespace weighbridge
