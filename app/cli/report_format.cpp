#include "app/cli/report_format.h"

#include "core/quantity/nearest.h"
#include "core/report/csv.h"
#include "core/report/estimate_json.h"
#include "core/report/markdown.h"
#include "core/report/table_writers.h"
#include "core/report/text_table.h"

#include <nlohmann/json.hpp>

#include <array>
#include <optional>

namespace weighbridge {

namespace {

struct NamedFormat
{
    std::string_view name;
    ReportFormat format;
};

constexpr std::array<NamedFormat, 4> formats = {{{"table", ReportFormat::table},
                                                 {"json", ReportFormat::json},
                                                 {"csv", ReportFormat::csv},
                                                 {"markdown", ReportFormat::markdown}}};

constexpr std::array<NamedFormat, 9> endings = {{{".png", ReportFormat::picture},
                                                 {".svg", ReportFormat::picture},
                                                 {".pdf", ReportFormat::picture},
                                                 {".csv", ReportFormat::csv},
                                                 {".json", ReportFormat::json},
                                                 {".jsonl", ReportFormat::json},
                                                 {".md", ReportFormat::markdown},
                                                 {".markdown", ReportFormat::markdown},
                                                 {".txt", ReportFormat::table}}};

std::optional<ReportFormat> format_of_ending(std::string_view path)
{
    const std::size_t dot = path.rfind('.');
    if (dot != std::string_view::npos)
        for (const NamedFormat& ending : endings)
            if (equal_ignoring_case(path.substr(dot), ending.name))
                return ending.format;
    return std::nullopt;
}

} // namespace

Result<ReportFormat> report_format(const std::optional<std::string>& format, std::string_view output)
{
    std::optional<ReportFormat> asked;
    for (const NamedFormat& known : formats)
        if (known.name == format)
            asked = known.format;
    if (!asked && format)
        return Error{"",
                     "--format is " + weighbridge::in_quotes(*format) + "; it must be table, json, csv or markdown"};
    if (output.empty())
        return asked.value_or(ReportFormat::table);

    const auto ending = format_of_ending(output);
    if (!ending && !asked)
        return Error{"", "--output is " + weighbridge::in_quotes(output) +
                             "; its ending must be .png, .svg, .pdf, .csv, .json, .md or .txt"};
    if (ending && asked && *ending != *asked)
        return Error{"", "--output is " + weighbridge::in_quotes(output) + ", which goes against --format " + *format +
                             "; leave --format out, the ending chooses"};
    return ending ? *ending : *asked;
}

std::string render(const Estimate& estimate, ReportFormat format, bool one_line)
{
    switch (format) {
    case ReportFormat::json:
        return json_text(to_json(estimate), one_line);
    case ReportFormat::csv:
        return to_csv(estimate);
    case ReportFormat::markdown:
        return to_markdown(estimate);
    case ReportFormat::table:
    case ReportFormat::picture:
        break;
    }
    return to_text(estimate);
}

Result<ReportFormat> table_format(const ParsedArguments& arguments)
{
    const std::string output = arguments.value("--output");
    if (arguments.has("--output") && output.empty())
        return Error{"", "--output is \"\"; it must be a file's name"};
    auto name = arguments.given("--format");
    if (name == "text")
        name = "table";
    auto format = report_format(name, output);
    if (format && *format == ReportFormat::picture)
        return Error{"", "--output is " + weighbridge::in_quotes(output) +
                             "; tables are not drawn: its ending must be .csv, .json, .md or .txt"};
    return format;
}

std::string rendered(std::span<const Table> tables, ReportFormat format, std::size_t longest_cell)
{
    switch (format) {
    case ReportFormat::json:
        return json_text(tables_json(tables));
    case ReportFormat::csv:
        return tables_csv(tables);
    case ReportFormat::markdown:
        return tables_markdown(tables);
    case ReportFormat::table:
    case ReportFormat::picture:
        break;
    }
    return tables_text(tables, longest_cell);
}

} // namespace weighbridge
