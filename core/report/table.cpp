#include "core/report/table.h"

#include "core/quantity/bytes.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::string_view nothing = "—";

/// What has no value comes last, whichever way the others are sorted.
bool comes_before(const Cell& a, const Cell& b, bool number, bool descending)
{
    const std::optional<double> left = number_of(a);
    const std::optional<double> right = number_of(b);
    if (left && right)
        return descending ? *right < *left : *left < *right;
    if (left || right)
        return left.has_value();
    return !number && (descending ? b.text < a.text : a.text < b.text);
}

} // namespace

Cell text_cell(std::string_view text, std::string remark)
{
    return {std::string(text), {}, std::move(remark)};
}

Cell count_cell(std::int64_t count, std::string text)
{
    return {std::move(text), count};
}

Cell number_cell(double value, std::string text)
{
    if (!std::isfinite(value))
        return unknown_cell(std::move(text));
    if (std::floor(value) == value && std::abs(value) <= largest_exact)
        return count_cell(static_cast<std::int64_t>(value), std::move(text));
    return {std::move(text), value};
}

Cell real_cell(double value, std::string text)
{
    return {std::move(text), value};
}

Cell known_cell(double value, std::string text)
{
    return value > 0 ? number_cell(value, std::move(text)) : unknown_cell(std::move(text));
}

Cell flag_cell(bool value)
{
    return {{}, value};
}

Cell list_cell(const std::vector<std::string>& texts)
{
    return {joined(texts, "; "), texts};
}

Cell unknown_cell(std::string text, std::string remark)
{
    return {std::move(text), nullptr, std::move(remark)};
}

Cell text_or_unknown(std::string_view text)
{
    return text.empty() ? unknown_cell() : text_cell(text);
}

Cell empty_cell(std::string remark)
{
    return unknown_cell(std::string(nothing), std::move(remark));
}

std::optional<double> number_of(const Cell& cell)
{
    if (const auto* whole = std::get_if<std::int64_t>(&cell.value))
        return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&cell.value))
        return *real;
    return std::nullopt;
}

void sort_by(Table& table, std::size_t column, bool descending)
{
    const bool number = table.columns.at(column).kind == ColumnKind::number;
    std::stable_sort(table.rows.begin(), table.rows.end(), [&](const Row& a, const Row& b) {
        return comes_before(a.cells.at(column), b.cells.at(column), number, descending);
    });
}

Outcome sort_tables(std::vector<Table>& tables, std::string_view column, bool descending)
{
    std::vector<std::string_view> known;
    bool found = false;
    for (Table& table : tables) {
        for (const Column& candidate : table.columns)
            known.push_back(candidate.id);
        const auto place = std::find_if(table.columns.begin(), table.columns.end(),
                                        [&](const Column& candidate) { return candidate.id == column; });
        if (place == table.columns.end())
            continue;
        found = true;
        sort_by(table, static_cast<std::size_t>(place - table.columns.begin()), descending);
    }
    if (found)
        return {};
    return Error{"", "there is no column " + in_quotes(column) + nearest_clause(column, known)};
}

} // namespace weighbridge
