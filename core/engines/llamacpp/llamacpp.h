#pragma once

#include "core/engines/engine.h"
#include "core/engines/llamacpp/run.h"

namespace weighbridge {

/// llama.cpp; with the version "ik_llama.cpp" its fork.
extern const Engine llama_cpp_rules;
/// The fork under its own name.
extern const Engine ik_llama_cpp_rules;

/// The scenario with llama.cpp's defaults put in (common.h): n_ctx for all sequences, 2048 and 512 tokens per batch and
/// ubatch, flash attention, every layer on the GPU.
LlamaCppRun llama_cpp_run(const InferenceInputs& inputs);

/// The run with a vision model's second file, where that was asked for (--mmproj).
LlamaCppRun with_projector(LlamaCppRun run, const InferenceInputs& inputs);

/// Bytes of one token of a row of the cache layout in one layer.
double llama_cpp_cell_bytes(const InferenceInputs& inputs, const CacheRun& run);

/// The row of an engine that starts llama.cpp, with what all of them share: layers of GGUF files, whole, over the GPUs,
/// and caches in fp16 (cache_type_k and cache_type_v in common.h).
constexpr Engine over_llama_cpp(Engine row)
{
    row.loads_gguf = row.pipelines = row.splits_layers = true;
    row.cache_format = "fp16";
    row.sharding = {.router_divided = true, .latent_divided = true, .even_stages = false};
    row.token_bytes = llama_cpp_cell_bytes;
    return row;
}

/// The tokens of a typed context.
std::optional<RequestLimit> llama_cpp_request_limit(const InferenceChoice& choice);

} // namespace weighbridge
