#pragma once

#include "core/engines/vllm/settings.h"

namespace weighbridge::vllm {

/// Bytes of one rank's layers that lie in the host's memory, and of the buffers on the GPU that they are fetched into.
struct Offloaded
{
    double layers = 0;  ///< of the layers' weights in all
    double moved = 0;   ///< of them, to the host
    double buffers = 0; ///< on the GPU
};

/// cpu_offload_gb: parameters of the layers, in order, until their sum reaches it (model_executor/offloader/uva.py);
/// offload_group_size: the last layers of each group, with buffers for those that are fetched ahead
/// (offloader/prefetch.py). Embedding, head and towers are never moved. Of `inputs.model`, which may be a stage.
Offloaded offloaded(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
