#include "app/cli/accuracy_command.h"

#include "app/cli/messages.h"
#include "app/cli/options.h"
#include "app/cli/report_format.h"
#include "core/accuracy/reports.h"
#include "core/quantity/nearest.h"

#include <array>

namespace weighbridge {

namespace {

constexpr std::array<Option, 3> accuracy_options = {{
    {"--format", "NAME", "table (or text), json, csv or markdown", ""},
    {"--output", "FILE", "the ending chooses csv, json, md, txt", ""},
    {"--help", "", "this text", ""},
}};

constexpr std::string_view accuracy_usage =
    R"(Prints what is predicted against what was measured, for every bundled run.

Usage: weighbridge accuracy [options]

)";

std::string report_of(const Accuracy& accuracy, ReportFormat format)
{
    if (format == ReportFormat::table)
        return accuracy_text(accuracy);
    return format == ReportFormat::markdown ? accuracy_markdown(accuracy) : rendered(accuracy_tables(accuracy), format);
}

} // namespace

ExitStatus run_accuracy(std::span<const std::string> arguments, std::ostream& out, std::ostream& err)
{
    const auto parsed = parse_arguments(arguments, accuracy_options);
    if (!parsed)
        return fail(err, parsed.error());
    if (parsed->has("--help")) {
        out << accuracy_usage << options_help(accuracy_options);
        return finish(out, err);
    }
    if (!parsed->words.empty())
        return fail(err, {"", "accuracy takes no argument; " + weighbridge::in_quotes(parsed->words.front()) +
                                  " is one too many"});
    const auto format = table_format(*parsed);
    if (!format)
        return fail(err, format.error());
    return deliver(report_of(*measure_accuracy(), *format), parsed->value("--output"), out, err);
}

} // namespace weighbridge
