#pragma once

#include "core/model/layer_tensors.h"
#include "core/speed/attention_span.h"
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

/// Whether the context has more entries than the indexer picks, so that attention looks at a part of it.
template<class Number>
bool picks_some(const Inputs<Number>& in, const Indexer& sizes, std::int64_t tokens_per_entry = 1)
{
    return sizes.heads > 0 && sizes.top_k > 0 && in.workload.context / tokens_per_entry > sizes.top_k;
}

/// (query, key) pairs of sparse attention over `entries`: in decode those picked, in prefill a triangle until as many
/// are there as are picked, and that many for each later query (DeepSeek-V3.2, arXiv:2512.02556, section 2.1).
template<class Number>
Number picked_pairs(const Inputs<Number>& in, const Indexer& sizes, const Number& entries)
{
    const Number picked = named<Number>("k_idx", static_cast<double>(sizes.top_k));
    return in.decode() ? picked : causal_square(picked) + (entries - picked) * picked;
}

/// Projects queries and a key, then scores every key of the cache: 2 · h_idx · d_idx FLOPs per (query, key) pair
/// (DeepSeek-V3.2).
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
