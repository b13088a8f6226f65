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

Bytes Plan::usable() const
{
    return whole_bytes(fullest().usable);
}

double Plan::cache_of_one() const
{
    return figures(2 * replicas()).kv_cache - figures(replicas()).kv_cache;
}

} // namespace weighbridge
