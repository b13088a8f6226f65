#include "core/engines/sharding.h"

#include <algorithm>

namespace weighbridge {

std::int64_t ShardingRules::divisor(const Tensor& tensor, std::int64_t tensor_parallel) const
{
    switch (tensor.sharding) {
    case Sharding::column:
    case Sharding::row:
    case Sharding::vocabulary:
    case Sharding::expert:
        return tensor_parallel;
    case Sharding::kv_heads:
        return std::min(tensor_parallel, tensor.shard_limit);
    case Sharding::router:
        return router_divided ? tensor_parallel : 1;
    case Sharding::latent:
        return latent_divided ? tensor_parallel : 1;
    case Sharding::replicated:
        return 1;
    }
    return 1;
}

} // namespace weighbridge
