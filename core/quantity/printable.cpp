#include "core/quantity/printable.h"

#include <array>

namespace weighbridge {

namespace {

/// Unicode's Bidi_Control (UAX #9, section 2), in UTF-8.
struct Turning
{
    std::string_view bytes;
    std::string_view shown;
};

constexpr std::array<Turning, 12> turning = {{
    {"\xD8\x9C", "\\u061C"},
    {"\xE2\x80\x8E", "\\u200E"},
    {"\xE2\x80\x8F", "\\u200F"},
    {"\xE2\x80\xAA", "\\u202A"},
    {"\xE2\x80\xAB", "\\u202B"},
    {"\xE2\x80\xAC", "\\u202C"},
    {"\xE2\x80\xAD", "\\u202D"},
    {"\xE2\x80\xAE", "\\u202E"},
    {"\xE2\x81\xA6", "\\u2066"},
    {"\xE2\x81\xA7", "\\u2067"},
    {"\xE2\x81\xA8", "\\u2068"},
    {"\xE2\x81\xA9", "\\u2069"},
}};

const Turning* turning_at(std::string_view text)
{
    for (const Turning& each : turning)
        if (text.starts_with(each.bytes))
            return &each;
    return nullptr;
}

} // namespace

std::string printable(std::string_view text)
{
    std::string safe;
    safe.reserve(text.size());
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const bool c1 = byte == 0xC2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xA0;
        const Turning* turned = byte < 0x80 ? nullptr : turning_at(text);
        if (turned != nullptr)
            safe += turned->shown;
        else
            safe += byte < 0x20 || byte == 0x7F || c1 ? '?' : text.front();
        text.remove_prefix(turned != nullptr ? turned->bytes.size() : c1 ? 2 : 1);
    }
    return safe;
}

} // namespace weighbridge
