#pragma once

#include "core/model/layer_tensors.h"
#include "core/speed/tensor_costs.h"

#include <vector>

namespace weighbridge {

/// The tensors of a mixer's indexer.
inline std::vector<Tensor> indexer_inventory(const Mixer& mixer, std::int64_t hidden_size)
{
    std::vector<Tensor> tensors = mixer_inventory(mixer, hidden_size);
    std::erase_if(tensors, [](const Tensor& tensor) { return tensor.name.find("indexer.") == std::string::npos; });
    return tensors;
}

/// Projects queries and a key, then scores every key of the cache: 2 · h_idx · d_idx FLOPs per (query, key) pair
/// (DeepSeek-V3.2). The attention behind it is counted over all tokens, although it looks at the picked ones only.
template<class Number>
Cost<Number> indexer(const Inputs<Number>& in, const Indexer& sizes, const std::vector<Tensor>& tensors,
                     const Number& pairs)
{
    Cost<Number> cost = tensor_cost<Number>(in, "indexer", "Indexer", tensors);
    const Number heads = named<Number>("a_idx", static_cast<double>(sizes.heads));
    const Number width = named<Number>("d_idx", static_cast<double>(sizes.head_dim));
    cost.flops = cost.flops + in.two * in.b * pairs * heads * width;
    cost.cache = in.b * in.s * width * in.key_bytes;
    return cost;
}

} // namespace weighbridge
