#include "core/report/csv_table.h"

#include "core/fields/number_text.h"
#include "core/quantity/bytes.h"

#include <cmath>

namespace weighbridge::csv {

namespace {

void write_line(std::string& csv, std::string_view& separator, std::string_view cell)
{
    csv += separator;
    csv += cell;
    separator = ",";
}

} // namespace

Cell text(std::string_view value)
{
    std::string guarded(value);
    if (!guarded.empty() && std::string_view("=+-@\t\r").find(guarded.front()) != std::string_view::npos)
        guarded.insert(guarded.begin(), '\'');
    if (guarded.find_first_of(",\"\r\n") == std::string::npos)
        return {std::move(guarded)};
    std::string quoted = "\"";
    for (const char letter : guarded)
        quoted.append(letter == '"' ? 2 : 1, letter);
    return {quoted + '"'};
}

Cell count(std::int64_t value)
{
    return {std::to_string(value)};
}

Cell number(double value)
{
    if (!std::isfinite(value))
        return {};
    if (std::floor(value) == value && std::abs(value) <= largest_exact)
        return count(static_cast<std::int64_t>(value));
    return {real_text(value)};
}

void Table::section()
{
    if (!csv_.empty())
        csv_ += "\r\n";
}

void Table::section(std::initializer_list<std::string_view> header)
{
    section();
    std::string_view separator;
    for (const std::string_view name : header)
        write_line(csv_, separator, name);
    csv_ += "\r\n";
}

void Table::row(std::span<const Cell> cells)
{
    std::string_view separator;
    for (const Cell& cell : cells)
        write_line(csv_, separator, cell.text);
    csv_ += "\r\n";
}

} // namespace weighbridge::csv
