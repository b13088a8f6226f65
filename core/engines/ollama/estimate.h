#pragma once

#include "core/engines/ollama/settings.h"
#include "core/engines/ollama/sums.h"

#include <vector>

namespace weighbridge {

/// What Ollama predicts before it loads, in bytes, as its log and `ollama ps` show it.
struct OllamaEstimate
{
    std::vector<std::size_t> devices; ///< of the machine's that are given layers, in the order of the split
    std::vector<std::int64_t> layers; ///< on each of them
    std::vector<double> allocations;  ///< on each of them
    std::int64_t placed = 0;          ///< layers on GPUs, the output as one
    double on_gpus = 0;               ///< memory.required.partial
    double total = 0;                 ///< memory.required.full
    double graph_full = 0;            ///< memory.graph.full: on several GPUs the partial one
    double graph_partial = 0;         ///< memory.graph.partial
    OllamaSums sums;
    std::int64_t slots = 1;
};

/// Layers in turns over GPUs as long as there is room for one more and the graph (llm/memory.go, EstimateGPULayers),
/// on one GPU where it holds all, else on all (server/sched.go, pickBestFullFitByLibrary).
OllamaEstimate ollama_estimate(const InferenceInputs& load, const OllamaSettings& settings, const LlamaCppRun& run);

} // namespace weighbridge
