#include "core/accuracy/reports.h"
#include "core/accuracy/wording.h"
#include "core/report/csv_table.h"

#include <cmath>

namespace weighbridge {

namespace {

using csv::Cell;
using csv::count;
using csv::text;

/// Twelve digits: more than any log prints, and the same with every compiler.
Cell figure(double value)
{
    if (value == 0 || !std::isfinite(value))
        return csv::number(value);
    const double scale = std::pow(10, 11 - std::floor(std::log10(std::abs(value))));
    return csv::number(std::round(value * scale) / scale);
}

Cell optional_figure(const std::optional<double>& value)
{
    return value ? figure(*value) : Cell{};
}

Cell yes_or_no(bool yes)
{
    return text(yes ? "yes" : "no");
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

void add_runs(csv::Table& table, const Accuracy& accuracy)
{
    table.section({"set", "figure", "unit", "run", "model", "version", "setup", "measured", "predicted", "error",
                   "error_kind", "within_bar", "counts", "range_low", "range_high", "aside", "cause", "source"});
    for (const SetAccuracy& set : accuracy.sets)
        for (const FigureAccuracy& of : set.figures)
            for (const AccuracyPoint& point : of.points) {
                const MeasuredRun& run = set.runs[point.run];
                const Comparison& comparison = point.comparison;
                table.row({text(set.set->id), text(of.figure->id), text(of.figure->unit), text(run.id), text(run.model),
                           text(run.version), text(run.setup), figure(comparison.measured),
                           figure(comparison.predicted), figure(point.error), text(kind_name(of.figure->bar.kind)),
                           yes_or_no(point.within), yes_or_no(point.counts()), optional_figure(comparison.low),
                           optional_figure(comparison.high), text(comparison.aside), text(point.cause),
                           text(run.source)});
            }
}

void add_summaries(csv::Table& table, const Accuracy& accuracy)
{
    table.section({"set", "figure", "title", "runs", "median_error", "nine_of_ten_error", "largest_error", "within_bar",
                   "ranges", "ranges_hold", "aside", "bar", "verdict"});
    for (const SetAccuracy& set : accuracy.sets)
        for (const FigureAccuracy& of : set.figures) {
            const ErrorSummary& summary = of.summary;
            const auto whole = [](std::size_t number) { return count(static_cast<std::int64_t>(number)); };
            table.row({text(set.set->id), text(of.figure->id), text(of.figure->title), whole(summary.count),
                       figure(summary.median), figure(summary.nine_of_ten), figure(summary.largest),
                       whole(summary.within), whole(summary.ranged), whole(summary.held), whole(summary.aside),
                       text(bar_text(*of.figure)), text(verdict_text(of))});
        }
}

void add_left_out(csv::Table& table, const Accuracy& accuracy)
{
    table.section({"set", "figure", "run", "left_out_because"});
    for (const SetAccuracy& set : accuracy.sets) {
        for (const LeftOut& run : set.left_out)
            table.row({text(set.set->id), text(""), text(run.run), text(run.reason)});
        for (const FigureAccuracy& of : set.figures)
            for (const LeftOut& run : of.left_out)
                table.row({text(set.set->id), text(of.figure->id), text(run.run), text(run.reason)});
    }
}

} // namespace

std::string accuracy_csv(const Accuracy& accuracy)
{
    csv::Table table;
    add_runs(table, accuracy);
    add_summaries(table, accuracy);
    add_left_out(table, accuracy);
    return std::move(table).take();
}

} // namespace weighbridge
