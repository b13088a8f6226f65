#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

void put(ordered_json& object, std::string_view id, ordered_json value)
{
    const std::size_t dot = id.find('.');
    if (dot == std::string_view::npos)
        object[std::string(id)] = std::move(value);
    else
        put(object[std::string(id.substr(0, dot))], id.substr(dot + 1), std::move(value));
}

ordered_json cell_json(const Column& column, const Cell& cell)
{
    if (std::holds_alternative<std::nullptr_t>(cell.value))
        return nullptr;
    if (const auto* list = std::get_if<std::vector<std::string>>(&cell.value))
        return *list;
    const bool is_text = column.kind == ColumnKind::text || column.kind == ColumnKind::code ||
                         std::holds_alternative<std::monostate>(cell.value);
    return is_text ? ordered_json(cell.text) : value_json(cell.value);
}

bool is_absent(const Column& column, const Cell& cell)
{
    return column.kind == ColumnKind::number && cell.text.empty() && std::holds_alternative<std::monostate>(cell.value);
}

ordered_json object_of(const Table& table, const Row& row)
{
    ordered_json object = ordered_json::object();
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].is_in_json() && !is_absent(table.columns[i], row.cells[i]))
            put(object, table.columns[i].id, cell_json(table.columns[i], row.cells[i]));
    return object;
}

/// The rows from `next` on that are so deep, each with the deeper ones that follow it.
ordered_json rows_from(const Table& table, std::size_t& next, int depth)
{
    ordered_json list = ordered_json::array();
    while (next < table.rows.size() && table.rows[next].depth >= depth) {
        const Row& row = table.rows[next++];
        if (row.emphasis == Emphasis::sum)
            continue;
        ordered_json object = object_of(table, row);
        if (!table.children.empty())
            object[std::string(table.children)] = rows_from(table, next, depth + 1);
        list.push_back(std::move(object));
    }
    return list;
}

} // namespace

ordered_json value_json(const Value& value)
{
    if (const bool* flag = std::get_if<bool>(&value))
        return *flag;
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return *whole;
    const auto* real = std::get_if<double>(&value);
    return real == nullptr ? ordered_json() : ordered_json(*real);
}

nlohmann::ordered_json number_json(double value)
{
    return value_json(number_cell(value).value);
}

nlohmann::ordered_json text_or_null(std::string_view text)
{
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

ordered_json table_json(const Table& table)
{
    std::size_t next = 0;
    return rows_from(table, next, 0);
}

ordered_json row_json(const Table& table)
{
    return object_of(table, table.rows.at(0));
}

ordered_json tables_json(std::span<const Table> tables)
{
    ordered_json object = ordered_json::object();
    for (const Table& table : tables)
        object[std::string(table.id)] = table_json(table);
    return object;
}

std::string json_text(const ordered_json& json, bool one_line)
{
    return json.dump(one_line ? -1 : 2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

} // namespace weighbridge
