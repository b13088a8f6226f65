#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// LM Studio: llama.cpp with defaults of its own.
extern const Engine lmstudio_rules;

} // namespace weighbridge
