#pragma once

#include "core/speed/speed.h"
#include "core/training/training.h"

#include <cstdint>

namespace weighbridge {

/// How long an optimizer step takes on so many devices: FLOPs of a token over the share of the dense BF16 peak that a
/// framework reaches on that class of device, by width of the network, precision, method and layout (docs/speed.md).
/// Figures are nothing where nobody knows, and an issue says why.
Speed training_speed(const TrainingInputs& inputs, std::int64_t gpus);

} // namespace weighbridge
