#pragma once

#include "core/engines/version.h"
#include "core/memory/load.h"

#include <vector>

namespace weighbridge::vllm {

/// Where vLLM's memory rules changed.
enum class Era
{
    up_to_0_16,   ///< sampler sorts all logits; CUDA graphs outside the budget
    from_0_17,    ///< sampler searches pivots in Triton
    from_0_21_on, ///< an estimate of the CUDA graphs is taken out of the budget; printed tokens follow concurrency
};

/// What drafts tokens beside the network (config/speculative.py).
enum class DraftKind
{
    none,
    lookup,            ///< n-grams and suffixes: no weights, no cache
    rows_only,         ///< tokens are counted, and nobody said what drafts them
    prediction_layers, ///< the checkpoint's own
    eagle,             ///< a layer that reads the network's last states
    eagle3,            ///< one that reads three of them, with a head of its own
    network,           ///< one of its own
    heads,             ///< Medusa and its like, which have no rule here
    unknown,           ///< a method that vLLM hasn't got
};

/// Which states a request keeps for prefixes (mamba_cache_mode).
enum class StatesKept
{
    by_prefix_caching, ///< with it those at the end of a prompt
    none,
    at_the_end,
    at_each_block,
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
    DraftKind draft = DraftKind::none;
    std::int64_t draft_ranks = 1; ///< that share it
    std::int64_t speculative_tokens = 0;
    std::int64_t tokens_in_flight = 1; ///< that layers with a window hold beside it
    bool hybrid_manager = true;        ///< false: layers with a window keep all tokens
    bool expert_parallel = false;
    std::int64_t adapters = 0; ///< slots of adapters; 0 without enable_lora
    std::int64_t adapter_rank = 0;
    bool adapters_sharded = false; ///< both halves
    bool whole_towers = false;     ///< on every rank
    bool loads_towers = true;      ///< else no image can be asked for
    bool profiles_towers = true;
    double convolution_bytes = 0; ///< per element of convolution states; 0: as the model computes
    double recurrent_bytes = 0;   ///< the same of recurrent states; 0: as the network says
    double offloaded_bytes = 0;   ///< of the layers' weights, at most, that lie in the host's memory
    StatesKept states_kept = StatesKept::by_prefix_caching;
    std::int64_t state_block = -1;  ///< tokens between states, where one is kept at each; -1: a block
    std::int64_t offload_group = 0; ///< layers, of which the last `offload_in_group` lie there; 0: none
    std::int64_t offload_in_group = 1;
    std::int64_t offload_prefetch = 1;     ///< layers with a buffer on the GPU
    std::vector<std::int64_t> batch_sizes; ///< with a CUDA graph, where they are given
    std::int64_t largest_graph = 0;        ///< batch; 0 without graphs
    bool custom_all_reduce = true;
    bool switched = false;               ///< NVLink with switches that reduce (NVLS), from Hopper on
    bool first_engine = false;           ///< V0, whose profile is not known here
    bool pools_by_sums = false;          ///< 0.14 and 0.15 ask each stage for the cache of all stages' layers
    std::int64_t compute_capability = 0; ///< 90 for 9.0; 0 where it is not NVIDIA's or not known
    double total_memory = 0;             ///< bytes, as the device reports them to a process
    double model_bytes = 2;              ///< per element of what is computed: 4 for a float32 model
};

/// Whether max_model_len follows the cache.
bool follows_cache(const VllmOptions& options);

/// Defaults of vLLM's engine/arg_utils.py: get_batch_defaults, and of CacheConfig.
Settings settings_of(const InferenceInputs& inputs);

} // namespace weighbridge::vllm
