#pragma once

#include "core/quantity/result.h"
#include "core/scenario/option.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Whole numbers as people type them: "4096", "8k", "128k", "1M", "4*8192", "32_768", "1e6", "1.5k", with spaces,
/// commas or underscores between groups of three digits. The error says what was not understood.
Result<std::int64_t> parse_count(std::string_view text, CountUnit unit = CountUnit::plain);

/// "2000, 8k, 128k": up to 100 counts from 1 to `most`, with commas between them. The error begins with `what`, which
/// says whose text it is.
Result<std::vector<std::int64_t>> parse_counts(std::string_view text, std::string_view what, std::int64_t most);

/// Real numbers: "0.9", "92 %", "1/2".
Result<double> parse_real(std::string_view text);

/// The shortest text that reads back as the same number: "0.15", "1e-05".
std::string real_text(double value);

} // namespace weighbridge
