#pragma once

#include "core/quantity/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What a whole number counts, which decides what its suffixes mean.
enum class CountUnit
{
    plain,      ///< tokens, sequences, GPUs: "8k" is 8,192 and "1M" 1,048,576, as context lengths are named
    parameters, ///< "70.6B", "500M": decimal, as model sizes are named
    bytes,      ///< "512 MiB", "1 GB"; a bare k, M or G is refused, since nothing says which is meant
};

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
