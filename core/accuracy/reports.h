#pragma once

#include "core/accuracy/accuracy.h"
#include "core/report/table.h"

#include <string>
#include <vector>

namespace weighbridge {

/// docs/accuracy.md: how it was measured, a table per engine with each bar met or missed, the misses with their causes,
/// and what was left out, with the reason.
std::string accuracy_markdown(const Accuracy& accuracy);

/// For programs: every run of every figure ("runs"), the summaries ("figures"), what was left out ("left_out").
std::vector<Table> accuracy_tables(const Accuracy& accuracy);

/// For a terminal, at most 80 columns: a table per engine and the misses.
std::string accuracy_text(const Accuracy& accuracy);

} // namespace weighbridge
