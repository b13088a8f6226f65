#include "core/report/csv.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/report/answers_report.h"
#include "core/report/csv_table.h"
#include "core/report/fits.h"

namespace weighbridge {

namespace {

using csv::Cell;
using csv::count;
using csv::number;
using csv::Table;
using csv::text;

/// Empty where 0 means that nobody knows.
Cell known_cell(double value)
{
    return value > 0 ? number(value) : Cell{};
}

void add_terms(Table& table, const std::vector<Term>& terms)
{
    for (const Term& term : terms) {
        table.row({text(term.id), text(term.label), count(term.bytes.count), count(term.low.count),
                   count(term.high.count), text(basis_name(term.basis)), text(term.formula.symbols),
                   text(term.formula.numbers), text(term.source)});
        add_terms(table, term.children);
    }
}

void add_memory(Table& table, const Estimate& estimate)
{
    table.section({"id", "label", "bytes", "low_bytes", "high_bytes", "basis", "symbols", "numbers", "source"});
    add_terms(table, estimate.terms);
    table.row({text("total"), text("Total per GPU"), count(estimate.total.count), count(estimate.low.count),
               count(estimate.high.count), text(""), text(""), text(""), text("")});
}

void add_scenario(Table& table, const Estimate& estimate)
{
    table.section({"key", "value"});
    table.row({text("model"), text(estimate.model->name)});
    for (const ScenarioField& field : scenario_fields())
        if (is_written(estimate.scenario, field))
            table.row({text(field.key), text(field_text(estimate.scenario, field))});
}

void add_model(Table& table, const Estimate& estimate)
{
    const Model& model = *estimate.model;
    table.section({"model", "family", "parameters", "active_parameters", "multi_token_prediction_parameters",
                   "vision_parameters", "layers", "kv_cache_bytes_per_token", "kv_cache_fixed_bytes_per_sequence"});
    table.row({text(model.name), text(model.architecture.family), count(model.parameters.total),
               count(model.parameters.active), count(model.parameters.multi_token_prediction),
               count(model.parameters.vision), count(model.architecture.layers()),
               number(estimate.cache.bytes_per_token), number(estimate.cache.fixed_bytes_per_sequence)});
}

void add_fits(Table& table, const Estimate& estimate)
{
    table.section({"accelerator", "name", "capacity_bytes", "usable_bytes", "needed_bytes", "free_bytes", "fraction",
                   "verdict", "gpus_needed"});
    for (const Fit* fit : all_fits(estimate))
        table.row({text(fit->accelerator.id), text(fit->accelerator.name), count(fit->capacity.count),
                   count(fit->usable.count), count(fit->needed.count), count(fit->free_bytes), number(fit->fraction),
                   text(verdict_name(fit->verdict)), fit->gpus_needed ? count(*fit->gpus_needed) : Cell{}});
}

void add_capacity(Table& table, const Capacity& capacity)
{
    table.section({"max_concurrent_sequences", "max_sequence_length", "kv_tokens"});
    table.row(
        {count(capacity.max_concurrent_sequences), count(capacity.max_sequence_length), count(capacity.kv_tokens)});
}

void add_prints(Table& table, const Estimate& estimate)
{
    if (estimate.engine_prints.empty())
        return;
    table.section({"engine_print", "label", "value"});
    for (const EnginePrint& print : estimate.engine_prints)
        table.row({text(print.id), text(print.label), number(print.value)});
}

void add_layers(Table& table, const Estimate& estimate)
{
    table.section({"part", "first_layer", "layers", "label", "shape", "parameters", "weight_bytes", "weights_averaged",
                   "kv_cache_bytes_per_token", "kv_cache_fixed_bytes_per_sequence"});
    for (const LayerRow& row : estimate.layers) {
        const bool run = row.kind == LayerRowKind::layers || row.kind == LayerRowKind::prediction;
        table.row({text(layer_row_name(row.kind)), run ? count(row.first) : Cell{},
                   row.count > 0 ? count(row.count) : Cell{}, text(row.label), text(row.shape), count(row.parameters),
                   count(row.weights.count), text(row.weights_averaged ? "true" : "false"), number(row.cache_per_token),
                   number(row.cache_per_sequence)});
    }
}

void add_roofline(Table& table, const Estimate& estimate)
{
    table.section({"phase", "layer", "layers", "operation", "label", "flops", "bytes", "weight_bytes", "cache_bytes",
                   "activation_bytes", "flops_per_byte", "ridge_flops_per_byte", "bound", "flops_formula",
                   "flops_numbers", "bytes_formula", "bytes_numbers"});
    for (const Roofline& roofline : estimate.rooflines)
        for (const RooflineRow& row : roofline.rows) {
            const Operation& operation = row.operation;
            table.row({text(phase_name(roofline.phase)), text(roofline.layer_label), count(roofline.layers),
                       text(operation.id), text(operation.label), number(operation.flops), number(operation.bytes()),
                       number(operation.weight_bytes), number(operation.cache_bytes),
                       number(operation.activation_bytes), number(operation.intensity()), known_cell(row.ridge),
                       text(bound_name(row.bound)), text(operation.flops_formula.symbols),
                       text(operation.flops_formula.numbers), text(operation.bytes_formula.symbols),
                       text(operation.bytes_formula.numbers)});
        }
}

void add_training(Table& table, const TrainingMemory& memory)
{
    table.section(
        {"stage", "layers", "micro_batches_in_flight", "moment", "id", "label", "bytes", "symbols", "numbers"});
    for (const TrainingStage& stage : memory.stages)
        for (const Moment& moment : stage.moments) {
            const auto row = [&](std::string_view id, std::string_view label, Bytes bytes, const Formula& formula) {
                table.row({count(stage.stage), count(stage.layers), number(stage.in_flight), text(moment.id), text(id),
                           text(label), count(bytes.count), text(formula.symbols), text(formula.numbers)});
            };
            for (const Term& term : moment.terms)
                row(term.id, term.label, term.bytes, term.formula);
            row("total", moment.label, moment.total, {});
        }
    table.section(
        {"fullest_stage", "peak_moment", "allocated_bytes", "reserved_bytes", "trained_parameters", "flops_per_step"});
    table.row({count(memory.stage().stage), text(memory.peak().id), count(memory.allocated.count),
               count(memory.reserved.count), number(memory.trained_parameters), number(memory.flops_per_step)});
}

void add_warnings(Table& table, const Estimate& estimate)
{
    if (estimate.issues.empty())
        return;
    table.section({"field", "severity", "message"});
    for (const Issue& issue : estimate.issues)
        table.row(
            {text(issue.field), text(issue.severity == Severity::note ? "note" : "warning"), text(issue.message)});
}

} // namespace

std::string to_csv(const Estimate& estimate)
{
    Table table;
    add_memory(table, estimate);
    add_scenario(table, estimate);
    add_model(table, estimate);
    add_fits(table, estimate);
    add_prints(table, estimate);
    if (estimate.training)
        add_training(table, *estimate.training);
    else
        add_capacity(table, estimate.capacity);
    if (estimate.recommendations)
        add_recommendations(table, *estimate.recommendations);
    if (estimate.serving)
        add_serving(table, *estimate.serving);
    if (estimate.savings)
        add_savings(table, *estimate.savings);
    add_layers(table, estimate);
    add_roofline(table, estimate);
    add_warnings(table, estimate);
    return std::move(table).take();
}

} // namespace weighbridge
