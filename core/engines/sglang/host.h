#pragma once

#include "core/engines/loaded_extra.h"
#include "core/engines/sglang/rank.h"

#include <vector>

namespace weighbridge::sglang {

/// Weights of one rank in the host's memory: parameters of layers up to cpu_offload_gb (utils/offloader.py), and routed
/// experts beyond kt_num_gpu_experts of each layer, which ktransformers computes there
/// (layers/moe/kt_ep_wrapper.py). Of `inputs.model`, which may be one stage.
OnHost on_host(const InferenceInputs& inputs, const Settings& settings);

/// What lies in the host's memory of all ranks: first-level terms; empty where nothing does.
std::vector<Term> host_terms(const InferenceInputs& inputs, const Settings& settings, const std::vector<Rank>& ranks);

} // namespace weighbridge::sglang
