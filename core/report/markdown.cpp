#include "core/report/markdown.h"

#include "core/report/answers_report.h"
#include "core/report/devices_report.h"
#include "core/report/estimate_tables.h"
#include "core/report/markdown_text.h"
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
    }
    if (tells_devices(estimate))
        add_table(page, devices_table(estimate));
    add_table(page, prints_table(estimate));
    add_table(page, fits_table(estimate));
    add_answers(page, estimate);
    add_warnings(page, estimate);
    if (page.ends_with("\n\n"))
        page.pop_back();
    return page;
}

} // namespace weighbridge
