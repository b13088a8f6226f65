#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/vision.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr ExpertKeys deepseek_experts{"n_routed_experts", "num_experts_per_tok", "moe_intermediate_size",
                                      "n_shared_experts"};

/// The first first_k_dense_replace layers are dense, the others have experts; the authors' own code also has
/// moe_layer_freq, which is 1 in every published file (modeling_deepseek.py of the DeepSeek-V3 repository,
/// DeepseekV3DecoderLayer). `indexers` has one entry per layer, or none.
void read_layers(ConfigReader& config, Architecture& network, const Attention* grouped_attention, bool router_bias,
                 const std::vector<Indexer>& indexers = {})
{
    LatentAttention latent;
    if (grouped_attention == nullptr)
        latent = read_latent_attention(config);
    std::optional<MixtureOfExperts> experts = read_experts(config, deepseek_experts);
    if (experts)
        experts->router_bias = router_bias;
    const std::int64_t dense_first = config.optional_integer("first_k_dense_replace", ranges::layer_index)
                                         .value_or(1); // glm4_moe_lite: dense, sparse
    const std::int64_t step = config.optional_integer("moe_layer_freq", ranges::layers).value_or(1);
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t layers = read_layer_count(config);
    const std::vector<bool> sparse = read_sparse_layers(config, layers, dense_first, step);
    for (std::size_t i = 0; i < sparse.size(); ++i) {
        if (!indexers.empty())
            latent.indexer = indexers[i];
        const FeedForward network_of_layer = experts && sparse[i] ? FeedForward{*experts} : FeedForward{dense};
        network.append({grouped_attention != nullptr ? Mixer{*grouped_attention} : Mixer{latent}, network_of_layer});
    }
}

bool has_score_correction(ConfigReader& config)
{
    // e_score_correction_bias exists with the method noaux_tc, the only one of transformers and what files mean that
    // name none.
    return config.text("topk_method").value_or("noaux_tc") == "noaux_tc";
}

/// Grouped attention instead of a latent one (modeling_deepseek.py of the DeepSeek-MoE repository).
void read_deepseek(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    read_layers(config, network, &attention, false);
}

void read_deepseek_v2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_layers(config, network, nullptr, false);
}

void read_deepseek_v3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_layers(config, network, nullptr, has_score_correction(config));
    // The class default is one such layer, but transformers drops the layer when it saves a model, together with the
    // key.
    read_prediction_layers(config, network, "num_nextn_predict_layers");
}

/// DeepSeek-V3 with a norm behind the experts (modeling_axk1.py).
void read_axk1(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_deepseek_v3(config, outer, network);
    for (Layer& layer : network.kinds)
        if (first_of<MixtureOfExperts>(layer.feed_forwards) != nullptr)
            layer.norms = 3;
}

/// modeling_mistral4.py: no score correction, no multi-token prediction.
void read_mistral4(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_layers(config, network, nullptr, false);
}

/// Which layers have an indexer of their own: `indexer_types`, or letters F and S, or every index_topk_freq-th layer
/// (configuration_glm_moe_dsa.py). The others use what the one before them picked.
std::vector<Indexer> read_indexers(ConfigReader& config)
{
    const Indexer indexer{.heads = config.integer("index_n_heads", ranges::heads),
                          .head_dim = config.integer("index_head_dim", ranges::head_dim),
                          .top_k = config.optional_integer("index_topk", ranges::tokens_or_none).value_or(0)};
    const std::int64_t layers = read_layer_count(config);
    const std::string letters = config.text("index_topk_pattern").value_or("");
    const std::int64_t every = config.optional_integer("index_topk_freq", ranges::layer_index).value_or(1);
    const std::int64_t offset = config.optional_integer("index_skip_topk_offset", ranges::layer_index).value_or(2);
    const auto names = read_layer_names(config, "indexer_types", layers, {"full", "shared"}, [&](std::int64_t i) {
        if (static_cast<std::size_t>(i) < letters.size())
            return letters[static_cast<std::size_t>(i)] == 'S' ? "shared" : "full";
        return std::max<std::int64_t>(i - offset + 1, 0) % std::max<std::int64_t>(every, 1) == 0 ? "full" : "shared";
    });
    std::vector<Indexer> indexers;
    for (const std::string& name : names) {
        indexers.push_back(indexer);
        indexers.back().owned = name == "full";
    }
    return indexers;
}

void read_sparse_attention(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"layer_types"});
    read_layers(config, network, nullptr, has_score_correction(config), read_indexers(config));
    read_prediction_layers(config, network, "num_nextn_predict_layers");
    for (PredictionLayers& prediction : network.mtp)
        std::get<LatentAttention>(prediction.layer.mixers.front()).indexer.owned = true;
}

/// The indexers of GLM-5 before the experts of Mistral 4, which have no score correction
/// (modeling_mistral_large4.py).
void read_mistral_large4(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"layer_types"});
    read_layers(config, network, nullptr, false, read_indexers(config));
}

/// Plain layers on latent attention; v_head_dim is hidden_size / heads where the file has none (modeling_minicpm3.py).
void read_minicpm3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const LatentAttention attention = read_latent_attention(config);
    append_equal_layers(network, read_layer_count(config), {attention, read_dense(config)});
}

/// Each layer has two latent attentions, two dense networks, and experts of which some do nothing
/// (modeling_longcat_flash.py).
void read_longcat(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const LatentAttention attention = read_latent_attention(config);
    const DenseFeedForward dense = read_dense(config, "ffn_hidden_size");
    std::optional<MixtureOfExperts> experts =
        read_experts(config, {"n_routed_experts", "moe_topk", "expert_ffn_hidden_size"});
    if (!experts)
        config.refuse("n_routed_experts", "a longcat_flash model has at least one expert");
    MixtureOfExperts sparse = experts.value_or(MixtureOfExperts{});
    sparse.zero_experts = config.optional_integer("zero_expert_num", ranges::experts_or_none).value_or(0);
    sparse.router_bias = true;
    config.ignore({"num_hidden_layers"}); // twice num_layers in published files

    Layer layer;
    layer.mixers = {attention, attention};
    layer.feed_forwards = {dense, dense, sparse};
    layer.norms = 4;
    append_equal_layers(network, read_layer_count(config, "num_layers"), layer);
}

void read_kimi_k25(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_deepseek_v3(config, outer, network);
    read_kimi_vision(outer, network);
}

constexpr FamilyKeys deepseek_keys{.num_kv_heads = {},
                                   .head_dim = {},
                                   .num_routed_experts = deepseek_experts.routed,
                                   .num_shared_experts = deepseek_experts.shared,
                                   .expert_ffn_size = deepseek_experts.size,
                                   .experts_per_token = deepseek_experts.per_token};
constexpr FamilyKeys grouped_keys{.num_routed_experts = deepseek_experts.routed,
                                  .num_shared_experts = deepseek_experts.shared,
                                  .expert_ffn_size = deepseek_experts.size,
                                  .experts_per_token = deepseek_experts.per_token};
constexpr FamilyKeys longcat_keys{.intermediate_size = "ffn_hidden_size",
                                  .num_layers = "num_layers",
                                  .num_kv_heads = {},
                                  .head_dim = {},
                                  .num_routed_experts = "n_routed_experts",
                                  .expert_ffn_size = "expert_ffn_hidden_size",
                                  .experts_per_token = "moe_topk"};

} // namespace

std::span<const Family> deepseek_families()
{
    static constexpr std::array rows = {
        Family{"axk1", "", "axk1", read_axk1, deepseek_keys},
        Family{"deepseek", "", "deepseek", read_deepseek, grouped_keys},
        Family{"deepseek_ocr_text", "", "deepseek", read_deepseek, grouped_keys},
        Family{"deepseek_v2", "", "deepseek_v2", read_deepseek_v2, deepseek_keys},
        Family{"deepseek_v3", "", "deepseek_v3", read_deepseek_v3, deepseek_keys},
        Family{"deepseek_v32", "", "deepseek_v32", read_sparse_attention, deepseek_keys},
        Family{"glm4_moe_lite", "", "glm4_moe_lite", read_deepseek_v3, deepseek_keys},
        Family{"glm_moe_dsa", "", "glm_moe_dsa", read_sparse_attention, deepseek_keys},
        Family{"dots3_note_text", "", "dots3_note_text", read_sparse_attention, deepseek_keys},
        Family{"mistral_large4_text", "", "mistral_large4_text", read_mistral_large4, deepseek_keys},
        Family{"youtu", "", "youtu", read_minicpm3, {.num_kv_heads = {}, .head_dim = {}}},
        Family{"kimi_k2", "", "deepseek_v3", read_deepseek_v3, deepseek_keys},
        Family{"kimi_k25", "text_config", "deepseek_v3", read_kimi_k25, deepseek_keys},
        Family{"kimi_vl", "text_config", "deepseek_v3", read_kimi_k25, deepseek_keys},
        Family{"longcat_flash", "", "longcat_flash", read_longcat, longcat_keys},
        Family{"minicpm3", "", "minicpm3", read_minicpm3, {.num_kv_heads = {}, .head_dim = {}}},
        Family{"mistral4", "", "mistral4", read_mistral4, deepseek_keys},
        Family{"moonlight", "", "deepseek_v3", read_deepseek_v3, deepseek_keys},
    };
    return rows;
}

} // namespace weighbridge
