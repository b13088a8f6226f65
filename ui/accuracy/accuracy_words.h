#pragma once

#include "core/accuracy/accuracy.h"

#include <QString>

namespace weighbridge {

/// "met", "missed", "no runs".
QString barVerdict(const FigureAccuracy& figure);
/// "9 of 10 within 0.25 GiB", "all equal to the printed digit".
QString barWords(const FigureAccuracy& figure);
/// "36 of 36 runs are within 0.25 GiB; the bar, 9 of 10, is met."
QString figureSentence(const FigureAccuracy& figure);
/// How far off, whether the ranges hold, and what is shown beside: the sentence after that.
QString figureDetails(const FigureAccuracy& figure);
/// "Left out: 15 runs, the log does not tell the device's memory." Empty where none is.
QString leftOutSentence(const SetAccuracy& set, const FigureAccuracy& figure);
/// "0.19.0 · H100 80GB · TP 2".
QString setupText(const MeasuredRun& run);
/// Everything known of one run, over several lines: figures, range, cause or reason, source.
QString runDetails(const SetAccuracy& set, const FigureAccuracy& figure, std::size_t point);
/// "within", "beyond", "aside".
QString markWord(const AccuracyPoint& point);

} // namespace weighbridge
