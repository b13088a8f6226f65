#include "core/sources/nearest.h"

#include "core/precision/nearest.h"

namespace weighbridge {

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates)
{
    constexpr std::size_t longest = 200; // nobody means a name by more
    if (word.size() > longest)
        return {};
    std::string_view best;
    std::size_t fewest = word.size() / 3 + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t changes = changes_between(word, candidate);
        if (changes < fewest) {
            fewest = changes;
            best = candidate;
        }
    }
    return best;
}

} // namespace weighbridge
