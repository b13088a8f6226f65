#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// Ollama: llama.cpp or an engine of its own, with a placement and defaults by release.
extern const Engine ollama_rules;

} // namespace weighbridge
