#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// LMDeploy: TurboMind, and its PyTorch engine.
extern const Engine lmdeploy_rules;

} // namespace weighbridge
