#pragma once

#include "core/accuracy/figure.h"

#include <span>

namespace weighbridge {

/// What SGLang's log prints of its memory.
std::span<const AccuracyFigure> sglang_figures();

} // namespace weighbridge
