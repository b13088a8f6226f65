#pragma once

#include "core/answers/levers.h"
#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "core/report/table.h"

#include <QString>

#include <cstddef>

namespace weighbridge {

/// One row per lever, in the core's order: what is changed, what it saves, what it leads to, what it costs.
Table leverRows(const Levers& levers, ByteUnit unit);

/// The place in Levers::list of a row of that table, wherever it was sorted to.
std::size_t leverOf(const Table& table, int row);

/// "What would make it fit", "What would free memory", or that nothing would.
QString leversHeading(const Levers& levers, const Estimate& estimate);

/// "KV cache FP8: 13.3 GiB", where it fits then; else what it saves.
QString leverButtonText(const Lever& lever, ByteUnit unit);

/// What it saves and costs, in a sentence.
QString leverTip(const Lever& lever, ByteUnit unit);

} // namespace weighbridge
