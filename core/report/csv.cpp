#include "core/report/csv.h"

#include "core/report/answers_report.h"
#include "core/report/cost_report.h"
#include "core/report/decisions_report.h"
#include "core/report/devices_report.h"
#include "core/report/estimate_tables.h"
#include "core/report/levers_report.h"
#include "core/report/speed_report.h"
#include "core/report/table_writers.h"
#include "core/report/training_report.h"

#include <iterator>
#include <utility>

namespace weighbridge {

namespace {

void add(std::vector<Table>& tables, std::vector<Table> more)
{
    std::move(more.begin(), more.end(), std::back_inserter(tables));
}

void add_if_any(std::vector<Table>& tables, Table table)
{
    if (!table.rows.empty())
        tables.push_back(std::move(table));
}

} // namespace

std::string to_csv(const Estimate& estimate)
{
    std::vector<Table> tables = {terms_table(estimate.terms, estimate.total), scenario_table(estimate),
                                 model_table(estimate), fits_table(estimate)};
    tables.front().rows.push_back(total_row(estimate));
    if (tells_devices(estimate))
        tables.push_back(devices_table(estimate));
    add_if_any(tables, prints_table(estimate));
    if (estimate.training)
        add(tables, {moment_terms_table(*estimate.training), peak_table(*estimate.training)});
    else
        add(tables, {capacity_table(estimate.capacity), pool_table(estimate.capacity)});
    if (estimate.speed)
        add_if_any(tables, speed_table(*estimate.speed));
    if (estimate.cost)
        add_if_any(tables, cost_table(*estimate.cost));
    if (estimate.recommendations)
        tables.push_back(recommendation_table(*estimate.recommendations));
    if (estimate.serving)
        add(tables, serving_tables(*estimate.serving));
    if (estimate.training_tables)
        add(tables, training_tables_of(*estimate.training_tables));
    if (estimate.savings)
        tables.push_back(savings_table(*estimate.savings));
    if (estimate.ladder)
        tables.push_back(ladder_table(*estimate.ladder));
    if (estimate.levers)
        tables.push_back(levers_table(*estimate.levers));
    if (estimate.solutions)
        tables.push_back(solutions_table(*estimate.solutions));
    if (estimate.timeline)
        tables.push_back(timeline_table(*estimate.timeline));
    add(tables, {layers_table(estimate), operations_table(estimate.rooflines)});
    add_if_any(tables, warnings_table(estimate));
    return tables_csv(tables);
}

} // namespace weighbridge
