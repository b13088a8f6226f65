#pragma once

#include "core/engines/llamacpp/cells.h"
#include "core/engines/llamacpp/ggml_scheduler.h"
#include "core/engines/llamacpp/placement.h"
#include "core/engines/llamacpp/run.h"

#include <optional>

namespace weighbridge {

/// The graph of one ubatch as llama.cpp reserves memory for it (llama-context.cpp, graph_reserve), and its buffers.
struct ComputeGraph
{
    GgmlGraph graph;
    GgmlSchedule schedule;
    std::vector<std::int64_t> buffers; ///< bytes by device; the last is the host's

    std::int64_t host() const { return buffers.back(); }
};

/// Nothing where the graph of the network's family is not known here.
std::optional<ComputeGraph> compute_graph(const LlamaCppRun& run, const LlamaCppCells& cells,
                                          const LlamaCppPlacement& placement);

/// Whether a layer's attention runs on another device than the layer when one token is computed, for which llama.cpp
/// turns flash attention off if it was left to `auto` (llama-context.cpp).
bool attends_elsewhere(const LlamaCppRun& run, const LlamaCppCells& cells, const LlamaCppPlacement& placement);

} // namespace weighbridge
