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
    if (inputs.pipeline_schedule == "gpipe") // all run forward before the first goes back
        return batches;
    // ZB-H1 fills its bubbles with the weights' gradients, and every stage holds as much as 1F1B's first
    // (arXiv:2401.10241, table 2)
    if (inputs.pipeline_schedule == "zero_bubble")
        return std::min(p, batches);
    const double left = p - static_cast<double>(stage);
    const bool interleaved = inputs.pipeline_schedule == "interleaved";
    const double held = interleaved ? (p * (m - 1) + 2 * left - 1) / m : left;
    return std::min(held, batches);
}

} // namespace weighbridge
