#include "core/engines/version.h"

#include <charconv>

namespace weighbridge {

EngineVersion read_version(std::string_view text, EngineVersion newest)
{
    if (text.starts_with('v'))
        text.remove_prefix(1);
    EngineVersion version;
    const auto [dot, major_status] = std::from_chars(text.data(), text.data() + text.size(), version.major);
    if (major_status != std::errc{} || dot == text.data() + text.size() || *dot != '.')
        return newest;
    const auto [end, minor_status] = std::from_chars(dot + 1, text.data() + text.size(), version.minor);
    return minor_status == std::errc{} && version.major >= 0 && version.minor >= 0 ? version : newest;
}

bool names_version(std::string_view text)
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    bool begins = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool led = (text[i] == 'v' || text[i] == 'b') && i + 1 < text.size() && is_digit(text[i + 1]);
        if (begins && (is_digit(text[i]) || led))
            return true;
        begins = text[i] == ' ' || text[i] == '(' || text[i] == ',';
    }
    return false;
}

} // namespace weighbridge
