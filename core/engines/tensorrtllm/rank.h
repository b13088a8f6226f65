#pragma once

#include "core/engines/loaded_extra.h"
#include "core/engines/plan.h"
#include "core/engines/tensorrtllm/settings.h"
#include "core/engines/vllm/profile_run.h"

#include <vector>

namespace weighbridge::tensorrt_llm {

/// Layers of one stage that keep as many tokens: a pool of the cache.
struct WindowPool
{
    std::int64_t window = 0; ///< tokens of a request that it keeps at most
    bool whole = false;      ///< it keeps all of them
    std::int64_t layers = 0;
    double per_token = 0; ///< bytes of all of them
    double share = 1;     ///< of the cache's bytes

    std::int64_t kept(std::int64_t tokens) const { return whole || tokens < window ? tokens : window; }
};

/// One rank of one stage. Bytes.
struct Rank
{
    std::size_t stage = 0;
    double weights = 0;
    double absorbed = 0; ///< MLA's matrices laid out anew, in weights
    double padding = 0;  ///< of MXFP4 experts, in weights
    double draft = 0;    ///< prediction layers, in weights
    vllm::ProfileShapes shapes;
    double activations = 0; ///< of the trial run
    double context = 0;
    double nccl = 0;
    double graphs = 0;
    double buffers = 0; ///< of a built engine's runtime and decoder
    double states = 0;  ///< of max_batch_size requests
    std::vector<WindowPool> pools;
    double available = 0; ///< what the cache may take, states included; may be negative

    double kept() const { return weights + activations + context + nccl + graphs + buffers; }
    double per_token() const;
    /// Tokens that the pool of the longest window holds, in whole blocks.
    std::int64_t tokens(const Settings& settings) const;
};

/// The ranks that differ: one of each stage.
std::vector<Rank> ranks_of(const InferenceInputs& load, const Settings& settings);

/// Bytes of a token in one layer of one rank.
double token_bytes(const InferenceInputs& load, const CacheRun& run);

/// What the cache must have for so many sequences on a rank: whole blocks of each, in the pool whose share is tightest.
double cache_for(const Rank& rank, const Settings& settings, std::int64_t sequences, std::int64_t tokens);

MemoryFigures figures_of(const Rank& rank, double cache);
std::vector<Term> terms_of(const InferenceInputs& stage, const Rank& rank, const Settings& settings,
                           std::int64_t sequences);

} // namespace weighbridge::tensorrt_llm
