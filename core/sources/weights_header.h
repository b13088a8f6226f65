#pragma once

#include "core/precision/stored_type.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {

/// One tensor as a file describes it.
struct StoredTensor
{
    std::string name;
    const StoredType* type = nullptr;
    std::int64_t elements = 0;
    std::int64_t bytes = 0;
    /// Sizes as the file orders them: row-major in safetensors (outputs, inputs), the other way round in GGUF. Beyond
    /// the fourth they are multiplied into it; missing ones are 1.
    std::array<std::int64_t, 4> shape = {1, 1, 1, 1};
};

/// Where a tensor's bytes lie in the data of its file.
struct StoredSpan
{
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::size_t tensor = 0; ///< index of the tensor
};

/// Limits of any header, far above any real one, so that a hostile one can't exhaust memory or time.
namespace header_limits {
inline constexpr std::uint64_t tensors = 2'000'000;
inline constexpr std::uint64_t name_bytes = 65'535;
inline constexpr std::int64_t elements = std::int64_t{1} << 50;
} // namespace header_limits

/// Puts spans in the order of the file.
void order_spans(std::vector<StoredSpan>& spans);
/// The first two neighbours of ordered spans that share bytes: the index of the second; nothing: size().
std::size_t first_overlap(const std::vector<StoredSpan>& spans);

} // namespace weighbridge
