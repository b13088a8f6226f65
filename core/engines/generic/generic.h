#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// Formulas alone, as the web form computes: no engine's overheads, activations of one layer for all tokens at once.
extern const Engine generic_rules;

} // namespace weighbridge
