#pragma once

#include "core/engines/plan.h"
#include "core/engines/sglang/loaded_weights.h"
#include "core/engines/sglang/pool.h"
#include "core/engines/vllm/profile_run.h"

#include <vector>

namespace weighbridge::sglang {

/// One rank of one stage. Bytes.
struct Rank
{
    std::size_t stage = 0;
    StageEnds ends;
    double loaded = 0;  ///< of the network
    double tensors = 0; ///< of that, without what the allocator rounds up
    DraftWeights draft;
    vllm::ProfileShapes shapes;
    double activations = 0;
    double graphs = 0;
    double nccl = 0;
    double request_table = 0;
    double draft_cache = 0; ///< of a draft whose pool comes out of what is left free
    CacheCosts costs;
    Pools pools;

    double weights() const { return loaded + draft.layers; }
};

/// The ranks that differ: one of each stage.
std::vector<Rank> ranks_of(const InferenceInputs& inputs, const Settings& settings);

/// The stage whose pool is smallest decides for all.
const Rank& tightest(const std::vector<Rank>& ranks);

/// How many sequences at a time, and how long: in whole pages.
struct Load
{
    double per_replica = 0;
    double tokens = 0;
};

Load load_of(const InferenceInputs& inputs, const Settings& settings, std::int64_t sequences);

/// What the pools must have for a load. Tokens: all of them, or what makes the windows' smaller pool large enough for
/// theirs. Slots of states get a fixed share of what is left, so whichever needs more decides; where their number is
/// fixed, they take what they take.
template<class Number>
Number pools_for(const Load& load, const Settings& settings, const CacheCosts& costs);

extern template double pools_for<double>(const Load&, const Settings&, const CacheCosts&);
extern template Traced pools_for<Traced>(const Load&, const Settings&, const CacheCosts&);

MemoryFigures figures_of(const Load& load, const Settings& settings, const Rank& rank);

/// The static share holds weights and pools; activations, graphs and context lie beside it.
DeviceLoad device_of(const Load& load, const Settings& settings, const Rank& rank);

/// With text.
std::vector<Term> terms_of(const InferenceInputs& stage, const Load& load, const Settings& settings, const Rank& rank);

} // namespace weighbridge::sglang
