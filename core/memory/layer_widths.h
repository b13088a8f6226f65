#pragma once

#include "core/model/architecture.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// How wide one token's activations are inside a kind of layer, in elements: what activation rules of engines are
/// written with. A width is 0 where the layer has no such part.
struct LayerWidths
{
    std::int64_t layers = 0;   ///< of this kind
    std::int64_t heads = 0;    ///< of queries
    std::int64_t kv_heads = 0; ///< heads that are cached; for latent attention, every head once expanded
    std::int64_t queries = 0;  ///< heads times their width
    std::int64_t keys = 0;     ///< all key heads; for latent attention, as expanded
    std::int64_t values = 0;   ///< all value heads; for latent attention, as expanded
    std::int64_t outputs = 0;  ///< what the output projection reads
    std::int64_t latent = 0;   ///< the cached vector of latent attention, RoPE part included
    std::int64_t latent_rope = 0;
    bool sliding = false; ///< attends to a window or a chunk
    std::int64_t window = 0;
    std::int64_t recurrent = 0;    ///< what a recurrent mixer convolves, and its output
    std::int64_t feed_forward = 0; ///< dense intermediate size
    bool gated = true;             ///< the feed-forward has a gate beside its up projection
    std::int64_t routed_experts = 0;
    std::int64_t experts_per_token = 0;
    std::int64_t expert = 0; ///< intermediate size of one expert
    std::int64_t shared = 0; ///< intermediate size of all shared experts together
};

/// One row per kind of layer, in the architecture's order.
std::vector<LayerWidths> layer_widths(const Architecture& architecture);

} // namespace weighbridge
