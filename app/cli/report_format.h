#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/result.h"

#include <string>
#include <string_view>

namespace weighbridge {

enum class ReportFormat
{
    table,
    json,
    csv,
    markdown,
    picture, ///< png, svg or pdf: only into a file
};

/// What --format and --output together ask for; either may be empty. The error names the option, its value and what is
/// allowed.
Result<ReportFormat> report_format(std::string_view format, std::string_view output);

/// The report as text; `one_line` puts JSON on a single line, for many reports in a row.
std::string render(const Estimate& estimate, ReportFormat format, bool one_line);

} // namespace weighbridge
