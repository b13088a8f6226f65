#include "core/report/text_table.h"

#include "core/quantity/display.h"
#include "core/report/answers_report.h"
#include "core/report/fits.h"
#include "core/report/summary.h"
#include "core/report/training_report.h"

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::size_t line_width = 80;

std::string padded(const std::string& text, std::size_t width, Align align)
{
    const std::string fill(width - std::min(width, text_width(text)), ' ');
    return align == Align::left ? text + fill : fill + text;
}

std::string line_of(const std::vector<Column>& columns, const std::vector<std::size_t>& widths,
                    const std::vector<std::string>& cells)
{
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i)
        line += (i == 0 ? "" : "  ") + padded(cells[i], widths[i], columns[i].align);
    line.erase(line.find_last_not_of(' ') + 1);
    return line + '\n';
}

std::vector<std::size_t> widths_of(const std::vector<Column>& columns,
                                   const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::size_t> widths;
    widths.reserve(columns.size());
    for (const Column& column : columns)
        widths.push_back(text_width(column.heading));
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], text_width(row[i]));
    return widths;
}

std::string paragraph(const std::string& text)
{
    return text.empty() ? text : wrapped(text, line_width, "", "  ");
}

// ---- terms: an aligned line each, with the formula below

struct TermLine
{
    const Term* term;
    std::size_t depth;
};

void collect(std::vector<TermLine>& lines, const std::vector<Term>& terms, std::size_t depth)
{
    for (const Term& term : terms) {
        lines.push_back({&term, depth});
        collect(lines, term.children, depth + 1);
    }
}

std::string share_text(Bytes part, Bytes whole)
{
    return whole.count == 0 ? percent_text(0)
                            : percent_text(static_cast<double>(part.count) / static_cast<double>(whole.count));
}

std::string memory_table(const Estimate& estimate)
{
    std::vector<TermLine> lines;
    collect(lines, estimate.terms, 0);
    std::vector<std::vector<std::string>> rows;
    rows.reserve(lines.size() + 1);
    for (const TermLine& line : lines)
        rows.push_back({std::string(2 * line.depth, ' ') + printable(line.term->label), gib_text(line.term->bytes),
                        share_text(line.term->bytes, estimate.total), std::string(basis_name(line.term->basis))});
    rows.push_back({"Total", gib_text(estimate.total), share_text(estimate.total, estimate.total), ""});

    const std::string table = aligned_table(
        {{"Per GPU", Align::left}, {"GiB", Align::right}, {"Share", Align::right}, {"Basis", Align::left}}, rows);
    std::string text;
    std::size_t at = 0;
    for (std::size_t row = 0; at < table.size(); ++row) {
        const std::size_t end = table.find('\n', at) + 1;
        text += table.substr(at, end - at);
        at = end;
        if (row == 0 || row > lines.size()) // heading and total have no formula
            continue;
        const TermLine& line = lines[row - 1];
        const std::string indent(2 * line.depth + 4, ' ');
        if (!line.term->formula.symbols.empty())
            text += wrapped(line.term->formula.symbols, line_width, indent, indent + "  ");
        if (!line.term->formula.numbers.empty() && line.term->formula.numbers != line.term->formula.symbols)
            text += wrapped("= " + line.term->formula.numbers, line_width, indent, indent + "  ");
    }
    return text;
}

std::string prints_table(const Estimate& estimate)
{
    if (estimate.engine_prints.empty())
        return {};
    std::vector<std::vector<std::string>> rows;
    rows.reserve(estimate.engine_prints.size());
    for (const EnginePrint& print : estimate.engine_prints)
        rows.push_back({std::string(print.label), print_text(print)});
    return aligned_table({{prints_heading(estimate), Align::left}, {"", Align::right}}, rows) + '\n';
}

/// Shortens the cells of the first column to what the others leave of the line, but for a few letters that a cell needs
/// to mean anything.
void shorten_first(const std::vector<Column>& columns, std::vector<std::vector<std::string>>& rows)
{
    constexpr std::size_t least = 12;
    std::size_t others = 0;
    const std::vector<std::size_t> widths = widths_of(columns, rows);
    for (std::size_t i = 1; i < widths.size(); ++i)
        others += 2 + widths[i];
    const std::size_t left = std::max(least, line_width - std::min(line_width, others));
    for (auto& row : rows)
        row.front() = shortened(row.front(), left);
}

std::string fit_table(const Estimate& estimate)
{
    std::vector<std::vector<std::string>> rows;
    for (const Fit* fit : all_fits(estimate))
        rows.push_back({printable(fit->accelerator.card_name()), in_unit_bare(fit->usable, ByteUnit::gib),
                        percent_text(fit->fraction), in_unit_bare({fit->free_bytes}, ByteUnit::gib), fit_text(*fit)});
    const std::vector<Column> columns = {{"Accelerator, GiB", Align::left},
                                         {"Usable", Align::right},
                                         {"Used", Align::right},
                                         {"Free", Align::right},
                                         {"Verdict", Align::left}};
    shorten_first(columns, rows);
    return aligned_table(columns, rows);
}

std::string of_rows(const TextRows& rows)
{
    if (rows.cells.empty())
        return {};
    std::vector<Column> columns;
    columns.reserve(rows.headings.size());
    for (const std::string& heading : rows.headings)
        columns.push_back({heading, columns.empty() ? Align::left : Align::right});
    std::string text = aligned_table(columns, rows.cells);
    for (std::size_t note = 0; note < rows.notes.size(); ++note)
        text += wrapped("(" + std::to_string(note + 1) + ") " + printable(rows.notes[note]), line_width, "", "    ");
    return text + '\n';
}

std::string moments_table(const TrainingMemory& memory)
{
    return of_rows(moment_rows(memory));
}

std::string stages_table(const TrainingMemory& memory)
{
    return of_rows(stage_rows(memory));
}

std::string more_answers(const Estimate& estimate)
{
    std::string text;
    if (estimate.recommendations)
        text += '\n' + paragraph(recommendation_line(*estimate.recommendations)) + '\n' +
                of_rows(recommendation_rows(*estimate.recommendations));
    if (estimate.serving)
        text += '\n' + of_rows(serving_length_rows(*estimate.serving)) +
                of_rows(serving_concurrency_rows(*estimate.serving));
    if (text.ends_with("\n\n"))
        text.pop_back();
    return text;
}

std::string savings_paragraph(const Estimate& estimate)
{
    if (!estimate.training || !estimate.savings)
        return {};
    const std::string line = savings_line(*estimate.training, *estimate.savings);
    return line.empty() ? line : paragraph(line) + '\n';
}

std::string warnings(const Estimate& estimate)
{
    std::string text;
    for (const Issue& issue : estimate.issues)
        text += wrapped((issue.severity == Severity::note ? "Note: " : "Warning: ") + printable(issue.message),
                        line_width, "", "  ");
    return text.empty() ? text : "\n" + text;
}

} // namespace

std::string shortened(const std::string& text, std::size_t width)
{
    if (text_width(text) <= width)
        return text;
    std::size_t end = 0;
    for (std::size_t left = width; end < text.size(); ++end) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (starts && --left == 0)
            break;
    }
    return text.substr(0, end) + "…";
}

std::size_t text_width(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string printable(std::string_view text)
{
    std::string safe(text);
    for (std::size_t i = 0; i < safe.size(); ++i) {
        const auto byte = static_cast<unsigned char>(safe[i]);
        const bool c1 = byte == 0xC2 && i + 1 < safe.size() && static_cast<unsigned char>(safe[i + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F)
            safe[i] = '?';
        else if (c1)
            safe.replace(i, 2, "?");
    }
    return safe;
}

std::string aligned_table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows)
{
    std::vector<std::string> headings;
    headings.reserve(columns.size());
    for (const Column& column : columns)
        headings.push_back(column.heading);
    const std::vector<std::size_t> widths = widths_of(columns, rows);
    std::string text = line_of(columns, widths, headings);
    for (const auto& row : rows)
        text += line_of(columns, widths, row);
    return text;
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view first_indent, std::string_view indent)
{
    std::string lines;
    std::string line(first_indent);
    bool empty = true;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, space);
        text.remove_prefix(std::min(space + 1, text.size()));
        if (word.empty())
            continue;
        if (!empty && text_width(line) + 1 + text_width(word) > width) {
            lines += line + '\n';
            line = indent;
            empty = true;
        }
        line += (empty ? "" : " ") + std::string(word);
        empty = false;
    }
    return lines + line + '\n';
}

std::string to_text(const Estimate& estimate)
{
    std::string text =
        paragraph(printable(model_line(estimate))) + paragraph(printable(workload_line(estimate))) + '\n';
    text +=
        paragraph(verdict_line(estimate)) + paragraph(range_line(estimate)) + paragraph(capacity_line(estimate)) + '\n';
    text += memory_table(estimate) + '\n';
    if (estimate.training)
        text += moments_table(*estimate.training) + savings_paragraph(estimate) + stages_table(*estimate.training);
    text += prints_table(estimate);
    text += fit_table(estimate);
    text += more_answers(estimate);
    return text + warnings(estimate);
}

} // namespace weighbridge
