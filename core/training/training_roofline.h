#pragma once

#include "core/speed/roofline.h"
#include "core/training/training.h"

namespace weighbridge {

/// Rooflines of one training step of one micro batch, for every kind of layer: forward plus backward. Each operation of
/// the prefill with its backward pass: the gradient of its input takes the FLOPs and bytes of the forward once more,
/// that of trained weights the same again; a recomputed layer goes forward twice.
std::vector<Roofline> training_rooflines(const TrainingInputs& inputs, const Accelerator& accelerator);

} // namespace weighbridge
