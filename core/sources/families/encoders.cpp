#include "core/sources/families/dense.h"

#include <algorithm>
#include <array>

// Networks whose tokens see all others: encoders that make embeddings (modeling_bert.py, modeling_eurobert.py,
// NeoBERT's and Nomic's own repositories), and decoders that write by diffusion. Nothing is cached, and encoders have
// no head.

namespace weighbridge {

namespace {

constexpr DenseTraits bert{.qkv_bias = always,
                           .output_bias = always,
                           .mlp_bias = always,
                           .gated = false,
                           .norm_bias = true,
                           .final_norm = false};
constexpr DenseTraits seeing_all{};
constexpr DenseTraits seeing_all_biased{.qkv_bias = always};
constexpr DenseTraits seeing_all_normed{.qk_norm = QkNorm::per_head};
/// One product makes queries, keys and values; gate and up projection have no biases.
constexpr DenseTraits nomic{.norm_bias = true, .final_norm = false};

Tensor table_of_rows(std::string_view name, std::int64_t rows, std::int64_t hidden_size)
{
    Tensor tensor = matrix_tensor(name, Part::embedding, {rows, "n_rows"}, {hidden_size, "h"}, Sharding::replicated);
    tensor.quantizable = false;
    return tensor;
}

/// Norm of the embeddings, and a row for each sort of token.
void add_embedding_parts(ConfigReader& config, Architecture& network)
{
    network.tie_word_embeddings = true; // there is no head
    const std::int64_t types = config.optional_integer("type_vocab_size", {0, 1024}).value_or(0);
    if (types > 0) {
        network.outer.push_back(table_of_rows("embeddings.token_type_embeddings.weight", types, network.hidden_size));
        network.outer.back().active_copies = 0; // rows are read
    }
    for (const char* name : {"embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias"})
        network.outer.push_back(vector_tensor(name, Part::norms, {network.hidden_size, "h"}, Sharding::replicated));
}

void read_bert(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    add_embedding_parts(config, network);
    network.outer.push_back(table_of_rows("embeddings.embed_positions.weight",
                                          config.integer("max_position_embeddings", ranges::positions),
                                          network.hidden_size));
    read_dense_decoder(config, network, bert);
    keep_no_cache(network);
}

/// Rotated in place of learned positions.
void read_jina_bert_v3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    add_embedding_parts(config, network);
    read_dense_decoder(config, network, bert);
    keep_no_cache(network);
}

void read_nomic_bert(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    if (config.optional_integer("num_experts", ranges::experts_or_none).value_or(0) > 0)
        config.refuse("num_experts", "layers of experts in such an encoder have no rule here");
    config.ignore({"moe_top_k", "moe_every_n_layers"});
    add_embedding_parts(config, network);
    read_dense_decoder(config, network, nomic);
    keep_no_cache(network);
}

void read_eurobert(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    network.tie_word_embeddings = true;
    read_dense_decoder(config, network, seeing_all);
    keep_no_cache(network);
}

/// Gate and up projection are two thirds as wide as the file says (model.py, SwiGLU).
void read_neobert(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    network.tie_word_embeddings = true;
    const std::int64_t inner = config.integer("intermediate_size", ranges::size) * 2 / 3;
    append_equal_layers(
        network, read_layer_count(config),
        Layer(read_attention(config), DenseFeedForward{.intermediate_size = std::max<std::int64_t>(1, inner)}));
    keep_no_cache(network);
}

void read_dream(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, seeing_all_biased);
    keep_no_cache(network);
}

void read_llada(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, seeing_all);
    keep_no_cache(network);
}

constexpr ExpertKeys llada_experts{"num_experts", "num_experts_per_tok", "expert_intermediate_size", ""};

void read_llada_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"dense_intermediate_size"});
    read_expert_decoder(config, network, seeing_all_normed, read_experts(config, llada_experts), "num_experts");
    keep_no_cache(network);
}

/// The network of Qwen3's experts.
void read_rnd1(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr ExpertKeys keys{"num_experts", "num_experts_per_tok", "moe_intermediate_size", ""};
    config.ignore({"intermediate_size"});
    read_expert_decoder(config, network, seeing_all_normed, read_experts(config, keys), "num_experts");
    keep_no_cache(network);
}

} // namespace

std::span<const Family> encoders_families()
{
    static constexpr std::array rows = {
        Family{"bert", "", "bert", read_bert},
        Family{"dream", "", "qwen2", read_dream},
        Family{"eurobert", "", "llama", read_eurobert},
        Family{"jina_bert_v3", "", "bert", read_jina_bert_v3},
        Family{"llada", "", "llada", read_llada},
        Family{"llada_moe",
               "",
               "llada_moe",
               read_llada_moe,
               {.num_routed_experts = llada_experts.routed,
                .expert_ffn_size = llada_experts.size,
                .experts_per_token = llada_experts.per_token}},
        Family{"neobert", "", "bert", read_neobert},
        Family{"nomic_bert", "", "nomic_bert", read_nomic_bert},
        Family{"rnd1", "", "qwen3_moe", read_rnd1},
        Family{"xlm-roberta", "", "bert", read_bert},
    };
    return rows;
}

} // namespace weighbridge
