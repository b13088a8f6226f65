#pragma once

#include "core/answers/ladder.h"
#include "core/answers/recommend.h"
#include "core/answers/savings.h"
#include "core/answers/serving.h"
#include "core/answers/solve.h"
#include "core/estimate/estimate.h"

#include <optional>

namespace weighbridge {

/// What only those get who ask for it, since it takes longer than an estimate.
struct MoreAnswers
{
    /// Configurations that hold it.
    bool recommend = false;
    /// The share of each that is usable; where nothing is said, what the estimate itself may use.
    std::optional<double> recommend_within;
    /// Those to choose from; whoever asks often keeps them. The standard ones when null.
    ConfigurationsPointer configurations;
    /// Serving capacity at these lengths and concurrencies; of training what fits at them.
    std::optional<ServingRange> serve;
    /// What would lower the peak of a training step.
    bool save = false;
    /// What the model would weigh in these formats.
    std::optional<LadderRange> ladder;
    /// Fields whose largest, or smallest, value is looked for.
    std::vector<std::string> solve;
    /// What would make it fit, or free memory.
    bool levers = false;
    /// So many of them at most; all where nothing is said.
    std::optional<std::size_t> levers_limit;
    /// A training step from left to right.
    bool timeline = false;
};

/// The same estimate with more answers in it. The error is that of the first that can't be given.
Result<EstimatePointer> with_answers(const EstimatePointer& estimate, const MoreAnswers& answers);

} // namespace weighbridge
