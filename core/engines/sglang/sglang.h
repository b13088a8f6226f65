#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// SGLang: a static share of the memory for weights and cache, the rest reserved for activations and graphs. Rules by
/// release, 0.4.6 to 0.5.23; older ones take those of 0.4.6.
extern const Engine sglang_rules;

} // namespace weighbridge
