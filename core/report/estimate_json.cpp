#include "core/report/estimate_json.h"

#include "core/fields/scenario_json.h"
#include "core/report/answers_report.h"
#include "core/report/fits.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

/// Whole numbers as such; null for what is no number.
ordered_json json_number(double value)
{
    if (!std::isfinite(value))
        return nullptr;
    if (std::floor(value) == value && std::abs(value) <= largest_exact)
        return static_cast<std::int64_t>(value);
    return value;
}

/// For figures whose 0 means that nobody knows.
ordered_json known_json(double value)
{
    return value > 0 ? json_number(value) : ordered_json();
}

template<class T>
ordered_json optional(const std::optional<T>& value)
{
    return value ? ordered_json(*value) : ordered_json();
}

std::string_view severity_name(Severity severity)
{
    switch (severity) {
    case Severity::note:
        return "note";
    case Severity::warning:
        return "warning";
    case Severity::error:
        return "error";
    }
    return "error";
}

/// The scenario as used: what it leaves to the hardware is filled in.
ordered_json scenario_json(const Estimate& estimate)
{
    Scenario scenario = estimate.scenario;
    if (!scenario.hardware.count)
        scenario.hardware.count = estimate.gpus;
    if (!scenario.hardware.usable_fraction)
        scenario.hardware.usable_fraction = default_usable_fraction(estimate.accelerator);
    return write_scenario(scenario);
}

ordered_json formula_json(const Formula& formula)
{
    return {{"symbols", formula.symbols}, {"numbers", formula.numbers}};
}

ordered_json model_json(const Estimate& estimate)
{
    const Model& model = *estimate.model;
    ordered_json json;
    json["name"] = model.name;
    json["family"] = model.architecture.family;
    json["parameters"] = {{"total", model.parameters.total},
                          {"active", model.parameters.active},
                          {"multi_token_prediction", model.parameters.multi_token_prediction},
                          {"vision", model.parameters.vision}};
    json["kv_cache"] = {{"bytes_per_token", json_number(estimate.cache.bytes_per_token)},
                        {"fixed_bytes_per_sequence", json_number(estimate.cache.fixed_bytes_per_sequence)},
                        {"formula", formula_json(estimate.cache.formula)}};
    json["layers"] = model.architecture.layers();
    json["attention"] = attention_summary(model.architecture);
    json["max_position_embeddings"] = known_json(static_cast<double>(model.architecture.max_position_embeddings));
    return json;
}

ordered_json terms_json(const std::vector<Term>& terms)
{
    ordered_json list = ordered_json::array();
    for (const Term& term : terms) {
        ordered_json json;
        json["id"] = term.id;
        json["label"] = term.label;
        json["bytes"] = term.bytes.count;
        json["low_bytes"] = term.low.count;
        json["high_bytes"] = term.high.count;
        json["basis"] = basis_name(term.basis);
        json["formula"] = formula_json(term.formula);
        json["source"] = term.source;
        json["terms"] = terms_json(term.children);
        list.push_back(std::move(json));
    }
    return list;
}

ordered_json moments_json(const TrainingStage& stage)
{
    ordered_json list = ordered_json::array();
    for (const Moment& moment : stage.moments)
        list.push_back({{"id", moment.id},
                        {"label", moment.label},
                        {"total_bytes", moment.total.count},
                        {"why", moment.why},
                        {"terms", terms_json(moment.terms)}});
    return list;
}

/// One entry per pipeline stage; the moments of the fullest are those of per_gpu.
ordered_json stages_json(const TrainingMemory& memory)
{
    ordered_json list = ordered_json::array();
    for (std::size_t index = 0; index < memory.stages.size(); ++index) {
        const TrainingStage& stage = memory.stages[index];
        ordered_json totals = ordered_json::object();
        for (const Moment& moment : stage.moments)
            totals[std::string(moment.id)] = moment.total.count;
        list.push_back({{"stage", stage.stage},
                        {"layers", stage.layers},
                        {"parameters", json_number(stage.parameters)},
                        {"micro_batches_in_flight", stage.in_flight},
                        {"peak_moment", stage.peak_moment().id},
                        {"total_bytes", stage.peak_moment().total.count + memory.overhead.bytes.count},
                        {"allocated_bytes", stage.peak_moment().total.count},
                        {"moments", std::move(totals)},
                        {"fullest", index == memory.fullest}});
    }
    return list;
}

ordered_json training_json(const TrainingMemory& memory)
{
    return {{"trained_parameters", json_number(memory.trained_parameters)},
            {"flops_per_step", json_number(memory.flops_per_step)},
            {"flops_formula", formula_json(memory.flops_formula)}};
}

ordered_json per_gpu_json(const Estimate& estimate)
{
    ordered_json json;
    json["total_bytes"] = estimate.total.count;
    json["low_bytes"] = estimate.low.count;
    json["high_bytes"] = estimate.high.count;
    json["terms"] = terms_json(estimate.terms);
    if (estimate.training) {
        json["allocated_bytes"] = estimate.training->allocated.count;
        json["reserved_bytes"] = estimate.training->reserved.count;
        json["peak_moment"] = estimate.training->peak().id;
        json["moments"] = moments_json(estimate.training->stage());
    }
    return json;
}

ordered_json fit_json(const Fit& fit, bool chosen)
{
    ordered_json json;
    json["accelerator"] = fit.accelerator.id;
    json["name"] = fit.accelerator.name;
    json["capacity_bytes"] = fit.capacity.count;
    json["usable_bytes"] = fit.usable.count;
    json["needed_bytes"] = fit.needed.count;
    json["free_bytes"] = fit.free_bytes;
    json["fraction"] = json_number(fit.fraction);
    json["verdict"] = verdict_name(fit.verdict);
    json["gpus_needed"] = optional(fit.gpus_needed);
    json["chosen"] = chosen;
    return json;
}

ordered_json fits_json(const Estimate& estimate)
{
    ordered_json list = ordered_json::array();
    for (const Fit* fit : all_fits(estimate))
        list.push_back(fit_json(*fit, fit == &estimate.fit));
    return list;
}

ordered_json peak_json(const std::optional<PeakRate>& peak)
{
    if (!peak)
        return nullptr;
    return {{"flops_per_second", json_number(peak->flops_per_second)}, {"type", compute_type_name(peak->type)}};
}

ordered_json operation_json(const RooflineRow& row)
{
    const Operation& operation = row.operation;
    ordered_json json;
    json["id"] = operation.id;
    json["label"] = operation.label;
    json["flops"] = json_number(operation.flops);
    json["bytes"] = json_number(operation.bytes());
    json["weight_bytes"] = json_number(operation.weight_bytes);
    json["cache_bytes"] = json_number(operation.cache_bytes);
    json["activation_bytes"] = json_number(operation.activation_bytes);
    json["intensity"] = json_number(operation.intensity());
    json["bound"] = bound_name(row.bound);
    json["ridge_flops_per_byte"] = known_json(row.ridge);
    json["attainable_flops_per_second"] = known_json(row.attainable_flops);
    json["flops_formula"] = formula_json(operation.flops_formula);
    json["bytes_formula"] = formula_json(operation.bytes_formula);
    return json;
}

ordered_json roofline_json(const Roofline& roofline)
{
    ordered_json json;
    json["phase"] = phase_name(roofline.phase);
    json["layer"] = roofline.layer_label;
    json["layers"] = roofline.layers;
    json["ridge_flops_per_byte"] = known_json(roofline.ridge);
    json["peak"] = peak_json(roofline.peak);
    json["bandwidth_bytes_per_second"] = known_json(roofline.bandwidth);
    json["flops"] = json_number(roofline.flops);
    json["bytes"] = json_number(roofline.bytes);
    json["seconds_at_least"] = known_json(roofline.seconds_at_least);
    json["operations"] = ordered_json::array();
    for (const RooflineRow& row : roofline.rows)
        json["operations"].push_back(operation_json(row));
    return json;
}

ordered_json warnings_json(const Estimate& estimate)
{
    ordered_json list = ordered_json::array();
    for (const Issue& issue : estimate.issues)
        list.push_back(
            {{"field", issue.field}, {"severity", severity_name(issue.severity)}, {"message", issue.message}});
    return list;
}

/// Of the whole model; "first_layer" and "layers" only where a row is of layers.
ordered_json layers_json(const Estimate& estimate)
{
    ordered_json list = ordered_json::array();
    for (const LayerRow& row : estimate.layers) {
        ordered_json json;
        json["part"] = layer_row_name(row.kind);
        if (row.kind == LayerRowKind::layers || row.kind == LayerRowKind::prediction)
            json["first_layer"] = row.first;
        if (row.count > 0)
            json["layers"] = row.count;
        json["label"] = row.label;
        json["shape"] = row.shape;
        json["parameters"] = row.parameters;
        json["weight_bytes"] = row.weights.count;
        json["weights_averaged"] = row.weights_averaged;
        json["kv_cache"] = {{"bytes_per_token", json_number(row.cache_per_token)},
                            {"fixed_bytes_per_sequence", json_number(row.cache_per_sequence)}};
        list.push_back(std::move(json));
    }
    return list;
}

/// Empty where the engine prints nothing.
ordered_json prints_json(const Estimate& estimate)
{
    ordered_json json = ordered_json::object();
    for (const EnginePrint& print : estimate.engine_prints)
        json[std::string(print.id)] = json_number(print.value);
    return json;
}

} // namespace

nlohmann::ordered_json to_json(const Estimate& estimate)
{
    ordered_json json;
    json["version"] = 1;
    json["scenario"] = scenario_json(estimate);
    json["model"] = model_json(estimate);
    json["per_gpu"] = per_gpu_json(estimate);
    if (estimate.training) {
        json["stages"] = stages_json(*estimate.training);
        json["training"] = training_json(*estimate.training);
    }
    json["fit"] = fits_json(estimate);
    json["layers"] = layers_json(estimate);
    json["engine_prints"] = prints_json(estimate);
    json["capacity"] = {{"max_concurrent_sequences", estimate.capacity.max_concurrent_sequences},
                        {"max_sequence_length", estimate.capacity.max_sequence_length},
                        {"kv_tokens", estimate.capacity.kv_tokens}};
    if (estimate.recommendations)
        json["recommended"] = recommendations_json(*estimate.recommendations);
    if (estimate.serving)
        json["serving"] = serving_json(*estimate.serving);
    if (estimate.savings)
        json["savings"] = savings_json(*estimate.savings);
    json["roofline"] = ordered_json::array();
    for (const Roofline& roofline : estimate.rooflines)
        json["roofline"].push_back(roofline_json(roofline));
    json["warnings"] = warnings_json(estimate);
    return json;
}

} // namespace weighbridge
