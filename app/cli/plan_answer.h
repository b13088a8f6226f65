#pragma once

#include "app/cli/estimate_request.h"
#include "app/cli/resolver.h"
#include "core/answers/deployments.h"

#include <iosfwd>
#include <string>

namespace weighbridge {

/// The deployments of `--plan FILE` over a scenario to which the arguments were applied. Progress goes to `err` where
/// that is a terminal.
Result<DeploymentsPointer> answer_plan(Scenario scenario, const std::string& path, Resolver& resolver,
                                       std::ostream& err);

/// As text of that format; a plan is not drawn.
Result<std::string> plan_text(const Deployments& plan, const EstimateRequest& request);

} // namespace weighbridge
