#include "core/sources/families/dense.h"

#include <algorithm>
#include <array>

// Mixtures of experts whose layers differ in the feed-forward only.

namespace weighbridge {

namespace {

/// Shared experts that a config counts as so many of the routed experts' size.
void share(MixtureOfExperts& experts, std::int64_t count, std::int64_t size)
{
    experts.shared_experts = count;
    experts.shared_intermediate_size = count * size;
}

constexpr ExpertKeys routed_keys{"n_routed_experts", "num_experts_per_tok", "moe_intermediate_size",
                                 "n_shared_experts"};

/// A score correction per expert; the first first_k_dense_replace layers are dense.
void read_corrected(ConfigReader& config, Architecture& network, const DenseTraits& traits, const ExpertKeys& keys,
                    std::int64_t dense_layers)
{
    std::optional<MixtureOfExperts> experts = read_experts(config, keys);
    if (experts)
        experts->router_bias = true;
    const std::int64_t dense_first =
        config.optional_integer("first_k_dense_replace", ranges::layer_index).value_or(dense_layers);
    read_sparse_decoder(config, network, traits, experts,
                        read_sparse_layers(config, read_layer_count(config), dense_first));
    read_prediction_layers(config, network, "num_nextn_predict_layers");
}

/// attention_bias is on q, k and v only (modeling_glm4_moe.py).
constexpr DenseTraits glm4_moe{
    .qkv_bias = attention_bias, .qk_norm = QkNorm::per_head, .has_qk_norm = when("use_qk_norm")};

void read_glm4_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_corrected(config, network, glm4_moe, routed_keys, 0);
}

/// Norms behind attention and network as well (modeling_kolibri1.py).
void read_kolibri1(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits traits{.qkv_bias = attention_bias,
                                        .output_bias = attention_bias,
                                        .qk_norm = QkNorm::per_head,
                                        .norms = 4,
                                        .window = WindowRule::all};
    auto experts = read_experts(config, {"num_local_experts", "num_experts_per_tok", "moe_intermediate_size"});
    if (experts) {
        share(*experts, 1, config.integer("shared_expert_intermediate_size", ranges::size_or_none));
        experts->router_bias = true;
    }
    read_expert_decoder(config, network, traits, experts, "num_local_experts");
}

/// Llama with experts in every layer; shared ones are as wide as one network of them all (modeling_aria.py).
void read_aria_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits traits{.qkv_bias = attention_bias, .output_bias = attention_bias};
    read_expert_decoder(
        config, network, traits,
        read_experts(config, {"moe_num_experts", "moe_topk", "intermediate_size", "moe_num_shared_experts"}),
        "moe_num_experts");
}

constexpr DenseTraits dots1{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head, .window = WindowRule::none};

void read_dots1(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"sliding_window", "layer_types"}); // from max_window_layers on, which is the number of layers
    read_corrected(config, network, dots1, routed_keys, 0);
}

/// Of gate, up and down projection of the shared experts.
void add_shared_biases(Architecture& network)
{
    for (Layer& layer : network.kinds)
        if (const auto* experts = first_of<MixtureOfExperts>(layer.feed_forwards);
            experts != nullptr && experts->shared_intermediate_size > 0)
            layer.extras.push_back(vector_tensor(
                "mlp.shared_experts.bias", Part::feed_forward,
                {2 * experts->shared_intermediate_size + network.hidden_size, "2·h_shared + h"}, Sharding::replicated));
}

constexpr DenseTraits hy_v3{.qkv_bias = attention_bias,
                            .output_bias = attention_bias,
                            .mlp_bias = when("mlp_bias"),
                            .qk_norm = QkNorm::per_head};

void read_hy_v3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_corrected(config, network, hy_v3,
                   {"num_experts", "num_experts_per_tok", "moe_intermediate_size", "num_shared_experts"}, 1);
    if (config.flag("mlp_bias"))
        add_shared_biases(network);
}

constexpr DenseTraits bailing{.qkv_bias = when("use_qkv_bias"),
                              .output_bias = when("use_bias"),
                              .qk_norm = QkNorm::per_head,
                              .has_qk_norm = when("use_qk_norm")};
/// modeling_bailing_moe.py and modeling_bailing_moe_v2.py of the models' repositories.
void read_bailing_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const std::int64_t dense_first = config.integer("first_k_dense_replace", ranges::layer_index);
    read_sparse_decoder(config, network, bailing, read_experts(config, bailing_experts),
                        read_sparse_layers(config, read_layer_count(config), dense_first));
}

void read_bailing_moe_v2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_corrected(config, network, bailing, bailing_experts, 0);
}

/// use_bias is on the head and the shared experts as well, not on the routed ones (modeling_ernie4_5_moe.py).
void add_ernie_biases(Architecture& network)
{
    network.outer.push_back(head_bias(network.vocab_size));
    add_shared_biases(network);
}

/// Layers from moe_layer_start_index to moe_layer_end_index (-1: the last) have experts, each moe_layer_interval-th of
/// all; the router has a bias per expert (modeling_ernie4_5_moe.py).
void read_ernie4_5_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits ernie{
        .qkv_bias = when("use_bias"), .output_bias = when("use_bias"), .mlp_bias = when("use_bias")};
    std::optional<MixtureOfExperts> experts =
        read_experts(config, {"moe_num_experts", "moe_k", "moe_intermediate_size", "moe_num_shared_experts"});
    if (experts)
        experts->router_bias = true;
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t first = config.integer("moe_layer_start_index", ranges::layer_index);
    const std::int64_t end = config.integer("moe_layer_end_index", {-1, ranges::layer_index.maximum});
    const std::int64_t interval = config.integer("moe_layer_interval", ranges::layers);
    const std::int64_t last = end == -1 ? layers - 1 : end;
    std::vector<bool> sparse;
    for (std::int64_t i = 0; i < layers; ++i)
        sparse.push_back((i + 1) % interval == 0 && i >= first && i <= last);
    read_sparse_decoder(config, network, ernie, experts, sparse);
    if (config.flag("use_bias"))
        add_ernie_biases(network);

    if (!config.has("num_nextn_predict_layers"))
        return;
    // Dense layers, with a norm for the hidden state and one for the embedding and none behind them.
    const auto count = config.optional_integer("num_nextn_predict_layers", ranges::layer_index).value_or(0);
    Layer layer(read_attention(config, ernie), read_dense(config, ernie));
    layer = prediction_layer(std::move(layer), network.hidden_size);
    layer.norms -= 1;
    if (count > 0)
        network.mtp.push_back({layer, count});
}

/// Numbers may be lists with one entry per layer, all equal in published files; the first speaks for all.
std::int64_t first_of_layers(ConfigReader& config, std::string_view key, IntegerRange range, std::int64_t otherwise)
{
    const auto list = config.integer_per_layer(key, range, 1);
    return list ? list->front() : otherwise;
}

/// modeling_hunyuan_v1_moe.py: norms on queries and keys, shared experts of intermediate_size.
void read_hunyuan_v1_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits hunyuan{
        .qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head};
    const std::int64_t size = config.integer("intermediate_size", ranges::size);
    MixtureOfExperts experts;
    experts.routed_experts = first_of_layers(config, "num_experts", ranges::experts, 1);
    experts.experts_per_token = first_of_layers(config, "moe_topk", ranges::experts, 1);
    experts.expert_intermediate_size = first_of_layers(config, "moe_intermediate_size", ranges::size, size);
    share(experts, first_of_layers(config, "num_shared_expert", ranges::experts_or_none, 1), size);
    config.ignore({"use_qk_norm", "num_shared_experts"});
    if (experts.experts_per_token > experts.routed_experts)
        config.fail("moe_topk", "is " + grouped(experts.experts_per_token) + "; it must be at most the " +
                                    grouped(experts.routed_experts) + " experts of num_experts");
    read_sparse_decoder(config, network, hunyuan, experts,
                        std::vector<bool>(static_cast<std::size_t>(read_layer_count(config)), true));
}

/// Two sets of experts: the first for tokens of text, the other for those of pictures; shared ones are as wide as the
/// first (modeling_ernie4_5_vl_moe.py).
void read_ernie4_5_vl_moe_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits ernie{
        .qkv_bias = when("use_bias"), .output_bias = when("use_bias"), .mlp_bias = when("use_bias")};
    auto sizes = config.integers("moe_intermediate_size", ranges::size).value_or(std::vector<std::int64_t>{});
    if (sizes.size() != 2) {
        config.refuse("moe_intermediate_size", "it must be two sizes, for text and for pictures");
        sizes = {1, 1};
    }
    MixtureOfExperts experts;
    experts.routed_experts = config.integer("moe_num_experts", ranges::experts);
    experts.experts_per_token = config.integer("moe_k", ranges::experts);
    experts.expert_intermediate_size = sizes.front();
    experts.router_bias = true;
    share(experts, config.optional_integer("moe_num_shared_experts", ranges::experts_or_none).value_or(0),
          experts.expert_intermediate_size);
    const std::vector<bool> sparse = read_sparse_layers(config, read_layer_count(config), 1);
    read_sparse_decoder(config, network, ernie, experts, sparse);
    if (config.flag("use_bias"))
        add_ernie_biases(network);
    const std::int64_t router = network.hidden_size + 1;
    const std::int64_t pictures = experts.routed_experts * (3 * network.hidden_size * sizes.back() + router);
    network.towers.push_back({"vision_moe", std::count(sparse.begin(), sparse.end(), true) * pictures});
}

constexpr ExpertKeys local_experts{"num_local_experts", "num_experts_per_tok", "intermediate_size"};
constexpr DenseTraits mellum{
    .qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::per_head, .window = WindowRule::all};

/// modeling_mellum.py
void read_mellum(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const auto experts = read_experts(config, {"num_local_experts", "num_experts_per_tok", "moe_intermediate_size"});
    read_sparse_decoder(config, network, mellum, experts, read_sparse_layers(config, read_layer_count(config), 0));
}

constexpr ExpertKeys small_experts{"num_experts", "num_experts_per_tok", "intermediate_size"};

/// modeling_minimax_m2.py: norms as wide as the projections, a correction per expert. The multi-token-prediction
/// modules that the file names are in no published checkpoint.
void read_minimax_m2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits minimax{.qk_norm = QkNorm::full_width};
    static constexpr DenseTraits without_norm{};
    std::optional<MixtureOfExperts> experts = read_experts(config, local_experts);
    if (experts)
        experts->router_bias = true;
    // The prediction modules that files name are in no checkpoint; all layers attend to everything.
    config.ignore({"use_mtp", "num_mtp_modules", "mtp_transformer_layers", "use_routing_bias", "attn_type_list"});
    const bool normed = config.flag("use_qk_norm", true);
    read_expert_decoder(config, network, normed ? minimax : without_norm, experts, "num_local_experts");
}

void read_olmoe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits olmoe{
        .qkv_bias = attention_bias, .output_bias = attention_bias, .qk_norm = QkNorm::full_width};
    read_expert_decoder(config, network, olmoe, read_experts(config, small_experts), "num_experts");
}

/// LayerNorms with biases; biases of attention and head as the file says (modeling_phimoe.py).
void read_phimoe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits phimoe{
        .qkv_bias = attention_bias, .output_bias = attention_bias, .norm_bias = true, .window = WindowRule::all};
    read_expert_decoder(config, network, phimoe, read_experts(config, local_experts), "num_local_experts");
    if (config.flag("lm_head_bias"))
        network.outer.push_back(head_bias(network.vocab_size));
}

/// Also GraniteMoeShared, which adds a shared network to the experts.
void read_granitemoe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits granite{.qkv_bias = attention_bias, .output_bias = attention_bias};
    std::optional<MixtureOfExperts> experts = read_experts(config, local_experts);
    const std::int64_t shared = config.optional_integer("shared_intermediate_size", ranges::size_or_none).value_or(0);
    if (experts && shared > 0)
        share(*experts, 1, shared);
    read_expert_decoder(config, network, granite, experts, "num_local_experts");
}

/// Four norms; the file of the converted checkpoint (modeling_grok1.py).
void read_grok1(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits grok{.norms = 4};
    read_expert_decoder(config, network, grok, read_experts(config, small_experts), "num_experts");
}

/// A dense network as wide as the hidden state beside the experts, with a norm of its own (modeling_arctic.py of the
/// model's repository).
void read_arctic(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_attention(config);
    const std::optional<MixtureOfExperts> experts = read_experts(config, local_experts);
    if (!experts)
        config.refuse("num_local_experts", "an arctic model has at least one expert");
    Layer layer(attention, DenseFeedForward{.intermediate_size = network.hidden_size}, 3);
    layer.feed_forwards.emplace_back(experts.value_or(MixtureOfExperts{}));
    append_equal_layers(network, read_layer_count(config), layer);
}

/// Sizes in nested objects; LayerNorms without biases (modeling_dbrx.py).
void read_dbrx(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    ConfigReader attention_keys = config.nested("attn_config", "");
    attention.kv_heads = attention_keys.optional_integer("kv_n_heads", ranges::heads).value_or(1);
    if (attention.heads % attention.kv_heads != 0)
        attention_keys.refuse("kv_n_heads", "it must divide the " + grouped(attention.heads) + " heads");
    ConfigReader expert_keys = config.nested("ffn_config", "");
    MixtureOfExperts experts;
    experts.routed_experts = expert_keys.optional_integer("moe_num_experts", ranges::experts).value_or(4);
    experts.experts_per_token = expert_keys.optional_integer("moe_top_k", ranges::experts).value_or(1);
    experts.expert_intermediate_size =
        expert_keys.optional_integer("ffn_hidden_size", ranges::size).value_or(3584); // class default
    if (experts.experts_per_token > experts.routed_experts)
        expert_keys.refuse("moe_top_k", "there are only " + grouped(experts.routed_experts) + " experts");
    append_equal_layers(network, read_layer_count(config), {attention, experts});
}

constexpr FamilyKeys keys_of(const ExpertKeys& experts)
{
    const bool own_dense = experts.size != "intermediate_size";
    return {.intermediate_size = own_dense ? std::string_view("intermediate_size") : std::string_view(),
            .num_routed_experts = experts.routed,
            .num_shared_experts = experts.shared,
            .expert_ffn_size = experts.size,
            .experts_per_token = experts.per_token};
}

} // namespace

std::span<const Family> experts_families()
{
    static constexpr std::array rows = {
        Family{"arctic", "", "arctic", read_arctic, keys_of(local_experts)},
        Family{"bailing_moe", "", "bailing_moe", read_bailing_moe, keys_of(bailing_experts)},
        Family{"bailing_moe_v2", "", "bailing_moe", read_bailing_moe_v2, keys_of(bailing_experts)},
        Family{"dbrx",
               "",
               "dbrx",
               read_dbrx,
               {.intermediate_size = {},
                .num_kv_heads = "attn_config.kv_n_heads",
                .head_dim = {},
                .num_routed_experts = "ffn_config.moe_num_experts",
                .expert_ffn_size = "ffn_config.ffn_hidden_size",
                .experts_per_token = "ffn_config.moe_top_k"}},
        Family{"dots1", "", "dots1", read_dots1, keys_of(routed_keys)},
        Family{"ernie4_5_moe",
               "",
               "ernie4_5_moe",
               read_ernie4_5_moe,
               {.num_routed_experts = "moe_num_experts",
                .num_shared_experts = "moe_num_shared_experts",
                .expert_ffn_size = "moe_intermediate_size",
                .experts_per_token = "moe_k"}},
        Family{"flex_olmo", "", "flex_olmo", read_olmoe, keys_of(small_experts)},
        Family{"aria_text",
               "",
               "aria_text",
               read_aria_text,
               {.num_routed_experts = "moe_num_experts",
                .num_shared_experts = "moe_num_shared_experts",
                .expert_ffn_size = "intermediate_size",
                .experts_per_token = "moe_topk"}},
        Family{"ernie4_5_vl_moe_text",
               "",
               "ernie4_5_vl_moe_text",
               read_ernie4_5_vl_moe_text,
               {.num_routed_experts = "moe_num_experts",
                .num_shared_experts = "moe_num_shared_experts",
                .experts_per_token = "moe_k"}},
        Family{"glm4v_moe_text", "", "glm4v_moe_text", read_glm4_moe, keys_of(routed_keys)},
        Family{"kolibri1", "", "kolibri1", read_kolibri1,
               keys_of({"num_local_experts", "num_experts_per_tok", "moe_intermediate_size"})},
        Family{"mellum", "", "mellum", read_mellum,
               keys_of({"num_local_experts", "num_experts_per_tok", "moe_intermediate_size"})},
        Family{"sarvam_moe", "", "sarvam_moe", read_glm4_moe, keys_of(routed_keys)},
        Family{"glm4_moe", "", "glm4_moe", read_glm4_moe, keys_of(routed_keys)},
        Family{"granitemoe", "", "granitemoe", read_granitemoe, keys_of(local_experts)},
        Family{"granitemoeshared", "", "granitemoeshared", read_granitemoe, keys_of(local_experts)},
        Family{"grok1", "", "grok1", read_grok1, keys_of(small_experts)},
        Family{"hunyuan_v1_moe",
               "",
               "hunyuan_v1_moe",
               read_hunyuan_v1_moe,
               {.num_routed_experts = "num_experts", .experts_per_token = "moe_topk"}},
        Family{"hy_v3", "", "hy_v3", read_hy_v3,
               keys_of({"num_experts", "num_experts_per_tok", "moe_intermediate_size", "num_shared_experts"})},
        Family{"minimax_m2", "", "minimax_m2", read_minimax_m2, keys_of(local_experts)},
        Family{"olmoe", "", "olmoe", read_olmoe, keys_of(small_experts)},
        Family{"phimoe", "", "phimoe", read_phimoe, keys_of(local_experts)},
        Family{"solar_open", "", "solar_open", read_glm4_moe, keys_of(routed_keys)},
    };
    return rows;
}

} // namespace weighbridge
