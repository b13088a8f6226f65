#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/vision.h"

#include <array>

namespace weighbridge {

namespace {

/// Sliding layers with a full one every `period` layers; four norms per layer; attention_bias on all four projections
/// (configuration_gemma2.py, modeling_gemma2.py and the same of Gemma 3).
void read_alternating(ConfigReader& config, Architecture& network, std::int64_t period, QkNorm qk_norm,
                      std::optional<std::int64_t> window)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    attention.qk_norm = qk_norm;
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t layers = read_layer_count(config);
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding}, [&](std::int64_t i) {
            return (i + 1) % period == 0 ? AttentionSpan::full : AttentionSpan::sliding;
        });
    require_window(config, "sliding_window", spans, window);
    for (const AttentionSpan span : spans)
        network.append({with_span(attention, span, window), dense, 4});
}

void read_gemma2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_alternating(config, network, 2, QkNorm::none, config.optional_integer("sliding_window", ranges::tokens));
}

void read_gemma3_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    auto window = config.optional_integer("sliding_window", ranges::tokens);
    if (window && config.flag("use_bidirectional_attention"))
        window = *window / 2 + 1; // to either side (configuration_gemma3.py)
    const std::int64_t period = config.optional_integer("sliding_window_pattern", ranges::layers).value_or(6);
    read_alternating(config, network, period, QkNorm::per_head, window);
}

void read_gemma3(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_gemma3_text(config, outer, network);
    read_gemma3_vision(outer, network);
}

} // namespace

std::span<const Family> gemma_families()
{
    static constexpr std::array rows = {
        Family{"gemma2", "", "gemma2", read_gemma2},
        Family{"gemma3_text", "", "gemma3_text", read_gemma3_text},
        Family{"gemma3", "text_config", "gemma3_text", read_gemma3},
    };
    return rows;
}

} // namespace weighbridge
