#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/display.h"
#include "core/report/table.h"

#include <span>

namespace weighbridge {

/// What an estimate says, list by list. Every report and every sheet of the window is made of these: a further fact is
/// a column and its cell here.

/// Terms with their parts below them, in `unit` for people; shares are of `total`.
Table terms_table(const std::vector<Term>& terms, Bytes total, ByteUnit unit = ByteUnit::gib);
/// What stands below the terms of an estimate.
Row total_row(const Estimate& estimate, ByteUnit unit = ByteUnit::gib);

/// The terms with their total, and what the engine would print where it prints something.
std::vector<Table> memory_tables(const Estimate& estimate, ByteUnit unit = ByteUnit::gib);

/// The scenario as used: keys, values and whether they were filled in, since nobody chose them.
Table scenario_table(const Estimate& estimate);
/// One row.
Table model_table(const Estimate& estimate);
/// The fit on the chosen accelerator, then on the others.
Table fits_table(const Estimate& estimate);
/// What the engine would print.
Table prints_table(const Estimate& estimate);
/// One row.
Table capacity_table(const Capacity& capacity);
/// What the engine's own cache holds beside it, and what keeps further sequences out.
Table pool_table(const Capacity& capacity);
/// Of a training step: longest sequence, largest micro batch, highest rank, fewest GPUs.
Table training_room_table(const Capacity& capacity);
/// The network from input to output, run by run.
Table layers_table(const Estimate& estimate, ByteUnit unit = ByteUnit::gib);
/// The operations of one layer each.
Table operations_table(std::span<const Roofline> rooflines);
Table warnings_table(const Estimate& estimate);

} // namespace weighbridge
