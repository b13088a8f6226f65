#pragma once

#include "app/cli/command_line.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace weighbridge::testing {

using Arguments = std::vector<std::string>;

/// What a command printed, and its exit status.
struct Answer
{
    int status = -1;
    std::string out;
    std::string err;

    nlohmann::json report() const { return nlohmann::json::parse(out); }
};

/// The command line in this process.
inline Answer run(const Arguments& arguments, const std::string& input = {}, const Environment& environment = {})
{
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Answer answer;
    answer.status = run_command_line(arguments, in, out, err, environment);
    answer.out = out.str();
    answer.err = err.str();
    return answer;
}

/// The report of an estimate that is done.
inline nlohmann::json report_of(Arguments arguments)
{
    arguments.insert(arguments.begin(), "estimate");
    arguments.insert(arguments.end(), {"--format", "json"});
    const Answer answer = run(arguments);
    EXPECT_EQ(answer.status, 0) << answer.err;
    return answer.status == 0 ? nlohmann::json::parse(answer.out) : nlohmann::json();
}

} // namespace weighbridge::testing
