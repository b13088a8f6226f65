#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"

namespace weighbridge {

/// What every view shows: the one immutable estimate, and how. A view keeps the pointer, reads no widget and computes
/// nothing.
struct ViewState
{
    EstimatePointer estimate; ///< never null once the window is up
    bool stale = false;       ///< the form is invalid: this is the last valid estimate and is drawn greyed
    ByteUnit unit = ByteUnit::gib;
};

} // namespace weighbridge
