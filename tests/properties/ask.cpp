#include "tests/properties/ask.h"

#include "app/cli/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace weighbridge::testing {

namespace {

struct Printed
{
    int status = 0;
    std::string out;
    std::string err;
};

Printed estimate_printed(const std::string& scenarios, std::string_view format, const Options& options)
{
    Options arguments{"estimate", "--scenario", "-", "--format", std::string(format)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::istringstream in(scenarios);
    std::ostringstream out;
    std::ostringstream err;
    const int status = run_command_line(arguments, in, out, err, {});
    return {status, out.str(), err.str()};
}

} // namespace

std::vector<Answer> ask(const std::vector<json>& scenarios, const Options& options)
{
    std::vector<Answer> answers;
    while (answers.size() < scenarios.size()) {
        std::string lines;
        for (std::size_t i = answers.size(); i < scenarios.size(); ++i)
            lines += scenarios[i].dump() + '\n';
        const Printed printed = estimate_printed(lines, "json", options);
        std::istringstream reports(printed.out);
        for (std::string line; std::getline(reports, line);)
            answers.push_back({json::parse(line), {}});
        if (printed.status != 0 && answers.size() < scenarios.size()) // the first that is refused ends a run
            answers.push_back({{}, printed.err.empty() ? "refused without a word" : printed.err});
        else if (answers.size() < scenarios.size()) {
            ADD_FAILURE() << "fewer answers than questions";
            answers.resize(scenarios.size());
        }
    }
    return answers;
}

Answer ask(const json& scenario, const Options& options)
{
    return ask(std::vector<json>{scenario}, options).front();
}

std::string ask_for(std::string_view format, const json& scenario, const Options& options)
{
    const Printed printed = estimate_printed(scenario.dump() + '\n', format, options);
    EXPECT_EQ(printed.status, 0) << printed.err << pasted(scenario);
    return printed.out;
}

json but(json scenario, std::string_view key, const json& value)
{
    json* node = &scenario;
    for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.')) {
        node = &(*node)[std::string(key.substr(0, dot))];
        key.remove_prefix(dot + 1);
    }
    if (value.is_null())
        node->erase(std::string(key));
    else
        (*node)[std::string(key)] = value;
    return scenario;
}

std::int64_t total(const json& report)
{
    return report["per_gpu"]["total_bytes"].get<std::int64_t>();
}

std::int64_t term(const json& report, std::string_view id)
{
    for (const json& each : report["per_gpu"]["terms"])
        if (each["id"] == id)
            return each["bytes"].get<std::int64_t>();
    return 0;
}

bool can_be_held(const json& report)
{
    const json& state = report["fit"][0]["state"];
    return state != "cant_run" && state != "not_known";
}

bool holds(const json& report)
{
    const json& verdict = report["fit"][0]["verdict"];
    return verdict == "fits" || verdict == "tight";
}

std::string pasted(const json& scenario)
{
    return "\n  " + scenario.dump();
}

std::string pasted(const json& scenario, const json& other)
{
    return pasted(scenario) + pasted(other);
}

} // namespace weighbridge::testing
