#include "core/report/markdown_text.h"
#include "core/report/table_writers.h"

#include <utility>

namespace weighbridge {

namespace {

/// Formulas hold no backtick and no bar.
std::string markdown_cell(const Column& column, const Cell& cell)
{
    if (column.kind == ColumnKind::code)
        return cell.text.empty() ? cell.text : "`" + cell.text + "`";
    const std::string text = markdown_escaped(cell.text);
    return cell.mark == Mark::bad ? "**" + text + "**" : text;
}

std::string indented(int depth)
{
    std::string indent;
    for (int i = 0; i < depth; ++i)
        indent += "&emsp;";
    return indent;
}

} // namespace

std::string table_markdown(const Table& table)
{
    std::string page;
    if (!table.title.empty())
        page += "### " + markdown_escaped(table.title) + "\n\n";
    if (!table.note.empty())
        page += markdown_escaped(table.note) + ".\n\n";
    std::string rule = "|";
    page += "|";
    for (const Column& column : table.columns)
        if (column.is_shown()) {
            const std::string heading = markdown_escaped(column.heading);
            page += (heading.empty() ? " |" : " " + heading + " |");
            rule += column.kind == ColumnKind::number ? "---:|" : "---|";
        }
    page += "\n" + rule + "\n";
    for (const Row& row : table.rows) {
        std::string indent = indented(row.depth);
        page += "|";
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (table.columns[i].is_shown())
                page += " " + std::exchange(indent, {}) + markdown_cell(table.columns[i], row.cells[i]) + " |";
        page += "\n";
    }
    for (std::size_t note = 0; note < table.notes.size(); ++note)
        page += (note == 0 ? "\n(" : "(") + std::to_string(note + 1) + ") " + markdown_escaped(table.notes[note]) +
                (note + 1 < table.notes.size() ? ".\n\n" : ".\n");
    return page;
}

std::string tables_markdown(std::span<const Table> tables)
{
    std::string page;
    for (const Table& table : tables)
        page += (page.empty() ? "" : "\n") + table_markdown(table);
    return page;
}

} // namespace weighbridge
