#pragma once

#include "core/accuracy/accuracy.h"

#include <string>

namespace weighbridge {

/// Words and numbers that the reports and the window share. English; the window translates what is no number.

/// "29.89", with the figure's decimals, digits grouped.
std::string figure_value_text(const AccuracyFigure& figure, double value);
/// "29.89 GiB"; without a blank where the unit is a sign.
std::string figure_value_with_unit(const AccuracyFigure& figure, double value);
/// "2.8 %", "0.012 %", or "0.13 GiB" for absolute bars: two significant digits, without a sign.
std::string error_size_text(const AccuracyFigure& figure, double error);
/// The same with its sign: "+2.8 %", "−0.13 GiB"; "0" where nothing is left after rounding.
std::string signed_error_text(const AccuracyFigure& figure, double error);
/// "9 of 10 within 1 %, half within 0.1 %", "98 % equal to the printed digit", "all within 0.3 %".
std::string bar_text(const AccuracyFigure& figure);
/// "met", "missed", "no runs".
std::string verdict_text(const FigureAccuracy& figure);

} // namespace weighbridge
