#pragma once

#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"

#include <string_view>

// Decoders of equal layers differ in a handful of traits that config.json does not hold: one row of traits per family
// instead of a reader of its own. The traits are those of the family's modeling file.

namespace weighbridge {

/// Whether something is there: always, never, or as a flag of the config says.
struct Presence
{
    bool always = false;
    std::string_view key = {};

    bool read(ConfigReader& config) const { return always || (!key.empty() && config.flag(key)); }
};

inline constexpr Presence never{};
inline constexpr Presence always{.always = true};

constexpr Presence when(std::string_view key)
{
    return {.key = key};
}

inline constexpr Presence attention_bias = when("attention_bias");

enum class WindowRule
{
    none,       ///< every layer attends to everything
    all,        ///< every layer slides when the config has a window
    every_last, ///< in each group of `sliding_window_pattern` layers the last attends to everything
    late,       ///< layers from max_window_layers on, when use_sliding_window says so
};

struct DenseTraits
{
    Presence qkv_bias = never;
    Presence output_bias = never;
    Presence mlp_bias = never;
    QkNorm qk_norm = QkNorm::none;
    Presence has_qk_norm = always; ///< of qk_norm
    bool gated = true;
    int norms = 2;
    bool norm_bias = false; ///< LayerNorm, of the final norm as well
    bool final_norm = true;
    WindowRule window = WindowRule::none;
    std::int64_t pattern = 4; ///< layers in a group, where the config does not say
};

/// The attention and the feed-forward of a family with those traits, full span.
Attention read_attention(ConfigReader& config, const DenseTraits& traits);
DenseFeedForward read_dense(ConfigReader& config, const DenseTraits& traits);
/// The span of each layer, and the window, by the family's rule.
struct Windows
{
    std::optional<std::int64_t> idle{}; ///< too long to hide a token
    std::vector<AttentionSpan> spans;
    std::optional<std::int64_t> window;

    Attention of_layer(std::size_t layer, const Attention& attention) const
    {
        return with_span(attention, spans[layer], window);
    }
};

Windows read_windows(ConfigReader& config, std::int64_t layers, WindowRule rule, std::int64_t pattern);

/// All layers, the final norm, nothing else.
void read_dense_decoder(ConfigReader& config, Architecture& network, const DenseTraits& traits);

/// The same where the layers marked in `sparse` have experts instead of the dense network. Without experts all are
/// dense.
void read_sparse_decoder(ConfigReader& config, Architecture& network, const DenseTraits& traits,
                         const std::optional<MixtureOfExperts>& experts, const std::vector<bool>& sparse);

/// The same where all have; a file without experts is refused.
void read_expert_decoder(ConfigReader& config, Architecture& network, const DenseTraits& traits,
                         const std::optional<MixtureOfExperts>& experts, std::string_view experts_key);

/// A FamilyReader for traits that are a constant with a name.
template<const DenseTraits& traits>
void read_dense_family(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    read_dense_decoder(config, network, traits);
}

} // namespace weighbridge
