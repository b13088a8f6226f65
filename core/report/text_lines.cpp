#include "core/report/text_lines.h"

#include <algorithm>

namespace weighbridge {

std::string shortened(const std::string& text, std::size_t width)
{
    if (text_width(text) <= width)
        return text;
    std::size_t end = 0;
    for (std::size_t left = width; end < text.size(); ++end) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (starts && --left == 0)
            break;
    }
    return text.substr(0, end) + "…";
}

std::size_t text_width(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view first_indent, std::string_view indent)
{
    std::string lines;
    std::string line(first_indent);
    bool empty = true;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, space);
        text.remove_prefix(std::min(space + 1, text.size()));
        if (word.empty())
            continue;
        if (!empty && text_width(line) + 1 + text_width(word) > width) {
            lines += line + '\n';
            line = indent;
            empty = true;
        }
        line += (empty ? "" : " ") + std::string(word);
        empty = false;
    }
    return lines + line + '\n';
}

} // namespace weighbridge
