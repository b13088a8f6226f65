#pragma once

#include "core/memory/term.h"
#include "core/training/framework.h"

#include <string_view>
#include <vector>

namespace weighbridge {

/// How far real runs lie from what is predicted, as shares of it: between the 5th and the 95th of 100 residuals of a
/// framework's runs, rounded up (docs/training.md says of which runs). A row of the table of spreads.
struct FrameworkSpread
{
    std::string_view framework;
    double allocated = 0.25;      ///< either side
    double reserved_below = 0.25; ///< what the allocator holds, less than predicted
    double reserved_above = 0.25; ///< and more
};

/// Of a framework without runs of its own: a quarter.
const FrameworkSpread& spread_of(const Framework& framework);

/// Gives the terms of a moment the framework's range: what comes and goes carries it, what lies there all the time only
/// where nothing else is there.
void take_range(std::vector<Term>& terms, double share);

} // namespace weighbridge
