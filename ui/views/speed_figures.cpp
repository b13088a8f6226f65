#include "ui/views/speed_figures.h"

#include "core/answers/speed_curve.h"
#include "core/memory/term.h"
#include "core/quantity/display.h"
#include "core/report/speed_pages.h"
#include "core/report/speed_report.h"
#include "ui/theme/readable.h"
#include "ui/theme/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct SpeedFigures
{
    Q_DECLARE_TR_FUNCTIONS(SpeedFigures)
};

/// One tile: what it is called, where it stands, how it is written.
struct TileRow
{
    const char* title = "";
    const char* tip = "";
    std::optional<SpeedFigure> Speed::*figure = nullptr;
    FigureText (*text)(const SpeedFigure&) = nullptr;
    std::optional<double> WantedChoice::*wanted = nullptr;
};

constexpr std::array servingTiles = {
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "First token"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Mean time to the first token (TTFT), waiting included"),
            &Speed::time_to_first_token_seconds, seconds_figure, &WantedChoice::time_to_first_token_seconds},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "Each next token"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Mean time per token of an answer after the first (TPOT)"),
            &Speed::time_per_output_token_seconds, seconds_figure, &WantedChoice::time_per_output_token_seconds},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "Whole request"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Mean time from sending a request to its last token"),
            &Speed::end_to_end_seconds, seconds_figure, nullptr},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "Each request, tok/s"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Tokens per second of one answer while it is written"),
            &Speed::decode_tokens_per_second, rate_figure, nullptr},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "All together, tok/s"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Tokens of answers per second of all requests, prompts’ time included"),
            &Speed::output_tokens_per_second, rate_figure, nullptr},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "Per GPU, tok/s"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Of all requests, divided by the GPUs"),
            &Speed::output_tokens_per_second_per_gpu, rate_figure, nullptr},
    TileRow{
        QT_TRANSLATE_NOOP("SpeedFigures", "Prompts, tok/s"),
        QT_TRANSLATE_NOOP("SpeedFigures", "Tokens of one prompt read per second, without waiting and cached tokens"),
        &Speed::prefill_tokens_per_second, rate_figure, nullptr},
};

constexpr std::array trainingTiles = {
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "One step"),
            QT_TRANSLATE_NOOP("SpeedFigures", "One optimizer step, gradient accumulation included"),
            &Speed::train_step_seconds, seconds_figure, nullptr},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "All together, tok/s"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Tokens per second of all GPUs"), &Speed::train_tokens_per_second,
            rate_figure, nullptr},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "Per GPU, tok/s"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Tokens per second of each GPU"), &Speed::train_tokens_per_second_per_gpu,
            rate_figure, nullptr},
    TileRow{QT_TRANSLATE_NOOP("SpeedFigures", "FLOPs used (MFU)"),
            QT_TRANSLATE_NOOP("SpeedFigures", "Share of the dense BF16 peak, without what is computed again"),
            &Speed::model_flops_utilization, share_figure, nullptr},
};

QString basisWords(Basis basis)
{
    switch (basis) {
    case Basis::calibrated:
        return SpeedFigures::tr("calibrated: nine of ten measured runs that it was not fitted on lie in the range");
    case Basis::assumed:
        return SpeedFigures::tr("assumed: no run like it was measured; the range is a guess, and wide");
    default:
        return coreText(basis_name(basis));
    }
}

/// Whether the speed is that of a setup which does not fit.
bool asIfItFitted(const Estimate& estimate)
{
    const Verdict verdict = estimate.fit.verdict;
    return !does_fit(verdict) && verdict != Verdict::not_known;
}

FigureTile tileOf(const TileRow& row, const SpeedFigure& figure, const Estimate& estimate)
{
    const FigureText text = row.text(figure);
    FigureTile tile{
        .title = SpeedFigures::tr(row.title), .value = utf8(text.value), .range = utf8(text.range), .toolTip = {}};
    QStringList lines{SpeedFigures::tr("%1: %2, expect %3").arg(SpeedFigures::tr(row.tip), tile.value, tile.range),
                      basisWords(figure.basis)};
    if (row.wanted != nullptr) {
        const auto& wanted = estimate.scenario.wanted.*row.wanted;
        if (const auto reach = reach_of(figure, wanted)) {
            const QString most = utf8(seconds_text(*wanted));
            tile.miss = *reach == Reach::missed;
            const QString mark = *reach == Reach::reached ? u"✓"_s : *reach == Reach::missed ? u"✕"_s : u"!"_s;
            tile.value = tile.value % u' ' % mark;
            lines << (*reach == Reach::reached
                          ? SpeedFigures::tr("Wanted: at most %1. The whole range reaches it").arg(most)
                      : *reach == Reach::missed
                          ? SpeedFigures::tr("Wanted: at most %1. The whole range misses it").arg(most)
                          : SpeedFigures::tr("Wanted: at most %1. It lies within the range").arg(most));
        }
    }
    if (asIfItFitted(estimate))
        lines << SpeedFigures::tr("It does not fit; the figure is as if it did");
    tile.toolTip = lines.join(u'\n');
    return tile;
}

QString counted(double count)
{
    return utf8(grouped(std::llround(count)));
}

} // namespace

bool knowsSpeed(const Estimate& estimate)
{
    return estimate.speed && (estimate.speed->decode_step_seconds || estimate.speed->train_step_seconds);
}

QString unknownSpeedSentence(const Estimate& estimate)
{
    QString why;
    if (estimate.speed)
        for (const Issue& issue : estimate.speed->issues)
            why = coreText(issue.message);
    const QString prefix = u"speed is not known: "_s;
    if (why.startsWith(prefix))
        why = why.mid(prefix.size());
    return why.isEmpty() ? SpeedFigures::tr("Speed not known") : SpeedFigures::tr("Speed not known: %1").arg(why);
}

std::vector<FigureTile> speedTiles(const Estimate& estimate)
{
    std::vector<FigureTile> tiles;
    if (!knowsSpeed(estimate))
        return tiles;
    const Speed& speed = *estimate.speed;
    const auto add = [&](const auto& rows) {
        for (const TileRow& row : rows)
            if (const std::optional<SpeedFigure>& figure = speed.*row.figure)
                tiles.push_back(tileOf(row, *figure, estimate));
    };
    speed.training ? add(trainingTiles) : add(servingTiles);
    return tiles;
}

std::vector<FigureTile> headlineSpeed(const Estimate& estimate)
{
    const bool trains = estimate.training != nullptr;
    const std::span<const TileRow> rows =
        trains ? std::span<const TileRow>(trainingTiles) : std::span<const TileRow>(servingTiles);
    const std::array chosen = trains
                                  ? std::array{&Speed::train_step_seconds, &Speed::train_tokens_per_second}
                                  : std::array{&Speed::decode_tokens_per_second, &Speed::time_to_first_token_seconds};
    std::vector<FigureTile> tiles;
    for (const auto figure : chosen) {
        const TileRow& row = *std::ranges::find(rows, figure, &TileRow::figure);
        const std::optional<SpeedFigure> known = estimate.speed ? (*estimate.speed).*figure : std::nullopt;
        tiles.push_back(known ? tileOf(row, *known, estimate)
                              : FigureTile{.title = SpeedFigures::tr(row.title),
                                           .value = SpeedFigures::tr("not known"),
                                           .range = {},
                                           .toolTip = unknownSpeedSentence(estimate)});
        tiles.back().page = u"speed"_s;
    }
    return tiles;
}

QString loadSentence(const Estimate& estimate)
{
    if (!knowsSpeed(estimate))
        return {};
    const Speed& speed = *estimate.speed;
    if (speed.training)
        return SpeedFigures::tr("One optimizer step of %1.").arg(gpusText(estimate));
    const WorkloadChoice& workload = estimate.scenario.workload;
    const QString lengths =
        SpeedFigures::tr("prompts of %1 tokens, answers of %2")
            .arg(utf8(grouped(workload.prompt_tokens.value_or(0))), utf8(grouped(workload.answer_tokens.value_or(0))));
    QString load =
        workload.requests_per_second ? SpeedFigures::tr("%1 requests per second, %2.")
                                           .arg(utf8(rate_text(*workload.requests_per_second)), lengths)
        : workload.concurrent_requests.value_or(1) == 1
            ? SpeedFigures::tr("1 request at a time, %1.").arg(lengths)
            : SpeedFigures::tr("%1 requests at a time, %2.").arg(utf8(grouped(*workload.concurrent_requests)), lengths);
    if (speed.waiting_requests > 0)
        load = SpeedFigures::tr("%1 %2 run, %3 wait.")
                   .arg(load, counted(speed.running_requests), counted(speed.waiting_requests));
    if (asIfItFitted(estimate))
        load = SpeedFigures::tr("%1 It does not fit; the figures are as if it did.").arg(load);
    return load;
}

} // namespace weighbridge
