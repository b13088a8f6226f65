#pragma once

#include "core/engines/vllm/settings.h"

#include <vector>

namespace weighbridge::vllm {

/// What is wrong with options beside each other (errors), and what of them has no rule or is assumed (warnings).
std::vector<Issue> option_issues(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
