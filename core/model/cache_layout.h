#pragma once

#include "core/model/architecture.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace weighbridge {

enum class CacheKind
{
    growing,    ///< one entry per token
    windowed,   ///< entries of at most `window` tokens
    compressed, ///< one latent entry per token, shared by all heads (MLA)
};

/// What all layers of one kind keep for a sequence.
struct CacheRun
{
    std::string_view id; ///< "full", "sliding", "chunked", "latent"
    CacheKind kind = CacheKind::growing;
    std::int64_t layers = 0;
    std::int64_t kv_heads = 0;    ///< 1 for compressed
    std::int64_t key_dim = 0;     ///< elements per head and token
    std::int64_t value_dim = 0;   ///< 0 where keys and values are one entry
    std::int64_t window = 0;      ///< tokens, for windowed
    bool replicated = false;      ///< every tensor-parallel rank holds all of it
    std::int64_t latent_rank = 0; ///< for compressed: kv_lora_rank; key_dim is this plus the RoPE part
};

/// One row per kind of layer, equal rows merged, in order of first appearance.
std::vector<CacheRun> cache_layout(const Architecture& architecture);

} // namespace weighbridge
