#pragma once

#include "core/estimate/estimate.h"
#include "core/speed/speed.h"
#include "ui/charts/figure_tiles.h"

#include <QString>

#include <vector>

namespace weighbridge {

/// The headline figures of a speed with their ranges; none where nothing is known.
std::vector<FigureTile> speedTiles(const Estimate& estimate);

/// The two that stand beside the verdict: how fast an answer is written and when it begins, or a step of training.
/// Where nobody knows, they say so.
std::vector<FigureTile> headlineSpeed(const Estimate& estimate);

/// What the speed is of: "12 requests at a time, prompts of 31,744 tokens, answers of 1,024."
QString loadSentence(const Estimate& estimate);

/// Whether any figure of the speed is known.
bool knowsSpeed(const Estimate& estimate);

/// Why none is: "Nothing is known about the speed of None on B200: no run of ... was measured."
QString unknownSpeedSentence(const Estimate& estimate);

} // namespace weighbridge
