#pragma once

#include "ui/charts/figure_tiles.h"
#include "ui/session/view_state.h"

#include <vector>

namespace weighbridge {

/// What people ask next, each answered in a word with its condition, and leading to the page that says more: of
/// inference the longest context, the most requests, how fast, the host's memory; of training the longest sequence, the
/// largest micro batch, one step. Empty without an estimate.
std::vector<FigureTile> headlineTiles(const ViewState& state);

} // namespace weighbridge
