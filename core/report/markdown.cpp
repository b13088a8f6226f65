#include "core/report/markdown.h"

#include "core/report/answers_report.h"
#include "core/report/cost_report.h"
#include "core/report/decisions_report.h"
#include "core/report/devices_report.h"
#include "core/report/estimate_tables.h"
#include "core/report/levers_report.h"
#include "core/report/markdown_text.h"
#include "core/report/speed_report.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"
#include "core/report/training_report.h"

namespace weighbridge {

namespace {

void add_memory(std::string& page, const Estimate& estimate)
{
    page += table_markdown(terms_table(estimate.terms, estimate.total)) + "| **Total** | **" +
            gib_text(estimate.total) + "** | | | | |\n\n";
}

void add_table(std::string& page, const Table& table)
{
    if (!table.rows.empty())
        page += table_markdown(table) + '\n';
}

void add_speed(std::string& page, const Estimate& estimate)
{
    if (!estimate.speed)
        return;
    add_table(page, speed_table(*estimate.speed));
    if (const std::string line = speed_line(*estimate.speed); !line.empty())
        page += markdown_escaped(line) + ".\n\n";
}

void add_cost_section(std::string& page, const Estimate& estimate)
{
    if (!estimate.cost)
        return;
    add_table(page, cost_table(*estimate.cost));
    if (const std::string line = price_line(*estimate.cost); !line.empty())
        page += markdown_escaped(line) + ".\n\n";
}

void add_answers(std::string& page, const Estimate& estimate)
{
    if (estimate.recommendations) {
        page += markdown_escaped(recommendation_line(*estimate.recommendations)) + ".\n\n";
        add_table(page, recommendation_table(*estimate.recommendations, Listed::fitting));
    }
    if (estimate.serving) {
        add_table(page, serving_lengths_table(*estimate.serving));
        add_table(page, serving_concurrencies_table(*estimate.serving));
    }
    if (estimate.levers) {
        page += levers_line(*estimate.levers, does_fit(estimate.decisive_fit().verdict)) + ".\n\n";
        add_table(page, levers_table(*estimate.levers));
    }
    if (estimate.ladder) {
        page += markdown_escaped(ladder_line(*estimate.ladder)) + ".\n\n";
        add_table(page, ladder_table(*estimate.ladder));
    }
    if (estimate.solutions)
        add_table(page, solutions_table(*estimate.solutions));
    if (estimate.training_tables)
        for (const Table& table : training_tables_of(*estimate.training_tables))
            add_table(page, table);
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
        page += (issue.severity == Severity::note ? "- Note: "
                                                  : "- **" + std::string(severity_word(issue.severity)) + ":** ") +
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
        add_table(page, moments_table(*estimate.training));
        add_savings(page, estimate);
        if (estimate.training->stages.size() > 1)
            add_table(page, stages_table(*estimate.training));
        if (estimate.timeline)
            add_table(page, timeline_lines(*estimate.timeline));
    }
    if (tells_devices(estimate))
        add_table(page, devices_table(estimate));
    add_table(page, prints_table(estimate));
    add_speed(page, estimate);
    add_cost_section(page, estimate);
    add_table(page, fits_table(estimate));
    add_answers(page, estimate);
    add_warnings(page, estimate);
    if (page.ends_with("\n\n"))
        page.pop_back();
    return page;
}

} // namespace weighbridge
