#include "core/scenario/not_built.h"

#include <algorithm>
#include <array>

namespace weighbridge {

std::span<const std::string_view> keys_not_built()
{
    using namespace std::string_view_literals;
    static constexpr std::array keys = {
        "fine_tune"sv,
        "train"sv,
    };
    return keys;
}

bool is_not_built(std::string_view key)
{
    const auto keys = keys_not_built();
    return std::any_of(keys.begin(), keys.end(), [&](std::string_view known) {
        return key == known || (key.starts_with(known) && key.substr(known.size()).starts_with('.'));
    });
}

} // namespace weighbridge
