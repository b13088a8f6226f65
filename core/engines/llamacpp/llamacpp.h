#pragma once

#include "core/engines/engine.h"
#include "core/engines/llamacpp/run.h"

namespace weighbridge {

struct InferenceInputs;

/// llama.cpp and its fork ik_llama.cpp.
extern const Engine llama_cpp_rules;

/// The scenario with llama.cpp's defaults put in (common.h): n_ctx for all sequences, 2048 and 512 tokens per batch and
/// ubatch, flash attention, every layer on the GPU.
LlamaCppRun llama_cpp_run(const InferenceInputs& inputs);

} // namespace weighbridge
