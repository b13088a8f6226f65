#include "ui/views/headline_tiles.h"

#include "core/price/cost.h"
#include "core/quantity/display.h"
#include "core/report/cost_report.h"
#include "core/report/speed_report.h"
#include "ui/theme/readable.h"
#include "ui/theme/text.h"
#include "ui/views/speed_figures.h"

#include <QCoreApplication>

#include <optional>

namespace weighbridge {

namespace {

using namespace Qt::StringLiterals;

struct HeadlineTiles
{
    Q_DECLARE_TR_FUNCTIONS(HeadlineTiles)
};

/// A length or a number of requests; 0: not even one fits.
FigureTile roomTile(const QString& title, std::int64_t count, const QString& condition, const QString& tip)
{
    FigureTile tile{.title = title,
                    .value = count > 0 ? utf8(grouped(count)) : HeadlineTiles::tr("none"),
                    .range = condition,
                    .toolTip = tip};
    tile.miss = count == 0;
    tile.page = u"capacity"_s;
    return tile;
}

FigureTile lengthTile(const QString& title, const Estimate& estimate, std::int64_t longest, const QString& condition)
{
    FigureTile tile =
        roomTile(title, longest, condition, HeadlineTiles::tr("The longest that the memory holds, %1").arg(condition));
    const std::int64_t trained = estimate.model->architecture.max_position_embeddings;
    if (trained > 0 && longest > trained) {
        tile.value += u'*';
        tile.toolTip =
            HeadlineTiles::tr("%1. The model is made for %2 tokens").arg(tile.toolTip, utf8(grouped(trained)));
    }
    return tile;
}

void addInference(std::vector<FigureTile>& tiles, const Estimate& estimate)
{
    const InferenceChoice& inference = estimate.scenario.inference;
    const QString requests = inference.concurrent_sequences == 1
                                 ? HeadlineTiles::tr("at 1 request")
                                 : HeadlineTiles::tr("at %1").arg(utf8(grouped(inference.concurrent_sequences)));
    tiles.push_back(
        lengthTile(HeadlineTiles::tr("Longest context"), estimate, estimate.capacity.max_sequence_length, requests));
    const QString tokens = HeadlineTiles::tr("at %1").arg(utf8(grouped(inference.tokens())));
    tiles.push_back(roomTile(HeadlineTiles::tr("Most requests"), estimate.capacity.max_concurrent_sequences, tokens,
                             HeadlineTiles::tr("At a time, each of %1 tokens").arg(utf8(grouped(inference.tokens())))));
}

void addTraining(std::vector<FigureTile>& tiles, const Estimate& estimate)
{
    const TrainingRoom room = estimate.capacity.step.value_or(TrainingRoom{});
    const TrainingChoice& choice = *estimate.scenario.training();
    tiles.push_back(lengthTile(HeadlineTiles::tr("Longest sequence"), estimate, room.max_sequence_length.value_or(0),
                               HeadlineTiles::tr("at %1 per GPU").arg(utf8(grouped(choice.micro_batch_size)))));
    tiles.push_back(roomTile(HeadlineTiles::tr("Largest micro batch"), room.max_micro_batch_size.value_or(0),
                             HeadlineTiles::tr("at %1").arg(utf8(grouped(choice.sequence_length))),
                             HeadlineTiles::tr("Sequences of %1 tokens per GPU in one micro batch")
                                 .arg(utf8(grouped(choice.sequence_length)))));
}

QString amount(double value)
{
    return utf8(rate_text(value));
}

FigureTile costTile(const Price& price, const std::optional<CostFigure>& figure, const QString& of)
{
    FigureTile tile{
        .title = HeadlineTiles::tr("Cost, %1").arg(utf8(price.hour.currency)), .value = {}, .range = {}, .toolTip = {}};
    tile.value = figure ? amount(figure->value) : amount(price.per_hour);
    tile.range = figure ? HeadlineTiles::tr("%1 – %2 %3").arg(amount(figure->low), amount(figure->high), of)
                        : HeadlineTiles::tr("an hour");
    return tile;
}

/// Per million tokens of prompts and answers together, of training per run where its length is known; else an hour.
void addCost(std::vector<FigureTile>& tiles, const Estimate& estimate)
{
    if (!estimate.cost || !estimate.cost->price)
        return;
    const Price& price = *estimate.cost->price;
    tiles.push_back(estimate.training ? costTile(price, price.per_run, HeadlineTiles::tr("the run"))
                                      : costTile(price, price.per_million_tokens, HeadlineTiles::tr("per 1M tokens")));
    tiles.back().toolTip = utf8(price_line(*estimate.cost));
}

} // namespace

std::vector<FigureTile> headlineTiles(const ViewState& state)
{
    std::vector<FigureTile> tiles;
    if (!state.estimate)
        return tiles;
    const Estimate& estimate = *state.estimate;
    estimate.training ? addTraining(tiles, estimate) : addInference(tiles, estimate);
    for (FigureTile& tile : headlineSpeed(estimate))
        tiles.push_back(std::move(tile));
    addCost(tiles, estimate);
    if (estimate.host) {
        FigureTile host{.title = HeadlineTiles::tr("Host memory"),
                        .value = utf8(in_unit(estimate.host->total, state.unit, 1)),
                        .range = {},
                        .toolTip = HeadlineTiles::tr("What lies in the memory of the machine beside the GPUs")};
        host.page = u"memory"_s;
        tiles.push_back(std::move(host));
    }
    return tiles;
}

} // namespace weighbridge
