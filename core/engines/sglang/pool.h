#pragma once

#include "core/memory/load.h"

namespace weighbridge::sglang {

/// A scenario's options with SGLang's defaults for what was left out. Bytes where not said otherwise.
struct Settings
{
    double total_memory = 0; ///< as the device reports it
    double in_use = 0;       ///< of it, by others
    double context_bytes = 0;
    double mem_fraction_static = 0;
    std::int64_t context_length = 1;
    std::int64_t chunked_prefill_size = 8192; ///< tokens
    std::int64_t cuda_graph_max_bs = 256;
    std::int64_t attention_ranks = 1; ///< that share a request's heads: fewer with data-parallel attention
    std::int64_t data_parallel = 1;
    std::int64_t slots_per_request = 1; ///< of recurrent states: those of its prefixes in the radix cache are kept too
    double model_bytes = 2;
};

/// server_args.py, _handle_gpu_memory_settings: defaults by the device's memory.
Settings settings_of(const InferenceInputs& inputs);

/// What one token, one sequence's windows and one sequence's states take of the pools of one rank. Bytes.
struct CacheCosts
{
    double full_per_token = 0;     ///< layers that see everything, indexer keys included
    double windowed_per_token = 0; ///< layers with a window, which have a smaller pool of their own
    double state_per_sequence = 0; ///< convolution and recurrent states, fp32 unless the config says otherwise
    double windowed_share = 0;     ///< tokens of the windowed pool per token of the full one
    double longest_window = 0;     ///< tokens
};

/// Of what states and tokens share, the states get q / (1 + q) (server_args.py, mamba_full_memory_ratio).
inline constexpr double mamba_full_memory_ratio = 0.9;

/// Bytes of a token in one layer, all heads and the indexer's keys.
double token_bytes(const InferenceInputs& inputs, const CacheRun& run);

CacheCosts cache_costs(const InferenceInputs& inputs, const Settings& settings);

/// What the server allocates on a rank after loading.
struct Pools
{
    double rest = 0; ///< bytes for all of them; may be negative
    std::int64_t max_total_num_tokens = 0;
    std::int64_t states = 0; ///< max_mamba_cache_size
    double kv_bytes = 0;
};

/// `weights` are the bytes that loading took.
Pools pools_of(const Settings& settings, const CacheCosts& costs, double weights);

} // namespace weighbridge::sglang
