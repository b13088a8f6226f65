#pragma once

#include "core/engines/llamacpp/run.h"
#include "core/engines/ollama/settings.h"

#include <vector>

namespace weighbridge {

/// What Ollama itself adds up before anything is loaded. It decides which layers lie where; what is allocated is the
/// runner's. Bytes.
struct OllamaSums
{
    std::vector<double> weights; ///< by layer of the network
    std::vector<double> cache;   ///< the same
    double output = 0;           ///< final norm and head
    double file = 0;             ///< the whole file
    double graph_full = 0;       ///< of each GPU where all layers lie on GPUs
    double graph_partial = 0;    ///< of each GPU else
    double vision_graph = 0;     ///< beside the projector of Ollama's own engine

    double cache_total() const;
};

/// For so many slots (fs/ggml/ggml.go, GraphSize; llm/memory.go).
OllamaSums ollama_sums(const OllamaSettings& settings, const LlamaCppRun& run, std::int64_t slots);

/// What llama-server is thought to take before it is started: the file and a cache in 16 bits of every layer alike
/// (llm/llama_server.go, PredictServerVRAM).
double ollama_prediction(const LlamaCppRun& run, double file, std::int64_t tokens);

/// The batch of a release with llama-server where nobody said (server/sched.go, automaticGenerationBatch).
std::int64_t ollama_automatic_batch(const OllamaSettings& settings, std::int64_t tokens, double prediction,
                                    double available, const std::vector<OllamaGpu>& gpus);

} // namespace weighbridge
