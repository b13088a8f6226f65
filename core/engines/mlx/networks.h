#pragma once

#include "core/model/cache_layout.h"
#include "core/model/model.h"

#include <cstdint>

namespace weighbridge {

/// What mlx-lm's network of a family does about caches (mlx_lm/models).
struct MlxFamily
{
    bool known = false;        ///< mlx-lm has a network for it
    bool makes_caches = false; ///< make_cache(): --max-kv-size has no effect then
    bool rotates = false;      ///< windowed layers keep their window; else every token
    bool latent = true;        ///< latent attention keeps the latent vector; else the heads' keys and values
    bool sparse = false;       ///< a second cache for the indexer's keys in every layer (CacheList)
};

/// `latent_caches`: false of mlx-lm before 0.30, which spread latent attention out before it cached it.
MlxFamily mlx_family(const Architecture& architecture, bool latent_caches = true);

/// The network as mlx-lm builds it, where that differs from the published one: an indexer in every layer of sparse
/// attention, and of a conversion to MLX's formats Gemma 3 with a head of its own, as mlx-vlm writes it (mlx-lm's own
/// conversions may leave it out). Null: the same.
ModelPointer mlx_network(const Model& model, bool converted);
/// Whether a conversion may lack the head that mlx_network() gives it.
bool mlx_may_tie_head(const Architecture& architecture);

/// The classes of mlx_lm/models/cache.py.
enum class MlxCacheKind
{
    growing,  ///< KVCache, and QuantizedKVCache once it is quantized
    rotating, ///< RotatingKVCache
    chunked,  ///< ChunkedKVCache: Llama 4
    arrays,   ///< ArraysCache: states
};

/// One row of the cache layout as mlx-lm keeps it, of one layer and sequence.
struct MlxCache
{
    MlxCacheKind kind = MlxCacheKind::growing;
    std::int64_t layers = 0;
    std::int64_t numbers = 0;   ///< of one token, keys and values
    std::int64_t narrowest = 0; ///< the smaller width of a head's keys and values, which groups have to divide
    std::int64_t window = 0;    ///< tokens, of rotating and chunked ones
    double state_bytes = 0;     ///< of arrays
    bool quantizable = false;   ///< has to_quantized() and an attention that takes what comes of it
    const CacheRun* run = nullptr;
};

MlxCache mlx_cache(const Architecture& architecture, const MlxFamily& family, const CacheRun& run,
                   std::int64_t max_kv_size);

} // namespace weighbridge
