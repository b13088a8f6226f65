#pragma once

#include "core/engines/sglang/settings.h"

namespace weighbridge::sglang {

/// What one token, one slot of states and the server itself take of the pools of one rank. Bytes.
struct CacheCosts
{
    double full_per_token = 0;     ///< layers that see everything, indexer keys and a counted draft's layers included
    double windowed_per_token = 0; ///< layers with a window, where they have a pool of their own
    double draft_per_token = 0;    ///< of the draft's pool, which has as many tokens as the network's
    bool draft_counted = false;    ///< it is in full_per_token; else it comes out of what is left free
    double state_per_slot = 0;     ///< convolution and recurrent states, fp32 unless the config says otherwise
    double fixed = 0;              ///< states of DeepSeek-V4's compressors
    double windowed_share = 0;     ///< tokens of the windows' pool per token of the full one
    double longest_window = 0;     ///< tokens
    double window_tokens = 0;      ///< of the windows' pool where it follows the requests; 0: it follows the share

    double per_token() const { return full_per_token + (window_tokens > 0 ? 0 : windowed_share * windowed_per_token); }
};

/// Bytes of a token in one layer, all heads and the indexer's keys.
double token_bytes(const InferenceInputs& inputs, const CacheRun& run);

/// Of `inputs.model`, which may be one stage of a pipeline.
CacheCosts cache_costs(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::sglang
