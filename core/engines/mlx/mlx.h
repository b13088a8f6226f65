#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// mlx-lm on MLX: Apple's GPUs.
extern const Engine mlx_rules;

} // namespace weighbridge
