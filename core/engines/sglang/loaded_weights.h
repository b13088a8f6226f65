#pragma once

#include "core/engines/loaded_extra.h"
#include "core/engines/sglang/settings.h"

#include <string_view>
#include <vector>

namespace weighbridge::sglang {

/// How SGLang lays the network over the ranks: with data-parallel attention the replicas live on the ranks of the
/// tensor parallelism, each with attention and the embedding for its own requests, and all share out the rest
/// (layers/dp_attention.py).
InferenceInputs with_sharding(InferenceInputs load, const Settings& settings);

/// A stage of a pipeline: all there is where it is both.
struct StageEnds
{
    bool first = true;
    bool last = true;
};

inline constexpr std::string_view allocator_rounding = "weights.allocator_rounding";

/// What loading leaves on a rank beside the checkpoint's elements, of `inputs.model`, which may be one stage. Those
/// that are there.
std::vector<LoadedExtra> loaded_extras(const InferenceInputs& inputs, const Settings& settings, StageEnds ends);

/// Weights of the draft on a rank of the last stage.
struct DraftWeights
{
    double layers = 0;   ///< stay
    double borrowed = 0; ///< its own embedding and head, given back once the network's pool is taken

    double total() const { return layers + borrowed; }
};

DraftWeights draft_weights(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::sglang
