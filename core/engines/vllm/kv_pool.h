#pragma once

#include "core/engines/vllm/settings.h"

#include <string_view>
#include <vector>

namespace weighbridge::vllm {

/// Layers with one kind of cache, as vLLM's KV cache manager groups them.
struct CacheBucket
{
    std::string_view id; ///< of the CacheRun
    CacheKind kind = CacheKind::growing;
    bool chunked = false;
    std::int64_t layers = 0;
    std::int64_t window = 0;
    double bytes_per_token = 0;    ///< of one layer on one rank
    double state_bytes = 0;        ///< of one layer, sequence and rank, for states
    std::int64_t block_size = 0;   ///< tokens; larger than the pool's where the page had to grow to the others'
    std::int64_t groups = 1;       ///< that draw blocks from the pool for each request
    std::int64_t states = 1;       ///< copies of a state that a request holds
    std::int64_t states_every = 0; ///< tokens between states, where one is kept at each block; -1: the pool's block
    double group_bytes = 0;        ///< of a block of all its groups, where they are unlike (DeepSeek-V4)
};

/// The pool of blocks on one rank (v1/core/kv_cache_utils.py): every block is `block_bytes`, and each group of
/// `group_size` layers takes its own blocks from it.
struct KvPool
{
    std::vector<CacheBucket> buckets;
    std::int64_t group_size = 0;
    double page_bytes = 0;  ///< of one layer and block
    double block_bytes = 0; ///< of all layers of a group
    std::int64_t block_size = 16;
    std::int64_t groups = 0;
    std::int64_t padding_layers = 0; ///< slots of groups that no layer uses
    std::int64_t context_ranks = 1;  ///< decode context parallelism: a request's tokens are spread over so many ranks
    std::int64_t tokens_in_flight = 0;
    bool counts_bytes = false; ///< concurrency is counted by bytes, not by blocks
};

/// Bytes of a token in one layer, all heads and the indexer's keys.
double token_bytes(const InferenceInputs& inputs, const CacheRun& run);

/// Of a rank of the whole network or of the stage that `inputs.model` is. The last stage has the layers that draft.
KvPool kv_pool(const InferenceInputs& inputs, const Settings& settings, bool last = true);

/// Blocks of a group of this bucket for a request of `tokens`, as admission counts them: a window keeps a chunk in
/// flight and may begin inside a block.
std::int64_t blocks_of(const KvPool& pool, const CacheBucket& bucket, std::int64_t tokens);

/// Blocks that a request of so many tokens takes from the pool.
std::int64_t blocks_per_request(const KvPool& pool, std::int64_t tokens);

/// Blocks that fit in so many bytes; 0 where none do.
std::int64_t blocks_in(const KvPool& pool, double available);

/// "Maximum concurrency for N tokens per request".
double max_concurrency(const KvPool& pool, std::int64_t blocks, std::int64_t max_model_len);

/// "GPU KV cache size: N tokens".
std::int64_t printed_tokens(const KvPool& pool, std::int64_t blocks, const Settings& settings);

} // namespace weighbridge::vllm
