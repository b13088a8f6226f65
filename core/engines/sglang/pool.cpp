#include "core/engines/sglang/pool.h"

#include <algorithm>
#include <cmath>

namespace weighbridge::sglang {

namespace {

std::int64_t in_pages(double tokens, std::int64_t page)
{
    return tokens > 0 ? static_cast<std::int64_t>(tokens) / page * page : 0;
}

/// Slots of states and what they take. Each pool has one slot more, which pads; every verified step keeps states of all
/// drafted tokens.
void set_states(Pools& pools, const Settings& settings, const CacheCosts& costs)
{
    const double slot = costs.state_per_slot;
    const auto per_request = static_cast<double>(settings.slots_per_request);
    const double drafted = settings.draft.any() ? static_cast<double>(settings.draft.tokens) : 0;
    const bool shares = costs.per_token() > 0;
    const double q = settings.state_ratio;
    const double room = std::max(0.0, pools.rest) * (shares ? q / (1 + q) : 1);
    const double slots = settings.state_slots
                             ? static_cast<double>(*settings.state_slots)
                             : std::floor((room - slot * (1 + drafted)) / (slot * (1 + drafted / per_request)));
    pools.states = static_cast<std::int64_t>(std::max(0.0, slots));
    pools.state_bytes = static_cast<double>(pools.states + 1) * slot;
    if (drafted > 0) {
        const std::int64_t most = pools.states / settings.slots_per_request;
        const auto running = static_cast<double>(std::min(settings.max_running_requests.value_or(most), most));
        pools.state_bytes += slot * drafted * (running + 1);
    }
}

} // namespace

Pools pools_of(const Settings& settings, const CacheCosts& costs, double free, double loaded)
{
    Pools pools;
    pools.rest = free - loaded - free * (1 - settings.mem_fraction_static) - settings.image_reserve;
    if (costs.state_per_slot > 0)
        set_states(pools, settings, costs);
    pools.state_bytes += costs.fixed;
    const double windows = costs.window_tokens * costs.windowed_per_token;
    pools.tokens_rest = std::max(0.0, pools.rest - pools.state_bytes);
    if (costs.per_token() <= 0)
        return pools;
    double tokens = std::floor(std::max(0.0, pools.tokens_rest - windows) / costs.per_token());
    if (settings.max_total_tokens)
        tokens = std::min(tokens, static_cast<double>(*settings.max_total_tokens));
    pools.max_total_num_tokens = in_pages(tokens, settings.page_size);
    const auto held = static_cast<double>(pools.max_total_num_tokens);
    if (costs.windowed_per_token > 0)
        pools.window_tokens = costs.window_tokens > 0 ? static_cast<std::int64_t>(costs.window_tokens)
                                                      : in_pages(held * costs.windowed_share, settings.page_size);
    pools.kv_bytes = pools.max_total_num_tokens > 0 ? held * costs.per_token() + windows : 0;
    return pools;
}

std::int64_t running_requests(const Settings& settings, const CacheCosts& costs, std::int64_t tokens,
                              std::int64_t states)
{
    constexpr std::int64_t least = 2048;
    constexpr std::int64_t most = 4096;
    const auto estimated =
        static_cast<std::int64_t>(static_cast<double>(tokens) / static_cast<double>(settings.context_length) * 512);
    std::int64_t requests = settings.max_running_requests.value_or(std::clamp(estimated, least, most));
    requests = std::min(requests, tokens / 2);
    if (costs.state_per_slot > 0)
        requests = std::min(requests, states / settings.slots_per_request);
    return requests;
}

double request_table_bytes(const Settings& settings, std::int64_t requests)
{
    const std::int64_t drafted = settings.draft.any() ? settings.draft.tokens : 0;
    return 4 * static_cast<double>(requests + 1) * static_cast<double>(settings.context_length + 4 + drafted);
}

} // namespace weighbridge::sglang
