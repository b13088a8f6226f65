#pragma once

#include "core/engines/version.h"
#include "core/memory/load.h"

namespace weighbridge::vllm {

/// Where vLLM's memory rules changed.
enum class Era
{
    up_to_0_16,   ///< sampler sorts all logits; CUDA graphs outside the budget
    from_0_17,    ///< sampler searches pivots in Triton
    from_0_21_on, ///< an estimate of the CUDA graphs is taken out of the budget; printed tokens follow concurrency
};

/// A scenario's options with vLLM's defaults for what was left out.
struct Settings
{
    EngineVersion version;
    Era era = Era::from_0_21_on;
    std::int64_t max_model_len = 1;
    std::int64_t max_num_seqs = 1;
    std::int64_t max_num_batched_tokens = 1;
    double gpu_memory_utilization = 0.92;
    std::int64_t block_size = 16;
    bool enable_prefix_caching = true;
    bool enforce_eager = false;
    std::int64_t tensor_parallel = 1;
    std::int64_t pipeline_parallel = 1;
    std::int64_t data_parallel = 1;
    std::int64_t decode_context_parallel = 1;
    std::int64_t speculative_tokens = 0;
    std::int64_t tokens_in_flight = 1; ///< that layers with a window hold beside it
    bool hybrid_manager = true;        ///< false: layers with a window keep all tokens
    bool expert_parallel = false;
    std::int64_t adapters = 0; ///< slots of adapters; 0 without enable_lora
    std::int64_t adapter_rank = 0;
    bool adapters_sharded = false;       ///< both halves
    std::int64_t compute_capability = 0; ///< 90 for 9.0; 0 where it is not NVIDIA's or not known
    double total_memory = 0;             ///< bytes, as the device reports them to a process
    double model_bytes = 2;              ///< per element of what is computed: 4 for a float32 model
};

/// Defaults of vLLM's engine/arg_utils.py: get_batch_defaults, and of CacheConfig.
Settings settings_of(const InferenceInputs& inputs);

} // namespace weighbridge::vllm
