#pragma once

#include "core/accuracy/measured_set.h"

#include <span>
#include <vector>

namespace weighbridge {

/// Peak of a step, and that of the steps which peak in the optimizer: weights, gradients and states, nothing of the
/// batch.
std::span<const AccuracyFigure> training_figures();

/// Runs that differ in nothing but batch size or sequence length, as one row each: "id" of the first and the last,
/// "runs" the rows themselves. Rows that have no such company are in none.
std::vector<Record> training_series(const std::vector<Record>& rows);

/// A row of training_series(); its question is that of the first run.
Result<MeasuredRun> read_training_series(const Record& record, MeasuredModels& models);

/// How the peak grows per token of the micro batch: least squares over the runs of a series.
std::span<const AccuracyFigure> training_slope_figures();

} // namespace weighbridge
