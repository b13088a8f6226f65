#pragma once

#include <cstdint>
#include <optional>

namespace weighbridge {

/// What `vllm serve` is started with, by the names of its arguments. What is left out takes vLLM's own default, which
/// for most depends on the version, the device and the model.
struct VllmOptions
{
    std::optional<std::int64_t> max_model_len;
    std::optional<std::int64_t> max_num_seqs;
    std::optional<std::int64_t> max_num_batched_tokens;
    std::optional<double> gpu_memory_utilization;
    std::optional<std::int64_t> kv_cache_memory_bytes; ///< per GPU; takes the place of gpu_memory_utilization
    bool enforce_eager = false;                        ///< no CUDA graphs, no torch.compile
    std::optional<std::int64_t> block_size;            ///< tokens
    std::optional<bool> enable_prefix_caching;
    std::int64_t decode_context_parallel_size = 1;
    std::int64_t num_speculative_tokens = 0;
    bool enable_expert_parallel = false;
    std::optional<std::int64_t> data_parallel_size; ///< hardware.data_parallel where left out

    bool operator==(const VllmOptions&) const = default;
};

} // namespace weighbridge
