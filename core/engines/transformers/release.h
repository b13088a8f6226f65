#pragma once

#include <string_view>

namespace weighbridge {

/// A release of transformers, as far as memory depends on it.
struct TransformersRelease
{
    int major = 5;
    int minor = 16;

    bool operator==(const TransformersRelease&) const = default;

    bool before(int other_major, int other_minor) const
    {
        return major < other_major || (major == other_major && minor < other_minor);
    }

    /// Before 4.42 the cache was handed from step to step as tuples: the old keys and values stay alive while every
    /// layer writes the longer ones, so that a decoding step holds the cache twice (generation/utils.py,
    /// DynamicCache.from_legacy_cache).
    bool copies_cache() const { return before(4, 42); }

    /// Before 4.45 the head ran over the whole prompt and its logits were widened to fp32 (`logits.float()` in every
    /// modeling file); since then generate() asks for the last token's (num_logits_to_keep, later logits_to_keep).
    bool computes_prompt_logits() const { return before(4, 45); }

    /// Before 4.45 every layer's rotary embedding kept cosines and sines of max_position_embeddings tokens.
    bool caches_rope_per_layer() const { return before(4, 45); }

    /// Since 4.56 DynamicCache drops the tokens that a sliding layer can't see any more (cache_utils.py,
    /// DynamicSlidingWindowLayer).
    bool drops_tokens_outside_window() const { return !before(4, 56); }

    /// Since 5.14 DeepSeek's cache holds the latent vector, before that the expanded keys and values of every head
    /// (modeling_deepseek_v3.py).
    bool caches_latent() const { return !before(5, 14); }

    /// Since 5.0 all experts of a layer run as one grouped product; before that one after the other.
    bool groups_experts() const { return !before(5, 0); }
};

/// Reads "4.51.3", "v4.51", "transformers 4.46.0 (torch 2.3.1, FA 2.5.8)". A text that names only torch ("torch 2.1.2")
/// stands for the transformers of that torch's time; anything else for the newest release known here.
TransformersRelease transformers_release(std::string_view engine_version);

} // namespace weighbridge
