#include "core/training/recomputation.h"

#include <array>
#include <charconv>
#include <utility>

namespace weighbridge {

double RecomputePolicy::recomputed_share() const
{
    switch (kind) {
    case Recompute::none:
    case Recompute::selective:
        return 0;
    case Recompute::full:
    case Recompute::offload:
        return 1;
    case Recompute::every:
        return 1.0 / static_cast<double>(every);
    }
    return 0;
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
    constexpr std::string_view prefix = "every:";
    if (!text.starts_with(prefix))
        return std::nullopt;
    text.remove_prefix(prefix.size());
    constexpr std::int64_t most = 1024;
    std::int64_t every = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), every);
    if (status != std::errc{} || end != text.data() + text.size() || every < 1 || every > most)
        return std::nullopt;
    return RecomputePolicy{Recompute::every, every};
}

} // namespace weighbridge
