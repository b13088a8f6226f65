#pragma once

#include "core/answers/ladder.h"
#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "core/report/table.h"

#include <QString>

namespace weighbridge {

/// Which rows of a ladder are shown.
struct LadderView
{
    QString kvCache; ///< of this type; empty: of every one
    bool fitting = false;
};

/// A row per format and type of cache that the engine loads. The scenario's own is the strong one.
Table quantizationRows(const Ladder& ladder, const LadderView& view, const Estimate& estimate, ByteUnit unit);

/// The place in Ladder::rows of a row of that table, wherever it was sorted to.
std::size_t ladderRowOf(const Table& table, int row);

/// "Largest that fits: Q4_K_M with a Q8_0 cache, 11.4 of 12.0 GiB."
QString ladderSentence(const Ladder& ladder, const LadderView& view, const Estimate& estimate, ByteUnit unit);

/// "Q4_K_M, KV cache Q8_0": what taking the row is called.
QString formatsText(const LadderRow& row);

} // namespace weighbridge
