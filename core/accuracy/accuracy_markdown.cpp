#include "core/accuracy/left_out_groups.h"
#include "core/accuracy/reports.h"
#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "core/report/markdown_text.h"
#include "core/report/table_writers.h"

#include <utility>

namespace weighbridge {

namespace {

constexpr const char* introduction =
    R"(# Accuracy

What Weighbridge predicts against what was measured, for every run that is bundled (`resources/measured`, with its sources). The page is
written by `weighbridge accuracy --format markdown`; the window shows the same under Help, Predicted against Measured, computed on the spot. A
test fails where this file is not what the code says.

Each figure has a bar, and the bar is met or missed as written. The median and "9 of 10" are errors without their signs. "Range holds" counts the
runs whose measured value lies in the range that the estimate gives with its figure; the range is meant to hold 9 of 10. Runs that a figure
can't take, or whose log leaves out what decides it, are listed with the reason: none is dropped in silence.

Sizes (weights, cache, buffers) follow from rules alone. The constants of activation peaks, non-torch memory, CUDA graphs and compute buffers, and
all ranges, were calibrated on runs like these and partly on these (docs/formulas.md says which), so their errors here are no proof for other runs.

)";

std::string of(std::size_t some, std::size_t all)
{
    return std::to_string(some) + " of " + std::to_string(all);
}

void add_summary(std::string& page, const SetAccuracy& set)
{
    constexpr ColumnKind number = ColumnKind::number;
    Table table{.columns = {{"", "figure"},
                            {"", "runs", number},
                            {"", "bar"},
                            {"", "median", number},
                            {"", "9 of 10 within", number},
                            {"", "largest", number},
                            {"", "within the bar", number},
                            {"", "range holds", number},
                            {"", ""}}};
    for (const FigureAccuracy& figure : set.figures) {
        const ErrorSummary& summary = figure.summary;
        const auto error = [&](double size) {
            return text_cell(summary.count == 0 ? "—" : error_size_text(*figure.figure, size));
        };
        Cell verdict = text_cell(verdict_text(figure));
        verdict.mark = figure.met() ? Mark::none : Mark::bad;
        table.rows.push_back(
            {{text_cell(figure.figure->title), text_cell(std::to_string(summary.count)),
              text_cell(bar_text(*figure.figure)), error(summary.median), error(summary.nine_of_ten),
              error(summary.largest), text_cell(of(summary.within, summary.count)),
              text_cell(summary.ranged == 0 ? "—" : of(summary.held, summary.ranged)), std::move(verdict)}});
    }
    page += table_markdown(table) + '\n';
}

void add_misses(std::string& page, const SetAccuracy& set)
{
    constexpr ColumnKind number = ColumnKind::number;
    Table table{.columns = {{"", "run"},
                            {"", "figure"},
                            {"", "predicted", number},
                            {"", "measured", number},
                            {"", "error", number},
                            {"", "cause"}}};
    for (const FigureAccuracy& figure : set.figures)
        for (const AccuracyPoint& point : figure.points) {
            if (!point.misses())
                continue;
            const MeasuredRun& run = set.runs[point.run];
            table.rows.push_back({{text_cell(run.id + ", " + run.model), text_cell(figure.figure->title),
                                   text_cell(figure_value_with_unit(*figure.figure, point.comparison.predicted)),
                                   text_cell(figure_value_with_unit(*figure.figure, point.comparison.measured)),
                                   text_cell(signed_error_text(*figure.figure, point.error)),
                                   text_cell(point.cause.empty() ? "not known" : point.cause)}});
        }
    if (!table.rows.empty())
        page += "Runs beyond the bar:\n\n" + table_markdown(table) + '\n';
}

std::string joined(const std::vector<std::string>& runs)
{
    std::string text;
    for (const std::string& run : runs)
        text += (text.empty() ? "" : ", ") + markdown_escaped(run);
    return text;
}

void add_left_out(std::string& page, const SetAccuracy& set)
{
    std::string list;
    for (const LeftOut& run : set.left_out)
        list += "- " + markdown_escaped(run.run) + ", every figure: " + markdown_escaped(run.reason) + ".\n";
    for (const FigureAccuracy& figure : set.figures)
        for (const SetAside& group : set_aside(set, figure))
            list += "- " + markdown_escaped(figure.figure->title) + ", " +
                    (group.shown ? "shown beside: " : "left out: ") + markdown_escaped(group.reason) + " (" +
                    joined(group.runs) + ").\n";
    if (!list.empty())
        page += "Not held against the bar:\n\n" + list + '\n';
}

} // namespace

std::string accuracy_markdown(const Accuracy& accuracy)
{
    std::string page = introduction;
    for (const SetAccuracy& set : accuracy.sets) {
        page += "## " + markdown_escaped(set.set->title) + "\n\n" + markdown_escaped(set.set->about) + " " +
                grouped(static_cast<std::int64_t>(set.runs.size())) + " runs.\n\n";
        add_summary(page, set);
        add_misses(page, set);
        add_left_out(page, set);
    }
    page.pop_back();
    return page;
}

} // namespace weighbridge
