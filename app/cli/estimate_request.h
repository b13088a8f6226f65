#pragma once

#include "app/cli/options.h"
#include "app/cli/report_format.h"
#include "core/answers/more_answers.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The options of `weighbridge estimate`.
std::span<const Option> estimate_options();

/// The arguments, checked as far as that goes without a scenario.
struct EstimateRequest
{
    ParsedArguments arguments;
    std::optional<ModelReference> model;
    std::vector<std::string> scenarios;
    std::string from_command; ///< the file of a launch command; empty: none
    std::string output;
    ReportFormat format = ReportFormat::table;
    bool one_line = false;
    MoreAnswers answers;
};

Result<EstimateRequest> read_request(std::span<const std::string> arguments);

/// MODEL and options over the scenario's own keys, --set over both.
Outcome apply_arguments(Scenario& scenario, const EstimateRequest& request);

/// KEY=VALUE of the key that --compare varies, which may name an accelerator, a group of them or a model; a bare name
/// is looked for among those of inference, precision and hardware.
Outcome set_varied(Scenario& scenario, const std::string& assignment);

/// The parts between commas.
std::vector<std::string> list_in(std::string_view text);

} // namespace weighbridge
