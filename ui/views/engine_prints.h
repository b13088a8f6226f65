#pragma once

#include "core/estimate/estimate.h"
#include "ui/views/model_panel.h"

#include <vector>

namespace weighbridge {

/// What the engine would write to its own log, in its words and with its decimals; decimal points stand below one
/// another, counts end at the edge. Empty where it prints nothing.
std::vector<FigureList::Row> enginePrintRows(const Estimate& estimate);

/// "vLLM would print".
QString enginePrintsTitle(const Estimate& estimate);

} // namespace weighbridge
