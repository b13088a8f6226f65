#pragma once

#include "core/accuracy/accuracy.h"

#include <string>
#include <vector>

namespace weighbridge {

/// Runs that a figure does not hold against its bar, for one reason.
struct SetAside
{
    std::string reason;
    std::vector<std::string> runs;
    bool shown = false; ///< compared and shown all the same
};

/// Every reason of a figure once, in the order they turn up; those that are shown first.
std::vector<SetAside> set_aside(const SetAccuracy& set, const FigureAccuracy& figure);

} // namespace weighbridge
