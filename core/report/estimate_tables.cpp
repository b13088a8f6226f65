#include "core/report/estimate_tables.h"

#include "core/speed/speed.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/quantity/formula.h"
#include "core/report/devices_report.h"
#include "core/report/summary.h"

#include <iterator>
#include <utility>

namespace weighbridge {

namespace {

std::string share_text(Bytes part, Bytes whole)
{
    return percent_text(whole.count == 0 ? 0 : static_cast<double>(part.count) / static_cast<double>(whole.count));
}

void add_terms(Table& table, const std::vector<Term>& terms, Bytes total, ByteUnit unit, int depth)
{
    for (const Term& term : terms) {
        table.rows.push_back(
            {{text_cell(term.id), text_cell(term.label), text_cell(term.label),
              count_cell(term.bytes.count, gib_text(term.bytes, unit)), text_cell(share_text(term.bytes, total)),
              count_cell(term.low.count), count_cell(term.high.count), text_cell(basis_name(term.basis)),
              text_cell(term.formula.symbols), text_cell(term.formula.numbers), text_cell(term.source)},
             depth});
        add_terms(table, term.children, total, unit, depth + 1);
    }
}

bool is_run(const LayerRow& row)
{
    return row.kind == LayerRowKind::layers || row.kind == LayerRowKind::prediction;
}

/// "3–60", "61"; of the total how many layers there are; empty for rows outside the layers.
std::string layer_range(const LayerRow& row)
{
    if (row.kind == LayerRowKind::total)
        return grouped(row.count) + (row.count == 1 ? " layer" : " layers");
    if (!is_run(row))
        return {};
    return row.count == 1 ? grouped(row.first) : grouped(row.first) + "–" + grouped(row.first + row.count - 1);
}

/// "Full attention, dense".
std::string layer_name(const LayerRow& row)
{
    if (row.kind == LayerRowKind::prediction)
        return "Multi-token prediction: " + row.label;
    std::string name = row.label;
    if (is_run(row) && !name.empty() && name[0] >= 'a' && name[0] <= 'z')
        name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

/// Everything about a row, a line each.
std::string layer_remark(const LayerRow& row, ByteUnit unit)
{
    std::string lines = layer_name(row) + (row.shape.empty() ? "" : "\n" + row.shape);
    if (is_run(row) && row.count > 1)
        lines +=
            "\n" + grouped(row.count) + " equal layers of " + grouped(row.parameters / row.count) + " parameters each";
    lines += "\n" + grouped(row.parameters) + " parameters, " + in_fitting_unit(row.weights, unit);
    if (row.weights_averaged)
        lines += "\nOf the weights of all such layers, an even share";
    if (row.kind == LayerRowKind::prediction)
        lines += "\nBeside the total: only speculative decoding uses it";
    return lines;
}

} // namespace

Table terms_table(const std::vector<Term>& terms, Bytes total, ByteUnit unit)
{
    Table table{.id = "terms",
                .columns = {{"id", "", ColumnKind::text, For::programs},
                            {"label", "", ColumnKind::text, For::programs},
                            {"", "Per GPU", ColumnKind::text, For::people},
                            {"bytes", unit_name(unit), ColumnKind::number},
                            {"", "Share", ColumnKind::number, For::people},
                            {"low_bytes", "", ColumnKind::number, For::programs},
                            {"high_bytes", "", ColumnKind::number, For::programs},
                            {"basis", "Basis"},
                            {"formula.symbols", "Formula", ColumnKind::code, For::all, "symbols"},
                            {"formula.numbers", "With numbers", ColumnKind::code, For::all, "numbers"},
                            {"source", "", ColumnKind::text, For::programs}},
                .children = "terms"};
    add_terms(table, terms, total, unit, 0);
    return table;
}

Row total_row(const Estimate& estimate, ByteUnit unit)
{
    return {{text_cell("total"),
             text_cell("Total per GPU"),
             text_cell("Total"),
             count_cell(estimate.total.count, gib_text(estimate.total, unit)),
             text_cell(share_text(estimate.total, estimate.total)),
             count_cell(estimate.low.count),
             count_cell(estimate.high.count),
             {},
             {},
             {},
             {}},
            0,
            Emphasis::sum};
}

std::vector<Table> memory_tables(const Estimate& estimate, ByteUnit unit)
{
    std::vector<Table> tables = {terms_table(estimate.terms, estimate.total, unit)};
    tables.front().rows.push_back(total_row(estimate, unit));
    if (tells_devices(estimate))
        tables.push_back(devices_table(estimate, unit));
    if (!estimate.engine_prints.empty())
        tables.push_back(prints_table(estimate));
    return tables;
}

Table scenario_table(const Estimate& estimate)
{
    Table table{.id = "scenario",
                .columns = {{"key", "Key"}, {"value", "Value"}, {"filled_in", "Filled in", ColumnKind::number}}};
    table.rows.push_back({{text_cell("model"), text_cell(estimate.model->name), flag_cell(false)}});
    for (const ScenarioField& field : scenario_fields())
        if (is_written(estimate.asked, field))
            table.rows.push_back(
                {{text_cell(field.key), text_cell(field_text(estimate.asked, field)), flag_cell(false)}});
        else if (is_filled_in(estimate.asked, estimate.scenario, field))
            table.rows.push_back(
                {{text_cell(field.key), text_cell(field_text(estimate.scenario, field)), flag_cell(true)}});
    return table;
}

Table model_table(const Estimate& estimate)
{
    const Model& model = *estimate.model;
    const auto layers = count_cell(model.architecture.layers());
    return {
        .id = "model",
        .columns = {{"name", "", ColumnKind::text, For::programs, "model"},
                    {"family", "", ColumnKind::text, For::programs},
                    {"parameters.total", "", ColumnKind::number, For::programs, "parameters"},
                    {"parameters.active", "", ColumnKind::number, For::programs, "active_parameters"},
                    {"parameters.multi_token_prediction", "", ColumnKind::number, For::programs,
                     "multi_token_prediction_parameters"},
                    {"parameters.vision", "", ColumnKind::number, For::programs, "vision_parameters"},
                    {"layers", "", ColumnKind::number, For::csv},
                    {"kv_cache.bytes_per_token", "", ColumnKind::number, For::programs},
                    {"kv_cache.fixed_bytes_per_sequence", "", ColumnKind::number, For::programs},
                    {"kv_cache.formula.symbols", "", ColumnKind::code, For::json},
                    {"kv_cache.formula.numbers", "", ColumnKind::code, For::json},
                    {"layers", "", ColumnKind::number, For::json},
                    {"attention", "", ColumnKind::text, For::json},
                    {"max_position_embeddings", "", ColumnKind::number, For::json}},
        .rows = {{{text_cell(model.name), text_cell(model.architecture.family), count_cell(model.parameters.total),
                   count_cell(model.parameters.active), count_cell(model.parameters.multi_token_prediction),
                   count_cell(model.parameters.vision), layers, number_cell(estimate.cache.bytes_per_token),
                   number_cell(estimate.cache.fixed_bytes_per_sequence), text_cell(estimate.cache.formula.symbols),
                   text_cell(estimate.cache.formula.numbers), layers, text_cell(attention_summary(model.architecture)),
                   known_cell(static_cast<double>(model.architecture.max_position_embeddings))}}}};
}

namespace {

/// Why it can't run, would not start or is not known: an object in JSON, or null.
std::vector<Cell> refusal_cells(const std::optional<Refusal>& refusal)
{
    if (!refusal)
        return {unknown_cell(), {}, {}, {}, {}, {}};
    return {{},
            text_cell(refusal->text),
            text_cell(refusal->rule),
            text_cell(refusal->text),
            list_cell({refusal->keys.begin(), refusal->keys.end()}),
            text_cell(refusal->source)};
}

/// The layout that would do: an object in JSON, or null.
std::vector<Cell> layout_cells(const Fit& fit)
{
    if (!fit.layout_needed)
        return {unknown_cell(), {}, {}, {}, {}, {}, {}};
    const LayoutChoice& layout = *fit.layout_needed;
    return {{},
            text_cell(fit.layout_text),
            count_cell(layout.tensor),
            count_cell(layout.pipeline),
            count_cell(layout.replicas),
            count_cell(layout.experts),
            count_cell(layout.spread)};
}

void append(std::vector<Cell>& cells, std::vector<Cell> more)
{
    cells.insert(cells.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
}

} // namespace

/// Of a card on which it can't run there are no figures.
namespace {

/// Known of the machine that was asked about: other cards are judged, not timed.
Cell rate_of(const Estimate& estimate, const Fit& fit)
{
    const bool timed = &fit == &estimate.fit && estimate.speed && estimate.speed->output_tokens_per_second_per_gpu;
    return timed ? number_cell(estimate.speed->output_tokens_per_second_per_gpu->value) : unknown_cell();
}

} // namespace

Table fits_table(const Estimate& estimate)
{
    // A number that is not there is left out of JSON; so is what stands beside it in an object that is null.
    Table table{.id = "fit",
                .columns = {{"accelerator", "", ColumnKind::text, For::programs},
                            {"name", "", ColumnKind::text, For::programs},
                            {"", "Accelerator", ColumnKind::text, For::people, "", "Accelerator, GiB", true},
                            {"capacity_bytes", "", ColumnKind::number, For::programs},
                            {"usable_bytes", "Usable GiB", ColumnKind::number, For::all, "", "Usable"},
                            {"needed_bytes", "", ColumnKind::number, For::programs},
                            {"", "Used", ColumnKind::number, For::people},
                            {"free_bytes", "Free GiB", ColumnKind::number, For::all, "", "Free"},
                            {"fraction", "", ColumnKind::number, For::programs},
                            {"verdict", "", ColumnKind::text, For::programs},
                            {"", "Verdict", ColumnKind::text, For::people},
                            {"gpus_needed", "", ColumnKind::number, For::programs},
                            {"state", "", ColumnKind::text, For::programs},
                            {"refusal", "", ColumnKind::number, For::json},
                            {"refusal", "", ColumnKind::text, For::csv},
                            {"refusal.rule", "", ColumnKind::number, For::json},
                            {"refusal.text", "", ColumnKind::number, For::json},
                            {"refusal.keys", "", ColumnKind::number, For::json},
                            {"refusal.source", "", ColumnKind::number, For::json},
                            {"decided_by", "", ColumnKind::number, For::json},
                            {"layout_needed", "", ColumnKind::number, For::json},
                            {"layout_needed", "", ColumnKind::text, For::csv},
                            {"layout_needed.tensor_parallel", "", ColumnKind::number, For::json},
                            {"layout_needed.pipeline_parallel", "", ColumnKind::number, For::json},
                            {"layout_needed.data_parallel", "", ColumnKind::number, For::json},
                            {"layout_needed.expert_parallel", "", ColumnKind::number, For::json},
                            {"layout_needed.decode_context_parallel_size", "", ColumnKind::number, For::json},
                            {"layouts_tried", "", ColumnKind::number, For::json},
                            {"price_per_hour", "", ColumnKind::number, For::programs},
                            {"output_tokens_per_second_per_gpu", "", ColumnKind::number, For::json},
                            {"chosen", "", ColumnKind::number, For::json}}};
    const auto add = [&](const Fit& fit) {
        const bool known = has_figures(estimate, fit);
        const Fit deciding = does_fit(fit.verdict) ? fit : fit.decisive();
        const std::string none = "—";
        std::vector<Cell> cells = {
            text_cell(fit.accelerator.id),
            text_cell(fit.accelerator.name),
            text_cell(fit.accelerator.card_name()),
            count_cell(fit.capacity.count),
            count_cell(deciding.usable.count, in_unit_bare(deciding.usable, ByteUnit::gib)),
            known ? count_cell(deciding.needed.count) : unknown_cell(),
            text_cell(known ? percent_text(deciding.fraction) : none),
            known ? count_cell(deciding.free_bytes, in_unit_bare({deciding.free_bytes}, ByteUnit::gib))
                  : unknown_cell(none),
            known ? number_cell(deciding.fraction) : unknown_cell(),
            text_or_unknown(verdict_name(fit.verdict)),
            text_cell(fit_text(fit)),
            fit.gpus_needed ? count_cell(*fit.gpus_needed) : unknown_cell(),
            text_cell(state_name(fit.verdict))};
        append(cells, refusal_cells(fit.refusal));
        cells.push_back(fit.decided_by_device ? count_cell(*fit.decided_by_device) : text_or_unknown(fit.decided_by));
        append(cells, layout_cells(fit));
        cells.push_back(list_cell({fit.layouts_tried.begin(), fit.layouts_tried.end()}));
        cells.push_back(fit.price_per_hour ? number_cell(*fit.price_per_hour) : unknown_cell());
        cells.push_back(rate_of(estimate, fit));
        cells.push_back(flag_cell(&fit == &estimate.fit));
        table.rows.push_back({std::move(cells)});
    };
    add(estimate.fit);
    for (const Fit& card : estimate.cards)
        if (card.accelerator.id != estimate.fit.accelerator.id)
            add(card);
    return table;
}

Table prints_table(const Estimate& estimate)
{
    Table table{.id = "engine_prints",
                .columns = {{"engine_print", "", ColumnKind::text, For::programs},
                            {"label", prints_heading(estimate)},
                            {"value", "", ColumnKind::number}}};
    for (const EnginePrint& print : estimate.engine_prints)
        table.rows.push_back(
            {{text_cell(print.id), text_cell(print.label),
              print.text.empty() ? number_cell(print.value, print_text(print)) : text_cell(print.text)}});
    return table;
}

namespace {

Cell room_cell(const Capacity& capacity, std::int64_t count)
{
    return capacity.searched ? count_cell(count) : unknown_cell();
}

} // namespace

Table capacity_table(const Capacity& capacity)
{
    return {.id = "capacity",
            .columns = {{"max_concurrent_sequences", "", ColumnKind::number, For::programs},
                        {"max_sequence_length", "", ColumnKind::number, For::programs},
                        {"kv_tokens", "", ColumnKind::number, For::programs}},
            .rows = {{{room_cell(capacity, capacity.max_concurrent_sequences),
                       room_cell(capacity, capacity.max_sequence_length), room_cell(capacity, capacity.kv_tokens)}}}};
}

Table training_room_table(const Capacity& capacity)
{
    const TrainingRoom room = capacity.step.value_or(TrainingRoom{});
    const auto cell = [](const std::optional<std::int64_t>& count) {
        return count ? count_cell(*count) : unknown_cell();
    };
    return {.id = "training_room",
            .columns = {{"max_sequence_length", "", ColumnKind::number, For::programs},
                        {"max_micro_batch_size", "", ColumnKind::number, For::programs},
                        {"max_lora_rank", "", ColumnKind::number, For::programs},
                        {"fewest_gpus", "", ColumnKind::number, For::programs}},
            .rows = {{{cell(room.max_sequence_length), cell(room.max_micro_batch_size), cell(room.max_lora_rank),
                       cell(room.fewest_gpus)}}}};
}

Table pool_table(const Capacity& capacity)
{
    return {.id = "pool",
            .columns = {{"kv_tokens_all", "", ColumnKind::number, For::programs},
                        {"pool_bytes", "", ColumnKind::number, For::programs},
                        {"limited_by", "", ColumnKind::text, For::programs}},
            .rows = {{{room_cell(capacity, capacity.kv_tokens_all), room_cell(capacity, capacity.pool_bytes.count),
                       capacity.searched ? text_cell(limit_name(capacity.limited_by)) : unknown_cell()}}}};
}

Table layers_table(const Estimate& estimate, ByteUnit unit)
{
    Table table{.id = "layers",
                .columns = {{"part", "", ColumnKind::text, For::programs},
                            {"first_layer", "", ColumnKind::number, For::programs},
                            {"layers", "", ColumnKind::number, For::programs},
                            {.heading = "Layers", .who = For::people, .whole = true},
                            {"label", "", ColumnKind::text, For::programs},
                            {"", "What they are", ColumnKind::text, For::people},
                            {.id = "shape", .heading = "Sizes", .spare = 1},
                            {"parameters", "Parameters", ColumnKind::number},
                            {"weight_bytes", "Weights, " + unit_name(unit), ColumnKind::number},
                            {"weights_averaged", "", ColumnKind::number, For::programs},
                            {"kv_cache.bytes_per_token", "Cache per token, B", ColumnKind::number},
                            {"kv_cache.fixed_bytes_per_sequence", "per sequence, B", ColumnKind::number}}};
    for (const LayerRow& row : estimate.layers) {
        const bool total = row.kind == LayerRowKind::total;
        const bool cached = is_run(row) || total; // elsewhere a cache makes no sense; "0" where a layer keeps none
        table.rows.push_back(
            {{text_cell(layer_row_name(row.kind)), is_run(row) ? count_cell(row.first) : Cell{},
              row.count > 0 ? count_cell(row.count) : Cell{}, text_cell(layer_range(row)), text_cell(row.label),
              text_cell(layer_name(row), layer_remark(row, unit)), text_cell(row.shape),
              count_cell(row.parameters, grouped(row.parameters)),
              count_cell(row.weights.count, (row.weights_averaged ? "≈ " : "") + in_unit_bare(row.weights, unit)),
              flag_cell(row.weights_averaged),
              number_cell(row.cache_per_token, cached ? formula_number(row.cache_per_token) : ""),
              number_cell(row.cache_per_sequence, cached ? formula_number(row.cache_per_sequence) : "")},
             0,
             total                                  ? Emphasis::strong
             : row.kind == LayerRowKind::prediction ? Emphasis::quiet
                                                    : Emphasis::plain});
    }
    return table;
}

Table operations_table(std::span<const Roofline> rooflines)
{
    Table table{.id = "operations",
                .columns = {{"phase", "", ColumnKind::text, For::csv},
                            {"layer", "", ColumnKind::text, For::csv},
                            {"layers", "", ColumnKind::number, For::csv},
                            {"id", "", ColumnKind::text, For::programs, "operation"},
                            {"label", "Operation, per layer and GPU"},
                            {"flops", "FLOPs", ColumnKind::number},
                            {"bytes", "Bytes", ColumnKind::number},
                            {"weight_bytes", "", ColumnKind::number, For::programs},
                            {"cache_bytes", "", ColumnKind::number, For::programs},
                            {"activation_bytes", "", ColumnKind::number, For::programs},
                            {"intensity", "FLOP/B", ColumnKind::number, For::all, "flops_per_byte"},
                            {"ridge_flops_per_byte", "", ColumnKind::number, For::csv},
                            {"bound", "Bound by"},
                            {"ridge_flops_per_byte", "", ColumnKind::number, For::json},
                            {"attainable_flops_per_second", "", ColumnKind::number, For::json},
                            {"flops_formula.symbols", "", ColumnKind::code, For::programs, "flops_formula"},
                            {"flops_formula.numbers", "", ColumnKind::code, For::programs, "flops_numbers"},
                            {"bytes_formula.symbols", "", ColumnKind::code, For::programs, "bytes_formula"},
                            {"bytes_formula.numbers", "", ColumnKind::code, For::programs, "bytes_numbers"}}};
    for (const Roofline& roofline : rooflines)
        for (const RooflineRow& row : roofline.rows) {
            const Operation& operation = row.operation;
            table.rows.push_back(
                {{text_cell(phase_name(roofline.phase)), text_cell(roofline.layer_label), count_cell(roofline.layers),
                  text_cell(operation.id), text_cell(operation.label),
                  number_cell(operation.flops, si_text(operation.flops)),
                  number_cell(operation.bytes(), traffic_text(operation.bytes())), number_cell(operation.weight_bytes),
                  number_cell(operation.cache_bytes), number_cell(operation.activation_bytes),
                  number_cell(operation.intensity(), si_text(operation.intensity())), known_cell(row.ridge),
                  text_cell(bound_name(row.bound)), known_cell(row.ridge), known_cell(row.attainable_flops),
                  text_cell(operation.flops_formula.symbols), text_cell(operation.flops_formula.numbers),
                  text_cell(operation.bytes_formula.symbols), text_cell(operation.bytes_formula.numbers)}});
        }
    return table;
}

Table warnings_table(const Estimate& estimate)
{
    Table table{.id = "warnings", .columns = {{"field", "Field"}, {"severity", "Severity"}, {"message", "Message"}}};
    for (const Issue& issue : estimate.issues)
        table.rows.push_back(
            {{text_cell(issue.field), text_cell(severity_name(issue.severity)), text_cell(issue.message)}});
    return table;
}

} // namespace weighbridge
