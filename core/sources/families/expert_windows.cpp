#include "core/sources/families/dense.h"

#include <algorithm>
#include <array>
#include <set>

// Mixtures of experts whose layers also differ in their attention: windows, heads per layer, gates, indexers.

namespace weighbridge {

namespace {

constexpr ExpertKeys numbered_experts{"num_experts", "num_experts_per_tok", "moe_intermediate_size",
                                      "num_shared_experts"};

std::optional<MixtureOfExperts> read_corrected_experts(ConfigReader& config, const ExpertKeys& keys)
{
    std::optional<MixtureOfExperts> experts = read_experts(config, keys);
    if (experts)
        experts->router_bias = true;
    return experts;
}

/// A gate as wide as the attention's output, four norms, a bias per expert (modeling_afmoe.py).
void read_afmoe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits traits{
        .qkv_bias = when("attention_bias"), .output_bias = when("attention_bias"), .qk_norm = QkNorm::per_head};
    Attention attention = read_attention(config, traits);
    attention.gate = OutputGate::full_width;
    const auto experts = read_corrected_experts(config, numbered_experts);
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t dense_first = config.optional_integer("num_dense_layers", ranges::layer_index).value_or(0);
    const std::int64_t period = config.integer("global_attn_every_n_layers", ranges::layers);
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding}, [&](std::int64_t i) {
            return (i + 1) % period == 0 ? AttentionSpan::full : AttentionSpan::sliding;
        });
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const bool sparse = experts && static_cast<std::int64_t>(i) >= dense_first;
        network.append(
            {with_span(attention, spans[i], window), sparse ? FeedForward{*experts} : FeedForward{dense}, 4});
    }
}

/// Sliding and full layers in a pattern of letters, dense layers first (modeling_exaone_moe.py). The checkpoint's
/// multi-token-prediction layer is dense.
void read_exaone_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits traits{.qk_norm = QkNorm::per_head, .window = WindowRule::every_last};
    const auto experts = read_corrected_experts(config, numbered_experts);
    const std::int64_t dense_first = config.integer("first_k_dense_replace", ranges::layer_index);
    read_sparse_decoder(config, network, traits, experts,
                        read_sparse_layers(config, read_layer_count(config), dense_first));
    if (!config.has("num_nextn_predict_layers"))
        return;
    const auto count = config.optional_integer("num_nextn_predict_layers", ranges::layer_index).value_or(0);
    const Layer dense(read_attention(config, traits), read_dense(config));
    if (count > 0)
        network.mtp.push_back({prediction_layer(dense, network.hidden_size), count});
}

/// One norm for attention and network in parallel; dense layers, where there are some, have a size of their own
/// (configuration_cohere2_moe.py).
void read_cohere2_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits traits{
        .qkv_bias = when("attention_bias"), .output_bias = when("attention_bias"), .norms = 1};
    const std::optional<MixtureOfExperts> experts =
        read_experts(config, {"num_experts", "num_experts_per_tok", "intermediate_size", "num_shared_experts"});
    const Attention attention = read_attention(config, traits);
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t dense_first = config.optional_integer("first_k_dense_replace", ranges::layer_index).value_or(0);
    const std::vector<bool> sparse = read_sparse_layers(config, layers, dense_first);
    const std::int64_t prefix =
        config.optional_integer("prefix_dense_sliding_window_pattern", ranges::layers).value_or(1);
    const std::int64_t group = config.optional_integer("sliding_window_pattern", ranges::layers).value_or(4);
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding}, [&](std::int64_t i) {
            const bool full = i < dense_first ? (i + 1) % prefix == 0 : (i - dense_first + 1) % group == 0;
            return full ? AttentionSpan::full : AttentionSpan::sliding;
        });
    DenseFeedForward dense;
    if (!experts || std::find(sparse.begin(), sparse.end(), false) != sparse.end()) {
        const auto own = config.optional_integer("prefix_dense_intermediate_size", ranges::size);
        dense.intermediate_size = own ? *own : config.integer("intermediate_size", ranges::size);
    }
    config.ignore({"prefix_dense_intermediate_size", "intermediate_size"});
    for (std::size_t i = 0; i < spans.size(); ++i)
        network.append({with_span(attention, spans[i], window),
                        experts && sparse[i] ? FeedForward{*experts} : FeedForward{dense}, traits.norms});
}

/// Query heads per layer, a gate with one number per head (or per output), a shared network (modeling_laguna.py).
void read_laguna(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    static constexpr DenseTraits traits{
        .qkv_bias = when("attention_bias"), .output_bias = when("attention_bias"), .qk_norm = QkNorm::per_head};
    Attention attention = read_attention(config, traits);
    const bool per_head = config.is_text("gating") ? config.text("gating") == "per-head" : config.flag("gating", true);
    attention.gate = per_head ? OutputGate::per_head : OutputGate::full_width;

    auto experts = read_corrected_experts(config, {"num_experts", "num_experts_per_tok", "moe_intermediate_size"});
    if (experts) {
        experts->shared_experts = 1;
        experts->shared_intermediate_size = config.integer("shared_expert_intermediate_size", ranges::size_or_none);
    }
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t layers = read_layer_count(config);
    const std::vector<bool> sparse = read_sparse_layers(config, layers, 1);
    const auto heads = config.integer_per_layer("num_attention_heads_per_layer", ranges::heads, layers);
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    const auto spans = read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding},
                                        [](std::int64_t) { return AttentionSpan::full; });
    for (std::size_t i = 0; i < spans.size(); ++i) {
        Attention of_layer = with_span(attention, spans[i], window);
        if (heads)
            of_layer.heads = (*heads)[i];
        if (of_layer.heads % of_layer.kv_heads != 0)
            config.refuse("num_attention_heads_per_layer", "each must be a multiple of num_key_value_heads");
        network.append({of_layer, experts && sparse[i] ? FeedForward{*experts} : FeedForward{dense}});
    }
}

/// Which layers have experts: a mark for each in moe_layer_freq where it is there, else as for others.
std::vector<bool> read_marked_layers(ConfigReader& config, std::int64_t layers, std::int64_t first_sparse)
{
    std::vector<bool> sparse = read_sparse_layers(config, layers, first_sparse);
    if (const auto marks = config.integer_per_layer("moe_layer_freq", {0, 1}, layers))
        for (std::size_t i = 0; i < sparse.size(); ++i)
            sparse[i] = (*marks)[i] == 1;
    return sparse;
}

/// Keys and values of different widths; sliding layers have heads of their own, and sinks where the file says so
/// (modeling_mimo_v2_flash.py; hybrid_layer_pattern and moe_layer_freq of the model's repository).
void read_mimo_v2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention full = read_attention(config);
    full.qkv_bias = config.flag("attention_bias");
    full.value_head_dim = config.optional_integer("v_head_dim", ranges::head_dim).value_or(full.head_dim);
    full.sinks = config.flag("add_full_attention_sink_bias");
    Attention sliding = full;
    sliding.heads = config.optional_integer("swa_num_attention_heads", ranges::heads).value_or(full.heads);
    sliding.kv_heads = config.optional_integer("swa_num_key_value_heads", ranges::heads).value_or(2 * full.kv_heads);
    sliding.head_dim = config.optional_integer("swa_head_dim", ranges::head_dim).value_or(full.head_dim);
    sliding.value_head_dim = config.optional_integer("swa_v_head_dim", ranges::head_dim).value_or(full.value_head_dim);
    sliding.sinks = config.flag("add_swa_attention_sink_bias", true);
    if (sliding.heads % sliding.kv_heads != 0)
        config.refuse("swa_num_key_value_heads", "it must divide swa_num_attention_heads");
    config.ignore({"attention_chunk_size", "sliding_window_size"});

    const auto experts = read_corrected_experts(
        config, {"n_routed_experts", "num_experts_per_tok", "moe_intermediate_size", "n_shared_experts"});
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t layers = read_layer_count(config);
    const std::vector<bool> sparse = read_marked_layers(config, layers, 1);
    const auto pattern = config.integer_per_layer("hybrid_layer_pattern", {0, 1}, layers);
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding}, [&](std::int64_t i) {
            const bool is_full = pattern ? (*pattern)[static_cast<std::size_t>(i)] == 0 : i == 0 || (i + 1) % 6 == 0;
            return is_full ? AttentionSpan::full : AttentionSpan::sliding;
        });
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const bool has_experts = experts && sparse[i];
        const bool slides = spans[i] == AttentionSpan::sliding && window;
        network.append({slides ? with_span(sliding, spans[i], window) : full,
                        has_experts ? FeedForward{*experts} : FeedForward{dense}});
    }
}

/// Whole blocks of tokens are picked, the query's own among them; legacy files have the sizes in an object.
std::int64_t read_picked_tokens(ConfigReader& config, ConfigReader& details)
{
    constexpr IntegerRange sizes{0, 1 << 20};
    const auto own_blocks = details.optional_integer("sparse_topk_blocks", sizes);
    const auto own_size = details.optional_integer("sparse_block_size", sizes);
    const std::int64_t blocks =
        own_blocks ? *own_blocks : config.optional_integer("index_topk_blocks", sizes).value_or(0);
    const std::int64_t size = own_size ? *own_size : config.optional_integer("index_block_size", sizes).value_or(0);
    config.ignore({"index_topk_blocks", "index_block_size"});
    return blocks * size;
}

/// An indexer of a few heads in sparse layers, fed from the hidden state and without weights of its heads; dense layers
/// of their own size (modeling_minimax_m3_vl.py). Legacy files keep the indexer in sparse_attention_config.
void read_minimax_m3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qk_norm = config.flag("use_qk_norm", true) ? QkNorm::per_head : QkNorm::none;
    if (config.flag("attention_output_gate"))
        attention.gate = OutputGate::doubled_query;
    ConfigReader details = config.nested("sparse_attention_config", "");
    Indexer indexer{.head_weights = false};
    const auto own_heads = details.optional_integer("sparse_num_index_heads", ranges::heads);
    const auto own_width = details.optional_integer("sparse_index_dim", ranges::head_dim);
    indexer.heads = own_heads ? *own_heads : config.integer("index_n_heads", ranges::heads);
    indexer.head_dim = own_width ? *own_width : config.integer("index_head_dim", ranges::head_dim);
    indexer.top_k = read_picked_tokens(config, details);
    config.ignore({"index_n_heads", "index_head_dim", "moe_intermediate_size", "n_shared_experts"});

    auto experts = read_corrected_experts(config, {"num_local_experts", "num_experts_per_tok", "intermediate_size"});
    const std::int64_t shared = config.integer("shared_intermediate_size", ranges::size_or_none);
    if (experts && shared > 0) {
        experts->shared_experts = 1;
        experts->shared_intermediate_size = shared;
    }
    const DenseFeedForward dense = read_dense(config, "dense_intermediate_size");
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t dense_first = config.optional_integer("first_k_dense_replace", ranges::layer_index).value_or(0);
    const std::vector<bool> sparse = read_marked_layers(config, layers, dense_first);
    const auto indexed = details.integer_per_layer("sparse_attention_freq", {0, 1}, layers);
    const auto names =
        read_layer_names(config, "layer_types", layers, {"full_attention", "minimax_m3_sparse"}, [&](std::int64_t i) {
            return indexed && (*indexed)[static_cast<std::size_t>(i)] == 1 ? "minimax_m3_sparse" : "full_attention";
        });
    for (std::size_t i = 0; i < names.size(); ++i) {
        Attention of_layer = attention;
        if (names[i] == "minimax_m3_sparse")
            of_layer.indexer = indexer;
        const bool has_experts = experts && sparse[i];
        network.append({of_layer, has_experts ? FeedForward{*experts} : FeedForward{dense}});
    }
}

/// "3,4,5": the layers with experts.
std::set<std::int64_t> read_listed_layers(ConfigReader& config, std::int64_t layers)
{
    std::set<std::int64_t> listed;
    std::int64_t number = -1;
    for (const char letter : config.text("moe_layers_enum").value_or("") + ",") {
        if (letter >= '0' && letter <= '9') {
            number = std::min<std::int64_t>(std::max<std::int64_t>(number, 0) * 10 + (letter - '0'), 1'000'000);
            continue;
        }
        if (letter != ',' && letter != ' ')
            config.refuse("moe_layers_enum", "it must be indices of layers with commas between them");
        if (number >= 0)
            listed.insert(number);
        number = -1;
    }
    if (!listed.empty() && *listed.rbegin() >= layers + ranges::layers.maximum)
        config.refuse("moe_layers_enum", "there are no such layers");
    return listed;
}

/// Sliding layers have query heads of their own; a gate with one number per head; experts in the listed layers. Lists
/// may go on for the multi-token-prediction layers, which are dense (modeling_step3p5.py).
struct Step3p5
{
    Attention full;
    Attention sliding;
    std::optional<MixtureOfExperts> experts;
    DenseFeedForward dense;
    std::optional<std::int64_t> window;

    Layer layer(bool slides, bool sparse) const
    {
        const Attention& kind = slides ? sliding : full;
        return {slides ? with_span(kind, AttentionSpan::sliding, window) : kind,
                experts && sparse ? FeedForward{*experts} : FeedForward{dense}};
    }
};

Step3p5 read_step3p5_parts(ConfigReader& config)
{
    Step3p5 parts;
    parts.full = read_attention(config);
    parts.full.qk_norm = QkNorm::per_head;
    parts.full.gate = config.flag("use_head_wise_attn_gate", true) ? OutputGate::per_head : OutputGate::none;
    parts.sliding = parts.full;
    ConfigReader other = config.nested("attention_other_setting", "");
    const auto own = config.optional_integer("num_sliding_attention_heads", ranges::heads);
    parts.sliding.heads =
        own.value_or(other.optional_integer("num_attention_heads", ranges::heads).value_or(parts.full.heads));
    parts.sliding.kv_heads =
        other.optional_integer("num_attention_groups", ranges::heads).value_or(parts.full.kv_heads);
    if (parts.sliding.heads % parts.sliding.kv_heads != 0)
        config.fail("num_sliding_attention_heads", "must be a multiple of the key/value heads");
    parts.experts =
        read_corrected_experts(config, {"n_routed_experts", "num_experts_per_tok", "moe_intermediate_size"});
    if (parts.experts) {
        parts.experts->shared_experts = 1;
        parts.experts->shared_intermediate_size = config.integer("share_expert_dim", ranges::size_or_none);
    }
    parts.dense = read_dense(config);
    parts.window = config.optional_integer("sliding_window", ranges::tokens);
    config.ignore({"n_shared_experts", "num_shared_experts"});
    return parts;
}

void read_step3p5(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Step3p5 parts = read_step3p5_parts(config);
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t predictions =
        config.has("num_nextn_predict_layers") ? config.integer("num_nextn_predict_layers", ranges::layer_index) : 0;
    const auto rule = [](std::int64_t i) { return i % 4 == 0 ? "full_attention" : "sliding_attention"; };
    const auto listed_types = config.texts("layer_types");
    const auto reach = static_cast<std::size_t>(layers + predictions);
    const bool longer = listed_types && listed_types->size() >= reach;
    const std::int64_t named = longer || !listed_types ? layers + predictions : layers;
    const auto types = read_layer_names(config, "layer_types", named, {"full_attention", "sliding_attention"}, rule);
    const std::set<std::int64_t> listed = read_listed_layers(config, layers);
    const std::int64_t dense_first = config.optional_integer("first_k_dense_replace", ranges::layer_index).value_or(3);
    const std::vector<bool> sparse = read_sparse_layers(config, layers, dense_first);
    const auto slides = [&](std::int64_t i) {
        const auto at = static_cast<std::size_t>(i);
        return at < types.size() ? types[at] == "sliding_attention" : i % 4 != 0;
    };
    for (std::int64_t i = 0; i < layers; ++i) {
        const bool has_experts =
            config.has("moe_layers_enum") ? listed.contains(i) : sparse[static_cast<std::size_t>(i)];
        network.append(parts.layer(slides(i), has_experts));
    }
    for (std::int64_t i = layers; i < layers + predictions; ++i)
        network.mtp.push_back({prediction_layer(parts.layer(slides(i), false), network.hidden_size), 1});
}

constexpr FamilyKeys numbered_keys{.num_routed_experts = numbered_experts.routed,
                                   .num_shared_experts = numbered_experts.shared,
                                   .expert_ffn_size = numbered_experts.size,
                                   .experts_per_token = numbered_experts.per_token};
constexpr FamilyKeys mimo_keys{.num_routed_experts = "n_routed_experts",
                               .expert_ffn_size = "moe_intermediate_size",
                               .experts_per_token = "num_experts_per_tok",
                               .other_attention_heads = "swa_num_attention_heads",
                               .other_kv_heads = "swa_num_key_value_heads",
                               .other_head_dim = "swa_head_dim"};
constexpr FamilyKeys step_keys{.num_routed_experts = "n_routed_experts",
                               .expert_ffn_size = "moe_intermediate_size",
                               .experts_per_token = "num_experts_per_tok",
                               .other_attention_heads = "attention_other_setting.num_attention_heads",
                               .other_kv_heads = "attention_other_setting.num_attention_groups"};
constexpr FamilyKeys minimax_m3_keys{.intermediate_size = "dense_intermediate_size",
                                     .num_routed_experts = "num_local_experts",
                                     .expert_ffn_size = "intermediate_size",
                                     .experts_per_token = "num_experts_per_tok"};
constexpr FamilyKeys cohere_keys{.intermediate_size = "prefix_dense_intermediate_size",
                                 .num_routed_experts = "num_experts",
                                 .num_shared_experts = "num_shared_experts",
                                 .expert_ffn_size = "intermediate_size",
                                 .experts_per_token = "num_experts_per_tok"};

} // namespace

std::span<const Family> expert_windows_families()
{
    static constexpr std::array rows = {
        Family{"afmoe", "", "afmoe", read_afmoe, numbered_keys},
        Family{"cohere2_moe", "", "cohere2_moe", read_cohere2_moe, cohere_keys},
        Family{"exaone_moe", "", "exaone_moe", read_exaone_moe, numbered_keys},
        Family{"laguna",
               "",
               "laguna",
               read_laguna,
               {.num_routed_experts = "num_experts",
                .expert_ffn_size = "moe_intermediate_size",
                .experts_per_token = "num_experts_per_tok"}},
        Family{"mimo_v2", "", "mimo_v2_flash", read_mimo_v2, mimo_keys},
        Family{"mimo_v2_flash", "", "mimo_v2_flash", read_mimo_v2, mimo_keys},
        Family{"minimax_m3", "", "minimax_m3_vl_text", read_minimax_m3, minimax_m3_keys},
        Family{"minimax_m3_vl", "text_config", "minimax_m3_vl_text", read_minimax_m3, minimax_m3_keys},
        Family{"minimax_m3_vl_text", "", "minimax_m3_vl_text", read_minimax_m3, minimax_m3_keys},
        Family{"step3p5", "", "step3p5", read_step3p5, step_keys},
        Family{"step3p7", "text_config", "step3p5", read_step3p5, step_keys},
    };
    return rows;
}

} // namespace weighbridge
