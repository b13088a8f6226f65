#pragma once

#include "core/training/loss_bytes.h"
#include "core/training/saved_tensors.h"
#include "core/training/state.h"
#include "core/training/step_points.h"

#include <functional>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One pipeline stage while its moments are worked out.
struct StageState
{
    const TrainingInputs* inputs = nullptr;
    const Model* model = nullptr;
    bool last = true;     ///< holds the head and the loss
    bool first = true;    ///< holds the embedding
    double in_flight = 1; ///< micro batches
    std::vector<TrainedTensor> trained{};
    GatheredWeights gathered{};
};

StageState stage_state(const TrainingInputs& inputs, const Model& model, std::int64_t index, bool last);

/// Calls `look` for every pipeline stage with the inputs as they are there, its part of the model, its number and
/// whether it is the last.
void for_each_stage(const TrainingInputs& inputs,
                    const std::function<void(const TrainingInputs&, const Model&, std::int64_t, bool)>& look);

/// "forward_end"
std::string_view moment_id(MomentKind moment);
/// "End of forward"
std::string_view moment_label(MomentKind moment);

Bytes total_of(const std::vector<Term>& terms);

/// First-level terms of one point of a step, with children; without text where `Number` is double.
template<class Number>
std::vector<Term> point_terms(const StageState& stage, const StepPoint& point);

/// Those of the largest point of a moment; none where a step has no such moment.
template<class Number>
std::vector<Term> moment_terms(const StageState& stage, MomentKind moment);

extern template std::vector<Term> point_terms<double>(const StageState&, const StepPoint&);
extern template std::vector<Term> point_terms<Traced>(const StageState&, const StepPoint&);
extern template std::vector<Term> moment_terms<double>(const StageState&, MomentKind);
extern template std::vector<Term> moment_terms<Traced>(const StageState&, MomentKind);

} // namespace weighbridge
