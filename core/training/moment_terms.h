#pragma once

#include "core/training/saved_tensors.h"
#include "core/training/state.h"

#include <string_view>

namespace weighbridge {

enum class MomentKind
{
    forward_end,    ///< every layer's activations and the loss are there
    backward_start, ///< the loss is done, the last layer is computed again or goes back
    backward_end,   ///< all gradients are there, one layer's activations
    optimizer_step,
    load,
};

/// Bytes per logit of the loss that is used; `left_over` as in Loss.
struct LossBytes
{
    double kept = 0;
    double working = 0;
    double left_over = 0;
    std::string_view source;
};
LossBytes loss_bytes(const TrainingInputs& inputs);

/// One pipeline stage while its moments are worked out.
struct StageState
{
    const TrainingInputs* inputs = nullptr;
    const Model* model = nullptr;
    bool last = true;     ///< holds the head and the loss
    double in_flight = 1; ///< micro batches
    std::vector<TrainedTensor> trained{};
    GatheredWeights gathered{};
};

/// First-level terms of one moment, with children; without text where `Number` is double.
template<class Number>
std::vector<Term> moment_terms(const StageState& stage, MomentKind moment);

extern template std::vector<Term> moment_terms<double>(const StageState&, MomentKind);
extern template std::vector<Term> moment_terms<Traced>(const StageState&, MomentKind);

} // namespace weighbridge
