#include "core/sources/families/dense.h"

#include <algorithm>
#include <array>

// Decoders that llama.cpp runs and transformers has no class for, or one of another name; traits as llama.cpp's graphs
// have them (src/models/*.cpp). Where a file leaves a key out, a class of transformers with the same keys stands for
// it.

namespace weighbridge {

namespace {

constexpr DenseTraits plain{};
constexpr DenseTraits biased_attention{.qkv_bias = always, .output_bias = always};
constexpr DenseTraits normed_heads{.qk_norm = QkNorm::per_head};
constexpr DenseTraits hunyuan_vl{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head};
constexpr DenseTraits normed_rows{.qk_norm = QkNorm::full_width};
constexpr DenseTraits jais2{
    .qkv_bias = always, .output_bias = always, .mlp_bias = always, .gated = false, .norm_bias = true};
/// Attention and feed-forward read one norm.
constexpr DenseTraits plamo{.norms = 1};

/// Every head has the same keys and values; no biases and no rotation.
void read_refact(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.kv_heads = 1;
    append_equal_layers(network, read_layer_count(config), Layer(attention, read_dense(config)));
}

void read_codeshell(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits traits{
        .qkv_bias = always, .output_bias = always, .mlp_bias = always, .gated = false, .norm_bias = true};
    read_dense_decoder(config, network, traits);
}

/// Experts of a network that has no layer without them.
MixtureOfExperts required_experts(ConfigReader& config, const ExpertKeys& keys)
{
    const auto experts = read_experts(config, keys);
    if (!experts)
        config.refuse(keys.routed, "such a model has at least one expert");
    return experts.value_or(MixtureOfExperts{});
}

constexpr ExpertKeys small_thinker_keys{"moe_num_primary_experts", "moe_num_active_primary_experts",
                                        "moe_ffn_hidden_size", ""};

/// The first of every four layers attends to everything, the others to a window.
void read_small_thinker(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    constexpr std::int64_t group = 4;
    const MixtureOfExperts experts = required_experts(config, small_thinker_keys);
    const Attention attention = read_attention(config);
    const auto window = config.optional_integer("sliding_window_size", ranges::tokens);
    const std::int64_t layers = read_layer_count(config);
    for (std::int64_t i = 0; i < layers; ++i)
        network.append(Layer(
            with_span(attention, i % group == 0 ? AttentionSpan::full : AttentionSpan::sliding, window), experts));
}

constexpr ExpertKeys grove_keys{"num_experts", "num_experts_per_tok", "moe_intermediate_size", ""};

/// Experts in pairs share a small one of their own beside them.
void read_grove_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    constexpr std::int64_t sharing = 2;
    config.ignore({"intermediate_size"});
    const MixtureOfExperts experts = required_experts(config, grove_keys);
    Layer layer(read_attention(config, normed_heads), experts);
    const Extent hidden{network.hidden_size, "h"};
    const Extent inner{config.integer("chunk_intermediate_size", ranges::size), "h_chunk"};
    const Extent count{std::max<std::int64_t>(1, experts.routed_experts / sharing), "E_chunk"};
    for (const char* name : {"mlp.chunk_experts.gate_proj.weight", "mlp.chunk_experts.up_proj.weight",
                             "mlp.chunk_experts.down_proj.weight"}) {
        const bool down = std::string_view(name).find("down") != std::string_view::npos;
        Tensor tensor =
            matrix_tensor(name, Part::experts, down ? hidden : inner, down ? inner : hidden, Sharding::replicated);
        tensor.copies = count;
        tensor.active_copies = static_cast<double>(experts.experts_per_token);
        layer.extras.push_back(tensor);
    }
    append_equal_layers(network, read_layer_count(config), layer);
}

} // namespace

std::span<const Family> local_families()
{
    static constexpr std::array rows = {
        Family{"chameleon", "", "llama", read_dense_family<normed_rows>},
        Family{"codeshell", "", "codeshell", read_codeshell},
        Family{"grove_moe",
               "",
               "grove_moe",
               read_grove_moe,
               {.num_routed_experts = grove_keys.routed,
                .expert_ffn_size = grove_keys.size,
                .experts_per_token = grove_keys.per_token}},
        Family{"hunyuan_vl_text", "", "hunyuan_v1_dense", read_dense_family<hunyuan_vl>},
        Family{"jais2", "", "llama", read_dense_family<jais2>},
        Family{"llama_embed", "", "llama", read_dense_family<plain>},
        Family{"maincoder", "", "llama", read_dense_family<normed_heads>},
        Family{"paddleocr", "", "llama", read_dense_family<plain>},
        Family{"PanguEmbedded", "", "llama", read_dense_family<biased_attention>},
        Family{"plamo", "", "llama", read_dense_family<plamo>},
        Family{"refact", "", "refact", read_refact},
        Family{"smallthinker",
               "",
               "smallthinker",
               read_small_thinker,
               {.num_routed_experts = small_thinker_keys.routed,
                .expert_ffn_size = small_thinker_keys.size,
                .experts_per_token = small_thinker_keys.per_token}},
        Family{"xverse", "", "llama", read_dense_family<plain>},
    };
    return rows;
}

} // namespace weighbridge
