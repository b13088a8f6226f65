#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// SGLang: a static share of the memory for weights and cache, the rest reserved for activations and graphs. Rules of
/// mid-2025 and later; versions before 0.4.7 take their older default of mem_fraction_static.
extern const Engine sglang_rules;

} // namespace weighbridge
