#pragma once

#include "core/answers/recommend.h"
#include "core/answers/savings.h"
#include "core/answers/serving.h"
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
    /// Serving capacity at these lengths and concurrencies.
    std::optional<ServingRange> serve;
    /// What would lower the peak of a training step.
    bool save = false;
};

/// The same estimate with more answers in it. The error is that of the first that can't be given.
Result<EstimatePointer> with_answers(const EstimatePointer& estimate, const MoreAnswers& answers);

} // namespace weighbridge
