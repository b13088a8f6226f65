#include "core/accuracy/reports.h"
#include "core/accuracy/wording.h"

#include <cmath>

namespace weighbridge {

namespace {

/// Twelve digits: more than any log prints, and the same with every compiler.
Cell figure_cell(double value)
{
    if (value == 0 || !std::isfinite(value))
        return number_cell(value);
    const double scale = std::pow(10, 11 - std::floor(std::log10(std::abs(value))));
    return number_cell(std::round(value * scale) / scale);
}

Cell optional_cell(const std::optional<double>& value)
{
    return value ? figure_cell(*value) : unknown_cell();
}

Cell whole_cell(std::size_t number)
{
    return count_cell(static_cast<std::int64_t>(number));
}

std::string_view kind_name(BarKind kind)
{
    switch (kind) {
    case BarKind::relative:
        return "relative";
    case BarKind::absolute:
        return "absolute";
    case BarKind::printed:
        break;
    }
    return "printed";
}

Column text_column(const char* id)
{
    return {id, "", ColumnKind::text, For::programs};
}

Column figure_column(const char* id)
{
    return {id, "", ColumnKind::number, For::programs};
}

Column flag_column(const char* id)
{
    return {id, "", ColumnKind::yes_no, For::programs};
}

Table runs_table(const Accuracy& accuracy)
{
    Table table{.id = "runs",
                .columns = {text_column("set"), text_column("figure"), text_column("unit"), text_column("run"),
                            text_column("model"), text_column("version"), text_column("setup"),
                            figure_column("measured"), figure_column("predicted"), figure_column("error"),
                            text_column("error_kind"), flag_column("within_bar"), flag_column("counts"),
                            figure_column("range_low"), figure_column("range_high"), text_column("aside"),
                            text_column("cause"), text_column("source")}};
    for (const SetAccuracy& set : accuracy.sets)
        for (const FigureAccuracy& of : set.figures)
            for (const AccuracyPoint& point : of.points) {
                const MeasuredRun& run = set.runs[point.run];
                const Comparison& comparison = point.comparison;
                table.rows.push_back(
                    {{text_cell(set.set->id), text_cell(of.figure->id), text_cell(of.figure->unit), text_cell(run.id),
                      text_cell(run.model), text_cell(run.version), text_cell(run.setup),
                      figure_cell(comparison.measured), figure_cell(comparison.predicted), figure_cell(point.error),
                      text_cell(kind_name(of.figure->bar.kind)), flag_cell(point.within), flag_cell(point.counts()),
                      optional_cell(comparison.low), optional_cell(comparison.high), text_cell(comparison.aside),
                      text_cell(point.cause), text_cell(run.source)}});
            }
    return table;
}

Table summaries_table(const Accuracy& accuracy)
{
    Table table{.id = "figures",
                .columns = {text_column("set"), text_column("figure"), text_column("title"), figure_column("runs"),
                            figure_column("median_error"), figure_column("nine_of_ten_error"),
                            figure_column("largest_error"), figure_column("within_bar"), figure_column("ranges"),
                            figure_column("ranges_hold"), figure_column("aside"), text_column("bar"),
                            text_column("verdict")}};
    for (const SetAccuracy& set : accuracy.sets)
        for (const FigureAccuracy& of : set.figures) {
            const ErrorSummary& summary = of.summary;
            table.rows.push_back(
                {{text_cell(set.set->id), text_cell(of.figure->id), text_cell(of.figure->title),
                  whole_cell(summary.count), figure_cell(summary.median), figure_cell(summary.nine_of_ten),
                  figure_cell(summary.largest), whole_cell(summary.within), whole_cell(summary.ranged),
                  whole_cell(summary.held), whole_cell(summary.aside), text_cell(bar_text(*of.figure)),
                  text_cell(verdict_text(of))}});
        }
    return table;
}

Table left_out_table(const Accuracy& accuracy)
{
    Table table{
        .id = "left_out",
        .columns = {text_column("set"), text_column("figure"), text_column("run"), text_column("left_out_because")}};
    for (const SetAccuracy& set : accuracy.sets) {
        for (const LeftOut& run : set.left_out)
            table.rows.push_back({{text_cell(set.set->id), {}, text_cell(run.run), text_cell(run.reason)}});
        for (const FigureAccuracy& of : set.figures)
            for (const LeftOut& run : of.left_out)
                table.rows.push_back(
                    {{text_cell(set.set->id), text_cell(of.figure->id), text_cell(run.run), text_cell(run.reason)}});
    }
    return table;
}

} // namespace

std::vector<Table> accuracy_tables(const Accuracy& accuracy)
{
    return {runs_table(accuracy), summaries_table(accuracy), left_out_table(accuracy)};
}

} // namespace weighbridge
