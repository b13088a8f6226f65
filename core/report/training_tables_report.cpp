#include "core/report/answers_report.h"
#include "core/report/summary.h"

#include "core/quantity/display.h"

namespace weighbridge {

namespace {

Cell room_or_none(const std::optional<std::int64_t>& count)
{
    return count ? count_cell(*count, grouped(*count)) : unknown_cell("none");
}

void add_room(Row& row, const TrainingRoom& room, bool length, bool batch)
{
    if (length)
        row.cells.push_back(room_or_none(room.max_sequence_length));
    if (batch)
        row.cells.push_back(room_or_none(room.max_micro_batch_size));
    row.cells.push_back(room_or_none(room.max_lora_rank));
    row.cells.push_back(room_or_none(room.fewest_gpus));
}

void add_columns(Table& table, bool length, bool batch)
{
    if (length)
        table.columns.push_back({"max_sequence_length", "Longest sequence", ColumnKind::number});
    if (batch)
        table.columns.push_back({"max_micro_batch_size", "Micro batch", ColumnKind::number});
    table.columns.push_back({"max_lora_rank", "Rank", ColumnKind::number});
    table.columns.push_back({"fewest_gpus", "GPUs", ColumnKind::number});
}

} // namespace

std::vector<Table> training_tables_of(const TrainingTables& tables)
{
    Table lengths{.id = "by_length", .columns = {{"sequence_length", "Tokens per sequence", ColumnKind::number}}};
    add_columns(lengths, false, true);
    for (const TrainingRow& row : tables.by_length) {
        Row cells{{count_cell(row.tokens, grouped(row.tokens))}};
        add_room(cells, row.room, false, true);
        lengths.rows.push_back(std::move(cells));
    }
    Table batches{.id = "by_batch", .columns = {{"micro_batch_size", "Sequences per batch", ColumnKind::number}}};
    add_columns(batches, true, false);
    for (const TrainingRow& row : tables.by_batch) {
        Row cells{{count_cell(row.sequences, grouped(row.sequences))}};
        add_room(cells, row.room, true, false);
        batches.rows.push_back(std::move(cells));
    }
    Table cards{.id = "by_accelerator",
                .columns = {{"accelerator", "", ColumnKind::text, For::programs, "training_line"},
                            {"name", "Accelerator", ColumnKind::text},
                            {"usable_bytes", "Usable, GiB", ColumnKind::number}}};
    add_columns(cards, true, true);
    for (const TrainingRow& row : tables.by_accelerator) {
        Row cells{
            {text_cell(row.accelerator), text_cell(row.name), count_cell(row.usable.count, gib_text(row.usable))}};
        add_room(cells, row.room, true, true);
        cards.rows.push_back(std::move(cells));
    }
    return {std::move(lengths), std::move(batches), std::move(cards)};
}

} // namespace weighbridge
