#pragma once

#include "core/model/architecture.h"
#include "core/model/tensor.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace weighbridge {

/// Where a tensor of a safetensors or GGUF file belongs.
struct TensorPlace
{
    std::int64_t layer = -1; ///< from 0; -1 outside the layers
    std::string name;        ///< within its layer, as the inventory spells it where that is known
    bool beside = false;     ///< scales, zero points and the like: they belong to a matrix and hold no weights
};

/// The place that a tensor's name in a file says.
TensorPlace place_of_tensor(std::string_view stored);

/// The part of the network that a tensor belongs to, by its name in a safetensors or GGUF file.
Part part_of_tensor(std::string_view name);

/// Whether a name that no row of the inventory has is that of something beside a quantized matrix.
bool is_beside_a_matrix(std::string_view stored);

/// Left out, as engines do: layers for multi-token prediction, a second copy of tied embeddings, and buffers that a
/// modeling file makes itself (frequencies of RoPE, causal masks, position ids).
bool is_left_out(const TensorPlace& place, const Architecture& architecture);

} // namespace weighbridge
