#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// What `vllm serve` is started with, by the names of its arguments. What is left out takes vLLM's own default, which
/// for most depends on the version, the device and the model.
struct VllmOptions
{
    static constexpr std::string_view engine = "vllm"; ///< whose they are

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
    std::optional<bool> enable_expert_parallel;
    std::optional<std::int64_t> data_parallel_size; ///< hardware.data_parallel where left out
    std::optional<std::int64_t> num_gpu_blocks_override;
    std::optional<bool> async_scheduling; ///< on where left out
    bool disable_hybrid_kv_cache_manager = false;
    bool enable_lora = false;
    std::int64_t max_loras = 1;
    std::int64_t max_lora_rank = 16;
    bool fully_sharded_loras = false;

    bool operator==(const VllmOptions&) const = default;
};

inline constexpr std::array vllm_options = {
    OptionRow<VllmOptions>{.name = "max_model_len",
                           .member = member<&VllmOptions::max_model_len>,
                           .range = {1, most_tokens},
                           .help = "Tokens of the longest request that is admitted",
                           .left_out = "as long as the network was made for"},
    OptionRow<VllmOptions>{.name = "max_num_seqs",
                           .member = member<&VllmOptions::max_num_seqs>,
                           .range = {1, most_sequences},
                           .help = "Sequences at a time at most",
                           .left_out = "by version and device"},
    OptionRow<VllmOptions>{.name = "max_num_batched_tokens",
                           .also = {"max_batched_tokens"},
                           .member = member<&VllmOptions::max_num_batched_tokens>,
                           .range = {1, most_tokens},
                           .help = "Tokens of one step at most; the profile run is that long",
                           .left_out = "by version and device"},
    OptionRow<VllmOptions>{.name = "gpu_memory_utilization",
                           .member = member<&VllmOptions::gpu_memory_utilization>,
                           .range = {0, 1, true},
                           .help = "The share of the device that it takes",
                           .left_out = "by version"},
    OptionRow<VllmOptions>{.name = "kv_cache_memory_bytes",
                           .member = member<&VllmOptions::kv_cache_memory_bytes>,
                           .range = {1, most_bytes},
                           .unit = CountUnit::bytes,
                           .help = "The cache's own size per GPU, in place of gpu_memory_utilization",
                           .left_out = "what gpu_memory_utilization leaves"},
    OptionRow<VllmOptions>{.name = "enforce_eager",
                           .member = member<&VllmOptions::enforce_eager>,
                           .help = "Neither CUDA graphs nor torch.compile"},
    OptionRow<VllmOptions>{.name = "block_size",
                           .member = member<&VllmOptions::block_size>,
                           .range = {1, 65536},
                           .help = "Tokens of a block of the cache",
                           .left_out = "by version and attention backend"},
    OptionRow<VllmOptions>{.name = "enable_prefix_caching",
                           .member = member<&VllmOptions::enable_prefix_caching>,
                           .help = "Blocks are kept for requests that begin alike",
                           .left_out = "by version and network"},
    OptionRow<VllmOptions>{.name = "decode_context_parallel_size",
                           .member = member<&VllmOptions::decode_context_parallel_size>,
                           .range = {1, most_ranks},
                           .help = "Tensor-parallel ranks that share the cache's tokens while decoding"},
    OptionRow<VllmOptions>{.name = "num_speculative_tokens",
                           .member = member<&VllmOptions::num_speculative_tokens>,
                           .range = {0, 1024},
                           .help = "Tokens that are drafted ahead"},
    OptionRow<VllmOptions>{.name = "enable_expert_parallel",
                           .member = member<&VllmOptions::enable_expert_parallel>,
                           .help = "Whole experts on each rank in place of a slice of every one",
                           .left_out = "with hardware.expert_parallel"},
    OptionRow<VllmOptions>{.name = "data_parallel_size",
                           .member = member<&VllmOptions::data_parallel_size>,
                           .range = {1, most_ranks},
                           .help = "Replicas of the attention, each with requests of its own",
                           .left_out = "hardware.data_parallel"},
    OptionRow<VllmOptions>{.name = "num_gpu_blocks_override",
                           .member = member<&VllmOptions::num_gpu_blocks_override>,
                           .range = {1, most_tokens},
                           .help = "Blocks of the cache, in place of those that memory has room for",
                           .left_out = "as many as there is room for"},
    OptionRow<VllmOptions>{.name = "async_scheduling",
                           .member = member<&VllmOptions::async_scheduling>,
                           .help = "The next step is scheduled while one runs, and a window keeps the tokens of both",
                           .left_out = "on"},
    OptionRow<VllmOptions>{.name = "disable_hybrid_kv_cache_manager",
                           .member = member<&VllmOptions::disable_hybrid_kv_cache_manager>,
                           .help = "Layers with a window keep as many tokens as those without"},
    OptionRow<VllmOptions>{.name = "enable_lora",
                           .member = member<&VllmOptions::enable_lora>,
                           .help = "Buffers for adapters beside every matrix"},
    OptionRow<VllmOptions>{.name = "max_loras",
                           .member = member<&VllmOptions::max_loras>,
                           .range = {1, 1024},
                           .help = "Adapters in one batch at most, with enable_lora"},
    OptionRow<VllmOptions>{.name = "max_lora_rank",
                           .member = member<&VllmOptions::max_lora_rank>,
                           .range = {1, 512},
                           .help = "Rank of the buffers for adapters, with enable_lora"},
    OptionRow<VllmOptions>{.name = "fully_sharded_loras",
                           .member = member<&VllmOptions::fully_sharded_loras>,
                           .help = "Both halves of the adapters' buffers are divided over the ranks"},
};

} // namespace weighbridge
