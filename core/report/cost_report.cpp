#include "core/report/cost_report.h"

#include "core/quantity/display.h"
#include "core/report/speed_report.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

ordered_json cost_figure_json(const std::optional<CostFigure>& figure)
{
    if (!figure)
        return nullptr;
    return {
        {"value", number_json(figure->value)}, {"low", number_json(figure->low)}, {"high", number_json(figure->high)}};
}

struct PriceRow
{
    std::string_view key;
    std::string_view label;
    std::optional<CostFigure> Price::*figure;
};

constexpr std::array<PriceRow, 6> price_rows = {{
    {"per_million_output_tokens", "Cost of a million output tokens", &Price::per_million_output_tokens},
    {"per_million_input_tokens", "Cost of a million prompt tokens", &Price::per_million_input_tokens},
    {"per_million_cached_tokens", "Cost of a million cached tokens", &Price::per_million_cached_tokens},
    {"per_million_tokens", "Cost of a million tokens", &Price::per_million_tokens},
    {"per_request", "Cost of a request", &Price::per_request},
    {"per_run", "Cost of the run", &Price::per_run},
}};

/// "on demand"
std::string tier_words(std::string tier)
{
    std::replace(tier.begin(), tier.end(), '_', ' ');
    return tier;
}

/// With three significant digits, as rates have.
std::vector<Cell> figure_cells(const CostFigure& figure)
{
    const auto cell = [](double value) { return number_cell(value, rate_text(value)); };
    return {cell(figure.value), cell(figure.low), cell(figure.high)};
}

} // namespace

Table cost_table(const Cost& cost)
{
    Table table{.id = "cost",
                .columns = {{"figure", "", ColumnKind::text, For::programs, "cost_figure"},
                            {"", "Cost", ColumnKind::text, For::people},
                            {"value", "Value", ColumnKind::number},
                            {"low", "Low", ColumnKind::number},
                            {"high", "High", ColumnKind::number},
                            {"unit", "Unit"}}};
    const auto add = [&](std::string_view key, std::string_view label, const std::optional<CostFigure>& figure,
                         const std::string& unit) {
        if (!figure)
            return;
        std::vector<Cell> cells = {text_cell(key), text_cell(label)};
        for (Cell& cell : figure_cells(*figure))
            cells.push_back(std::move(cell));
        cells.push_back(text_cell(unit));
        table.rows.push_back({std::move(cells)});
    };
    if (cost.price) {
        const Price& price = *cost.price;
        add("price_per_hour", "Cost of an hour", CostFigure{price.per_hour, price.per_hour, price.per_hour},
            price.hour.currency);
        for (const PriceRow& row : price_rows)
            add("price_" + std::string(row.key), row.label, price.*row.figure, price.hour.currency);
    }
    if (cost.energy) {
        const Energy& energy = *cost.energy;
        add("watts", "Power of the GPUs", energy.watts, "W");
        add("joules_per_output_token", "Energy of an output token", energy.joules_per_output_token, "J");
        add("watt_hours_per_million_output_tokens", "Energy of a million output tokens",
            energy.watt_hours_per_million_output_tokens, "Wh");
        add("kilowatt_hours_per_run", "Energy of the run", energy.kilowatt_hours_per_run, "kWh");
    }
    if (cost.run)
        add("run_seconds", "Time of the run", cost.run->seconds, "s");
    return table;
}

nlohmann::ordered_json price_json(const Cost& cost)
{
    if (!cost.price)
        return nullptr;
    const Price& price = *cost.price;
    ordered_json json;
    json["per_hour"] = number_json(price.per_hour);
    json["per_accelerator_hour"] = number_json(price.hour.per_accelerator_hour);
    for (const PriceRow& row : price_rows)
        json[std::string(row.key)] = cost_figure_json(price.*row.figure);
    json["currency"] = price.hour.currency;
    json["date"] = text_or_null(price.hour.date);
    json["source"] = text_or_null(price.hour.source);
    json["provider"] = text_or_null(price.hour.provider);
    json["tier"] = text_or_null(price.hour.tier);
    json["entries"] = price.hour.entries > 0 ? ordered_json(price.hour.entries) : ordered_json();
    json["old"] = price.old ? ordered_json(*price.old) : ordered_json();
    return json;
}

nlohmann::ordered_json energy_json(const Cost& cost)
{
    if (!cost.energy)
        return nullptr;
    const Energy& energy = *cost.energy;
    ordered_json json;
    const auto add = [&](const std::string& key, const std::optional<CostFigure>& figure) {
        json[key] = figure ? number_json(figure->value) : ordered_json();
        json[key + "_low"] = figure ? number_json(figure->low) : ordered_json();
        json[key + "_high"] = figure ? number_json(figure->high) : ordered_json();
    };
    add("watts", energy.watts);
    add("joules_per_output_token", energy.joules_per_output_token);
    add("watt_hours_per_million_output_tokens", energy.watt_hours_per_million_output_tokens);
    add("kilowatt_hours_per_run", energy.kilowatt_hours_per_run);
    json["basis"] = basis_name(Basis::assumed);
    return json;
}

nlohmann::ordered_json run_json(const Cost& cost)
{
    if (!cost.run)
        return nullptr;
    return {{"tokens", number_json(cost.run->tokens)}, {"seconds", cost_figure_json(cost.run->seconds)}};
}

std::string price_line(const Cost& cost)
{
    if (!cost.price)
        return {};
    const Price& price = *cost.price;
    std::string line = price.hour.currency + " " + rate_text(price.hour.per_accelerator_hour) + " per GPU and hour";
    if (price.hour.entries == 1)
        line += ", the one bundled price of that tier";
    else if (price.hour.entries > 1)
        line += ", the middle of " + std::to_string(price.hour.entries) + " bundled prices";
    if (!price.hour.provider.empty())
        line += ", " + price.hour.provider;
    if (!price.hour.tier.empty() && !price.owned)
        line += ", " + tier_words(price.hour.tier);
    if (price.owned)
        line += ", owned";
    if (!price.hour.date.empty())
        line += ", of " + price.hour.date;
    if (price.old == true)
        line += ": older than 90 days";
    return line;
}

} // namespace weighbridge
