#pragma once

#include "core/engines/mlx/networks.h"
#include "core/memory/load.h"
#include "core/precision/mlx_rules.h"
#include "core/quantity/formula.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One call of mlx_lm's generate_step(): all of the prompt but its last token in chunks, then token by token.
struct MlxRun
{
    const Model* model = nullptr;
    MlxFamily family;
    std::vector<MlxCache> caches;
    std::int64_t prompt = 1;  ///< tokens of each sequence
    std::int64_t decoded = 0; ///< after the prompt
    std::int64_t chunk = 2048;
    std::int64_t sequences = 1;
    double cached_bytes = 2;      ///< of a number that is not quantized: the type of the keys
    std::optional<MlxStorage> kv; ///< what caches become from `kv_start` tokens on
    std::int64_t kv_start = 5000;
    std::int64_t max_kv_size = 0;   ///< 0: none
    std::int64_t prompt_caches = 0; ///< kept by the server of earlier prompts
    std::optional<std::int64_t> prompt_cache_bytes;

    std::int64_t total() const { return prompt + decoded; }
    /// Of the caches' type once the first is quantized; nothing where that never happens.
    bool quantizes() const { return kv && total() >= kv_start; }
};

MlxRun mlx_run(const InferenceInputs& inputs);

/// A moment of the call, at which memory may peak.
struct MlxMoment
{
    std::int64_t tokens = 0; ///< that are computed at once, of each sequence; 0: after the last token
    std::int64_t before = 0; ///< in the cache before them

    bool is_end() const { return tokens == 0; }
    std::int64_t after() const { return before + tokens; }
};

/// The last whole chunk of the prompt, the rest of it, and the end.
std::vector<MlxMoment> mlx_moments(const MlxRun& run);

/// Tokens that one cache of a kind has room for at a moment (mlx_lm/models/cache.py).
std::int64_t mlx_room(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment);
/// Bytes of a cached number at a moment.
double mlx_number_bytes(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment);

/// All layers of one kind of cache, all sequences. `double` and `Traced`.
template<class Number>
Number mlx_cache_bytes(const MlxRun& run, const MlxCache& cache, const MlxMoment& moment);
/// All of them.
double mlx_all_caches(const MlxRun& run, const MlxMoment& moment);

/// Scores that the fused kernel does not spare, and keys and values that latent attention spreads out. Of the layer
/// with most.
template<class Number>
Number mlx_attention_work(const MlxRun& run, const MlxMoment& moment);
/// The copy of one layer's cache, which grows with every chunk.
template<class Number>
Number mlx_growth(const MlxRun& run, const MlxMoment& moment);
/// What is between the layers' matrices and under way at once.
template<class Number>
Number mlx_layer_work(const MlxRun& run, const MlxMoment& moment);

/// mlx encodes up to ten command buffers ahead of the GPU (mlx/transforms.cpp, MAX_ACTIVE_TASKS) and keeps their inputs
/// until they are done, each begun anew at 50 MB, 40 on base and Pro chips (mlx/backend/metal/device.cpp): at least
/// what one layer holds between its matrices, and of recurrent layers, which are many small operations, the tensors of
/// several. Public peaks lie between these shares of it.
inline constexpr double mlx_recurrent_tensors = 28, mlx_buffers_under_way = 10 * 50e6, mlx_least_under_way = 0.25,
                        mlx_most_under_way = 1.5;

} // namespace weighbridge
