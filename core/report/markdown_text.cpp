#include "core/report/markdown_text.h"

namespace weighbridge {

namespace {

/// "<0.1 %" is what it looks like.
bool begins_tag(std::string_view text)
{
    return text.starts_with('<') && (text.size() < 2 || text[1] < '0' || text[1] > '9');
}

} // namespace

std::string markdown_escaped(std::string_view text)
{
    std::string safe;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char letter = text[i];
        if (letter == '\n' || letter == '\r' || letter == '\t') {
            safe += ' ';
            continue;
        }
        if (std::string_view("\\`*_[]>|#~!&").find(letter) != std::string_view::npos || begins_tag(text.substr(i)))
            safe += '\\';
        safe += letter;
    }
    return safe;
}

} // namespace weighbridge
