#include "core/report/table_writers.h"
#include "core/report/text_lines.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// The columns that stand beside each other, as texts.
struct Grid
{
    std::vector<const Column*> columns;
    std::vector<std::string> headings;
    std::vector<std::vector<std::string>> rows;
    std::vector<std::size_t> widths;

    void measure()
    {
        widths.assign(columns.size(), 0);
        for (std::size_t i = 0; i < columns.size(); ++i) {
            widths[i] = text_width(headings[i]);
            for (const auto& row : rows)
                widths[i] = std::max(widths[i], text_width(row[i]));
        }
    }
};

Grid grid_of(const Table& table, std::size_t longest_cell)
{
    Grid grid;
    grid.rows.resize(table.rows.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        if (!column.is_shown() || column.kind == ColumnKind::code || column.below)
            continue;
        const bool first = grid.columns.empty();
        grid.columns.push_back(&column);
        grid.headings.push_back(printable(column.narrow.empty() ? column.heading : column.narrow));
        for (std::size_t row = 0; row < table.rows.size(); ++row) {
            std::string text = printable(table.rows[row].cells[i].text);
            if (longest_cell > 0)
                text = shortened(text, longest_cell);
            const auto indent = static_cast<std::size_t>(first ? 2 * table.rows[row].depth : 0);
            grid.rows[row].push_back(std::string(indent, ' ') + text);
        }
    }
    grid.measure();
    return grid;
}

/// Shortens the cells of elastic columns to what the others leave of the line, but for a few letters that a cell needs
/// to mean anything.
void make_room(Grid& grid)
{
    constexpr std::size_t least = 12;
    for (std::size_t elastic = 0; elastic < grid.columns.size(); ++elastic) {
        if (!grid.columns[elastic]->elastic)
            continue;
        std::size_t others = 0;
        for (std::size_t i = 0; i < grid.widths.size(); ++i)
            others += i == elastic ? 0 : 2 + grid.widths[i];
        const std::size_t left = std::max(least, line_width - std::min(line_width, others));
        for (auto& row : grid.rows)
            row[elastic] = shortened(row[elastic], left);
        grid.measure();
    }
}

std::string line_of(const Grid& grid, const std::vector<std::string>& cells)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string fill(grid.widths[i] - std::min(grid.widths[i], text_width(cells[i])), ' ');
        const bool right = grid.columns[i]->kind == ColumnKind::number;
        line += (i == 0 ? "" : "  ") + (right ? fill + cells[i] : cells[i] + fill);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

/// Its sentence; its symbols, and below them the numbers where they say anything more.
std::string lines_below(const Table& table, const Row& row)
{
    std::string lines;
    std::string before;
    bool first = true;
    const std::string indent(static_cast<std::size_t>(2 * row.depth + 4), ' ');
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].is_shown())
            continue;
        if (table.columns[i].below)
            lines += wrapped(printable(row.cells[i].text), line_width, indent, indent);
        if (table.columns[i].kind != ColumnKind::code)
            continue;
        const std::string& formula = row.cells[i].text;
        if (!formula.empty() && formula != before)
            lines += wrapped((first ? "" : "= ") + formula, line_width, indent, indent + "  ");
        before = formula;
        first = false;
    }
    return lines;
}

} // namespace

std::string table_text(const Table& table, std::size_t longest_cell)
{
    Grid grid = grid_of(table, longest_cell);
    make_room(grid);
    std::string text;
    if (!table.title.empty())
        text += table.title + '\n' + (table.note.empty() ? "" : wrapped(table.note + ".", line_width, "", "")) + '\n';
    text += line_of(grid, grid.headings);
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        text += line_of(grid, grid.rows[row]) + lines_below(table, table.rows[row]);
    for (std::size_t note = 0; note < table.notes.size(); ++note)
        text += wrapped("(" + std::to_string(note + 1) + ") " + printable(table.notes[note]), line_width, "", "    ");
    return text;
}

std::string tables_text(std::span<const Table> tables, std::size_t longest_cell)
{
    std::string text;
    for (const Table& table : tables)
        text += (text.empty() ? "" : "\n") + table_text(table, longest_cell);
    return text;
}

} // namespace weighbridge
