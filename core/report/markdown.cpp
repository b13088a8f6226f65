#include "core/report/markdown.h"

#include "core/quantity/display.h"
#include "core/report/answers_report.h"
#include "core/report/fits.h"
#include "core/report/markdown_text.h"
#include "core/report/summary.h"
#include "core/report/training_report.h"

#include <string_view>

namespace weighbridge {

namespace {

/// Formulas stand as code; they hold no backtick and no bar.
std::string code(std::string_view text)
{
    return text.empty() ? std::string() : "`" + std::string(text) + "`";
}

void add_terms(std::string& page, const Estimate& estimate, const std::vector<Term>& terms, const std::string& indent)
{
    for (const Term& term : terms) {
        const double share = estimate.total.count == 0
                                 ? 0
                                 : static_cast<double>(term.bytes.count) / static_cast<double>(estimate.total.count);
        page += "| " + indent + markdown_escaped(term.label) + " | " + gib_text(term.bytes) + " | " +
                percent_text(share) + " | " + std::string(basis_name(term.basis)) + " | " + code(term.formula.symbols) +
                " | " + code(term.formula.numbers) + " |\n";
        add_terms(page, estimate, term.children, indent + "&emsp;");
    }
}

void add_memory(std::string& page, const Estimate& estimate)
{
    page += "| Per GPU | GiB | Share | Basis | Formula | With numbers |\n";
    page += "|---|---:|---:|---|---|---|\n";
    add_terms(page, estimate, estimate.terms, {});
    page += "| **Total** | **" + gib_text(estimate.total) + "** | | | | |\n\n";
}

void add_fits(std::string& page, const Estimate& estimate)
{
    page += "| Accelerator | Usable GiB | Used | Free GiB | Verdict |\n";
    page += "|---|---:|---:|---:|---|\n";
    for (const Fit* fit : all_fits(estimate))
        page += "| " + markdown_escaped(fit->accelerator.card_name()) + " | " +
                in_unit_bare(fit->usable, ByteUnit::gib) + " | " + percent_text(fit->fraction) + " | " +
                in_unit_bare({fit->free_bytes}, ByteUnit::gib) + " | " + fit_text(*fit) + " |\n";
    page += '\n';
}

void add_prints(std::string& page, const Estimate& estimate)
{
    if (estimate.engine_prints.empty())
        return;
    page += "| " + markdown_escaped(prints_heading(estimate)) + " | |\n|---|---:|\n";
    for (const EnginePrint& print : estimate.engine_prints)
        page += "| " + markdown_escaped(print.label) + " | " + print_text(print) + " |\n";
    page += '\n';
}

void add_rows(std::string& page, const TextRows& rows)
{
    if (rows.cells.empty())
        return;
    std::string rule = "|";
    page += "|";
    for (const std::string& heading : rows.headings) {
        rule += rule == "|" ? "---|" : "---:|";
        page += " " + markdown_escaped(heading) + " |";
    }
    page += "\n" + rule + "\n";
    for (const auto& row : rows.cells) {
        page += "|";
        for (const std::string& cell : row)
            page += " " + markdown_escaped(cell) + " |";
        page += "\n";
    }
    page += "\n";
    for (std::size_t note = 0; note < rows.notes.size(); ++note)
        page += "(" + std::to_string(note + 1) + ") " + markdown_escaped(rows.notes[note]) + ".\n\n";
}

void add_answers(std::string& page, const Estimate& estimate)
{
    if (estimate.recommendations) {
        page += markdown_escaped(recommendation_line(*estimate.recommendations)) + ".\n\n";
        add_rows(page, recommendation_rows(*estimate.recommendations));
    }
    if (estimate.serving) {
        add_rows(page, serving_length_rows(*estimate.serving));
        add_rows(page, serving_concurrency_rows(*estimate.serving));
    }
}

void add_savings(std::string& page, const Estimate& estimate)
{
    if (!estimate.savings)
        return;
    const std::string line = savings_line(*estimate.training, *estimate.savings);
    if (!line.empty())
        page += markdown_escaped(line) + ".\n\n";
}

void add_warnings(std::string& page, const Estimate& estimate)
{
    for (const Issue& issue : estimate.issues)
        page += std::string(issue.severity == Severity::note ? "- Note: " : "- **Warning:** ") +
                markdown_escaped(issue.message) +
                (issue.field.empty() ? "" : " (" + markdown_escaped(issue.field) + ")") + "\n";
}

} // namespace

std::string to_markdown(const Estimate& estimate)
{
    std::string page = "## " + markdown_escaped(estimate.model->name) + "\n\n";
    page += markdown_escaped(model_line(estimate)) + ".\n";
    page += markdown_escaped(workload_line(estimate)) + ".\n\n";
    page += "**" + verdict_line(estimate) + ".**\n";
    if (const std::string range = range_line(estimate); !range.empty())
        page += range + ".\n";
    page += capacity_line(estimate) + ".\n\n";
    add_memory(page, estimate);
    if (estimate.training) {
        add_rows(page, moment_rows(*estimate.training));
        add_savings(page, estimate);
        add_rows(page, stage_rows(*estimate.training));
    }
    add_prints(page, estimate);
    add_fits(page, estimate);
    add_answers(page, estimate);
    add_warnings(page, estimate);
    if (page.ends_with("\n\n"))
        page.pop_back();
    return page;
}

} // namespace weighbridge
