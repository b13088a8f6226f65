#pragma once

#include "core/engines/ollama/release.h"
#include "core/memory/load.h"
#include "core/quantity/bytes.h"

#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {

/// A GPU as Ollama sees it. Bytes.
struct OllamaGpu
{
    std::size_t number = 0; ///< its place among the machine's
    double free = 0;        ///< what the driver calls free
    double total = 0;       ///< what it calls the total
    double minimum = 0;     ///< what is left for the driver's own needs (discover/gpu.go)
    bool metal = false;
    bool cuda = false;
};

/// What a load is started with: what was said, else the release's own.
struct OllamaSettings
{
    OllamaRelease release;
    std::string architecture; ///< as GGUF files call it
    OllamaRunner runner = OllamaRunner::llama_server;
    OllamaPlacing placing = OllamaPlacing::fit;
    std::vector<OllamaGpu> gpus;

    std::int64_t num_ctx = 0;     ///< of a slot
    std::int64_t slots = 1;       ///< that are tried first
    bool may_be_one_slot = false; ///< where more don't fit
    std::int64_t num_batch = 512; ///< said, or the first to try
    bool batch_said = false;
    std::int64_t num_gpu = -1; ///< layers; -1: as many as fit

    bool flash = false;
    bool flash_auto = false; ///< llama.cpp turns it off where it can't
    NumberFormat kv_k;
    NumberFormat kv_v;
    bool cache_refused = false; ///< another type was asked for than it takes

    double projector = 0; ///< bytes of the vision part; 0: none or not loaded
    bool projector_on_host = false;
};

OllamaSettings ollama_settings(const InferenceInputs& load);

/// Tokens of a sequence where nobody chose its length: of the default context.
std::int64_t ollama_usual_tokens(const InferenceInputs& load);

/// Slots that were said; nothing for "auto" and where nobody did.
std::optional<std::int64_t> ollama_slots_said(const InferenceChoice& choice);
/// Whether num_parallel can be read.
bool ollama_can_read_slots(const InferenceChoice& choice);

/// Bytes of an element of the cache as Ollama's own sums have it: 2, 1 and 0.5 (fs/ggml/ggml.go,
/// kvCacheBytesPerElement).
double ollama_cache_element(const NumberFormat& format);

} // namespace weighbridge
