#include "core/memory/sharding.h"

#include <algorithm>

namespace weighbridge {

std::int64_t ShardingRules::divisor(const Tensor& tensor, std::int64_t tensor_parallel) const
{
    const auto ranks_or_all = [&](std::int64_t ranks) { return ranks > 0 ? ranks : tensor_parallel; };
    if (tensor.part == Part::vision && vision_divided)
        return ranks_or_all(tower_ranks);
    if (tensor.sharding == Sharding::vocabulary)
        return ranks_or_all(tensor.end == End::output ? head_ranks : embedding_ranks);
    const std::int64_t attention = tensor.part == Part::attention ? ranks_or_all(attention_ranks) : tensor_parallel;
    switch (tensor.sharding) {
    case Sharding::column:
    case Sharding::row:
    case Sharding::vocabulary:
        return attention;
    case Sharding::expert:
        return ranks_or_all(expert_ranks);
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
