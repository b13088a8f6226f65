#include "core/memory/sharding.h"

#include <algorithm>

namespace weighbridge {

std::int64_t ShardingRules::divisor(const Tensor& tensor, std::int64_t tensor_parallel) const
{
    if (tensor.part == Part::vision && vision_divided)
        return tensor_parallel;
    const std::int64_t attention =
        tensor.part == Part::attention && attention_ranks > 0 ? attention_ranks : tensor_parallel;
    switch (tensor.sharding) {
    case Sharding::column:
    case Sharding::row:
    case Sharding::vocabulary:
        return attention;
    case Sharding::expert:
        return expert_ranks > 0 ? expert_ranks : tensor_parallel;
    case Sharding::kv_heads:
        return std::min(attention, tensor.shard_limit);
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
