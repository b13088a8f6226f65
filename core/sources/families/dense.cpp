#include "core/sources/families/dense.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// A window as long as the context, or longer, never hides a token (Phi-3.5-MoE: 131,072 of 131,072).
void read_window(ConfigReader& config, Windows& windows)
{
    const auto window = config.optional_integer("sliding_window", ranges::tokens_or_none);
    const auto context = config.optional_integer("max_position_embeddings", ranges::tokens);
    if (!window || *window <= 0)
        return;
    const bool longer = config.has("max_position_embeddings") && context && *window >= *context;
    (longer ? windows.idle : windows.window) = window;
}

/// A number, or letters as "LLLG": how many layers make a group.
std::int64_t read_group(ConfigReader& config, std::int64_t otherwise)
{
    constexpr std::string_view key = "sliding_window_pattern";
    if (!config.has(key) || !config.is_text(key))
        return config.optional_integer(key, ranges::layer_index).value_or(otherwise);
    const std::string letters = config.text(key).value_or("");
    const bool usual =
        !letters.empty() && letters.size() <= 64 && letters.back() == 'G' &&
        std::count(letters.begin(), letters.end(), 'L') + 1 == static_cast<std::ptrdiff_t>(letters.size());
    if (!usual)
        config.refuse(key, "it must be letters L (local) that end with one G (global), or a number");
    return static_cast<std::int64_t>(letters.size());
}

} // namespace

Attention read_attention(ConfigReader& config, const DenseTraits& traits)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = traits.qkv_bias.read(config);
    attention.output_bias = traits.output_bias.read(config);
    if (traits.qk_norm != QkNorm::none && traits.has_qk_norm.read(config))
        attention.qk_norm = traits.qk_norm;
    return attention;
}

DenseFeedForward read_dense(ConfigReader& config, const DenseTraits& traits)
{
    DenseFeedForward dense = read_dense(config);
    dense.gated = traits.gated;
    dense.bias = traits.mlp_bias.read(config);
    return dense;
}

Windows read_windows(ConfigReader& config, std::int64_t layers, WindowRule rule, std::int64_t pattern)
{
    Windows windows;
    const auto all_full = [](std::int64_t) { return AttentionSpan::full; };
    if (rule == WindowRule::none) {
        windows.spans.assign(static_cast<std::size_t>(layers), AttentionSpan::full);
        return windows;
    }
    if (rule == WindowRule::late && !config.flag("use_sliding_window")) {
        config.ignore({"sliding_window", "layer_types", "max_window_layers"});
        windows.spans.assign(static_cast<std::size_t>(layers), AttentionSpan::full);
        return windows;
    }
    read_window(config, windows);
    const auto known = {AttentionSpan::full, AttentionSpan::sliding};
    if (!windows.window) {
        config.ignore({"sliding_window_pattern", "layer_types"});
        windows.spans = read_layer_spans(config, layers, known, all_full);
        return windows;
    }
    const std::int64_t group = rule == WindowRule::every_last ? read_group(config, pattern) : 0;
    const std::int64_t first =
        rule == WindowRule::late ? config.optional_integer("max_window_layers", ranges::layer_index).value_or(0) : 0;
    windows.spans = read_layer_spans(config, layers, known, [&](std::int64_t i) {
        const bool full = (group > 0 && (i + 1) % group == 0) || i < first;
        return full ? AttentionSpan::full : AttentionSpan::sliding;
    });
    return windows;
}

void read_dense_decoder(ConfigReader& config, Architecture& network, const DenseTraits& traits)
{
    read_sparse_decoder(config, network, traits, std::nullopt, {});
}

void read_sparse_decoder(ConfigReader& config, Architecture& network, const DenseTraits& traits,
                         const std::optional<MixtureOfExperts>& experts, const std::vector<bool>& sparse)
{
    const bool any_dense = !experts || std::find(sparse.begin(), sparse.end(), false) != sparse.end();
    const Attention attention = read_attention(config, traits);
    const DenseFeedForward dense = any_dense ? read_dense(config, traits) : DenseFeedForward{};
    config.ignore({"intermediate_size"}); // in files of networks without a dense layer
    const std::int64_t layers = read_layer_count(config);
    const Windows windows = read_windows(config, layers, traits.window, traits.pattern);
    if (traits.window == WindowRule::all)
        network.idle_window = windows.idle.value_or(0);
    for (std::size_t i = 0; i < windows.spans.size(); ++i) {
        const bool has_experts = experts && i < sparse.size() && sparse[i];
        Layer layer(windows.of_layer(i, attention), has_experts ? FeedForward{*experts} : FeedForward{dense},
                    traits.norms);
        layer.norm_bias = traits.norm_bias;
        network.append(layer);
    }
    network.final_norm = {traits.final_norm, traits.final_norm && traits.norm_bias};
}

void read_expert_decoder(ConfigReader& config, Architecture& network, const DenseTraits& traits,
                         const std::optional<MixtureOfExperts>& experts, std::string_view experts_key)
{
    if (!experts)
        config.refuse(experts_key, "such a model has at least one expert");
    const std::vector<bool> sparse(static_cast<std::size_t>(read_layer_count(config)), true);
    read_sparse_decoder(config, network, traits, experts.value_or(MixtureOfExperts{}), sparse);
}

} // namespace weighbridge
