#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"

#include <array>

namespace weighbridge {

namespace {

constexpr ExpertKeys gpt_oss_experts{"num_local_experts", "num_experts_per_tok", "intermediate_size"};

/// Sliding and full layers alternate, sliding first; a learned sink per head; biases on the attention projections
/// (attention_bias), the router and every expert matrix (modeling_gpt_oss.py).
void read_gpt_oss(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    attention.sinks = true;
    std::optional<MixtureOfExperts> experts = read_experts(config, gpt_oss_experts);
    if (!experts)
        config.refuse("num_local_experts", "a gpt_oss model has at least one expert");
    MixtureOfExperts feed_forward = experts.value_or(MixtureOfExperts{});
    feed_forward.router_bias = feed_forward.expert_bias = true;

    const std::int64_t layers = read_layer_count(config);
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding},
                         [](std::int64_t i) { return i % 2 == 0 ? AttentionSpan::sliding : AttentionSpan::full; });
    require_window(config, "sliding_window", spans, window);
    for (const AttentionSpan span : spans)
        network.append({with_span(attention, span, window), feed_forward});
}

} // namespace

std::span<const Family> gpt_oss_families()
{
    static constexpr std::array rows = {
        Family{"gpt_oss",
               "",
               "gpt_oss",
               read_gpt_oss,
               {.intermediate_size = {},
                .num_routed_experts = gpt_oss_experts.routed,
                .expert_ffn_size = gpt_oss_experts.size,
                .experts_per_token = gpt_oss_experts.per_token}},
    };
    return rows;
}

} // namespace weighbridge
