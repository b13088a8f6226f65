#pragma once

#include "core/speed/serving_speed.h"

namespace weighbridge {

/// One stream on a device of one's own (llama.cpp and what starts it, MLX, ExLlama, a CPU): every card waits for the
/// one before, or all share each layer.
Speed local_speed(const SpeedQuestion& question);

} // namespace weighbridge
