#pragma once

#include "core/accuracy/figure.h"

#include <span>

namespace weighbridge {

/// What vLLM's log prints of its memory. Bars on what the profiler finds hold for 0.17 to 0.20 with complete logs; the
/// other runs are shown beside them.
std::span<const AccuracyFigure> vllm_figures();

} // namespace weighbridge
