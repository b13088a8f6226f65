#include "core/report/speed_report.h"

#include "core/quantity/display.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

enum class SpeedUnit
{
    seconds,
    per_second,
    share,
};

/// One figure of the report: its key, its label and where it stands.
struct SpeedRow
{
    std::string_view key;
    std::string_view label;
    std::string_view unit; ///< in CSV
    SpeedUnit kind = SpeedUnit::seconds;
    std::optional<SpeedFigure> Speed::*figure = nullptr;
    bool training = false;
};

constexpr std::array<SpeedRow, 13> speed_rows = {{
    {"decode_step_seconds", "Decode step", "s", SpeedUnit::seconds, &Speed::decode_step_seconds},
    {"time_to_first_token_seconds", "Time to first token", "s", SpeedUnit::seconds,
     &Speed::time_to_first_token_seconds},
    {"time_per_output_token_seconds", "Time per output token", "s", SpeedUnit::seconds,
     &Speed::time_per_output_token_seconds},
    {"end_to_end_seconds", "Whole request", "s", SpeedUnit::seconds, &Speed::end_to_end_seconds},
    {"prefill_tokens_per_second", "Prompt tokens per second", "1/s", SpeedUnit::per_second,
     &Speed::prefill_tokens_per_second},
    {"decode_tokens_per_second", "Tokens per second of a sequence", "1/s", SpeedUnit::per_second,
     &Speed::decode_tokens_per_second},
    {"output_tokens_per_second", "Output tokens per second", "1/s", SpeedUnit::per_second,
     &Speed::output_tokens_per_second},
    {"output_tokens_per_second_per_gpu", "Output tokens per second and GPU", "1/s", SpeedUnit::per_second,
     &Speed::output_tokens_per_second_per_gpu},
    {"requests_per_second", "Requests per second", "1/s", SpeedUnit::per_second, &Speed::requests_per_second},
    {"train_step_seconds", "Optimizer step", "s", SpeedUnit::seconds, &Speed::train_step_seconds, true},
    {"train_tokens_per_second", "Tokens per second", "1/s", SpeedUnit::per_second, &Speed::train_tokens_per_second,
     true},
    {"train_tokens_per_second_per_gpu", "Tokens per second and GPU", "1/s", SpeedUnit::per_second,
     &Speed::train_tokens_per_second_per_gpu, true},
    {"model_flops_utilization", "Model FLOPs utilization", "1", SpeedUnit::share, &Speed::model_flops_utilization,
     true},
}};

std::string figure_text(double value, SpeedUnit unit)
{
    switch (unit) {
    case SpeedUnit::seconds:
        return seconds_text(value);
    case SpeedUnit::per_second:
        return rate_text(value);
    case SpeedUnit::share:
        return percent_text(value);
    }
    return {};
}

ordered_json number(double value)
{
    return value_json(number_cell(value).value);
}

ordered_json terms_json(const std::vector<SpeedTerm>& terms)
{
    const double sum = sum_of(terms);
    ordered_json list = ordered_json::array();
    for (const SpeedTerm& term : terms)
        list.push_back({{"id", term.id},
                        {"label", term.label},
                        {"seconds", number(term.seconds)},
                        {"share", number(sum > 0 ? term.seconds / sum : 0)},
                        {"formula", {{"symbols", term.formula.symbols}, {"numbers", term.formula.numbers}}},
                        {"terms", ordered_json::array()}});
    return list;
}

bool is_of_training(const Speed& speed)
{
    return speed.training;
}

std::string counted_requests(double count)
{
    const auto whole = static_cast<std::int64_t>(std::llround(count));
    return grouped(whole) + (whole == 1 ? " request runs" : " requests run");
}

} // namespace

std::string rate_text(double value)
{
    if (!std::isfinite(value) || value <= 0)
        return decimal_text(value, 0);
    constexpr int digits = 3;
    constexpr int most_decimals = 9;
    const int before = static_cast<int>(std::floor(std::log10(value))) + 1;
    if (before >= digits) {
        const double unit = std::pow(10.0, before - digits);
        return decimal_text(std::round(value / unit) * unit, 0);
    }
    return decimal_text(value, std::clamp(digits - before, 0, most_decimals));
}

ordered_json speed_figure_json(const std::optional<SpeedFigure>& figure)
{
    if (!figure)
        return nullptr;
    return {{"value", number(figure->value)},
            {"low", number(figure->low)},
            {"high", number(figure->high)},
            {"basis", basis_name(figure->basis)}};
}

std::string seconds_text(double seconds)
{
    constexpr double milli = 1e-3;
    constexpr const char* space = "\u00A0";
    return seconds < 1 ? rate_text(seconds / milli) + space + "ms" : rate_text(seconds) + space + "s";
}

Table speed_table(const Speed& speed)
{
    Table table{.id = "speed",
                .columns = {{"figure", "", ColumnKind::text, For::programs},
                            {"", "Speed", ColumnKind::text, For::people},
                            {"value", "Value", ColumnKind::number},
                            {"low", "Low", ColumnKind::number},
                            {"high", "High", ColumnKind::number},
                            {"unit", "", ColumnKind::text, For::programs},
                            {"basis", "Basis"}}};
    for (const SpeedRow& row : speed_rows) {
        const std::optional<SpeedFigure>& figure = speed.*row.figure;
        if (!figure)
            continue;
        const auto cell = [&](double value) { return number_cell(value, figure_text(value, row.kind)); };
        table.rows.push_back({{text_cell(row.key), text_cell(row.label), cell(figure->value), cell(figure->low),
                               cell(figure->high), text_cell(row.unit), text_cell(basis_name(figure->basis))}});
    }
    return table;
}

nlohmann::ordered_json speed_json(const Speed& speed)
{
    ordered_json json;
    for (const SpeedRow& row : speed_rows)
        if (!row.training || is_of_training(speed))
            json[std::string(row.key)] = speed_figure_json(speed.*row.figure);
    if (!is_of_training(speed)) {
        const bool known = speed.decode_step_seconds.has_value();
        json["running_requests"] = known ? number(speed.running_requests) : ordered_json();
        json["waiting_requests"] = known ? number(speed.waiting_requests) : ordered_json();
    }
    json["gpus"] = speed.gpus;
    json["bound"] = speed.bound.empty() ? ordered_json() : ordered_json(speed.bound);
    json["terms"] = terms_json(speed.terms);
    if (!is_of_training(speed))
        json["prefill_terms"] = terms_json(speed.prefill_terms);
    json["constants"] = nullptr;
    if (!speed.constants.engine_class.empty())
        json["constants"] = {{"engine_class", speed.constants.engine_class},
                             {"hardware_class", speed.constants.hardware_class},
                             {"of", speed.constants.of},
                             {"records", speed.constants.records}};
    return json;
}

std::string speed_line(const Speed& speed)
{
    const auto bound = std::find_if(speed.terms.begin(), speed.terms.end(),
                                    [&](const SpeedTerm& term) { return term.id == speed.bound; });
    if (bound == speed.terms.end())
        return {};
    const std::string most =
        "most of a step: " + std::string(bound->label) + ", " + percent_text(bound->seconds / sum_of(speed.terms));
    if (is_of_training(speed))
        return "Of an optimizer step, " + most;
    const auto waiting = static_cast<std::int64_t>(std::llround(speed.waiting_requests));
    return counted_requests(speed.running_requests) + (waiting > 0 ? ", " + grouped(waiting) + " wait" : "") + "; " +
           most;
}

} // namespace weighbridge
