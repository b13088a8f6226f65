#include "core/report/comparison_report.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/quantity/display.h"
#include "core/report/scenario_value.h"
#include "core/report/speed_report.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <string>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

/// With its sign, so that a column of differences can be read by itself.
std::string difference_text(std::int64_t bytes)
{
    if (bytes == 0)
        return "—";
    return (bytes > 0 ? "+" : "−") + gib_text({std::abs(bytes)});
}

/// Columns of the setups beside each other: their names, and for programs their numbers.
void add_setup_columns(Table& table, const SetupComparison& comparison, ColumnKind kind)
{
    for (std::size_t i = 0; i < comparison.setups.size(); ++i)
        table.columns.push_back({"setup_" + std::to_string(i + 1), comparison.setups[i].name, kind});
}

Table setups_table(const SetupComparison& comparison)
{
    Table table{.id = "setups",
                .columns = {{"name", "Setup"},
                            {"total_bytes", "Total, GiB", ColumnKind::number},
                            {"low_bytes", "", ColumnKind::number, For::programs},
                            {"high_bytes", "", ColumnKind::number, For::programs},
                            {"usable_bytes", "of GiB", ColumnKind::number},
                            {"verdict", "", ColumnKind::text, For::programs},
                            {"state", "", ColumnKind::text, For::programs},
                            {"", "Verdict", ColumnKind::text, For::people},
                            {"error", "", ColumnKind::text, For::programs}}};
    for (const Setup& setup : comparison.setups) {
        if (!setup.estimate) {
            table.rows.push_back(
                {{text_cell(setup.name), unknown_cell(), unknown_cell(), unknown_cell(), unknown_cell(), unknown_cell(),
                  unknown_cell(), text_cell("refused: " + setup.error), text_cell(setup.error)}});
            continue;
        }
        const Estimate& estimate = *setup.estimate;
        const Fit fit = estimate.decisive_fit();
        const std::string_view verdict = verdict_name(fit.verdict);
        table.rows.push_back(
            {{text_cell(setup.name), count_cell(estimate.total.count, gib_text(estimate.total)),
              count_cell(estimate.low.count), count_cell(estimate.high.count),
              count_cell(fit.usable.count, gib_text(fit.usable)), verdict.empty() ? unknown_cell() : text_cell(verdict),
              text_cell(state_name(fit.verdict)), text_cell(verdict_words(fit.verdict)), unknown_cell()}});
    }
    return table;
}

Table keys_table(const SetupComparison& comparison)
{
    Table table{.id = "scenario", .columns = {{"key", "Key"}}};
    add_setup_columns(table, comparison, ColumnKind::text);
    for (const ComparedKey& key : comparison.keys) {
        Row row{{text_cell(key.key)}};
        for (std::size_t i = 0; i < key.values.size(); ++i)
            row.cells.push_back(text_cell(key.values[i], key.chosen[i] ? "" : "filled in"));
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table compared_terms_table(const SetupComparison& comparison)
{
    Table table{.id = "terms", .columns = {{"term", "Term"}}};
    for (std::size_t i = 0; i < comparison.setups.size(); ++i) {
        const std::string number = std::to_string(i + 1);
        table.columns.push_back({"bytes_" + number, comparison.setups[i].name + ", GiB", ColumnKind::number});
        if (i > 0) {
            table.columns.push_back({"difference_" + number, "Difference", ColumnKind::number});
            table.columns.push_back({"reason_" + number, "", ColumnKind::text, For::programs});
            table.columns.push_back({"", "", ColumnKind::number, For::people});
        }
    }
    for (const ComparedTerm& term : comparison.terms) {
        Row row{{text_cell(term.label)}, term.depth};
        for (std::size_t i = 0; i < term.bytes.size(); ++i) {
            row.cells.push_back(term.bytes[i] ? count_cell(term.bytes[i]->count, gib_text(*term.bytes[i]))
                                              : unknown_cell("—"));
            if (i == 0)
                continue;
            row.cells.push_back(count_cell(term.differences[i], difference_text(term.differences[i])));
            const std::optional<Reason>& reason = term.reasons[i];
            row.cells.push_back(text_cell(reason ? reason->text : std::string()));
            const bool noted = reason && term.depth == 0;
            if (noted)
                table.notes.push_back(term.label + ", " + comparison.setups[i].name + ": " + reason->text);
            row.cells.push_back(text_cell(noted ? "(" + std::to_string(table.notes.size()) + ")" : std::string()));
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table figures_table(const SetupComparison& comparison)
{
    Table table{.id = "figures", .columns = {{"figure", "Figure"}, {"unit", "", ColumnKind::text, For::programs}}};
    add_setup_columns(table, comparison, ColumnKind::number);
    for (const ComparedFigure& figure : comparison.figures) {
        Row row{{text_cell(figure.label), text_cell(figure.unit)}};
        for (const std::optional<double>& value : figure.values) {
            const bool whole = value && *value == std::floor(*value);
            row.cells.push_back(value ? number_cell(*value, whole ? grouped(std::llround(*value)) : rate_text(*value))
                                      : unknown_cell("—"));
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

ordered_json reason_json(const std::optional<Reason>& reason)
{
    if (!reason)
        return nullptr;
    return {{"kind", reason->kind},
            {"symbol", reason->symbol.empty() ? ordered_json() : ordered_json(reason->symbol)},
            {"values", reason->values},
            {"keys", reason->keys},
            {"text", reason->text}};
}

ordered_json setups_json(const SetupComparison& comparison)
{
    ordered_json list = table_json(setups_table(comparison));
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Setup& setup = comparison.setups[i];
        list[i]["scenario"] = setup.question ? write_scenario(setup.question->scenario) : ordered_json();
    }
    return list;
}

ordered_json keys_json(const SetupComparison& comparison)
{
    ordered_json list = ordered_json::array();
    for (const ComparedKey& key : comparison.keys) {
        ordered_json values = ordered_json::array();
        for (const Setup& setup : comparison.setups)
            values.push_back(setup.estimate ? used_value(*setup.estimate, key.key) : ordered_json());
        list.push_back({{"key", key.key}, {"values", std::move(values)}, {"chosen", key.chosen}});
    }
    return list;
}

ordered_json terms_json(const SetupComparison& comparison)
{
    ordered_json list = ordered_json::array();
    for (const ComparedTerm& term : comparison.terms) {
        ordered_json bytes = ordered_json::array();
        for (const std::optional<Bytes>& amount : term.bytes)
            bytes.push_back(amount ? ordered_json(amount->count) : ordered_json());
        ordered_json reasons = ordered_json::array();
        for (const std::optional<Reason>& reason : term.reasons)
            reasons.push_back(reason_json(reason));
        list.push_back({{"id", term.id},
                        {"label", term.label},
                        {"depth", term.depth},
                        {"bytes", std::move(bytes)},
                        {"differences", term.differences},
                        {"reasons", std::move(reasons)}});
    }
    return list;
}

ordered_json figures_json(const SetupComparison& comparison)
{
    ordered_json list = ordered_json::array();
    for (const ComparedFigure& figure : comparison.figures) {
        ordered_json values = ordered_json::array();
        for (const std::optional<double>& value : figure.values)
            values.push_back(value ? value_json(number_cell(*value).value) : ordered_json());
        list.push_back({{"id", figure.id},
                        {"label", figure.label},
                        {"unit", figure.unit.empty() ? ordered_json() : ordered_json(figure.unit)},
                        {"values", std::move(values)}});
    }
    return list;
}

} // namespace

std::vector<Table> comparison_tables(const SetupComparison& comparison)
{
    return {setups_table(comparison), keys_table(comparison), compared_terms_table(comparison),
            figures_table(comparison)};
}

ordered_json comparison_json(const SetupComparison& comparison)
{
    ordered_json json;
    json["version"] = 1;
    json["compare"] = {{"setups", setups_json(comparison)},
                       {"scenario", keys_json(comparison)},
                       {"terms", terms_json(comparison)},
                       {"figures", figures_json(comparison)}};
    return json;
}

} // namespace weighbridge
