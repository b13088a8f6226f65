#pragma once

#include "core/accuracy/accuracy.h"

#include <string>

namespace weighbridge {

/// docs/accuracy.md: how it was measured, a table per engine with each bar met or missed, the misses with their causes,
/// and what was left out, with the reason.
std::string accuracy_markdown(const Accuracy& accuracy);

/// Tables for a spreadsheet: every run of every figure, the summaries, what was left out. Guarded and quoted as the
/// estimate's CSV is.
std::string accuracy_csv(const Accuracy& accuracy);

/// For a terminal, at most 80 columns: a table per engine and the misses.
std::string accuracy_text(const Accuracy& accuracy);

} // namespace weighbridge
