#pragma once

#include "core/answers/deployments.h"

#include <string>
#include <vector>

namespace weighbridge {

/// A combination before anyone looked whether it can be.
struct Candidate
{
    Question question; ///< of one replica
    std::string system;
    std::int64_t replicas = 1;
};

/// Every combination of a range, in the order of its lists.
Result<std::vector<Candidate>> candidates_of(const Question& question, const DeploymentRange& range);

} // namespace weighbridge
