#include "core/quantity/nearest.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace weighbridge {

namespace {

/// More than any name has; keeps the cost of a hostile value small.
constexpr std::size_t longest_typed = 60;
/// What fewer letters are part of says nothing.
constexpr std::size_t shortest_start = 2;
constexpr std::size_t shortest_part = 3;

char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lowered(std::string_view text)
{
    std::string result(text.substr(0, longest_typed));
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

/// Single-character insertions, deletions and substitutions, and swaps of neighbours, that turn one into the other
/// (Levenshtein's distance with transpositions, as "optimal string alignment").
std::size_t changes_between(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({substituted, row[j - 1] + 1, above[j] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above.back();
}

/// How far two lowered names are apart: those that start with what was typed come first, then those that contain it;
/// costs within a group stay below 1,000, because longer names than that are not known.
std::size_t cost(const std::string& typed, const std::string& known, std::size_t most_changes)
{
    constexpr std::size_t group = 1000;
    const std::size_t found = known.find(typed);
    if (found == 0 && typed.size() >= shortest_start)
        return known.size() - typed.size();
    if (found != std::string::npos && typed.size() >= shortest_part)
        return group + known.size() - typed.size();
    const std::size_t changes = changes_between(typed, known);
    return changes <= most_changes ? 2 * group + changes : std::numeric_limits<std::size_t>::max();
}

std::size_t changes_allowed(std::size_t letters, Nearness nearness)
{
    switch (nearness) {
    case Nearness::plausible:
        return letters / 3;
    case Nearness::close:
        return 2;
    case Nearness::any:
        break;
    }
    return std::numeric_limits<std::size_t>::max();
}

} // namespace

std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> known, Nearness nearness)
{
    const std::string wanted = lowered(typed);
    const std::size_t most_changes = changes_allowed(wanted.size(), nearness);
    std::string_view nearest;
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (const std::string_view candidate : known) {
        const std::size_t its_cost = cost(wanted, lowered(candidate), most_changes);
        if (its_cost < least) {
            nearest = candidate;
            least = its_cost;
        }
    }
    return nearest;
}

double likeness_of_names(std::string_view a, std::string_view b)
{
    const std::string first = lowered(a);
    const std::string second = lowered(b);
    const std::size_t longer = std::max(first.size(), second.size());
    if (longer == 0)
        return 1;
    return 1 - static_cast<double>(changes_between(first, second)) / static_cast<double>(longer);
}

std::string nearest_clause(std::string_view typed, std::span<const std::string_view> known)
{
    const std::string_view name = nearest_name(typed, known);
    return name.empty() ? std::string() : "; the nearest is \"" + std::string(name) + '"';
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string in_quotes(std::string_view typed)
{
    std::string text = "\"";
    for (const char letter : typed.substr(0, longest_typed))
        text += letter >= ' ' && letter <= '~' ? letter : '?';
    text += typed.size() > longest_typed ? "…\"" : "\"";
    return text;
}

} // namespace weighbridge
