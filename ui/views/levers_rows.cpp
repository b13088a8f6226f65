#include "ui/views/levers_rows.h"

#include "core/report/levers_report.h"
#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"
#include "ui/widgets/table_model.h"

#include <QCoreApplication>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct LeversText
{
    Q_DECLARE_TR_FUNCTIONS(LeversPage)
};

QString costWord(LeverCost cost)
{
    switch (cost) {
    case LeverCost::nothing:
        return LeversText::tr("nothing lost");
    case LeverCost::slower:
        return LeversText::tr("slower");
    case LeverCost::quality:
        return LeversText::tr("quality");
    case LeverCost::host_memory:
        return LeversText::tr("host memory");
    case LeverCost::hardware:
        return LeversText::tr("more hardware");
    }
    return {};
}

QString leverCost(const Lever& lever)
{
    if (lever.cost_text.empty())
        return costWord(lever.cost);
    if (lever.cost == LeverCost::nothing)
        return coreText(lever.cost_text);
    return costWord(lever.cost) % u": "_s % coreText(lever.cost_text);
}

Cell leverVerdict(const Lever& lever)
{
    const bool fits = does_fit(lever.verdict);
    if (!fits && lever.verdict != Verdict::not_known)
        return shownCell(LeversText::tr("not enough"));
    Cell cell = shownCell(verdictMark(lever.verdict) % u' ' % verdictWord(lever.verdict));
    cell.mark = lever.verdict == Verdict::fits ? Mark::good : Mark::none;
    return cell;
}

QString leverGain(const Lever& lever)
{
    if (lever.more_sequences > 0)
        return LeversText::tr("+%1 requests").arg(utf8(grouped(lever.more_sequences)));
    return lever.more_tokens > 0 ? LeversText::tr("+%1 tokens").arg(utf8(grouped(lever.more_tokens))) : u"–"_s;
}

Column leverColumn(const char* id, const QString& heading, ColumnKind kind, const QString& tip = {}, int spare = 0)
{
    Column column = shownColumn(heading, kind, tip, spare);
    column.id = id;
    column.who = For::all;
    return column;
}

} // namespace

Table leverRows(const Levers& levers, ByteUnit unit)
{
    constexpr ColumnKind number = ColumnKind::number;
    const QString unitName = utf8(unit_name(unit));
    Table table{.id = "levers"};
    table.columns = {{.id = "row", .kind = number, .who = For::json},
                     leverColumn("label", LeversText::tr("Change"), ColumnKind::text),
                     leverColumn("saved_bytes", LeversText::tr("Saves, %1").arg(unitName), number,
                                 LeversText::tr("On the fullest GPU"), 4),
                     leverColumn("total_bytes", LeversText::tr("Then, %1").arg(unitName), number,
                                 LeversText::tr("All of it, on the fullest GPU")),
                     leverColumn("verdict", LeversText::tr("Verdict"), ColumnKind::text),
                     leverColumn("gain", LeversText::tr("Room"), ColumnKind::text,
                                 LeversText::tr("More requests of this length, or tokens, than now"), 3),
                     leverColumn("cost", LeversText::tr("Costs"), ColumnKind::text, {}, 1),
                     leverColumn("cost_text", LeversText::tr("In figures"), ColumnKind::text, {}, 5)};
    for (std::size_t column : {4U, 5U, 6U})
        table.columns[column].whole = true; // the rest is for the change and its cost
    for (std::size_t i = 0; i < levers.list.size(); ++i) {
        const Lever& lever = levers.list[i];
        table.rows.push_back(
            {{count_cell(static_cast<std::int64_t>(i)), shownCell(coreText(lever.label), {}, leverCost(lever)),
              count_cell(lever.saved.count, in_unit_bare(lever.saved, unit)),
              count_cell(lever.total.count, in_unit_bare(lever.total, unit)), leverVerdict(lever),
              shownCell(leverGain(lever)), shownCell(costWord(lever.cost), {}, leverCost(lever)),
              shownCell(coreText(lever.cost_text), {}, coreText(lever.cost_text))}});
    }
    return table;
}

std::size_t leverOf(const Table& table, int row)
{
    const Value& place = table.rows.at(static_cast<std::size_t>(row)).cells.front().value;
    return static_cast<std::size_t>(std::get<std::int64_t>(place));
}

QString leversHeading(const Levers& levers, const Estimate& estimate)
{
    return coreText(levers_line(levers, does_fit(estimate.fit.verdict)));
}

QString leverButtonText(const Lever& lever, ByteUnit unit)
{
    if (does_fit(lever.verdict))
        return LeversText::tr("%1 · %2").arg(coreText(lever.label), utf8(in_unit(lever.total, unit, 1)));
    return LeversText::tr("%1 · saves %2").arg(coreText(lever.label), utf8(in_unit(lever.saved, unit, 1)));
}

QString leverTip(const Lever& lever, ByteUnit unit)
{
    return LeversText::tr("%1: saves %2, then %3 per GPU. Costs: %4.")
        .arg(coreText(lever.label), utf8(in_unit(lever.saved, unit)), utf8(in_unit(lever.total, unit)),
             leverCost(lever));
}

} // namespace weighbridge
