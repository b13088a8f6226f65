#include "core/report/reference_table.h"

#include "core/quantity/nearest.h"
#include "core/report/csv_table.h"
#include "core/report/markdown_text.h"
#include "core/report/text_table.h"

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::string_view nothing = "—";

/// What has no value comes last, whichever way the others are sorted.
bool before(const ReferenceCell& a, const ReferenceCell& b, bool number, bool descending)
{
    if (a.value && b.value)
        return descending ? *b.value < *a.value : *a.value < *b.value;
    if (a.value || b.value)
        return a.value.has_value();
    return !number && (descending ? b.text < a.text : a.text < b.text);
}

} // namespace

ReferenceCell text_cell(std::string text, std::string remark)
{
    return {std::move(text), std::nullopt, std::move(remark)};
}

ReferenceCell count_cell(std::int64_t count, std::string text)
{
    return {std::move(text), static_cast<double>(count), {}};
}

ReferenceCell empty_cell(std::string remark)
{
    return {std::string(nothing), std::nullopt, std::move(remark)};
}

void sort_by(ReferenceTable& table, std::size_t column, bool descending)
{
    const bool number = table.columns.at(column).number;
    std::stable_sort(table.rows.begin(), table.rows.end(), [&](const auto& a, const auto& b) {
        return before(a.at(column), b.at(column), number, descending);
    });
}

Outcome sort_reference(std::vector<ReferenceTable>& tables, std::string_view column, bool descending)
{
    std::vector<std::string_view> known;
    bool found = false;
    for (ReferenceTable& table : tables) {
        for (const ReferenceColumn& candidate : table.columns)
            known.push_back(candidate.id);
        const auto place = std::find_if(table.columns.begin(), table.columns.end(),
                                        [&](const ReferenceColumn& candidate) { return candidate.id == column; });
        if (place == table.columns.end())
            continue;
        found = true;
        sort_by(table, static_cast<std::size_t>(place - table.columns.begin()), descending);
    }
    if (found)
        return {};
    return Error{"", "there is no column " + in_quotes(column) + nearest_clause(column, known)};
}

std::string reference_text(const std::vector<ReferenceTable>& tables)
{
    constexpr std::size_t width = 80;
    constexpr std::size_t longest_text = 36; // lists of sources: whole in CSV and Markdown
    std::string text;
    for (const ReferenceTable& table : tables) {
        std::vector<Column> columns;
        columns.reserve(table.columns.size());
        for (const ReferenceColumn& column : table.columns)
            columns.push_back({column.heading, column.number ? Align::right : Align::left});
        std::vector<std::vector<std::string>> rows;
        rows.reserve(table.rows.size());
        for (const auto& row : table.rows) {
            std::vector<std::string>& cells = rows.emplace_back();
            for (const ReferenceCell& cell : row)
                cells.push_back(shortened(printable(cell.text), longest_text));
        }
        text += (text.empty() ? "" : "\n") + table.title + '\n' + wrapped(table.note + ".", width, "", "") + '\n' +
                aligned_table(columns, rows);
    }
    return text;
}

std::string reference_markdown(const std::vector<ReferenceTable>& tables)
{
    std::string page;
    for (const ReferenceTable& table : tables) {
        page += (page.empty() ? "### " : "\n### ") + markdown_escaped(table.title) + "\n\n" +
                markdown_escaped(table.note) + ".\n\n";
        std::string headings = "|";
        std::string rule = "|";
        for (const ReferenceColumn& column : table.columns) {
            headings.append(" ").append(markdown_escaped(column.heading)).append(" |");
            rule += column.number ? "---:|" : "---|";
        }
        page.append(headings).append("\n").append(rule).append("\n");
        for (const auto& row : table.rows) {
            page += "|";
            for (const ReferenceCell& cell : row)
                page.append(" ").append(markdown_escaped(cell.text)).append(" |");
            page += "\n";
        }
    }
    return page;
}

std::string reference_csv(const std::vector<ReferenceTable>& tables)
{
    csv::Table result;
    for (const ReferenceTable& table : tables) {
        std::vector<csv::Cell> cells;
        for (const ReferenceColumn& column : table.columns)
            cells.push_back(csv::text(column.id));
        result.section();
        result.row(cells);
        for (const auto& row : table.rows) {
            cells.clear();
            for (std::size_t i = 0; i < row.size(); ++i) {
                const bool bytes = table.columns[i].number;
                cells.push_back(!bytes                   ? csv::text(row[i].text)
                                : row[i].value           ? csv::number(*row[i].value)
                                : row[i].text == nothing ? csv::Cell{}
                                                         : csv::text(row[i].text));
            }
            result.row(cells);
        }
    }
    return std::move(result).take();
}

} // namespace weighbridge
