#include "core/report/markdown_text.h"

namespace weighbridge {

std::string markdown_escaped(std::string_view text)
{
    std::string safe;
    for (const char letter : text) {
        if (letter == '\n' || letter == '\r' || letter == '\t') {
            safe += ' ';
            continue;
        }
        if (std::string_view("\\`*_[]<>|#~!&").find(letter) != std::string_view::npos)
            safe += '\\';
        safe += letter;
    }
    return safe;
}

} // namespace weighbridge
