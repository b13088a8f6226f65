#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"

namespace weighbridge {

namespace {

void append_equal_layers(Architecture& network, std::int64_t layers, const Layer& layer)
{
    for (std::int64_t i = 0; i < layers; ++i)
        network.append(layer);
}

/// modeling_llama.py: attention_bias is on all four projections, mlp_bias on all three matrices.
void read_llama(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    DenseFeedForward dense = read_dense(config);
    dense.bias = config.flag("mlp_bias");
    append_equal_layers(network, read_layer_count(config), {attention, dense});
}

/// Every layer slides when there is a window (modeling_mistral.py, modeling_phi3.py: one mask for all layers). No
/// biases.
Attention read_windowed_attention(ConfigReader& config)
{
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    return with_span(read_attention(config), AttentionSpan::sliding, window);
}

void read_mistral(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    // Published files write null where attention is full, so transformers and engines take a missing key at its
    // default: a window. A shortened or hand-written file may not mean that, so the reading is said aloud.
    const std::optional<std::int64_t> window = config.optional_integer("sliding_window", ranges::tokens);
    if (window && !config.states("sliding_window"))
        config.warn("sliding_window",
                    "config.json does not say sliding_window; transformers then lets every layer slide over " +
                        grouped(*window) + " tokens. Write null where attention is full.");
    append_equal_layers(network, read_layer_count(config), {read_windowed_attention(config), read_dense(config)});
}

void read_phi3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    // The checkpoint fuses q, k, v and gate, up (modeling_phi3.py); the elements are the same.
    append_equal_layers(network, read_layer_count(config), {read_windowed_attention(config), read_dense(config)});
}

constexpr ExpertKeys mixtral_experts{"num_local_experts", "num_experts_per_tok", "intermediate_size"};

void read_mixtral(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_windowed_attention(config);
    const std::optional<MixtureOfExperts> experts = read_experts(config, mixtral_experts);
    if (!experts)
        config.refuse("num_local_experts", "a mixtral model has at least one expert");
    append_equal_layers(network, read_layer_count(config), {attention, experts.value_or(MixtureOfExperts{})});
}

} // namespace

const Family llama_family{"llama", "", "llama", read_llama};
const Family assumed_llama_family{"", "", "", read_llama};
const Family mistral_family{"mistral", "", "mistral", read_mistral};
const Family phi3_family{"phi3", "", "phi3", read_phi3};
const Family mixtral_family{"mixtral",
                            "",
                            "mixtral",
                            read_mixtral,
                            {.intermediate_size = {},
                             .num_routed_experts = mixtral_experts.routed,
                             .expert_ffn_size = mixtral_experts.size,
                             .experts_per_token = mixtral_experts.per_token}};

} // namespace weighbridge
