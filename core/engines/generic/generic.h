#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// Formulas alone, as the web form computes: no engine's overheads, activations of one layer for all tokens at once.
extern const Engine generic_rules;

/// Engines whose speed is known and whose memory has no rules yet: it is that of the formulas, and a warning says so.
extern const Engine exllamav2_rules;
extern const Engine deepspeed_mii_rules;
extern const Engine optimum_habana_rules;

} // namespace weighbridge
