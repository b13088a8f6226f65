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

RowCell counted(std::int64_t count)
{
    return {utf8(grouped(count)), static_cast<double>(count), {}};
}

/// A mark at what somebody has a remark about; the remark itself is in the tool tip.
RowCell remarkable(RowCell cell, const std::string& remark)
{
    if (remark.empty())
        return cell;
    cell.text.prepend(u"* "_s); // before it, so that digits stay below one another
    cell.toolTip = coreText(remark);
    return cell;
}

QString toolTipOf(const Configuration& configuration)
{
    QStringList lines = {utf8(configuration.accelerator.name) % u" × "_s % utf8(grouped(configuration.gpus))};
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
    const QString all = utf8(grouped(configuration.gpus)) % u" × "_s % utf8(configuration.accelerator.card_name());
    return row.gpus_used == configuration.gpus ? all
                                               : CapacityRows::tr("%1 of %2").arg(utf8(grouped(row.gpus_used)), all);
}

} // namespace

Rows lengthRows(const ServingCapacity& serving, std::int64_t own, ByteUnit unit)
{
    Rows rows;
    rows.columns = {{CapacityRows::tr("Tokens per request"), false, {}},
                    {CapacityRows::tr("Concurrent requests"), true, CapacityRows::tr("By memory alone")},
                    {CapacityRows::tr("Cache of one, %1").arg(utf8(unit_name(unit))), true,
                     CapacityRows::tr("What one more request takes on each GPU")}};
    for (const LengthRow& row : serving.by_length)
        rows.rows.push_back(
            {{counted(row.tokens),
              remarkable({searched(row.max_concurrent_sequences, most_sequences),
                          static_cast<double>(row.max_concurrent_sequences),
                          {}},
                         row.remark),
              {utf8(in_unit_bare(row.one_sequence, unit, 3)), static_cast<double>(row.one_sequence.count), {}}},
             row.tokens == own,
             row.max_concurrent_sequences == 0});
    return rows;
}

Rows concurrencyRows(const ServingCapacity& serving, std::int64_t own)
{
    Rows rows;
    rows.columns = {{CapacityRows::tr("Concurrent requests"), false, {}},
                    {CapacityRows::tr("Longest context, tokens"), true, CapacityRows::tr("By memory alone")}};
    for (const ConcurrencyRow& row : serving.by_concurrency)
        rows.rows.push_back({{counted(row.sequences), remarkable({searched(row.max_sequence_length, most_tokens),
                                                                  static_cast<double>(row.max_sequence_length),
                                                                  {}},
                                                                 row.remark)},
                             row.sequences == own,
                             row.max_sequence_length == 0});
    return rows;
}

Rows recommendationRows(const Recommendations& recommendations, ByteUnit unit)
{
    const QString unitName = utf8(unit_name(unit));
    Rows rows;
    rows.columns = {{CapacityRows::tr("Configuration"), false, {}},
                    {CapacityRows::tr("GPUs"), false, CapacityRows::tr("That the model is shared out over")},
                    {CapacityRows::tr("Layout"), false, {}},
                    {CapacityRows::tr("%1 per GPU").arg(unitName), true, {}},
                    {CapacityRows::tr("of %1").arg(unitName), true, CapacityRows::tr("The whole memory of one GPU")},
                    {CapacityRows::tr("Used"), true, CapacityRows::tr("Of the whole memory of one GPU")}};
    const Recommendation* smallest = recommendations.smallest();
    for (const Recommendation& row : recommendations.rows) {
        if (!row.fits)
            continue;
        const Configuration& configuration = recommendations.configuration(row);
        const Bytes capacity = configuration.accelerator.capacity;
        rows.rows.push_back({{{utf8(configuration.name), {}, toolTipOf(configuration)},
                              {gpusText(row, configuration), static_cast<double>(row.gpus_used), {}},
                              {utf8(layout_text(row)), {}, {}},
                              {utf8(in_unit_bare(row.needed, unit)), static_cast<double>(row.needed.count), {}},
                              {utf8(in_unit_bare(capacity, unit)), static_cast<double>(capacity.count), {}},
                              {utf8(percent_text(row.fraction)), row.fraction, {}}},
                             &row == smallest,
                             false});
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
    return CapacityRows::tr(
               "The smallest of %1 configurations that holds it is %2 (%3): %4 on each GPU, %5 of its memory.")
        .arg(all, utf8(configuration.name), utf8(layout_text(*row)), utf8(in_unit(row->needed, unit)),
             utf8(percent_text(row->fraction)));
}

} // namespace weighbridge
