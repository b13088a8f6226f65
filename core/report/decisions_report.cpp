#include "core/report/decisions_report.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/quantity/display.h"
#include "core/report/scenario_value.h"
#include "core/report/speed_report.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

constexpr std::array<std::pair<LossBasis, std::string_view>, 4> basis_names = {{{LossBasis::none, "none"},
                                                                                {LossBasis::measured, "measured"},
                                                                                {LossBasis::estimated, "estimated"},
                                                                                {LossBasis::not_known, "not_known"}}};

std::string_view basis_name(LossBasis basis)
{
    const auto found =
        std::find_if(basis_names.begin(), basis_names.end(), [&](const auto& named) { return named.first == basis; });
    return found->second;
}

Cell optional_cell(const std::optional<double>& value)
{
    return value ? real_cell(*value) : unknown_cell();
}

/// Null in the row of a format that does not load.
Cell loaded(const LadderRow& row, Cell cell)
{
    return row.loads ? std::move(cell) : unknown_cell();
}

std::string bits_text(double bits)
{
    return decimal_text(bits, 2);
}

std::string value_text(const Solution& solution)
{
    if (!solution.scenario)
        return "none";
    const ScenarioField* field = field_named(solution.field);
    std::string text = field != nullptr ? field_text(*solution.scenario, *field) : std::string();
    for (const std::string& key : solution.keys)
        if (const ScenarioField* other = field_named(key); other != nullptr && key != solution.field)
            if (const std::string value = field_text(*solution.scenario, *other); !value.empty())
                text += (text.empty() ? "" : ", ") + std::string(other->name()) + " " + value;
    return text;
}

/// What is several fields (a placement) is an object of them.
ordered_json solved_value(const Solution& solution, const ordered_json& scenario)
{
    if (!solution.scenario)
        return {};
    if (field_named(solution.field) != nullptr)
        return value_at(scenario, solution.field);
    ordered_json value = ordered_json::object();
    for (const std::string& key : solution.keys)
        value[std::string(field_named(key)->name())] = value_at(scenario, key);
    return value;
}

ordered_json solution_json(const Solution& solution)
{
    const ordered_json scenario = solution.scenario ? write_scenario(*solution.scenario) : ordered_json();
    ordered_json set = solution.scenario ? ordered_json::object() : ordered_json();
    for (const std::string& key : solution.keys)
        set[key] = value_at(scenario, key);
    const bool has_range = solution.least != 0 || solution.most != 0;
    return {{"field", solution.field},
            {"goal", solution.goal},
            {"value", solved_value(solution, scenario)},
            {"limited_by", text_or_null(solution.limited_by)},
            {"range", has_range ? ordered_json::array({number_json(solution.least), number_json(solution.most)})
                                : ordered_json()},
            {"model_limit", solution.model_limit ? ordered_json(*solution.model_limit) : ordered_json()},
            {"needed_bytes", solution.needed.count},
            {"usable_bytes", solution.usable.count},
            {"total_bytes_above", solution.total_beyond ? ordered_json(solution.total_beyond->count) : ordered_json()},
            {"set", std::move(set)},
            {"scenario", scenario},
            {"why", solution.why}};
}

} // namespace

Table ladder_table(const Ladder& ladder)
{
    Table table{.id = "ladder",
                .columns = {{"weights", "Weights"},
                            {"kv_cache", "KV cache"},
                            {"file", "", ColumnKind::text, For::programs},
                            {"label", "", ColumnKind::text, For::programs},
                            {"bits_per_weight", "Bits", ColumnKind::number},
                            {"loads", "", ColumnKind::yes_no, For::programs},
                            {"refusal", "", ColumnKind::text, For::programs},
                            {"weight_bytes", "Weights, GiB", ColumnKind::number},
                            {"total_bytes", "Total, GiB", ColumnKind::number},
                            {"low_bytes", "", ColumnKind::number, For::programs},
                            {"high_bytes", "", ColumnKind::number, For::programs},
                            {"usable_bytes", "", ColumnKind::number, For::programs},
                            {"verdict", "", ColumnKind::text, For::programs},
                            {"state", "", ColumnKind::text, For::programs},
                            {"", "Verdict", ColumnKind::text, For::people},
                            {"max_sequence_length", "Longest", ColumnKind::number},
                            {"max_concurrent_sequences", "Requests", ColumnKind::number},
                            {"decode_tokens_per_second", "", ColumnKind::number, For::csv},
                            {"", "Tokens/s", ColumnKind::number, For::people},
                            {"quality.loss", "", ColumnKind::number, For::programs},
                            {"quality.low", "", ColumnKind::number, For::programs},
                            {"quality.high", "", ColumnKind::number, For::programs},
                            {"quality.models", "", ColumnKind::number, For::programs},
                            {"quality.basis", "", ColumnKind::text, For::programs},
                            {"quality.measure", "", ColumnKind::text, For::programs},
                            {.id = "quality.text", .heading = "Loss of quality", .elastic = true},
                            {"quality.source", "", ColumnKind::text, For::programs}}};
    for (const LadderRow& row : ladder.rows) {
        const QualityLoss& quality = row.quality;
        const auto pace =
            row.decode_tokens_per_second ? std::optional(row.decode_tokens_per_second->value) : std::nullopt;
        table.rows.push_back(
            {{text_cell(row.weights),
              text_cell(row.kv_cache),
              unknown_cell(),
              text_cell(row.label),
              real_cell(row.bits_per_weight, bits_text(row.bits_per_weight)),
              flag_cell(row.loads),
              text_or_unknown(row.refusal),
              loaded(row, count_cell(row.weight_bytes.count, gib_text(row.weight_bytes))),
              loaded(row, count_cell(row.total.count, gib_text(row.total))),
              loaded(row, count_cell(row.low.count)),
              loaded(row, count_cell(row.high.count)),
              loaded(row, count_cell(row.usable.count)),
              row.loads ? text_or_unknown(verdict_name(row.verdict)) : unknown_cell(),
              row.loads ? text_cell(state_name(row.verdict)) : text_cell(state_name(Verdict::cant_run)),
              text_cell(row.loads ? verdict_words(row.verdict) : verdict_words(Verdict::cant_run), row.refusal),
              loaded(row, count_cell(row.max_sequence_length, grouped(row.max_sequence_length))),
              loaded(row, count_cell(row.max_concurrent_sequences, grouped(row.max_concurrent_sequences))),
              optional_cell(pace),
              text_cell(pace ? rate_text(*pace) : std::string("—")),
              optional_cell(quality.loss),
              optional_cell(quality.low),
              optional_cell(quality.high),
              count_cell(quality.models),
              text_cell(basis_name(quality.basis)),
              text_or_unknown(quality.measure),
              text_cell(quality.text),
              text_or_unknown(quality.source)}});
    }
    return table;
}

std::string ladder_line(const Ladder& ladder)
{
    if (!ladder.largest_that_fits)
        return "No format of these fits";
    const LadderRow& row = ladder.rows[*ladder.largest_that_fits];
    return "Largest that fits: " + row.label + " with a " + row.kv_cache + " cache, " +
           in_unit(row.total, ByteUnit::gib) + " of " + in_unit(row.usable, ByteUnit::gib);
}

ordered_json ladder_json(const Ladder& ladder)
{
    ordered_json json;
    json["rows"] = table_json(ladder_table(ladder));
    for (std::size_t i = 0; i < ladder.rows.size(); ++i)
        json["rows"][i]["speed"]["decode_tokens_per_second"] =
            speed_figure_json(ladder.rows[i].decode_tokens_per_second);
    json["largest_that_fits"] = ladder.largest_that_fits ? ordered_json(*ladder.largest_that_fits) : ordered_json();
    return json;
}

Table solutions_table(const std::vector<Solution>& solutions)
{
    Table table{.id = "solve",
                .columns = {{"field", "Field"},
                            {"goal", "Goal"},
                            {"value", "Value"},
                            {"limited_by", "Limited by"},
                            {"needed_bytes", "Needs, GiB", ColumnKind::number},
                            {"usable_bytes", "of GiB", ColumnKind::number},
                            {"why", "", ColumnKind::text, For::programs},
                            {"", "", ColumnKind::number, For::people}}};
    for (const Solution& solution : solutions) {
        if (!solution.why.empty())
            table.notes.push_back(solution.field + ": " + solution.why);
        table.rows.push_back(
            {{text_cell(solution.field), text_cell(solution.goal), text_cell(value_text(solution)),
              text_cell(solution.limited_by), count_cell(solution.needed.count, gib_text(solution.needed)),
              count_cell(solution.usable.count, gib_text(solution.usable)), text_cell(solution.why),
              text_cell(solution.why.empty() ? std::string() : "(" + std::to_string(table.notes.size()) + ")")}});
    }
    return table;
}

ordered_json solutions_json(const std::vector<Solution>& solutions)
{
    ordered_json list = ordered_json::array();
    for (const Solution& solution : solutions)
        list.push_back(solution_json(solution));
    return list;
}

} // namespace weighbridge
