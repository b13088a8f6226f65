#include "core/precision/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace weighbridge {

namespace {

/// More than any name has; keeps the cost of a hostile value small.
constexpr std::size_t longest_typed = 60;

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

} // namespace

std::size_t changes_between(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

NearestName::NearestName(std::string_view typed) : typed_(lowered(typed)) {}

void NearestName::consider(std::string_view candidate)
{
    const std::string known = lowered(candidate);
    // Names that start with what was typed come first, then those that contain it; costs within a group stay below
    // 1,000.
    const std::size_t found = typed_.size() >= 2 ? known.find(typed_) : std::string::npos;
    const std::size_t group = found == 0 ? 0 : found != std::string::npos ? 1 : 2;
    const std::size_t cost = 1000 * group + (group < 2 ? known.size() - typed_.size() : changes_between(typed_, known));
    if (name_.empty() || cost < cost_) {
        name_ = candidate;
        cost_ = cost;
    }
}

bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string quoted(std::string_view typed)
{
    std::string text = "\"";
    for (const char letter : typed.substr(0, longest_typed))
        text += letter >= ' ' && letter <= '~' ? letter : '?';
    text += typed.size() > longest_typed ? "…\"" : "\"";
    return text;
}

} // namespace weighbridge
