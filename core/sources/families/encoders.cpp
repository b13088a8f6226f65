#include "core/sources/families/dense.h"

#include <algorithm>
#include <array>

// Networks whose tokens see all others: NeoBERT (its own repository), and decoders that write by diffusion. Nothing is
// cached.

namespace weighbridge {

namespace {

constexpr DenseTraits seeing_all{};
constexpr DenseTraits seeing_all_biased{.qkv_bias = always};
constexpr DenseTraits seeing_all_normed{.qk_norm = QkNorm::per_head};

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
        Family{"dream", "", "qwen2", read_dream},
        Family{"llada", "", "llada", read_llada},
        Family{"llada_moe",
               "",
               "llada_moe",
               read_llada_moe,
               {.num_routed_experts = llada_experts.routed,
                .expert_ffn_size = llada_experts.size,
                .experts_per_token = llada_experts.per_token}},
        Family{"neobert", "", "bert", read_neobert},
        Family{"rnd1", "", "qwen3_moe", read_rnd1},
    };
    return rows;
}

} // namespace weighbridge
