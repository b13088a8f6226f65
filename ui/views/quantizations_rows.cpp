#include "ui/views/quantizations_rows.h"

#include "core/engines/inference.h"
#include "core/precision/format.h"
#include "core/report/speed_pages.h"
#include "ui/theme/text.h"
#include "ui/theme/verdict_text.h"
#include "ui/widgets/table_model.h"

#include <QCoreApplication>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct QuantizationText
{
    Q_DECLARE_TR_FUNCTIONS(QuantizationsPage)
};

QString cacheLabel(const std::string& id)
{
    const auto format = find_format(id, FormatUse::kv_cache);
    return format ? utf8(format->label) : utf8(id);
}

Column placed(const char* id, const QString& heading, ColumnKind kind, const QString& tip, const QString& narrow = {},
              int spare = 0)
{
    Column column = shownColumn(heading, kind, tip, spare);
    column.id = id;
    column.who = For::all;
    column.narrow = narrow.toStdString();
    return column;
}

/// "✓ Fits", the colour of the verdict.
Cell verdictCell(const LadderRow& row)
{
    const bool fits = does_fit(row.verdict);
    Cell cell = shownCell(verdictMark(row.verdict) % u' ' % verdictWord(row.verdict));
    cell.mark = row.verdict == Verdict::fits                ? Mark::good
                : fits || row.verdict == Verdict::not_known ? Mark::none
                                                            : Mark::bad;
    return cell;
}

Cell paceCell(const LadderRow& row)
{
    if (!row.decode_tokens_per_second)
        return unknown_cell("—", QuantizationText::tr("not known").toStdString());
    if (!does_fit(row.verdict) && row.verdict != Verdict::not_known)
        return unknown_cell("—", QuantizationText::tr("It does not fit").toStdString());
    const FigureText figure = rate_figure(*row.decode_tokens_per_second);
    Cell cell = real_cell(row.decode_tokens_per_second->value, figure.range);
    cell.remark = QuantizationText::tr("%1 tok/s of each request, expect %2")
                      .arg(utf8(figure.value), utf8(figure.range))
                      .toStdString();
    return cell;
}

/// "0.4 to 1.6 %"; what it is of and where from in the tip.
Cell lossCell(const QualityLoss& quality)
{
    switch (quality.basis) {
    case LossBasis::none:
        return shownCell(QuantizationText::tr("none"), {}, coreText(quality.text));
    case LossBasis::not_known:
        return shownCell(QuantizationText::tr("not known"), {}, coreText(quality.text));
    default:
        break;
    }
    QString text = coreText(quality.text);
    const QString whole = quality.source.empty() ? text : QString(text % u'\n' % utf8(quality.source));
    for (const QString& rest :
         {u" more perplexity"_s, u" of KL divergence"_s, u" of benchmark scores"_s, u" ("_s, u"; "_s})
        if (const qsizetype at = text.indexOf(rest); at > 0)
            text.truncate(at);
    if (quality.measure == "benchmark_percent")
        text = QuantizationText::tr("%1 of scores").arg(text);
    return shownCell(text, quality.loss ? Value(*quality.loss) : Value(nullptr), whole);
}

Cell searchedCell(std::int64_t count)
{
    return count > 0 ? count_cell(count, grouped(count))
                     : count_cell(count, QuantizationText::tr("none").toStdString());
}

/// A mark at what is longer than the model was made for.
Cell lengthCell(std::int64_t tokens, const Estimate& estimate)
{
    Cell cell = searchedCell(tokens);
    const std::int64_t trained = estimate.model->architecture.max_position_embeddings;
    if (trained == 0 || tokens <= trained)
        return cell;
    cell.text.insert(0, "* "); // before it, so that digits stay below one another
    cell.remark = QuantizationText::tr("Longer than the %1 tokens that the model was made for")
                      .arg(utf8(grouped(trained)))
                      .toStdString();
    return cell;
}

Table headings(ByteUnit unit, bool oneCache)
{
    constexpr ColumnKind number = ColumnKind::number;
    const QString unitName = utf8(unit_name(unit));
    Table table{.id = "quantizations"};
    table.columns = {
        {.id = "row", .kind = number, .who = For::json},
        placed("weights", QuantizationText::tr("Format"), ColumnKind::text, {}),
        placed("kv_cache", QuantizationText::tr("KV cache"), ColumnKind::text, {}),
        placed("bits_per_weight", QuantizationText::tr("Bits"), number,
               QuantizationText::tr("Per weight of the whole model, as it is stored"), {}, 2),
        placed("weight_bytes", QuantizationText::tr("Weights, %1").arg(unitName), number,
               QuantizationText::tr("On the fullest GPU"), QuantizationText::tr("Weights"), 3),
        placed("total_bytes", QuantizationText::tr("Memory, %1").arg(unitName), number,
               QuantizationText::tr("All of it, on the fullest GPU"), unitName),
        placed("state", QuantizationText::tr("Verdict"), ColumnKind::text, {}),
        placed("max_sequence_length", QuantizationText::tr("Longest context"), number,
               QuantizationText::tr("Tokens per request, at the concurrency of the form; by memory alone"),
               QuantizationText::tr("Longest")),
        placed("max_concurrent_sequences", QuantizationText::tr("Most requests"), number,
               QuantizationText::tr("At a time, at the context of the form"), QuantizationText::tr("Requests"), 1),
        placed("decode_tokens_per_second", QuantizationText::tr("Tokens/s"), number,
               QuantizationText::tr("Of each request, where the measurement should lie in nine of ten cases")),
        placed("quality", QuantizationText::tr("Loss of quality"), ColumnKind::text,
               QuantizationText::tr("Against 16 bits, as published measurements have it"),
               QuantizationText::tr("Loss")),
    };
    table.columns[6].whole = true;
    table.columns[10].whole = true;
    if (oneCache)
        table.columns[2].spare = 4; // it says the same in every row
    return table;
}

std::optional<std::size_t> bestOf(const Ladder& ladder, const LadderView& view, const Estimate& estimate)
{
    return largest_that_fits(ladder, view.kvCache.toStdString(),
                             weights_in_use(estimate.scenario.precision, *estimate.model));
}

bool isOwn(const LadderRow& row, const Estimate& estimate)
{
    const Scenario& scenario = estimate.scenario;
    return row.kv_cache == scenario.precision.kv_cache_k &&
           row.weights == weights_in_use(scenario.precision, *estimate.model);
}

} // namespace

QString formatsText(const LadderRow& row)
{
    return QuantizationText::tr("%1, KV cache %2").arg(coreText(row.label), cacheLabel(row.kv_cache));
}

Table quantizationRows(const Ladder& ladder, const LadderView& view, const Estimate& estimate, ByteUnit unit)
{
    Table table = headings(unit, !view.kvCache.isEmpty());
    const std::optional<std::size_t> best = bestOf(ladder, view, estimate);
    for (std::size_t i = 0; i < ladder.rows.size(); ++i) {
        const LadderRow& row = ladder.rows[i];
        if (!row.loads || (!view.kvCache.isEmpty() && row.kv_cache != view.kvCache.toStdString()) ||
            (view.fitting && !does_fit(row.verdict)))
            continue;
        const bool own = isOwn(row, estimate);
        Cell memory = count_cell(row.total.count, in_unit_bare(row.total, unit));
        memory.remark = QuantizationText::tr("expect %1").arg(rangeText(row.low, row.high, unit, 2)).toStdString();
        const bool largest = best == i;
        const QString tip = largest ? QuantizationText::tr("The largest that fits") : QString();
        table.rows.push_back(
            {{count_cell(static_cast<std::int64_t>(i)),
              shownCell(coreText(row.label) % (largest ? u" ★"_s : QString()), {}, tip),
              shownCell(cacheLabel(row.kv_cache)), real_cell(row.bits_per_weight, decimal_text(row.bits_per_weight, 2)),
              count_cell(row.weight_bytes.count, in_unit_bare(row.weight_bytes, unit)), std::move(memory),
              verdictCell(row), lengthCell(row.max_sequence_length, estimate),
              searchedCell(row.max_concurrent_sequences), paceCell(row), lossCell(row.quality)},
             0,
             own                     ? Emphasis::strong
             : does_fit(row.verdict) ? Emphasis::plain
                                     : Emphasis::quiet});
    }
    return table;
}

std::size_t ladderRowOf(const Table& table, int row)
{
    const Cell& cell = table.rows.at(static_cast<std::size_t>(row)).cells.front();
    return static_cast<std::size_t>(std::get<std::int64_t>(cell.value));
}

QString ladderSentence(const Ladder& ladder, const LadderView& view, const Estimate& estimate, ByteUnit unit)
{
    if (ladder.rows.empty())
        return QuantizationText::tr("This engine loads the checkpoint in no other format.");
    const std::optional<std::size_t> best = bestOf(ladder, view, estimate);
    if (!best)
        return QuantizationText::tr("No format of these fits.");
    const LadderRow& row = ladder.rows[*best];
    const auto [needed, usable] = inOneUnit(row.total, row.usable, unit, 1);
    return QuantizationText::tr("The largest that fits is %1 (★): %2 of %3. Enter takes a row into the form.")
        .arg(formatsText(row), needed, usable);
}

} // namespace weighbridge
