#pragma once

#include "core/engines/engine.h"

namespace weighbridge {

/// vLLM as an API server: budget by gpu_memory_utilization, weights as loaded, a pool of cache blocks, the profile
/// run's peak, CUDA graphs. Rules by version up to 0.16, from 0.17 and from 0.21 on; sources in the files beside this
/// one and in docs/formulas.md.
extern const Engine vllm_rules;

} // namespace weighbridge
