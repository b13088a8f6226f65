#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"

namespace weighbridge {

namespace {

constexpr ExpertKeys deepseek_experts{"n_routed_experts", "num_experts_per_tok", "moe_intermediate_size",
                                      "n_shared_experts"};

/// The first first_k_dense_replace layers are dense, the others have experts; the authors' own code also has
/// moe_layer_freq, which is 1 in every published file (modeling_deepseek.py of the DeepSeek-V3 repository,
/// DeepseekV3DecoderLayer).
void read_layers(ConfigReader& config, Architecture& network, bool router_bias)
{
    const LatentAttention attention = read_latent_attention(config);
    std::optional<MixtureOfExperts> experts = read_experts(config, deepseek_experts);
    if (experts)
        experts->router_bias = router_bias;
    const std::int64_t dense_first = config.integer("first_k_dense_replace", ranges::layer_index);
    const std::int64_t step = config.optional_integer("moe_layer_freq", ranges::layers).value_or(1);
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t layers = read_layer_count(config);
    for (std::int64_t i = 0; i < layers; ++i) {
        const bool sparse = experts && i >= dense_first && i % step == 0;
        network.append({attention, sparse ? FeedForward{*experts} : FeedForward{dense}});
    }
}

void read_deepseek_v2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_layers(config, network, false);
}

/// As many as the last layer's kind.
void read_prediction_layers(ConfigReader& config, Architecture& network)
{
    const std::int64_t count = config.optional_integer("num_nextn_predict_layers", ranges::layer_index).value_or(0);
    if (count > 0 && !network.runs.empty())
        network.mtp.push_back({prediction_layer(network.kinds[network.runs.back().kind], network.hidden_size), count});
}

void read_deepseek_v3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    // e_score_correction_bias exists with the method noaux_tc, the only one of transformers and what files mean that
    // name none.
    read_layers(config, network, config.text("topk_method").value_or("noaux_tc") == "noaux_tc");
    // The class default is one such layer, but a default can't put tensors into a checkpoint: transformers drops the
    // layer when it saves a model, together with the key. Only a file that names the layers is taken to have them.
    if (config.has("num_nextn_predict_layers"))
        read_prediction_layers(config, network);
}

constexpr FamilyKeys deepseek_keys{.num_kv_heads = {},
                                   .head_dim = {},
                                   .num_routed_experts = deepseek_experts.routed,
                                   .num_shared_experts = deepseek_experts.shared,
                                   .expert_ffn_size = deepseek_experts.size,
                                   .experts_per_token = deepseek_experts.per_token};

} // namespace

const Family deepseek_v2_family{"deepseek_v2", "", "deepseek_v2", read_deepseek_v2, deepseek_keys};
const Family deepseek_v3_family{"deepseek_v3", "", "deepseek_v3", read_deepseek_v3, deepseek_keys};

} // namespace weighbridge
