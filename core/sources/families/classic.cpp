#include "core/sources/families/dense.h"

#include <array>
#include <utility>

// The first generation: LayerNorm, plain feed-forwards, learned or no positions, keys of their own.

namespace weighbridge {

namespace {

Tensor learned_positions(std::string_view name, std::int64_t positions, std::int64_t hidden_size)
{
    Tensor table = matrix_tensor(name, Part::embedding, {positions, "n_pos"}, {hidden_size, "h"}, Sharding::replicated);
    table.quantizable = false;
    return table;
}

/// Attention and a plain network with biases everywhere.
void append_biased_layers(ConfigReader& config, Architecture& network, Attention attention, std::int64_t inner)
{
    attention.qkv_bias = attention.output_bias = true;
    Layer layer(attention, DenseFeedForward{.intermediate_size = inner, .gated = false, .bias = true});
    layer.norm_bias = true;
    append_equal_layers(network, read_layer_count(config), layer);
    network.final_norm.bias = true;
}

/// n_inner, or four times the width.
std::int64_t read_inner(ConfigReader& config, std::string_view key, const Architecture& network)
{
    return config.optional_integer(key, ranges::size).value_or(4 * network.hidden_size);
}

void read_gpt2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    network.outer.push_back(learned_positions(
        "transformer.wpe.weight", config.integer("max_position_embeddings", ranges::positions), network.hidden_size));
    append_biased_layers(config, network, read_attention(config), read_inner(config, "n_inner", network));
}

void read_gpt_bigcode(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    network.outer.push_back(learned_positions(
        "transformer.wpe.weight", config.integer("max_position_embeddings", ranges::positions), network.hidden_size));
    Attention attention = read_attention(config);
    if (config.flag("multi_query"))
        attention.kv_heads = 1;
    append_biased_layers(config, network, attention, read_inner(config, "n_inner", network));
}

/// modeling_gptj.py: no biases in the attention, one LayerNorm, a bias on the head.
void read_gptj(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Layer layer(
        read_attention(config),
        DenseFeedForward{.intermediate_size = read_inner(config, "n_inner", network), .gated = false, .bias = true}, 1);
    layer.norm_bias = true;
    append_equal_layers(network, read_layer_count(config), layer);
    network.final_norm.bias = true;
    network.outer.push_back(head_bias(network.vocab_size));
}

/// modeling_biogpt.py, modeling_xglm.py: a table of two more rows than positions, or sines.
void read_biogpt(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const std::int64_t positions = config.integer("max_position_embeddings", ranges::positions) + 2;
    network.outer.push_back(learned_positions("biogpt.embed_positions.weight", positions, network.hidden_size));
    append_biased_layers(config, network, read_attention(config), config.integer("intermediate_size", ranges::size));
}

void read_xglm(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    append_biased_layers(config, network, read_attention(config), config.integer("ffn_dim", ranges::size));
}

void read_ctrl(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    append_biased_layers(config, network, read_attention(config), config.integer("dff", ranges::size));
    network.outer.push_back(head_bias(network.vocab_size));
}

/// modeling_gpt_neo.py: no biases on queries, keys and values; layers that look back `window_size` tokens keep them
/// all.
void read_gpt_neo(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"window_size", "attention_types", "attention_layers"});
    network.outer.push_back(learned_positions(
        "transformer.wpe.weight", config.integer("max_position_embeddings", ranges::positions), network.hidden_size));
    Attention attention = read_attention(config);
    attention.output_bias = true;
    Layer layer(attention, DenseFeedForward{.intermediate_size = read_inner(config, "intermediate_size", network),
                                            .gated = false,
                                            .bias = true});
    layer.norm_bias = true;
    append_equal_layers(network, read_layer_count(config), layer);
    network.final_norm.bias = true;
}

/// modeling_persimmon.py: LayerNorms of each head's queries and keys, with biases.
void read_persimmon(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_attention(config);
    append_biased_layers(config, network, attention, config.integer("intermediate_size", ranges::size));
    if (config.flag("qk_layernorm", true))
        for (Layer& layer : network.kinds)
            layer.extras.push_back(vector_tensor("self_attn.qk_layernorm", Part::norms, {4 * attention.head_dim, "4·d"},
                                                 Sharding::replicated));
}

/// modeling_moshi.py: a row for the start of a sequence; gate and up projection are half as wide as the file says.
void read_moshi(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    const std::int64_t both = config.integer("ffn_dim", ranges::size);
    const Attention attention =
        with_span(read_attention(config), window ? AttentionSpan::sliding : AttentionSpan::full, window);
    append_equal_layers(network, read_layer_count(config),
                        {attention, DenseFeedForward{.intermediate_size = std::max<std::int64_t>(1, both / 2)}});
    network.outer.push_back(learned_positions("model.embed_tokens.start", 1, network.hidden_size));
    network.outer.back().active_copies = 0;
}

constexpr DenseTraits gpt_neox{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .mlp_bias = always, .gated = false, .norm_bias = true};

/// modeling_opt.py: the position table has two more rows than positions; embeddings of another width are projected; the
/// final norm exists where norms come before.
void read_opt(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const std::int64_t h = network.hidden_size;
    const std::int64_t positions = config.integer("max_position_embeddings", ranges::positions) + 2;
    network.outer.push_back(learned_positions("model.decoder.embed_positions.weight", positions, h));
    const std::int64_t width = config.optional_integer("word_embed_proj_dim", ranges::size).value_or(h);
    if (width != h) {
        network.embedding_size = width;
        network.outer.push_back(matrix_tensor("model.decoder.project_in.weight", Part::embedding, {h, "h"},
                                              {width, "h_emb"}, Sharding::replicated));
        network.outer.push_back(matrix_tensor("model.decoder.project_out.weight", Part::embedding, {width, "h_emb"},
                                              {h, "h"}, Sharding::replicated));
        network.outer.back().end = End::output;
    }
    const bool bias = config.flag("enable_bias", true);
    const bool norm_weights = config.flag("layer_norm_elementwise_affine", true);
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = bias;
    Layer layer(
        attention,
        DenseFeedForward{.intermediate_size = config.integer("ffn_dim", ranges::size), .gated = false, .bias = bias},
        norm_weights ? 2 : 0);
    layer.norm_bias = norm_weights;
    append_equal_layers(network, read_layer_count(config), layer);
    const bool last =
        norm_weights && config.flag("do_layer_norm_before", true) && !config.flag("_remove_final_layer_norm");
    network.final_norm = {last, last};
}

void read_bloom(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Extent hidden{network.hidden_size, "h"};
    network.outer.push_back(
        vector_tensor("transformer.word_embeddings_layernorm.weight", Part::norms, hidden, Sharding::replicated));
    network.outer.push_back(
        vector_tensor("transformer.word_embeddings_layernorm.bias", Part::norms, hidden, Sharding::replicated));
    append_biased_layers(config, network, read_attention(config), 4 * network.hidden_size);
}

/// No biases at all, norms included. attn_config.kv_n_heads is that of the model's own repository.
void read_mpt(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    ConfigReader details = config.nested("attn_config", "");
    const std::int64_t kv_heads = details.optional_integer("kv_n_heads", ranges::heads).value_or(attention.heads);
    if (attention.heads % kv_heads != 0)
        details.refuse("kv_n_heads", "it must divide the " + grouped(attention.heads) + " heads");
    attention.kv_heads = kv_heads;
    const std::int64_t ratio = config.integer("expansion_ratio", {1, 64});
    append_equal_layers(
        network, read_layer_count(config),
        {attention, DenseFeedForward{.intermediate_size = ratio * network.hidden_size, .gated = false}});
}

/// modeling_falcon.py. The decoder of 40B and 180B has num_kv_heads key/value heads and a norm each for attention and
/// network; that of 7B one of either.
void read_falcon(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    const bool new_decoder = config.flag("new_decoder_architecture");
    const bool parallel = config.flag("parallel_attn");
    attention.kv_heads = attention.heads;
    if (new_decoder)
        attention.kv_heads = config.optional_integer("num_kv_heads", ranges::heads).value_or(attention.heads);
    else if (config.flag("multi_query"))
        attention.kv_heads = 1;
    config.ignore({"num_kv_heads", "num_key_value_heads", "intermediate_size"});
    if (attention.heads % attention.kv_heads != 0)
        config.refuse("num_kv_heads", "it must divide the " + grouped(attention.heads) + " heads");
    attention.qkv_bias = attention.output_bias = config.flag("bias");
    const std::int64_t inner = read_inner(config, "ffn_hidden_size", network);

    const auto parallel_norms = config.optional_integer("num_ln_in_parallel_attn", {1, 2});
    const int norms = parallel ? static_cast<int>(parallel_norms.value_or(new_decoder ? 2 : 1)) : 2;
    Layer layer(attention, DenseFeedForward{.intermediate_size = inner, .gated = false, .bias = attention.output_bias},
                norms);
    layer.norm_bias = true;
    append_equal_layers(network, read_layer_count(config), layer);
    network.final_norm.bias = true;
}

constexpr FamilyKeys without_kv{.intermediate_size = "n_inner", .num_kv_heads = {}, .head_dim = {}};

} // namespace

std::span<const Family> classic_families()
{
    static constexpr std::array rows = {
        Family{"bloom", "", "bloom", read_bloom, {.intermediate_size = {}, .num_kv_heads = {}, .head_dim = {}}},
        Family{"falcon",
               "",
               "falcon",
               read_falcon,
               {.intermediate_size = "ffn_hidden_size", .num_kv_heads = "num_kv_heads", .head_dim = {}}},
        Family{"gpt_bigcode", "", "gpt_bigcode", read_gpt_bigcode, without_kv},
        Family{"gpt_neox", "", "gpt_neox", read_dense_family<gpt_neox>},
        Family{"gpt2", "", "gpt2", read_gpt2, without_kv},
        Family{"biogpt", "", "biogpt", read_biogpt, {.num_kv_heads = {}}},
        Family{"codegen", "", "codegen", read_gptj, without_kv},
        Family{"ctrl", "", "ctrl", read_ctrl, {.intermediate_size = "dff", .num_kv_heads = {}}},
        Family{"gpt-sw3", "", "gpt2", read_gpt2, without_kv},
        Family{"gpt_neo", "", "gpt_neo", read_gpt_neo, {.num_kv_heads = {}}},
        Family{"moshi", "", "moshi", read_moshi, {.intermediate_size = "ffn_dim"}},
        Family{"persimmon", "", "persimmon", read_persimmon, {.num_kv_heads = {}}},
        Family{"xglm", "", "xglm", read_xglm, {.intermediate_size = "ffn_dim", .num_kv_heads = {}}},
        Family{"gptj", "", "gptj", read_gptj, without_kv},
        Family{"mpt",
               "",
               "mpt",
               read_mpt,
               {.intermediate_size = {}, .num_kv_heads = "attn_config.kv_n_heads", .head_dim = {}}},
        Family{"opt", "", "opt", read_opt, {.intermediate_size = "ffn_dim", .num_kv_heads = {}, .head_dim = {}}},
    };
    return rows;
}

} // namespace weighbridge
