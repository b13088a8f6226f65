#include "core/report/deployments_report.h"

#include "core/fields/scenario_json.h"
#include "core/quantity/display.h"
#include "core/report/speed_report.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

ordered_json value_or_null(const std::optional<CostFigure>& figure)
{
    return figure ? number_json(figure->value) : ordered_json();
}

ordered_json deployment_price_json(const Deployment& one)
{
    if (!one.cost.price)
        return nullptr;
    const Price& price = *one.cost.price;
    return {{"per_hour", number_json(*one.price_per_hour())},
            {"per_million_output_tokens", value_or_null(price.per_million_output_tokens)},
            {"per_million_input_tokens", value_or_null(price.per_million_input_tokens)},
            {"per_million_tokens", value_or_null(price.per_million_tokens)},
            {"per_request", value_or_null(price.per_request)},
            {"currency", price.hour.currency},
            {"date", text_or_null(price.hour.date)},
            {"source", text_or_null(price.hour.source)},
            {"provider", text_or_null(price.hour.provider)},
            {"tier", text_or_null(price.hour.tier)},
            {"old", price.old ? ordered_json(*price.old) : ordered_json()}};
}

ordered_json deployment_energy_json(const Deployment& one)
{
    if (!one.cost.energy)
        return nullptr;
    const Energy& energy = *one.cost.energy;
    return {{"watts", number_json(*one.watts())},
            {"joules_per_output_token", value_or_null(energy.joules_per_output_token)},
            {"watt_hours_per_million_output_tokens", value_or_null(energy.watt_hours_per_million_output_tokens)}};
}

ordered_json deployment_json(const Deployment& one)
{
    ordered_json json;
    json["accelerator"] = one.accelerator;
    json["system"] = text_or_null(one.system);
    json["gpus"] = one.gpus;
    json["replicas"] = one.replicas;
    json["engine"] = one.engine;
    json["weights"] = one.weights;
    json["kv_cache"] = one.kv_cache;
    json["layout"] = {{"tensor_parallel", one.layout.tensor},
                      {"pipeline_parallel", one.layout.pipeline},
                      {"data_parallel", one.layout.replicas},
                      {"expert_parallel", one.layout.experts}};
    json["needed_bytes"] = one.needed.count;
    json["usable_bytes"] = one.usable.count;
    json["headroom_bytes"] = one.headroom();
    json["verdict"] = verdict_name(one.verdict);
    json["state"] = state_name(one.verdict);
    const bool timed = one.speed.output_tokens_per_second.has_value();
    json["running_requests"] =
        timed ? number_json(one.speed.running_requests * static_cast<double>(one.replicas)) : ordered_json();
    json["max_sequence_length"] = one.max_sequence_length;
    json["speed"] = {
        {"time_to_first_token_seconds", speed_figure_json(one.speed.time_to_first_token_seconds)},
        {"time_per_output_token_seconds", speed_figure_json(one.speed.time_per_output_token_seconds)},
        {"end_to_end_seconds", speed_figure_json(one.speed.end_to_end_seconds)},
        {"output_tokens_per_second", speed_figure_json(one.output_tokens_per_second())},
        {"output_tokens_per_second_per_gpu", speed_figure_json(one.speed.output_tokens_per_second_per_gpu)}};
    json["price"] = deployment_price_json(one);
    json["energy"] = deployment_energy_json(one);
    json["meets"] = one.fails.empty();
    json["fails"] = one.fails;
    json["front"] = one.front;
    json["scenario"] = write_scenario(one.scenario);
    return json;
}

Cell rate_cell(const std::optional<double>& value)
{
    return value ? number_cell(*value, rate_text(*value)) : unknown_cell("—");
}

Cell figure_cell_of(const std::optional<SpeedFigure>& figure, bool seconds)
{
    if (!figure)
        return unknown_cell("—");
    return number_cell(figure->value, seconds ? seconds_text(figure->value) : rate_text(figure->value));
}

std::string ranks_text(const LayoutChoice& layout)
{
    return "TP " + grouped(layout.tensor) + " PP " + grouped(layout.pipeline) + " DP " + grouped(layout.replicas) +
           (layout.experts > 1 ? " EP " + grouped(layout.experts) : "");
}

Table counts_table(const Deployments& plan)
{
    Table table{.id = "plan",
                .columns = {{"candidates", "Candidates", ColumnKind::number},
                            {"refused", "Refused", ColumnKind::number},
                            {"do_not_fit", "Do not fit", ColumnKind::number},
                            {"feasible", "Fit", ColumnKind::number},
                            {"meet_wanted", "Meet what is wanted", ColumnKind::number},
                            {"nearest_miss", "Nearest", ColumnKind::text, For::programs}}};
    const auto count = [](std::size_t number) {
        const auto whole = static_cast<std::int64_t>(number);
        return count_cell(whole, grouped(whole));
    };
    table.rows.push_back({{count(plan.candidates), count(plan.refused), count(plan.do_not_fit), count(plan.feasible),
                           count(plan.meet_wanted), text_cell(plan.nearest_miss)}});
    table.notes = {};
    if (!plan.nearest_miss.empty())
        table.notes.push_back(plan.nearest_miss);
    return table;
}

Table list_table(const Deployments& plan)
{
    Table table{.id = "deployments",
                .columns = {{"gpus", "GPUs", ColumnKind::number},
                            {"accelerator", "Accelerator", ColumnKind::text, For::all, "", "", true},
                            {"system", "", ColumnKind::text, For::programs},
                            {"replicas", "", ColumnKind::number, For::programs},
                            {"engine", "Engine", ColumnKind::text, For::all, "", "", true},
                            {"weights", "Weights", ColumnKind::text, For::all, "", "", true},
                            {"kv_cache", "Cache", ColumnKind::text, For::all, "", "", true},
                            {"layout", "Layout", ColumnKind::text, For::all, "", "", true},
                            {"needed_bytes", "", ColumnKind::number, For::programs},
                            {"usable_bytes", "", ColumnKind::number, For::programs},
                            {"headroom_bytes", "", ColumnKind::number, For::programs},
                            {"state", "", ColumnKind::text, For::programs},
                            {"time_to_first_token_seconds", "First", ColumnKind::number},
                            {"time_per_output_token_seconds", "Token", ColumnKind::number},
                            {"output_tokens_per_second", "1/s", ColumnKind::number},
                            {"price_per_hour", "Per hour", ColumnKind::number},
                            {"price_per_million_output_tokens", "Per 10^6", ColumnKind::number},
                            {"currency", "", ColumnKind::text, For::programs},
                            {"watts", "", ColumnKind::number, For::programs},
                            {"meets", "Meets", ColumnKind::yes_no, For::programs},
                            {"front", "Front", ColumnKind::yes_no, For::programs},
                            {"fails", "", ColumnKind::text, For::programs}}};
    for (const Deployment& one : plan.listed) {
        std::string fails;
        for (const std::string_view key : one.fails)
            fails += (fails.empty() ? "" : "; ") + std::string(key);
        const std::optional<Price>& price = one.cost.price;
        const auto million = price && price->per_million_output_tokens
                                 ? std::optional(price->per_million_output_tokens->value)
                                 : std::nullopt;
        table.rows.push_back({{count_cell(one.gpus, grouped(one.gpus)),
                               text_cell(one.accelerator),
                               text_cell(one.system),
                               count_cell(one.replicas),
                               text_cell(one.engine),
                               text_cell(one.weights),
                               text_cell(one.kv_cache),
                               text_cell(ranks_text(one.layout)),
                               count_cell(one.needed.count),
                               count_cell(one.usable.count),
                               count_cell(one.headroom()),
                               text_cell(state_name(one.verdict)),
                               figure_cell_of(one.speed.time_to_first_token_seconds, true),
                               figure_cell_of(one.speed.time_per_output_token_seconds, true),
                               figure_cell_of(one.output_tokens_per_second(), false),
                               rate_cell(one.price_per_hour()),
                               rate_cell(million),
                               text_cell(price ? price->hour.currency : ""),
                               rate_cell(one.watts()),
                               flag_cell(one.fails.empty()),
                               flag_cell(one.front),
                               text_cell(fails)}});
    }
    return table;
}

Table refusals_table(const Deployments& plan)
{
    Table table{.id = "refusals",
                .columns = {{"candidates", "Candidates", ColumnKind::number},
                            {"why", "Why they are refused", ColumnKind::text}}};
    for (const RefusedCandidates& refusal : plan.refusals) {
        const auto count = static_cast<std::int64_t>(refusal.candidates);
        table.rows.push_back({{count_cell(count, grouped(count)), text_cell(refusal.why)}});
    }
    return table;
}

} // namespace

std::vector<Table> deployments_tables(const Deployments& plan)
{
    std::vector<Table> tables = {counts_table(plan)};
    if (!plan.listed.empty())
        tables.push_back(list_table(plan));
    if (!plan.refusals.empty())
        tables.push_back(refusals_table(plan));
    return tables;
}

nlohmann::ordered_json deployments_json(const Deployments& plan)
{
    ordered_json json;
    json["candidates"] = plan.candidates;
    json["refused"] = plan.refused;
    json["do_not_fit"] = plan.do_not_fit;
    json["feasible"] = plan.feasible;
    json["meet_wanted"] = plan.meet_wanted;
    json["deployments"] = ordered_json::array();
    for (const Deployment& one : plan.listed)
        json["deployments"].push_back(deployment_json(one));
    json["refusals"] = ordered_json::array();
    for (const RefusedCandidates& refusal : plan.refusals)
        json["refusals"].push_back({{"why", refusal.why}, {"candidates", refusal.candidates}});
    json["nearest_miss"] = text_or_null(plan.nearest_miss);
    return {{"version", 1}, {"plan", std::move(json)}};
}

} // namespace weighbridge
