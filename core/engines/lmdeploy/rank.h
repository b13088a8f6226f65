#pragma once

#include "core/engines/lmdeploy/settings.h"
#include "core/engines/plan.h"
#include "core/engines/vllm/profile_run.h"

#include <vector>

namespace weighbridge::lmdeploy {

/// One tensor-parallel rank: all are alike. Bytes.
struct Rank
{
    double weights = 0;
    double head = 0; ///< of a tied network, whose head TurboMind holds as a tensor of its own; in weights
    double context = 0;
    double nccl = 0;
    vllm::ProfileShapes shapes;
    double activations = 0; ///< not taken off before the cache is sized
    double runtime = 0;     ///< what the PyTorch engine sets aside for logits before it sizes the cache
    double state_slots = 0; ///< of the PyTorch engine, outside the share
    double state = 0;       ///< of one request, in TurboMind's one arena
    double block = 0;       ///< of settings.block tokens, all layers
    double cache = 0;       ///< what the cache may take; may be 0
    std::int64_t blocks = 0;

    double kept() const { return weights + context + nccl + std::max(activations, runtime) + state_slots; }
    std::int64_t tokens(const Settings& settings) const { return blocks * settings.block; }
};

Rank rank_of(const InferenceInputs& load, const Settings& settings);

/// Bytes of a token in one layer, all heads, with the scales of a quantized cache.
double token_bytes(const InferenceInputs& load, const CacheRun& run);

/// Whole blocks of each of so many sequences, and their states.
template<class Number>
Number cache_for(const Rank& rank, const Settings& settings, std::int64_t sequences, std::int64_t tokens);

extern template double cache_for<double>(const Rank&, const Settings&, std::int64_t, std::int64_t);
extern template Traced cache_for<Traced>(const Rank&, const Settings&, std::int64_t, std::int64_t);

MemoryFigures figures_of(const Rank& rank, double cache);
std::vector<Term> terms_of(const InferenceInputs& load, const Rank& rank, const Settings& settings,
                           std::int64_t sequences);

} // namespace weighbridge::lmdeploy
