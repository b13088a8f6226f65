#include "ui/views/capacity_rows.h"

#include "core/report/answers_report.h"
#include "ui/theme/text.h"

#include <QCoreApplication>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct CapacityRows
{
    Q_DECLARE_TR_FUNCTIONS(CapacityPage)
};

QString searched(std::int64_t found, std::int64_t most)
{
    if (found == 0)
        return CapacityRows::tr("none");
    const QString count = utf8(grouped(found));
    return found >= most ? CapacityRows::tr("at least %1").arg(count) : count;
}

Cell countedCell(std::int64_t count)
{
    return count_cell(count, grouped(count));
}

/// A mark at what somebody has a remark about; the remark itself is in the tool tip.
Cell remarkable(Cell cell, const std::string& remark)
{
    if (remark.empty())
        return cell;
    cell.text.insert(0, "* "); // before it, so that digits stay below one another
    cell.remark = remark;
    return cell;
}

/// With another heading where there is little room, or as one that gives way there.
Column narrowing(Column column, const QString& narrow, int spare = 0)
{
    column.narrow = narrow.toStdString();
    column.spare = spare;
    return column;
}

QString toolTipOf(const Configuration& configuration, const Recommendation& row)
{
    QStringList lines = {utf8(configuration.accelerator.name) % u" × "_s % utf8(grouped(configuration.gpus))};
    lines << utf8(layout_text(row));
    if (!configuration.note.empty())
        lines << coreText(configuration.note);
    QStringList sources;
    for (const std::string& source : configuration.sources)
        sources << utf8(source);
    if (!sources.isEmpty())
        lines << CapacityRows::tr("Source: %1").arg(sources.join(u", "_s));
    return lines.join(u'\n');
}

/// "8 × A10G 24 GB", "64 of 72 × GB200 186 GB".
QString gpusText(const Recommendation& row, const Configuration& configuration)
{
    const QString all = utf8(configuration.accelerator.cards_name(configuration.gpus));
    return row.gpus_used == configuration.gpus ? all
                                               : CapacityRows::tr("%1 of %2").arg(utf8(grouped(row.gpus_used)), all);
}

} // namespace

Table lengthRows(const ServingCapacity& serving, std::int64_t own, ByteUnit unit)
{
    constexpr ColumnKind number = ColumnKind::number;
    Table rows;
    const QString unitName = utf8(unit_name(unit));
    rows.columns = {
        narrowing(shownColumn(CapacityRows::tr("Tokens per request")), CapacityRows::tr("Tokens")),
        narrowing(shownColumn(CapacityRows::tr("Concurrent requests"), number, CapacityRows::tr("By memory alone")),
                  CapacityRows::tr("Requests")),
        narrowing(shownColumn(CapacityRows::tr("Cache of one, %1").arg(unitName), number,
                              CapacityRows::tr("What one more request takes on each GPU")),
                  CapacityRows::tr("%1 each").arg(unitName), 1)};
    for (const LengthRow& row : serving.by_length)
        rows.rows.push_back({{countedCell(row.tokens),
                              remarkable(shownCell(searched(row.max_concurrent_sequences, most_sequences),
                                                   row.max_concurrent_sequences),
                                         row.remark),
                              count_cell(row.one_sequence.count, in_unit_bare(row.one_sequence, unit, 3))},
                             0,
                             row.tokens == own                   ? Emphasis::strong
                             : row.max_concurrent_sequences == 0 ? Emphasis::quiet
                                                                 : Emphasis::plain});
    return rows;
}

Table concurrencyRows(const ServingCapacity& serving, std::int64_t own)
{
    Table rows;
    rows.columns = {narrowing(shownColumn(CapacityRows::tr("Concurrent requests")), CapacityRows::tr("Requests")),
                    narrowing(shownColumn(CapacityRows::tr("Longest context, tokens"), ColumnKind::number,
                                          CapacityRows::tr("By memory alone")),
                              CapacityRows::tr("Longest"))};
    for (const ConcurrencyRow& row : serving.by_concurrency)
        rows.rows.push_back(
            {{countedCell(row.sequences),
              remarkable(shownCell(searched(row.max_sequence_length, most_tokens), row.max_sequence_length),
                         row.remark)},
             0,
             row.sequences == own           ? Emphasis::strong
             : row.max_sequence_length == 0 ? Emphasis::quiet
                                            : Emphasis::plain});
    return rows;
}

Table recommendationRows(const Recommendations& recommendations, ByteUnit unit)
{
    constexpr ColumnKind number = ColumnKind::number;
    const QString unitName = utf8(unit_name(unit));
    Table rows;
    rows.columns = {shownColumn(CapacityRows::tr("Configuration")),
                    narrowing(shownColumn(CapacityRows::tr("GPUs"), ColumnKind::text,
                                          CapacityRows::tr("That the model is shared out over")),
                              {}, 3),
                    narrowing(shownColumn(CapacityRows::tr("Layout")), {}, 1),
                    narrowing(shownColumn(CapacityRows::tr("%1 per GPU").arg(unitName), number), unitName),
                    narrowing(shownColumn(CapacityRows::tr("of %1").arg(unitName), number,
                                          CapacityRows::tr("What may be used of one GPU, as in the verdict")),
                              {}, 2),
                    shownColumn(CapacityRows::tr("Used"), number, CapacityRows::tr("Of what may be used of one GPU"))};
    const Recommendation* smallest = recommendations.smallest();
    for (const Recommendation& row : recommendations.rows) {
        if (!row.fits)
            continue;
        const Configuration& configuration = recommendations.configuration(row);
        rows.rows.push_back({{shownCell(utf8(configuration.name), {}, toolTipOf(configuration, row)),
                              shownCell(gpusText(row, configuration), row.gpus_used), text_cell(layout_text(row)),
                              count_cell(row.needed.count, in_unit_bare(row.needed, unit)),
                              count_cell(row.usable.count, in_unit_bare(row.usable, unit)),
                              real_cell(row.of_usable, percent_text(row.of_usable))},
                             0,
                             &row == smallest ? Emphasis::strong : Emphasis::plain});
    }
    return rows;
}

QString recommendationSentence(const Recommendations& recommendations, ByteUnit unit)
{
    const QString all = utf8(grouped(static_cast<std::int64_t>(recommendations.rows.size())));
    const Recommendation* row = recommendations.smallest();
    if (row == nullptr)
        return CapacityRows::tr("None of %1 configurations holds it.").arg(all);
    const Configuration& configuration = recommendations.configuration(*row);
    return CapacityRows::tr("The smallest of %1 configurations that holds it is %2 (%3): %4 of %5 on each GPU, %6.")
        .arg(all, utf8(configuration.name), utf8(layout_text(*row)), utf8(in_unit(row->needed, unit)),
             utf8(in_unit(row->usable, unit)), utf8(percent_text(row->of_usable)));
}

} // namespace weighbridge
