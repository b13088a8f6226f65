#include "core/accuracy/reports.h"
#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "core/report/table_writers.h"
#include "core/report/text_lines.h"

namespace weighbridge {

namespace {

std::string summary_table(const SetAccuracy& set)
{
    constexpr ColumnKind number = ColumnKind::number;
    Table table{.columns = {{"", "FIGURE"},
                            {"", "RUNS", number},
                            {"", "MEDIAN", number},
                            {"", "9 OF 10", number},
                            {"", "IN BAR", number},
                            {"", "RANGE", number},
                            {"", "BAR"}}};
    for (const FigureAccuracy& figure : set.figures) {
        const ErrorSummary& summary = figure.summary;
        const double held =
            summary.ranged == 0 ? 0 : static_cast<double>(summary.held) / static_cast<double>(summary.ranged);
        table.rows.push_back(
            {{text_cell(figure.figure->title), text_cell(std::to_string(summary.count)),
              text_cell(error_size_text(*figure.figure, summary.median)),
              text_cell(error_size_text(*figure.figure, summary.nine_of_ten)), text_cell(percent_text(summary.share())),
              text_cell(summary.ranged == 0 ? "—" : percent_text(held)), text_cell(verdict_text(figure))}});
    }
    return table_text(table);
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
                                line_width, "  ", "    ");
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
                        line_width, "", "");
        page += "\n" + summary_table(set);
        if (const std::string list = misses(set); !list.empty())
            page += "\nBeyond the bar:\n" + list;
    }
    return page;
}

} // namespace weighbridge
