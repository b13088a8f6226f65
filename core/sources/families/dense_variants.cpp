#include "core/sources/families/dense.h"

#include <algorithm>
#include <array>

// Dense decoders with something that no other has.

namespace weighbridge {

namespace {

void add_to_every_layer(Architecture& network, const std::vector<Tensor>& extras)
{
    for (Layer& layer : network.kinds)
        layer.extras.insert(layer.extras.end(), extras.begin(), extras.end());
}

Tensor norm_of_width(std::string_view name, Extent width)
{
    return vector_tensor(name, Part::norms, width, Sharding::replicated);
}

constexpr DenseTraits bitnet{.qkv_bias = attention_bias, .output_bias = attention_bias};

/// A norm before the output projection and one before the down projection (modeling_bitnet.py).
void read_bitnet(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, bitnet);
    const std::int64_t inner = read_dense(config).intermediate_size;
    add_to_every_layer(network, {norm_of_width("self_attn.attn_sub_norm.weight", {network.hidden_size, "h"}),
                                 norm_of_width("mlp.ffn_sub_norm.weight", {inner, "h_ffn"})});
}

/// One LayerNorm for the parallel block, biases everywhere, on the head as well (modeling_phi.py).
constexpr DenseTraits phi{
    .qkv_bias = always, .output_bias = always, .mlp_bias = always, .gated = false, .norms = 1, .norm_bias = true};

void read_phi(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, phi);
    network.outer.push_back(head_bias(network.vocab_size));
    if (!config.flag("qk_layernorm"))
        return;
    const Extent head{read_attention(config).head_dim, "d"};
    for (const char* name : {"self_attn.q_layernorm.weight", "self_attn.q_layernorm.bias",
                             "self_attn.k_layernorm.weight", "self_attn.k_layernorm.bias"})
        add_to_every_layer(network, {norm_of_width(name, head)});
}

/// Biases everywhere but on the head, LayerNorms; gate and up of the same width. Its block-sparse layers keep all keys.
constexpr DenseTraits phi3small{.qkv_bias = always, .output_bias = always, .mlp_bias = always, .norm_bias = true};

void read_phi3small(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"attention_bias"});
    read_dense_decoder(config, network, phi3small);
}

/// The file holds twice the inner width; q, k and v have biases (modeling_qwen.py of the model's repository).
void read_qwen(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = true;
    const std::int64_t both = config.integer("intermediate_size", ranges::size);
    if (both % 2 != 0)
        config.refuse("intermediate_size", "a qwen model halves it, so it must be even");
    append_equal_layers(network, read_layer_count(config),
                        {attention, DenseFeedForward{.intermediate_size = std::max<std::int64_t>(1, both / 2)}});
}

/// modeling_stablelm.py: LayerNorms, one where attention and network run in parallel; the norms of queries and keys
/// have a weight per head and no bias.
void read_stablelm(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = config.flag("use_qkv_bias");
    attention.qk_norm = config.flag("qk_layernorm") ? QkNorm::full_width : QkNorm::none;
    Layer layer(attention, read_dense(config), config.flag("use_parallel_residual") ? 1 : 2);
    layer.norm_bias = true;
    append_equal_layers(network, read_layer_count(config), layer);
    network.final_norm.bias = true;
}

/// Key/value heads are `multi_query_group_num`; add_bias_linear is on every other matrix (modeling_chatglm.py of the
/// model's repository).
void read_chatglm(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const bool grouped_queries = config.flag("multi_query_attention");
    Attention attention = read_attention(config, "num_attention_heads",
                                         grouped_queries ? "multi_query_group_num" : "num_key_value_heads");
    config.ignore({"multi_query_group_num"});
    const bool bias = config.flag("add_bias_linear");
    attention.qkv_bias = bias || config.flag("add_qkv_bias");
    attention.output_bias = bias;
    DenseFeedForward dense = read_dense(config);
    dense.bias = bias;
    Layer layer(attention, dense);
    layer.norm_bias = !config.flag("rmsnorm", true);
    append_equal_layers(network, read_layer_count(config), layer);
    const bool last = config.flag("post_layer_norm", true);
    network.final_norm = {last, last && layer.norm_bias};
}

/// Qwen2 with multi-token-prediction layers (modeling_mimo.py of the model's repository).
void read_mimo(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits mimo{.qkv_bias = always, .window = WindowRule::late};
    config.ignore({"attention_bias"});
    read_dense_decoder(config, network, mimo);
    read_prediction_layers(config, network, "num_nextn_predict_layers");
}

} // namespace

std::span<const Family> dense_variants_families()
{
    static constexpr std::array rows = {
        Family{"bitnet", "", "bitnet", read_bitnet},
        Family{"chatglm", "", "chatglm", read_chatglm, {.num_kv_heads = "multi_query_group_num"}},
        Family{"mimo", "", "qwen2", read_mimo},
        Family{"phi", "", "phi", read_phi},
        Family{"phi3small", "", "phi3small", read_phi3small},
        Family{"qwen", "", "qwen", read_qwen, {.num_kv_heads = {}}},
        Family{"stablelm", "", "stablelm", read_stablelm},
    };
    return rows;
}

} // namespace weighbridge
