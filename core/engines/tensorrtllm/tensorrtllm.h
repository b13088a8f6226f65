#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// TensorRT-LLM: its PyTorch runtime, and engines built by trtllm-build.
extern const Engine tensorrt_llm_rules;

} // namespace weighbridge
