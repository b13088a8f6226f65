#pragma once

#include "core/engines/sglang/cache.h"

namespace weighbridge::sglang {

/// What the server allocates on a rank after loading (mem_cache/kv_cache_configurator.py).
struct Pools
{
    double rest = 0;        ///< bytes for all of them; may be negative
    double tokens_rest = 0; ///< of that, for tokens
    std::int64_t max_total_num_tokens = 0;
    std::int64_t window_tokens = 0; ///< of the windows' pool; 0 without one
    std::int64_t states = 0;        ///< max_mamba_cache_size: slots beside one more that pads
    double state_bytes = 0;         ///< of all slots, of drafted steps, of DeepSeek-V4's compressors
    double kv_bytes = 0;            ///< a counted draft's included

    double total() const { return kv_bytes + state_bytes; }
};

/// `loaded`: bytes on the fullest rank once everything is loaded that is by then. `free`: before that.
Pools pools_of(const Settings& settings, const CacheCosts& costs, double free, double loaded);

/// max_running_requests of one rank, for a pool of so many tokens and slots.
std::int64_t running_requests(const Settings& settings, const CacheCosts& costs, std::int64_t tokens,
                              std::int64_t states);

/// Bytes of req_to_token, a row of places for each request: 4 · (n + 1) · (context_length + 4 [+ drafted]).
double request_table_bytes(const Settings& settings, std::int64_t requests);

} // namespace weighbridge::sglang
