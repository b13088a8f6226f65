#pragma once

#include "core/speed/network_work.h"

namespace weighbridge {

/// Sums over the network that one token needs.
struct StreamWork
{
    double layers = 0;
    double parameters = 0;     ///< of a token, the head included
    double all_parameters = 0; ///< that a batch wide enough reads
    double used_experts = 0;   ///< of `parameters`, those of routed experts
    double head = 0;
    double full_bytes = 0;   ///< of the cache, for each token before
    double window_bytes = 0; ///< the same of layers with a window
    double window = 0;
    double state_bytes = 0; ///< read and written
    double full_pair = 0;   ///< FLOPs of a query and a key, all layers
    double window_pair = 0;
    double expert_share = 0; ///< of the experts that a token chooses; 0: no experts
    bool recurrent = false;
};

/// Bytes of a cached element of keys and of values.
StreamWork stream_work(const NetworkWork& network, double key_bytes, double value_bytes);

} // namespace weighbridge
