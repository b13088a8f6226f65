#pragma once

#include "core/model/architecture.h"
#include "core/model/tensor.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace weighbridge {

struct ParameterCounts
{
    std::int64_t total =
        0; ///< network and vision towers, each tensor once; no multi-token prediction, copies, buffers or scales
    std::int64_t active = 0; ///< what one text token uses, embeddings included
    std::int64_t multi_token_prediction = 0;
    std::int64_t vision = 0;
};

/// All tensors of a network, the table that parameter counts, weight bytes, LoRA sizes and FLOPs are sums over.
/// The order is: embedding, what else stands outside the layers, the layers kind by kind, final norm, head, vision.
/// Multi-token-prediction layers are not in it.
std::vector<Tensor> weight_inventory(const Architecture& architecture);

/// How formulas call the number of layers of a kind, of so many kinds: "L", or "L_1" and so on.
std::string_view layers_symbol(std::size_t kind, std::size_t kinds);

/// The tensors of one layer of a kind (with `layers` = 1).
std::vector<Tensor> layer_inventory(const Architecture& architecture, const Layer& layer);

/// Sums over the inventory. Every total is exact; the importer refuses shapes whose counts could overflow.
ParameterCounts count_parameters(const Architecture& architecture, const std::vector<Tensor>& inventory);

} // namespace weighbridge
