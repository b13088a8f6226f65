#pragma once

#include "core/memory/load.h"

#include <optional>
#include <vector>

namespace weighbridge {

struct Question;

/// A question looked at as a whole.
struct Checked
{
    std::vector<Issue> issues; ///< the grave ones first
    std::optional<InferenceInputs>
        inputs; ///< of inference, with the engine's work kept; nothing where an issue is an error
};

/// What validate() says, and what it had to work out for it. `inputs` refer to the question, which must outlive them.
Checked check(const Question& question);

} // namespace weighbridge
