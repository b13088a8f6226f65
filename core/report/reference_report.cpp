#include "core/report/reference_report.h"

#include <functional>
#include <set>

namespace weighbridge {

namespace {

/// Makes the cells of one report: the unit is the same everywhere.
class Cells
{
public:
    Cells(const ReferenceTables& tables, ByteUnit unit) : tables_(tables), unit_(unit) {}

    std::string heading(const std::string& what) const { return what + ", " + unit_name(unit_); }

    Cell bytes(Bytes amount, int decimals = 1) const
    {
        return count_cell(amount.count, in_unit_bare(amount, unit_, decimals));
    }

    Cell of(const ReferenceAmount& amount, Bytes part) const
    {
        return amount.refusal.empty() ? bytes(part) : empty_cell(amount.refusal);
    }

    /// Sorted by the configuration's memory.
    Cell smallest(const ReferenceAmount& amount) const
    {
        if (!amount.refusal.empty())
            return empty_cell(amount.refusal);
        if (!amount.smallest)
            return text_cell("none of the 15");
        const Configuration& configuration = (*tables_.configurations)[*amount.smallest];
        return {configuration.name, configuration.memory(), {}};
    }

    static Cell name(const ReferenceRow& row) { return text_cell(row.model->name); }

    static Cell parameters(const ReferenceRow& row)
    {
        const std::int64_t total = row.model->parameters.total;
        return count_cell(total, parameters_text(total));
    }

private:
    const ReferenceTables& tables_;
    ByteUnit unit_;
};

/// "8", "8/4" where kinds of layers differ; "—" where no layer keeps keys per head.
Cell kv_heads_cell(const Model& model)
{
    std::set<std::int64_t, std::greater<>> heads;
    for (const CacheRun& run : model.cache)
        if (run.kv_heads > 0 && run.kind != CacheKind::compressed && run.kind != CacheKind::state)
            heads.insert(run.kv_heads);
    if (heads.empty())
        return empty_cell();
    if (heads.size() == 1)
        return count_cell(*heads.begin(), grouped(*heads.begin()));
    std::string text;
    for (const std::int64_t count : heads)
        text += (text.empty() ? "" : "/") + grouped(count);
    return text_cell(text);
}

/// Which models are not made for so many tokens; empty where all are. Of many the first three.
std::string not_made_for(const ReferenceTables& tables, std::int64_t tokens)
{
    std::string names;
    std::size_t shorter = 0;
    for (const ReferenceRow& row : tables.rows) {
        const std::int64_t trained = row.model->architecture.max_position_embeddings;
        if (trained > 0 && trained < tokens && ++shorter <= 3)
            names += (names.empty() ? "" : ", ") + row.model->name + " (" + grouped(trained) + ")";
    }
    if (shorter > 3)
        names += " and " + grouped(static_cast<std::int64_t>(shorter) - 3) + " more";
    return names.empty() ? "" : ". Made for fewer tokens: " + names;
}

Table inference_table(const ReferenceTables& tables, const Cells& cells)
{
    const bool book = tables.choice.book_rules;
    Table table;
    table.id = "inference";
    table.title = "Inference, one request of " + grouped(tables.choice.context) + " tokens";
    table.note = book ? "Weights at 2, 1 and 0.5 bytes a parameter, 15 % of them for everything else, 16-bit KV cache"
                      : "Weights in bf16, fp8 and 4-bit GPTQ with their scales, 16-bit KV cache, activations, context; "
                        "no engine";
    table.note += not_made_for(tables, tables.choice.context);
    table.columns = {{"model", "Model"},
                     {"parameters", "Parameters", ColumnKind::number},
                     {"bf16_bytes", cells.heading("BF16"), ColumnKind::number},
                     {"int8_bytes", cells.heading("FP8/INT8"), ColumnKind::number},
                     {"int4_bytes", cells.heading("INT4"), ColumnKind::number},
                     {"bf16_smallest", "Smallest, BF16"},
                     {"int4_smallest", "Smallest, INT4"}};
    for (const ReferenceRow& row : tables.rows)
        table.rows.push_back(
            {{Cells::name(row), Cells::parameters(row), cells.of(row.inference[0], row.inference[0].total),
              cells.of(row.inference[1], row.inference[1].total), cells.of(row.inference[2], row.inference[2].total),
              cells.smallest(row.inference[0]), cells.smallest(row.inference[2])}});
    return table;
}

Table cache_table(const ReferenceTables& tables, const Cells& cells)
{
    Table table;
    table.id = "kv_cache";
    table.title = "KV cache, one request";
    table.note = "In 16 bits, of the whole model; per token beyond every window";
    table.columns = {{"model", "Model"},
                     {"layers", "Layers", ColumnKind::number},
                     {"kv_heads", "KV heads", ColumnKind::number},
                     {"per_token_bytes", "Per token, KiB", ColumnKind::number},
                     {"cache_8k_bytes", cells.heading("8K"), ColumnKind::number},
                     {"cache_32k_bytes", cells.heading("32K"), ColumnKind::number},
                     {"cache_128k_bytes", cells.heading("128K"), ColumnKind::number}};
    constexpr double kibi = 1024;
    for (const ReferenceRow& row : tables.rows) {
        const std::int64_t layers = row.model->architecture.layers();
        table.rows.push_back(
            {{Cells::name(row), count_cell(layers, grouped(layers)), kv_heads_cell(*row.model),
              number_cell(row.cache_per_token, decimal_text(row.cache_per_token / kibi, 1)),
              cells.bytes(row.cache[0], 2), cells.bytes(row.cache[1], 2), cells.bytes(row.cache[2], 2)}});
    }
    return table;
}

Table training_table(const ReferenceTables& tables, const Cells& cells)
{
    const std::string length = grouped(tables.choice.training_length);
    Table table;
    table.id = "training";
    table.title = "Training every parameter, AdamW, one sequence of " + length + " tokens";
    table.note =
        tables.choice.book_rules
            ? "16 bytes a parameter, activations 34·h·s·L·2·b × 0.35 up to a cap; the memory of all GPUs is one"
            : "On one GPU that is large enough: bf16 with fp32 master weights, full recomputation. The total is "
              "the largest moment, not the sum; the smallest configuration shards everything (FSDP)";
    table.columns = {{"model", "Model"},
                     {"states_bytes", cells.heading("Weights, gradients, optimizer"), ColumnKind::number},
                     {"activations_bytes", cells.heading("Activations"), ColumnKind::number},
                     {"training_bytes", cells.heading("Total"), ColumnKind::number},
                     {"training_smallest", "Smallest"}};
    for (const ReferenceRow& row : tables.rows) {
        const ReferenceAmount& amount = row.training;
        table.rows.push_back({{Cells::name(row), cells.of(amount, amount.states), cells.of(amount, amount.activations),
                               cells.of(amount, amount.total), cells.smallest(amount)}});
    }
    return table;
}

Table lora_table(const ReferenceTables& tables, const Cells& cells)
{
    Table table;
    table.id = "lora";
    table.title = "LoRA and QLoRA, one sequence of " + grouped(tables.choice.training_length) + " tokens";
    table.note = tables.choice.book_rules
                     ? "Adapters are " + percent_text(tables.choice.lora_fraction) +
                           " of the parameters at 12 bytes, the base at 2 and 0.5; activations as in training"
                     : "Rank 16 on every linear layer, AdamW, full recomputation; base in bf16, of QLoRA in NF4";
    table.columns = {{"model", "Model"},
                     {"lora_bytes", cells.heading("LoRA"), ColumnKind::number},
                     {"qlora_bytes", cells.heading("QLoRA"), ColumnKind::number},
                     {"lora_smallest", "Smallest, LoRA"},
                     {"qlora_smallest", "Smallest, QLoRA"}};
    for (const ReferenceRow& row : tables.rows)
        table.rows.push_back(
            {{Cells::name(row), cells.of(row.lora, row.lora.total), cells.of(row.qlora, row.qlora.total),
              cells.smallest(row.lora), cells.smallest(row.qlora)}});
    return table;
}

} // namespace

std::vector<Table> reference_report(const ReferenceTables& tables, ByteUnit unit)
{
    const Cells cells(tables, unit);
    return {inference_table(tables, cells), cache_table(tables, cells), training_table(tables, cells),
            lora_table(tables, cells)};
}

} // namespace weighbridge
