#include "core/training/pipeline.h"

#include <algorithm>

namespace weighbridge {

double micro_batches_in_flight(const TrainingInputs& inputs, std::int64_t stage)
{
    const auto p = static_cast<double>(inputs.hardware->pipeline_parallel);
    const auto m = static_cast<double>(inputs.hardware->virtual_pipeline);
    const auto batches = static_cast<double>(inputs.microbatches);
    if (p <= 1)
        return 1;
    const double left = p - static_cast<double>(stage);
    const double held = m > 1 ? (p * (m - 1) + 2 * left - 1) / m : left;
    return std::min(held, batches);
}

} // namespace weighbridge
