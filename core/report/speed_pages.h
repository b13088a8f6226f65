#pragma once

#include "core/answers/speed_curve.h"
#include "core/report/table.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A row for each part of a step: milliseconds, share and formula, with their sum.
Table speed_parts_table(const std::vector<SpeedTerm>& terms, std::string_view id, std::string_view sum);

/// A row for each point of the curve, with the ranges of its figures.
Table speed_curve_table(const SpeedCurve& curve);

/// "14.2 ms, 11.0 – 19.7": a figure with its range in the figure's own unit.
struct FigureText
{
    std::string value; ///< "14.2 ms"
    std::string range; ///< "11.0 – 19.7 ms"
};
FigureText seconds_figure(const SpeedFigure& figure);
FigureText rate_figure(const SpeedFigure& figure);
FigureText share_figure(const SpeedFigure& figure);

} // namespace weighbridge
