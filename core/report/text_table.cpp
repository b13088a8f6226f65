#include "core/report/text_table.h"

#include "core/report/answers_report.h"
#include "core/report/cost_report.h"
#include "core/report/decisions_report.h"
#include "core/report/devices_report.h"
#include "core/report/estimate_tables.h"
#include "core/report/levers_report.h"
#include "core/report/speed_report.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"
#include "core/report/text_lines.h"
#include "core/report/training_report.h"

namespace weighbridge {

namespace {

std::string paragraph(const std::string& text)
{
    return text.empty() ? text : wrapped(text, line_width, "", "  ");
}

/// With an empty line behind it; nothing where it has no rows.
std::string section(const Table& table)
{
    return table.rows.empty() ? std::string() : table_text(table) + '\n';
}

std::string memory_table(const Estimate& estimate)
{
    Table table = terms_table(estimate.terms, estimate.total);
    table.rows.push_back(total_row(estimate));
    return table_text(table);
}

std::string speed_section(const Estimate& estimate)
{
    if (!estimate.speed)
        return {};
    const std::string table = section(speed_table(*estimate.speed));
    const std::string line = speed_line(*estimate.speed);
    return line.empty() ? table : table.substr(0, table.size() - 1) + paragraph(line) + '\n';
}

std::string cost_section(const Estimate& estimate)
{
    if (!estimate.cost)
        return {};
    const std::string table = section(cost_table(*estimate.cost));
    const std::string line = price_line(*estimate.cost);
    return line.empty() ? table : table.substr(0, table.size() - 1) + paragraph(printable(line)) + '\n';
}

std::string more_answers(const Estimate& estimate)
{
    std::string text;
    if (estimate.recommendations)
        text += '\n' + paragraph(recommendation_line(*estimate.recommendations)) + '\n' +
                section(recommendation_table(*estimate.recommendations, Listed::fitting));
    if (estimate.serving)
        text += '\n' + section(serving_lengths_table(*estimate.serving)) +
                section(serving_concurrencies_table(*estimate.serving));
    if (estimate.levers)
        text += '\n' + paragraph(levers_line(*estimate.levers, does_fit(estimate.decisive_fit().verdict))) + '\n' +
                section(levers_table(*estimate.levers));
    if (estimate.ladder)
        text += '\n' + paragraph(ladder_line(*estimate.ladder)) + '\n' + section(ladder_table(*estimate.ladder));
    if (estimate.solutions)
        text += '\n' + section(solutions_table(*estimate.solutions));
    if (estimate.training_tables)
        for (const Table& table : training_tables_of(*estimate.training_tables))
            text += (text.empty() ? "\n" : "") + section(table);
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
        text +=
            wrapped(std::string(severity_word(issue.severity)) + ": " + printable(issue.message), line_width, "", "  ");
    return text.empty() ? text : "\n" + text;
}

} // namespace

std::string to_text(const Estimate& estimate)
{
    std::string text =
        paragraph(printable(model_line(estimate))) + paragraph(printable(workload_line(estimate))) + '\n';
    text +=
        paragraph(verdict_line(estimate)) + paragraph(range_line(estimate)) + paragraph(capacity_line(estimate)) + '\n';
    text += memory_table(estimate) + '\n';
    if (estimate.training) {
        text += section(moments_table(*estimate.training)) + savings_paragraph(estimate);
        if (estimate.training->stages.size() > 1)
            text += section(stages_table(*estimate.training));
        if (estimate.timeline)
            text += section(timeline_lines(*estimate.timeline));
    }
    if (tells_devices(estimate))
        text += section(devices_table(estimate));
    text += section(prints_table(estimate)) + speed_section(estimate) + cost_section(estimate);
    text += table_text(fits_table(estimate));
    text += more_answers(estimate);
    return text + warnings(estimate);
}

} // namespace weighbridge
