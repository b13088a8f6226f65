#pragma once

#include "core/accuracy/accuracy.h"
#include "core/report/table.h"

#include <cstddef>
#include <vector>

namespace weighbridge {

/// The figures of one engine: how many runs, how far off, and whether the bar is met.
Table figureRows(const SetAccuracy& set);

/// Indices into FigureAccuracy::points: misses first, then what counts, then what is set aside; in each the farthest
/// off first.
std::vector<std::size_t> runOrder(const FigureAccuracy& figure);

/// The runs of one figure in that order.
Table runRows(const SetAccuracy& set, const FigureAccuracy& figure, const std::vector<std::size_t>& order);

} // namespace weighbridge
