#pragma once

#include "app/cli/options.h"
#include "core/estimate/estimate.h"
#include "core/quantity/result.h"
#include "core/report/table.h"

#include <optional>
#include <span>
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

/// What --format, where it is given, and --output, which may be empty, together ask for. The error names the option,
/// its value and what is allowed.
Result<ReportFormat> report_format(const std::optional<std::string>& format, std::string_view output);

/// The report as text; `one_line` puts JSON on a single line, for many reports in a row.
std::string render(const Estimate& estimate, ReportFormat format, bool one_line);

/// The same of tables, which are not drawn, from --format and --output as they were typed.
Result<ReportFormat> table_format(const ParsedArguments& arguments);

/// Tables as text; a cell of a terminal is cut behind `longest_cell` letters (0: never). JSON holds each under its id.
std::string rendered(std::span<const Table> tables, ReportFormat format, std::size_t longest_cell = 0);

} // namespace weighbridge
