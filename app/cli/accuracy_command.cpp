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
    {"--format", "NAME", "table (or text), csv or markdown", ""},
    {"--output", "FILE", "the ending chooses csv, md, txt", ""},
    {"--help", "", "this text", ""},
}};

constexpr std::string_view accuracy_usage =
    R"(Prints what is predicted against what was measured, for every bundled run.

Usage: weighbridge accuracy [options]

)";

Result<ReportFormat> accuracy_format(const ParsedArguments& arguments)
{
    const std::string name = arguments.value("--format");
    const std::string output = arguments.value("--output");
    if (arguments.has("--output") && output.empty())
        return Error{"", "--output is \"\"; it must be a file's name"};
    if (name == "json")
        return Error{"", "--format is \"json\"; for accuracy it must be table, csv or markdown"};
    const auto format = report_format(name == "text" ? "table" : name, output);
    if (!format)
        return format.error();
    if (*format == ReportFormat::json || *format == ReportFormat::picture)
        return Error{"", "--output is " + weighbridge::in_quotes(output) + "; its ending must be .csv, .md or .txt"};
    return *format;
}

std::string rendered_accuracy(const Accuracy& accuracy, ReportFormat format)
{
    switch (format) {
    case ReportFormat::csv:
        return accuracy_csv(accuracy);
    case ReportFormat::markdown:
        return accuracy_markdown(accuracy);
    case ReportFormat::table:
    case ReportFormat::json:
    case ReportFormat::picture:
        break;
    }
    return accuracy_text(accuracy);
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
    const auto format = accuracy_format(*parsed);
    if (!format)
        return fail(err, format.error());
    return deliver(rendered_accuracy(*measure_accuracy(), *format), parsed->value("--output"), out, err);
}

} // namespace weighbridge
