#pragma once

#include "core/engines/llamacpp/ggml_allocator.h"

namespace weighbridge {

/// The devices of a scheduler.
struct GgmlMachine
{
    int gpus = 1;
    int copies = 1;         ///< of inputs (GGML_SCHED_MAX_COPIES, 4, where GPUs work in a pipeline)
    bool op_offload = true; ///< GPUs compute large batches of operations whose weights lie in the host's memory

    int devices() const { return gpus + 1; }
    int cpu() const { return gpus; }
};

/// Gives every node a device and adds the copies that nodes need of what lies elsewhere (ggml-backend.cpp,
/// ggml_backend_sched_split_graph). Nodes whose device is set keep it.
GgmlSchedule ggml_schedule(GgmlGraph& graph, const GgmlMachine& machine);

} // namespace weighbridge
