#include "core/answers/training_tables.h"

#include "core/answers/serving.h"
#include "core/estimate/estimate.h"
#include "core/estimate/training_room.h"
#include "core/quantity/display.h"
#include "core/quantity/limits.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// The values asked for and the scenario's own, each once, in order.
Result<std::vector<std::int64_t>> values_of(std::vector<std::int64_t> values, std::int64_t own, std::int64_t most,
                                            const std::string& field)
{
    for (const std::int64_t value : values)
        if (value < 1 || value > most)
            return Error{field, field + " is " + grouped(value) + "; it must be from 1 to " + grouped(most)};
    values.push_back(own);
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

TrainingRow row_of(const Question& question, const Accelerator& accelerator, Bytes usable)
{
    const TrainingChoice& choice = *question.scenario.training();
    TrainingRow row{.tokens = choice.sequence_length,
                    .sequences = choice.micro_batch_size,
                    .accelerator = accelerator.id,
                    .name = accelerator.name,
                    .usable = usable};
    row.room = TrainingSearch(question).room(usable);
    return row;
}

} // namespace

Result<TrainingTablesPointer> training_tables(const Estimate& estimate, const ServingRange& range)
{
    Question question = question_of(estimate);
    TrainingChoice& choice = question.scenario.task == "train" ? question.scenario.train : question.scenario.fine_tune;
    const TrainingChoice own = choice;
    const auto lengths = values_of(range.lengths, own.sequence_length, most_tokens, "sequence_length");
    if (!lengths)
        return lengths.error();
    const auto batches = values_of(range.concurrencies, own.micro_batch_size, most_sequences, "micro_batch_size");
    if (!batches)
        return batches.error();
    auto tables = std::make_shared<TrainingTables>();
    if (own.book_rules)
        return TrainingTablesPointer(std::move(tables)); // the appendix's sum knows no ranks
    const Fit& fit = estimate.fit;
    for (const std::int64_t tokens : *lengths) {
        choice.sequence_length = tokens;
        if (own.average_length)
            choice.average_length = std::min(*own.average_length, tokens);
        tables->by_length.push_back(row_of(question, fit.accelerator, fit.usable));
    }
    choice = own;
    for (const std::int64_t sequences : *batches) {
        choice.micro_batch_size = sequences;
        tables->by_batch.push_back(row_of(question, fit.accelerator, fit.usable));
    }
    choice = own;
    tables->by_accelerator.push_back(row_of(question, fit.accelerator, fit.usable));
    for (const Fit& card : estimate.cards) {
        if (card.accelerator.id == fit.accelerator.id)
            continue;
        question.accelerator = card.accelerator;
        tables->by_accelerator.push_back(row_of(question, card.accelerator, card.usable));
    }
    return TrainingTablesPointer(std::move(tables));
}

} // namespace weighbridge
