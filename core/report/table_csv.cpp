#include "core/fields/number_text.h"
#include "core/report/table_writers.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

std::string guarded_text(std::string_view value)
{
    std::string guarded(value);
    if (!guarded.empty() && std::string_view("=+-@\t\r").find(guarded.front()) != std::string_view::npos)
        guarded.insert(guarded.begin(), '\'');
    if (guarded.find_first_of(",\"\r\n") == std::string::npos)
        return guarded;
    std::string quoted = "\"";
    for (const char letter : guarded)
        quoted.append(letter == '"' ? 2 : 1, letter);
    return quoted + '"';
}

/// Empty for what is no number.
std::string number_text(double value)
{
    const Cell cell = number_cell(value);
    if (const auto* whole = std::get_if<std::int64_t>(&cell.value))
        return std::to_string(*whole);
    return std::isfinite(value) ? real_text(value) : std::string();
}

std::string csv_cell(const Column& column, const Cell& cell)
{
    if (column.kind == ColumnKind::text || column.kind == ColumnKind::code ||
        std::holds_alternative<std::monostate>(cell.value))
        return guarded_text(cell.text);
    if (const bool* flag = std::get_if<bool>(&cell.value))
        return column.kind == ColumnKind::yes_no ? (*flag ? "yes" : "no") : (*flag ? "true" : "false");
    if (const auto* whole = std::get_if<std::int64_t>(&cell.value))
        return std::to_string(*whole);
    const auto* real = std::get_if<double>(&cell.value);
    return real == nullptr ? std::string() : number_text(*real);
}

std::string csv_name(const Column& column)
{
    if (!column.csv.empty())
        return column.csv;
    std::string name = column.id;
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
}

} // namespace

std::string table_csv(const Table& table)
{
    std::string csv;
    const auto line = [&](const auto& cell_of) {
        bool first = true;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!table.columns[i].is_in_csv())
                continue;
            csv += (first ? "" : ",") + cell_of(i);
            first = false;
        }
        csv += "\r\n";
    };
    line([&](std::size_t i) { return csv_name(table.columns[i]); });
    for (const Row& row : table.rows)
        line([&](std::size_t i) { return csv_cell(table.columns[i], row.cells[i]); });
    return csv;
}

std::string tables_csv(std::span<const Table> tables)
{
    std::string csv;
    for (const Table& table : tables)
        csv += (csv.empty() ? "" : "\r\n") + table_csv(table);
    return csv;
}

} // namespace weighbridge
