#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// exllamav3 with TabbyAPI's defaults: EXL3 weights, layers in a row over GPUs of any size.
extern const Engine exllamav3_rules;

} // namespace weighbridge
