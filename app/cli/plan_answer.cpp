#include "app/cli/plan_answer.h"

#include "core/files/files.h"
#include "core/quantity/nearest.h"
#include "core/report/deployments_report.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <iostream>

namespace weighbridge {

namespace {

/// Of a cell in a terminal.
constexpr std::size_t longest_plan_text = 24;

/// One line that is written over, a hundred times at most; none where nobody watches.
Progress progress_on(std::ostream& err)
{
    if (&err != &std::cerr || isatty(STDERR_FILENO) == 0)
        return {};
    return [&err](std::size_t done, std::size_t all) {
        constexpr std::size_t parts = 100;
        if (done % std::max<std::size_t>(1, all / parts) == 0)
            err << '\r' << done << " of " << all << " candidates" << std::flush;
        if (done + 1 == all)
            err << "\r\033[K" << std::flush;
        return true;
    };
}

} // namespace

Result<DeploymentsPointer> answer_plan(Scenario scenario, const std::string& path, Resolver& resolver,
                                       std::ostream& err)
{
    const auto text = read_file(path);
    if (!text)
        return text.error();
    const auto range = read_plan(*text, path, scenario);
    if (!range)
        return range.error();
    const auto question = resolver.resolve(scenario);
    if (!question)
        return question.error();
    return deployments(*question, *range, progress_on(err));
}

Result<std::string> plan_text(const Deployments& plan, const EstimateRequest& request)
{
    if (request.format == ReportFormat::picture)
        return Error{"", "--output is " + in_quotes(request.output) +
                             "; a plan is not drawn: its ending must be .csv, .json, .md or .txt"};
    if (request.format == ReportFormat::json)
        return json_text(deployments_json(plan), request.one_line);
    return rendered(deployments_tables(plan), request.format, longest_plan_text);
}

} // namespace weighbridge
