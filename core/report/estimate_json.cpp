#include "core/report/estimate_json.h"
#include "core/engines/engine.h"

#include "core/fields/scenario_json.h"
#include "core/report/answers_report.h"
#include "core/report/cost_report.h"
#include "core/report/decisions_report.h"
#include "core/report/devices_report.h"
#include "core/report/estimate_tables.h"
#include "core/report/levers_report.h"
#include "core/report/speed_report.h"
#include "core/report/table_writers.h"
#include "core/report/training_report.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

/// Whole numbers as such; null for what is no number.
ordered_json json_number(double value)
{
    return value_json(number_cell(value).value);
}

/// For figures whose 0 means that nobody knows.
ordered_json known_number(double value)
{
    return value > 0 ? json_number(value) : ordered_json();
}

ordered_json formula_json(const Formula& formula)
{
    return {{"symbols", formula.symbols}, {"numbers", formula.numbers}};
}

ordered_json moments_json(const TrainingStage& stage)
{
    ordered_json list = ordered_json::array();
    for (const Moment& moment : stage.moments)
        list.push_back({{"id", moment.id},
                        {"label", moment.label},
                        {"total_bytes", moment.total.count},
                        {"why", moment.why},
                        {"terms", table_json(terms_table(moment.terms, moment.total))}});
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
    json["terms"] = table_json(terms_table(estimate.terms, estimate.total));
    if (estimate.training) {
        json["allocated_bytes"] = estimate.training->allocated.count;
        json["allocated_low_bytes"] = estimate.training->allocated_low.count;
        json["allocated_high_bytes"] = estimate.training->allocated_high.count;
        json["reserved_bytes"] = estimate.training->reserved.count;
        json["reserved_low_bytes"] = estimate.training->reserved_low.count;
        json["reserved_high_bytes"] = estimate.training->reserved_high.count;
        json["peak_moment"] = estimate.training->peak().id;
        json["moments"] = moments_json(estimate.training->stage());
    }
    return json;
}

ordered_json peak_json(const std::optional<PeakRate>& peak)
{
    if (!peak)
        return nullptr;
    return {{"flops_per_second", json_number(peak->flops_per_second)}, {"type", compute_type_name(peak->type)}};
}

ordered_json roofline_json(const Roofline& roofline)
{
    ordered_json json;
    json["phase"] = phase_name(roofline.phase);
    json["layer"] = roofline.layer_label;
    json["layers"] = roofline.layers;
    if (roofline.gpu_layers < roofline.layers)
        json["layers_per_gpu"] = roofline.gpu_layers;
    json["ridge_flops_per_byte"] = known_number(roofline.ridge);
    json["peak"] = peak_json(roofline.peak);
    json["bandwidth_bytes_per_second"] = known_number(roofline.bandwidth);
    json["flops"] = json_number(roofline.flops);
    json["bytes"] = json_number(roofline.bytes);
    json["seconds_at_least"] = known_number(roofline.seconds_at_least);
    json["operations"] = table_json(operations_table({&roofline, 1}));
    return json;
}

/// Empty where the engine prints nothing.
ordered_json prints_json(const Estimate& estimate)
{
    ordered_json json = ordered_json::object();
    for (const EnginePrint& print : estimate.engine_prints)
        json[std::string(print.id)] = print.text.empty() ? json_number(print.value) : ordered_json(print.text);
    return json;
}

} // namespace

nlohmann::ordered_json to_json(const Estimate& estimate)
{
    ordered_json json;
    json["version"] = 1;
    json["scenario"] = write_scenario(estimate.asked);
    json["filled_in"] = write_filled_in(estimate.asked, estimate.scenario);
    json["model"] = row_json(model_table(estimate));
    json["per_gpu"] = per_gpu_json(estimate);
    if (estimate.training) {
        json["stages"] = table_json(stages_table(*estimate.training));
        json["training"] = training_json(*estimate.training);
    }
    json["devices"] = devices_json(estimate);
    json["host"] = host_json(estimate);
    json["fit"] = table_json(fits_table(estimate));
    json["layers"] = table_json(layers_table(estimate));
    json["engine_prints"] = prints_json(estimate);
    json["capacity"] = row_json(capacity_table(estimate.capacity));
    json["capacity"].update(row_json(pool_table(estimate.capacity)));
    if (estimate.training)
        json["capacity"].update(row_json(training_room_table(estimate.capacity)));
    if (estimate.recommendations)
        json["recommended"] = recommendations_json(*estimate.recommendations);
    if (estimate.serving)
        json["serving"] = serving_json(*estimate.serving);
    if (estimate.training_tables)
        for (const Table& table : training_tables_of(*estimate.training_tables))
            json["training_capacity"][std::string(table.id)] = table_json(table);
    if (estimate.savings)
        json["savings"] = table_json(savings_table(*estimate.savings));
    if (estimate.levers)
        json["levers"] = levers_json(*estimate.levers);
    if (estimate.ladder)
        json["ladder"] = ladder_json(*estimate.ladder);
    if (estimate.solutions)
        json["solve"] = solutions_json(*estimate.solutions);
    if (estimate.timeline)
        json["timeline"] = table_json(timeline_table(*estimate.timeline));
    json["speed"] = estimate.speed ? speed_json(*estimate.speed) : ordered_json();
    json["price"] = estimate.cost ? price_json(*estimate.cost) : ordered_json();
    json["energy"] = estimate.cost ? energy_json(*estimate.cost) : ordered_json();
    if (estimate.training)
        json["run"] = estimate.cost ? run_json(*estimate.cost) : ordered_json();
    json["roofline"] = ordered_json::array();
    for (const Roofline& roofline : estimate.rooflines)
        json["roofline"].push_back(roofline_json(roofline));
    json["warnings"] = table_json(warnings_table(estimate));
    return json;
}

} // namespace weighbridge
