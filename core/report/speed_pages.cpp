#include "core/report/speed_pages.h"

#include "core/quantity/display.h"
#include "core/report/speed_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

constexpr double milli = 1e-3;

std::string_view axis_id(SpeedAxis axis)
{
    switch (axis) {
    case SpeedAxis::requests:
        return "concurrent_requests";
    case SpeedAxis::per_second:
        return "requests_per_second";
    case SpeedAxis::context:
        return "sequence_length";
    }
    return {};
}

struct CurveFigure
{
    std::string_view id;
    std::optional<SpeedFigure> Speed::*figure = nullptr;
};

constexpr std::array<CurveFigure, 6> curve_figures = {
    {{"time_to_first_token_seconds", &Speed::time_to_first_token_seconds},
     {"time_per_output_token_seconds", &Speed::time_per_output_token_seconds},
     {"end_to_end_seconds", &Speed::end_to_end_seconds},
     {"decode_tokens_per_second", &Speed::decode_tokens_per_second},
     {"output_tokens_per_second", &Speed::output_tokens_per_second},
     {"output_tokens_per_second_per_gpu", &Speed::output_tokens_per_second_per_gpu}}};

/// The unit stands once, behind the upper end, where both ends have the same.
std::string range_text(std::string low, const std::string& high)
{
    constexpr std::string_view space = "\u00A0";
    const auto unit = [&](const std::string& text) {
        const std::size_t at = text.rfind(space);
        return at == std::string::npos ? std::string() : text.substr(at);
    };
    if (const std::string own = unit(low); !own.empty() && own == unit(high))
        low.resize(low.size() - own.size());
    return low + "\u00A0– " + high;
}

} // namespace

FigureText seconds_figure(const SpeedFigure& figure)
{
    return {seconds_text(figure.value), range_text(seconds_text(figure.low), seconds_text(figure.high))};
}

FigureText rate_figure(const SpeedFigure& figure)
{
    return {rate_text(figure.value), range_text(rate_text(figure.low), rate_text(figure.high))};
}

FigureText share_figure(const SpeedFigure& figure)
{
    return {percent_text(figure.value), range_text(percent_text(figure.low), percent_text(figure.high))};
}

namespace {

/// Decimals that leave the whole of a step four digits, so that its parts stand below one another.
int part_decimals(double milliseconds)
{
    constexpr int digits = 3;
    constexpr int most = 4;
    return milliseconds > 0 ? std::clamp(digits - static_cast<int>(std::floor(std::log10(milliseconds))), 0, most) : 0;
}

/// "0.05", "<0.01" rather than nothing.
std::string part_text(double milliseconds, int decimals)
{
    const double least = std::pow(10.0, -decimals);
    return milliseconds > 0 && milliseconds < least / 2 ? "<" + decimal_text(least, decimals)
                                                        : decimal_text(milliseconds, decimals);
}

} // namespace

Table speed_parts_table(const std::vector<SpeedTerm>& terms, std::string_view id, std::string_view sum)
{
    Table table{.id = id,
                .columns = {{"part", "", ColumnKind::text, For::programs},
                            {"label", "Part"},
                            {.id = "milliseconds", .heading = "ms", .kind = ColumnKind::number},
                            {.id = "share", .heading = "Share", .kind = ColumnKind::number},
                            {.id = "formula", .heading = "Formula", .elastic = true, .spare = 1},
                            {"numbers", "", ColumnKind::text, For::programs}}};
    const double whole = sum_of(terms);
    const int decimals = part_decimals(whole / milli);
    for (const SpeedTerm& term : terms) {
        const double share = whole > 0 ? term.seconds / whole : 0;
        table.rows.push_back({{text_cell(term.id), text_cell(term.label),
                               real_cell(term.seconds / milli, part_text(term.seconds / milli, decimals)),
                               real_cell(share, percent_text(share)),
                               text_cell(term.formula.symbols, term.formula.symbols + "\n= " + term.formula.numbers),
                               text_cell(term.formula.numbers)}});
    }
    Row total{{text_cell("sum"), text_cell(sum), real_cell(whole / milli, part_text(whole / milli, decimals)),
               real_cell(1, percent_text(1)), text_cell(""), text_cell("")},
              0,
              Emphasis::sum};
    table.rows.push_back(std::move(total));
    return table;
}

Table speed_curve_table(const SpeedCurve& curve)
{
    Table table{.id = "speed_curve",
                .columns = {{.id = std::string(axis_id(curve.axis)), .kind = ColumnKind::number, .who = For::programs},
                            {.id = "running_requests", .kind = ColumnKind::number, .who = For::programs},
                            {.id = "waiting_requests", .kind = ColumnKind::number, .who = For::programs}}};
    for (const CurveFigure& figure : curve_figures)
        for (const std::string_view end : {"", ".low", ".high"})
            table.columns.push_back(
                {.id = std::string(figure.id) + std::string(end), .kind = ColumnKind::number, .who = For::programs});
    for (const SpeedPoint& point : curve.points) {
        const Speed& speed = *point.speed;
        Row row{{number_cell(point.at), number_cell(speed.running_requests), number_cell(speed.waiting_requests)}};
        for (const CurveFigure& shown : curve_figures) {
            const std::optional<SpeedFigure>& figure = speed.*shown.figure;
            for (const auto end : {&SpeedFigure::value, &SpeedFigure::low, &SpeedFigure::high})
                row.cells.push_back(figure ? number_cell((*figure).*end) : unknown_cell());
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace weighbridge
