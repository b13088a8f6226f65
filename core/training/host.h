#pragma once

#include "core/training/training.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// What a training step keeps in the memory of one machine's host, because it was offloaded: first-level terms weights,
/// gradients, optimizer, activations. Of the machine that holds most, with so many ranks at most. Empty where nothing
/// lies there.
std::vector<Term> training_host_terms(const TrainingInputs& inputs, std::int64_t ranks_of_machine, bool text);

} // namespace weighbridge
