#pragma once

#include "core/accuracy/measured_set.h"

namespace weighbridge {

/// Runs of servers (vLLM, SGLang), whose records carry the scenario that they were.
Result<MeasuredRun> read_served_run(const Record& record, MeasuredModels& models);

} // namespace weighbridge
