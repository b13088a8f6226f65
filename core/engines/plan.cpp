#include "core/engines/plan.h"

namespace weighbridge {

std::string_view limit_name(Limit limit)
{
    switch (limit) {
    case Limit::memory:
        return "memory";
    case Limit::pool:
        return "pool";
    case Limit::states:
        return "states";
    case Limit::engine:
        return "engine";
    }
    return "memory";
}

std::optional<std::int64_t> layers_of_stage(const InferenceInputs& load, std::size_t stage)
{
    if (!load.stages)
        return std::nullopt;
    const PipelineStage& part = load.stages->at(stage);
    return part.model->architecture.layers() + (part.last ? 1 : 0);
}

std::vector<PlannedDevice> Plan::devices(bool text) const
{
    return {{.count = gpus(),
             .rank = RankNumber{},
             .layers = {},
             .load = fullest(),
             .terms = terms(text),
             .prints = prints()}};
}

Bytes Plan::usable() const
{
    return whole_bytes(fullest().usable);
}

double Plan::cache_of_one() const
{
    return figures(2 * replicas()).kv_cache - figures(replicas()).kv_cache;
}

} // namespace weighbridge
