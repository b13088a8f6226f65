#include "core/training/recomputation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace weighbridge {

double RecomputePolicy::recomputed(double layers) const
{
    const auto k = static_cast<double>(every);
    switch (kind) {
    case Recompute::none:
    case Recompute::selective:
        return 0;
    case Recompute::full:
    case Recompute::offload:
    case Recompute::uniform:
        return layers;
    case Recompute::every:
        return layers / k;
    case Recompute::block:
        return std::min(layers, k);
    }
    return 0;
}

double RecomputePolicy::checkpoints(double layers) const
{
    return kind == Recompute::uniform ? std::ceil(layers / static_cast<double>(every)) : recomputed(layers);
}

double RecomputePolicy::at_once(double layers) const
{
    return kind == Recompute::uniform ? std::min(layers, static_cast<double>(every)) : std::min(layers, 1.0);
}

std::optional<RecomputePolicy> find_recompute(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, Recompute>, 4> names = {
        {{"none", Recompute::none},
         {"selective", Recompute::selective},
         {"full", Recompute::full},
         {"offload", Recompute::offload}}};
    for (const auto& [name, kind] : names)
        if (name == text)
            return RecomputePolicy{kind, 1};
    static constexpr std::array<std::pair<std::string_view, Recompute>, 4> counted = {{{"every:", Recompute::every},
                                                                                       {"uniform:", Recompute::uniform},
                                                                                       {"block:", Recompute::block},
                                                                                       {"layers:", Recompute::block}}};
    const auto* row =
        std::find_if(counted.begin(), counted.end(), [&](const auto& known) { return text.starts_with(known.first); });
    if (row == counted.end())
        return std::nullopt;
    text.remove_prefix(row->first.size());
    constexpr std::int64_t most = 1024;
    std::int64_t count = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (status != std::errc{} || end != text.data() + text.size() || count < 1 || count > most)
        return std::nullopt;
    return RecomputePolicy{row->second, count};
}

} // namespace weighbridge
