#pragma once

#include "core/training/training.h"

namespace weighbridge {

/// FLOPs of one optimizer step over all ranks. Matrix products: 2 per active parameter and token forward, 2 for the
/// gradient of the input and 2 for that of the weights where they are trained; attention 12 · L · s² · a · d / 2,
/// causal (arXiv:2001.08361, arXiv:2205.05198 section 6). Recomputed layers go forward once more.
Traced step_flops(const TrainingInputs& inputs);

/// Share of the layers that are computed again in the backward pass.
double recomputed_share(const TrainingInputs& inputs);

} // namespace weighbridge
