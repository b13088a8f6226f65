#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/vision.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// A window that config.json lists but use_sliding_window switches off is none (configuration_qwen2.py).
std::optional<std::int64_t> read_switched_window(ConfigReader& config)
{
    config.ignore({"sliding_window"});
    config.ignore({"max_window_layers"}); // in files without a window too
    if (!config.flag("use_sliding_window"))
        return std::nullopt;
    return config.optional_integer("sliding_window", ranges::tokens);
}

/// Layers from max_window_layers on slide (configuration_qwen2.py, configuration_qwen3.py).
std::vector<AttentionSpan> read_dense_spans(ConfigReader& config, std::int64_t layers, bool windowed)
{
    const std::int64_t first = windowed ? config.integer("max_window_layers", ranges::layer_index) : layers;
    return read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding},
                            [&](std::int64_t i) { return i >= first ? AttentionSpan::sliding : AttentionSpan::full; });
}

void read_dense_layers(ConfigReader& config, Architecture& network, const Attention& attention)
{
    const std::int64_t layers = read_layer_count(config);
    const auto window = read_switched_window(config);
    const DenseFeedForward dense = read_dense(config);
    for (const AttentionSpan span : read_dense_spans(config, layers, window.has_value()))
        network.append({with_span(attention, span, window), dense});
}

void read_qwen2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = true; // not a key: modeling_qwen2.py gives q, k and v a bias and o none
    read_dense_layers(config, network, attention);
}

/// attention_bias is on all four projections; q_norm and k_norm are as wide as a head (modeling_qwen3.py,
/// modeling_qwen3_moe.py).
Attention read_qwen3_attention(ConfigReader& config)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    attention.qk_norm = QkNorm::per_head;
    config.ignore({"use_qk_norm"});
    return attention;
}

void read_qwen3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_layers(config, network, read_qwen3_attention(config));
}

/// Every decoder_sparse_step-th layer has experts, but for those in mlp_only_layers.
void read_sparse_layers(ConfigReader& config, Architecture& network, const Attention& attention,
                        std::optional<std::int64_t> window, const std::vector<AttentionSpan>& spans,
                        const std::optional<MixtureOfExperts>& experts)
{
    const std::int64_t step = config.integer("decoder_sparse_step", ranges::layers);
    const auto dense_only =
        config.integers("mlp_only_layers", ranges::layer_index).value_or(std::vector<std::int64_t>{});
    const DenseFeedForward dense = read_dense(config);
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const auto index = static_cast<std::int64_t>(i);
        const bool named_dense = std::find(dense_only.begin(), dense_only.end(), index) != dense_only.end();
        const bool sparse = experts && !named_dense && (index + 1) % step == 0;
        network.append({with_span(attention, spans[i], window), sparse ? FeedForward{*experts} : FeedForward{dense}});
    }
}

void read_qwen2_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = config.flag("qkv_bias");

    std::optional<MixtureOfExperts> experts = read_experts(config, qwen_experts);
    const std::int64_t shared = config.integer("shared_expert_intermediate_size", ranges::size_or_none);
    if (experts) {
        experts->shared_experts = shared > 0 ? 1 : 0;
        experts->shared_intermediate_size = shared;
        experts->shared_gate = true; // shared_expert_gate in modeling_qwen2_moe.py, whatever the size
    }

    const std::int64_t layers = read_layer_count(config);
    const auto window = read_switched_window(config);
    const std::int64_t below = window ? config.integer("max_window_layers", ranges::layer_index) : 0;
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding}, [&](std::int64_t i) {
            return i % 2 == 0 && i < below ? AttentionSpan::sliding : AttentionSpan::full; // configuration_qwen2_moe.py
        });
    read_sparse_layers(config, network, attention, window, spans, experts);
}

void read_qwen3_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_qwen3_attention(config);
    const std::int64_t layers = read_layer_count(config);
    const auto window = read_switched_window(config);
    // modeling_qwen3_moe.py has one mask for all layers, sliding once there is a window.
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding},
                         [&](std::int64_t) { return window ? AttentionSpan::sliding : AttentionSpan::full; });
    read_sparse_layers(config, network, attention, window, spans, read_experts(config, qwen_experts));
}

void read_qwen2_vl(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_qwen2(config, outer, network);
    read_qwen2_vision(outer, network);
}

void read_qwen2_5_vl(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_qwen2(config, outer, network);
    read_qwen2_5_vision(outer, network);
}

/// No layer slides, whatever the file says (modeling_qwen3_vl.py).
void read_qwen3_vl_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"use_sliding_window", "sliding_window", "max_window_layers", "layer_types"});
    append_equal_layers(network, read_layer_count(config), {read_qwen3_attention(config), read_dense(config)});
}

void read_qwen3_vl(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_qwen3_vl_text(config, outer, network);
    read_qwen3_vision(outer, network);
}

void read_qwen3_vl_moe(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_qwen3_moe(config, outer, network);
    read_qwen3_vision(outer, network);
}

constexpr FamilyKeys moe_keys{.num_routed_experts = qwen_experts.routed,
                              .expert_ffn_size = qwen_experts.size,
                              .experts_per_token = qwen_experts.per_token};

} // namespace

std::span<const Family> qwen_families()
{
    static constexpr std::array rows = {
        Family{"qwen2", "", "qwen2", read_qwen2},
        Family{"qwen2_5_omni_text", "", "qwen2_5_omni_text", read_qwen2},
        Family{"qwen3_omni_moe_text", "", "qwen3_omni_moe_text", read_qwen3_moe, moe_keys},
        Family{"qwen2_vl", "text_config", "qwen2_vl_text", read_qwen2_vl},
        Family{"qwen2_5_vl", "text_config", "qwen2_5_vl_text", read_qwen2_5_vl},
        Family{"qwen2_moe", "", "qwen2_moe", read_qwen2_moe, moe_keys},
        Family{"qwen3", "", "qwen3", read_qwen3},
        Family{"qwen3_moe", "", "qwen3_moe", read_qwen3_moe, moe_keys},
        Family{"qwen3_vl", "text_config", "qwen3_vl_text", read_qwen3_vl},
        Family{"qwen3_vl_text", "", "qwen3_vl_text", read_qwen3_vl_text},
        Family{"qwen3_vl_moe", "text_config", "qwen3_vl_moe_text", read_qwen3_vl_moe, moe_keys},
        Family{"qwen3_vl_moe_text", "", "qwen3_vl_moe_text", read_qwen3_moe, moe_keys},
    };
    return rows;
}

} // namespace weighbridge
