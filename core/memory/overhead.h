#pragma once

#include "core/memory/load.h"

namespace weighbridge {

/// What the generic engine adds for CUDA context and framework: an amount, or a share of the weights.
double overhead_bytes(const InferenceInputs& inputs, double weights);

/// The overhead term.
Term overhead_term(const InferenceInputs& inputs, const Term& weights);

} // namespace weighbridge
