#include "core/memory/layer_widths.h"

#include <algorithm>
#include <variant>

namespace weighbridge {

namespace {

void widen(LayerWidths& widths, const Attention& attention)
{
    widths.heads = attention.heads;
    widths.kv_heads = attention.kv_heads;
    widths.queries = attention.heads * attention.head_dim;
    widths.keys = attention.kv_heads * attention.head_dim;
    widths.values = attention.kv_heads * attention.value_head_dim;
    widths.outputs = attention.heads * attention.value_head_dim;
    widths.sliding = attention.span != AttentionSpan::full;
    widths.window = attention.window;
}

void widen(LayerWidths& widths, const LatentAttention& attention)
{
    widths.heads = attention.heads;
    widths.kv_heads = attention.heads;
    widths.queries = attention.heads * (attention.qk_nope_head_dim + attention.qk_rope_head_dim);
    widths.keys = widths.queries;
    widths.values = attention.heads * attention.v_head_dim;
    widths.outputs = widths.values;
    widths.latent = attention.kv_lora_rank + attention.qk_rope_head_dim;
    widths.latent_rope = attention.qk_rope_head_dim;
}

/// One vector per token is key and value at once, for all heads.
void widen(LayerWidths& widths, const CompressedAttention& attention)
{
    widths.heads = attention.heads;
    widths.kv_heads = 1;
    widths.queries = attention.heads * attention.head_dim;
    widths.keys = attention.head_dim;
    widths.outputs = widths.queries;
    widths.sliding = true;
    widths.window = attention.window;
}

void widen(LayerWidths& widths, const Recurrent& recurrent)
{
    widths.recurrent = std::max(widths.recurrent, recurrent.conv_channels + recurrent.heads * recurrent.value_dim);
}

void widen(LayerWidths& widths, const DenseFeedForward& dense)
{
    widths.feed_forward = std::max(widths.feed_forward, dense.intermediate_size);
    widths.gated = dense.gated;
}

void widen(LayerWidths& widths, const MixtureOfExperts& moe)
{
    widths.routed_experts = moe.routed_experts;
    widths.experts_per_token = moe.experts_per_token;
    widths.gated = moe.gated;
    widths.expert = moe.expert_intermediate_size;
    widths.shared = moe.shared_intermediate_size;
}

} // namespace

std::vector<LayerWidths> layer_widths(const Architecture& architecture)
{
    std::vector<LayerWidths> rows;
    rows.reserve(architecture.kinds.size());
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        LayerWidths& widths = rows.emplace_back();
        widths.layers = architecture.layers_of(kind);
        for (const Mixer& mixer : architecture.kinds[kind].mixers)
            std::visit([&](const auto& kind_of_mixer) { widen(widths, kind_of_mixer); }, mixer);
        for (const FeedForward& feed_forward : architecture.kinds[kind].feed_forwards)
            std::visit([&](const auto& kind_of_feed_forward) { widen(widths, kind_of_feed_forward); }, feed_forward);
    }
    return rows;
}

} // namespace weighbridge
