#pragma once

#include "core/accuracy/measured_set.h"

#include <span>

namespace weighbridge {

/// Peaks of generate(), from published tables and from one's own runs.
Result<MeasuredRun> read_transformers_run(const Record& record, MeasuredModels& models);

std::span<const AccuracyFigure> transformers_figures();

} // namespace weighbridge
