#include "core/accuracy/left_out_groups.h"
#include "core/accuracy/reports.h"
#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "core/report/markdown_text.h"

#include <algorithm>

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
    page += "| figure | runs | bar | median | 9 of 10 within | largest | within the bar | range holds | |\n";
    page += "|---|---:|---|---:|---:|---:|---:|---:|---|\n";
    for (const FigureAccuracy& figure : set.figures) {
        const ErrorSummary& summary = figure.summary;
        const auto error = [&](double size) {
            return summary.count == 0 ? std::string("—") : error_size_text(*figure.figure, size);
        };
        const bool met = figure.met();
        page += "| " + markdown_escaped(figure.figure->title) + " | " + std::to_string(summary.count) + " | " +
                bar_text(*figure.figure) + " | " + error(summary.median) + " | " + error(summary.nine_of_ten) + " | " +
                error(summary.largest) + " | " + of(summary.within, summary.count) + " | " +
                (summary.ranged == 0 ? "—" : of(summary.held, summary.ranged)) + " | " + (met ? "" : "**") +
                verdict_text(figure) + (met ? "" : "**") + " |\n";
    }
    page += '\n';
}

bool has_misses(const SetAccuracy& set)
{
    return std::any_of(set.figures.begin(), set.figures.end(), [](const FigureAccuracy& figure) {
        return std::any_of(figure.points.begin(), figure.points.end(), [](const auto& p) { return p.misses(); });
    });
}

void add_misses(std::string& page, const SetAccuracy& set)
{
    if (!has_misses(set))
        return;
    page += "Runs beyond the bar:\n\n| run | figure | predicted | measured | error | cause "
            "|\n|---|---|---:|---:|---:|---|\n";
    for (const FigureAccuracy& figure : set.figures)
        for (const AccuracyPoint& point : figure.points) {
            if (!point.misses())
                continue;
            const MeasuredRun& run = set.runs[point.run];
            page += "| " + markdown_escaped(run.id) + ", " + markdown_escaped(run.model) + " | " +
                    markdown_escaped(figure.figure->title) + " | " +
                    figure_value_with_unit(*figure.figure, point.comparison.predicted) + " | " +
                    figure_value_with_unit(*figure.figure, point.comparison.measured) + " | " +
                    signed_error_text(*figure.figure, point.error) + " | " +
                    (point.cause.empty() ? "not known" : markdown_escaped(point.cause)) + " |\n";
        }
    page += '\n';
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
