#include "core/accuracy/reports.h"
#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "core/report/text_table.h"

namespace weighbridge {

namespace {

constexpr std::size_t width = 80;

std::string summary_table(const SetAccuracy& set)
{
    const std::vector<Column> columns = {{"FIGURE", Align::left},   {"RUNS", Align::right},   {"MEDIAN", Align::right},
                                         {"9 OF 10", Align::right}, {"IN BAR", Align::right}, {"RANGE", Align::right},
                                         {"BAR", Align::left}};
    std::vector<std::vector<std::string>> rows;
    rows.reserve(set.figures.size());
    for (const FigureAccuracy& figure : set.figures) {
        const ErrorSummary& summary = figure.summary;
        const double held =
            summary.ranged == 0 ? 0 : static_cast<double>(summary.held) / static_cast<double>(summary.ranged);
        rows.push_back({std::string(figure.figure->title), std::to_string(summary.count),
                        error_size_text(*figure.figure, summary.median),
                        error_size_text(*figure.figure, summary.nine_of_ten), percent_text(summary.share()),
                        summary.ranged == 0 ? "—" : percent_text(held), verdict_text(figure)});
    }
    return aligned_table(columns, rows);
}

std::string misses(const SetAccuracy& set)
{
    std::string text;
    for (const FigureAccuracy& figure : set.figures)
        for (const AccuracyPoint& point : figure.points)
            if (point.misses())
                text += wrapped(set.runs[point.run].id + ", " + set.runs[point.run].model + ": " +
                                    std::string(figure.figure->title) + " " +
                                    figure_value_with_unit(*figure.figure, point.comparison.predicted) + " for " +
                                    figure_value_with_unit(*figure.figure, point.comparison.measured) + " (" +
                                    signed_error_text(*figure.figure, point.error) + "). " +
                                    (point.cause.empty() ? "The cause is not known." : point.cause),
                                width, "  ", "    ");
    return text;
}

} // namespace

std::string accuracy_text(const Accuracy& accuracy)
{
    std::string page;
    for (const SetAccuracy& set : accuracy.sets) {
        page += page.empty() ? "" : "\n";
        page += wrapped(std::string(set.set->title) + ": " + std::to_string(set.runs.size()) + " runs. " +
                            std::string(set.set->about),
                        width, "", "");
        page += "\n" + summary_table(set);
        if (const std::string list = misses(set); !list.empty())
            page += "\nBeyond the bar:\n" + list;
    }
    return page;
}

} // namespace weighbridge
