#pragma once

#include "core/engines/engine.h"
#include "core/engines/llamacpp/run.h"

namespace weighbridge {

struct InferenceInputs;

/// llama.cpp; with the version "ik_llama.cpp" its fork.
extern const Engine llama_cpp_rules;
/// The fork under its own name.
extern const Engine ik_llama_cpp_rules;

/// How layers of a GGUF file are shared out: whole, by engines that start llama.cpp as well.
inline constexpr ShardingRules llama_cpp_sharding = {
    .router_divided = true, .latent_divided = true, .even_stages = false};

/// The scenario with llama.cpp's defaults put in (common.h): n_ctx for all sequences, 2048 and 512 tokens per batch and
/// ubatch, flash attention, every layer on the GPU.
LlamaCppRun llama_cpp_run(const InferenceInputs& inputs);

/// Bytes of one token of a row of the cache layout in one layer.
double llama_cpp_cell_bytes(const InferenceInputs& inputs, const CacheRun& run);

/// The tokens of a typed context.
std::optional<RequestLimit> llama_cpp_request_limit(const InferenceChoice& choice);

} // namespace weighbridge
