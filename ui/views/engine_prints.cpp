#include "ui/views/engine_prints.h"

#include "core/engines/engine.h"
#include "core/report/summary.h"
#include "ui/theme/text.h"

#include <QCoreApplication>

#include <algorithm>

namespace weighbridge {

namespace {

/// Right-aligned figures have their points below one another once all have room for as many decimals. Counts have no
/// point: they end at the edge.
QString padded(const QString& figure, int decimals, int most)
{
    constexpr QChar figureSpace(0x2007); // as wide as a digit
    return decimals == 0 ? figure : figure + QString(most - decimals, figureSpace);
}

} // namespace

std::vector<FigureList::Row> enginePrintRows(const Estimate& estimate)
{
    int most = 0;
    for (const EnginePrint& print : estimate.engine_prints)
        most = std::max(most, print.decimals);
    std::vector<FigureList::Row> rows;
    rows.reserve(estimate.engine_prints.size());
    for (const EnginePrint& print : estimate.engine_prints)
        rows.push_back({utf8(print.label), padded(utf8(print_text(print)), print.decimals, most), {}, false});
    return rows;
}

QString enginePrintsTitle(const Estimate& estimate)
{
    const Engine* engine = find_engine(estimate.scenario.inference.engine);
    if (engine != nullptr && !engine->prints_heading.empty())
        return coreText(engine->prints_heading);
    return QCoreApplication::translate("EnginePrints", "%1 would print")
        .arg(engine == nullptr ? QString() : utf8(engine->name));
}

} // namespace weighbridge
