#pragma once

#include "core/training/training.h"

namespace weighbridge {

/// Micro batches whose activations a stage holds at once, from 0 (first) to pipeline_parallel - 1. 1F1B: p - r, at most
/// the micro batches there are. Interleaved, with m virtual stages per rank: (p·(m - 1) + 2·(p - r) - 1) / m, in
/// micro batches of the whole stage (Megatron core schedules.py, forward_backward_pipelining_with_interleaving).
double micro_batches_in_flight(const TrainingInputs& inputs, std::int64_t stage);

} // namespace weighbridge
