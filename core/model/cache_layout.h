#pragma once

#include "core/model/architecture.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weighbridge {

enum class CacheKind
{
    growing,    ///< one entry per token (per `compress_ratio` tokens)
    windowed,   ///< entries of at most `window` tokens
    compressed, ///< one latent entry per token, shared by all heads (MLA)
    state,      ///< the same size from the first token on: convolution and recurrent state
    cross,      ///< keys and values of an encoder's states: nothing per token of text
};

/// What all layers of one kind keep for a sequence. Layers that read another layer's cache are in no run.
struct CacheRun
{
    std::string_view
        id; ///< "full", "sliding", "chunked", "latent", "compressed", "cross", or a recurrent kind: "mamba2"
    CacheKind kind = CacheKind::growing;
    std::int64_t layers = 0;
    std::int64_t kv_heads = 0;       ///< 1 for compressed
    std::int64_t key_dim = 0;        ///< elements per head and entry
    std::int64_t value_dim = 0;      ///< 0 where keys and values are one entry
    std::int64_t window = 0;         ///< tokens, for windowed
    bool replicated = false;         ///< every tensor-parallel rank holds all of it
    std::int64_t latent_rank = 0;    ///< for compressed: kv_lora_rank; key_dim is this plus the RoPE part
    std::int64_t compress_ratio = 1; ///< tokens per entry (DeepSeek-V4)
    std::int64_t index_dim = 0;      ///< elements of the indexer's key per entry, on every rank; 0 without one
    // For state, per layer:
    std::int64_t conv_kernel = 0; ///< tokens that the convolution sees
    std::int64_t conv_channels = 0;
    std::int64_t state_elements = 0;
    double state_bytes = 0; ///< per state element where the config fixes it; 0: as the model computes
    bool wide_state = true; ///< transformers computes and keeps it in float32

    /// Elements of keys and values of one entry in one layer; index keys not included.
    std::int64_t entry_elements() const { return kv_heads * (key_dim + value_dim); }
    /// The convolution keeps its input of all tokens but the newest (vLLM mamba_utils.py; transformers keeps one more).
    std::int64_t conv_elements() const { return conv_channels > 0 ? conv_channels * (conv_kernel - 1) : 0; }
    /// Heads of keys and values on one of so many tensor-parallel ranks: one is on each at least.
    std::int64_t heads_on_rank(std::int64_t ranks) const
    {
        return replicated ? kv_heads : std::max<std::int64_t>(1, kv_heads / ranks);
    }
    /// The same as a share of all heads.
    double share_of_heads(std::int64_t ranks) const
    {
        return static_cast<double>(heads_on_rank(ranks)) / static_cast<double>(std::max<std::int64_t>(1, kv_heads));
    }
    /// Whether each further token of text adds to it for ever.
    bool grows() const { return kind == CacheKind::growing || kind == CacheKind::compressed; }

    bool operator==(const CacheRun&) const = default;
};

/// One row per kind of cache, equal rows merged, in order of first appearance.
std::vector<CacheRun> cache_layout(const Architecture& architecture);

} // namespace weighbridge
