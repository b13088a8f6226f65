#pragma once

#include "core/quantity/result.h"
#include "core/training/timeline.h"

namespace weighbridge {

struct Question;

/// A training step from left to right. Of training only; the error is that of a question without an answer.
Result<TimelinePointer> step_timeline(const Question& question);

} // namespace weighbridge
