#include "ui/accuracy/accuracy_rows.h"

#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "ui/accuracy/accuracy_words.h"
#include "ui/theme/text.h"
#include "ui/widgets/table_model.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct AccuracyRows
{
    Q_DECLARE_TR_FUNCTIONS(AccuracyRows)
};

bool comesBefore(const AccuracyPoint& a, const AccuracyPoint& b)
{
    if (a.counts() != b.counts())
        return a.counts();
    if (a.misses() != b.misses())
        return a.misses();
    return std::abs(a.error) > std::abs(b.error);
}

Cell quietCell(std::string text)
{
    return {std::move(text), {}, {}, Mark::quiet};
}

} // namespace

Table figureRows(const SetAccuracy& set)
{
    constexpr ColumnKind number = ColumnKind::number;
    Table table;
    table.columns = {shownColumn(AccuracyRows::tr("Figure")), shownColumn(AccuracyRows::tr("Runs"), number),
                     shownColumn(AccuracyRows::tr("Half within"), number, {}, 1),
                     shownColumn(AccuracyRows::tr("9 of 10 within"), number), shownColumn(AccuracyRows::tr("Bar"))};
    table.columns.back().whole = true;
    for (const FigureAccuracy& figure : set.figures) {
        const ErrorSummary& summary = figure.summary;
        const bool any = summary.count > 0;
        const auto error = [&](double size) {
            return number_cell(size, any ? error_size_text(*figure.figure, size) : "—");
        };
        Row row{
            {shownCell(coreText(figure.figure->title)),
             count_cell(static_cast<std::int64_t>(summary.count), grouped(static_cast<std::int64_t>(summary.count))),
             error(summary.median), error(summary.nine_of_ten), shownCell(barVerdict(figure))},
            0,
            any ? Emphasis::plain : Emphasis::quiet};
        row.cells.back().mark = figure.met() ? Mark::good : Mark::bad;
        for (Cell& cell : row.cells)
            cell.remark = figureSentence(figure).toStdString();
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::vector<std::size_t> runOrder(const FigureAccuracy& figure)
{
    std::vector<std::size_t> order(figure.points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return comesBefore(figure.points[a], figure.points[b]); });
    return order;
}

Table runRows(const SetAccuracy& set, const FigureAccuracy& figure, const std::vector<std::size_t>& order)
{
    constexpr ColumnKind number = ColumnKind::number;
    const AccuracyFigure& shown = *figure.figure;
    const QString unit = shown.unit.empty() ? QString() : u", "_s + coreText(shown.unit);
    Table table;
    table.columns = {shownColumn(AccuracyRows::tr("Run")),
                     shownColumn(AccuracyRows::tr("Model")),
                     shownColumn(AccuracyRows::tr("Set up as"), ColumnKind::text, {}, 2),
                     shownColumn(AccuracyRows::tr("Predicted") + unit, number),
                     shownColumn(AccuracyRows::tr("Measured"), number),
                     shownColumn(AccuracyRows::tr("Error"), number),
                     shownColumn(AccuracyRows::tr("Source"), ColumnKind::text, {}, 1),
                     shownColumn(AccuracyRows::tr("Bar"), ColumnKind::text, {}, 3)};
    table.columns.front().whole = true;
    table.columns.back().whole = true;
    for (const std::size_t at : order) {
        const AccuracyPoint& point = figure.points[at];
        const MeasuredRun& run = set.runs[point.run];
        const bool equal = shown.bar.kind == BarKind::printed && point.within;
        Row row{{text_cell(run.id), text_cell(run.model), quietCell(setupText(run).toStdString()),
                 number_cell(point.comparison.predicted, figure_value_text(shown, point.comparison.predicted)),
                 number_cell(point.comparison.measured, figure_value_text(shown, point.comparison.measured)),
                 number_cell(point.error,
                             equal ? AccuracyRows::tr("equal").toStdString() : signed_error_text(shown, point.error)),
                 quietCell(run.source), shownCell(markWord(point))},
                0,
                point.counts() ? Emphasis::plain : Emphasis::quiet};
        if (point.misses())
            row.cells[5].mark = Mark::bad;
        for (Cell& cell : row.cells)
            cell.remark = runDetails(set, figure, at).toStdString();
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace weighbridge
