#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/vision.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr ExpertKeys llama4_experts{"num_local_experts", "num_experts_per_tok", "intermediate_size"};

/// Layers without RoPE attend to everything, the others to their chunk. The list holds 1 for layers with RoPE; an empty
/// one means every no_rope_layer_interval-th layer goes without (configuration_llama4.py).
std::vector<AttentionSpan> read_spans(ConfigReader& config, std::int64_t layers)
{
    // Published files leave the interval out; 4 is the class default and says nothing new to the reader of a model.
    const std::int64_t interval = config.optional_integer("no_rope_layer_interval", ranges::layers).value_or(4);
    auto rope = config.integers("no_rope_layers", {0, 1}).value_or(std::vector<std::int64_t>{});
    if (!rope.empty() && rope.size() != static_cast<std::size_t>(layers)) {
        config.fail("no_rope_layers", "has " + std::to_string(rope.size()) +
                                          " entries; it must have one for each of the " + grouped(layers) +
                                          " layers, or none");
        rope.clear();
    }
    return read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::chunked}, [&](std::int64_t i) {
        const bool chunked = rope.empty() ? (i + 1) % interval != 0 : rope[static_cast<std::size_t>(i)] == 1;
        return chunked ? AttentionSpan::chunked : AttentionSpan::full;
    });
}

/// moe_layers lists the layers with experts; without it every interleave_moe_layer_step-th has them.
std::vector<bool> read_sparse_layers(ConfigReader& config, std::int64_t layers)
{
    const std::int64_t step = config.integer("interleave_moe_layer_step", ranges::layers);
    const auto listed = config.integers("moe_layers", ranges::layer_index);
    std::vector<bool> sparse;
    for (std::int64_t i = 0; i < layers; ++i)
        sparse.push_back(listed ? std::find(listed->begin(), listed->end(), i) != listed->end() : (i + 1) % step == 0);
    return sparse;
}

void read_llama4_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    config.ignore({"use_qk_norm"}); // an L2 norm without weights (modeling_llama4.py)

    std::optional<MixtureOfExperts> experts = read_experts(config, llama4_experts);
    if (!experts)
        config.refuse("num_local_experts", "a llama4 model has at least one expert");
    MixtureOfExperts sparse = experts.value_or(MixtureOfExperts{});
    sparse.shared_experts = 1; // shared_expert in modeling_llama4.py, as wide as an expert
    sparse.shared_intermediate_size = sparse.expert_intermediate_size;
    const DenseFeedForward dense = read_dense(config, "intermediate_size_mlp");

    const std::int64_t layers = read_layer_count(config);
    const auto chunk = config.optional_integer("attention_chunk_size", ranges::tokens);
    const auto spans = read_spans(config, layers);
    const std::vector<bool> has_experts = read_sparse_layers(config, layers);
    for (std::size_t i = 0; i < spans.size(); ++i)
        network.append(
            {with_span(attention, spans[i], chunk), has_experts[i] ? FeedForward{sparse} : FeedForward{dense}});
}

void read_llama4(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_llama4_text(config, outer, network);
    read_llama4_vision(outer, network);
}

constexpr FamilyKeys llama4_keys{.intermediate_size = "intermediate_size_mlp",
                                 .num_routed_experts = llama4_experts.routed,
                                 .expert_ffn_size = llama4_experts.size,
                                 .experts_per_token = llama4_experts.per_token};

} // namespace

std::span<const Family> llama4_families()
{
    static constexpr std::array rows = {
        Family{"llama4", "text_config", "llama4_text", read_llama4, llama4_keys},
        Family{"llama4_text", "", "llama4_text", read_llama4_text, llama4_keys},
    };
    return rows;
}

} // namespace weighbridge
