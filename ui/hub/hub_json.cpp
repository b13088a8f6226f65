#include "ui/hub/hub_json.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace weighbridge {
namespace {

constexpr std::string_view whiteSpace = " \t\r\n";

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";
    if (text.substr(0, byteOrderMark.size()) == byteOrderMark) {
        text.remove_prefix(byteOrderMark.size());
    }
    const auto first = text.find_first_not_of(whiteSpace);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(whiteSpace) - first + 1);
}

/// The position after the string that opens at `begin`, or npos when it does not close.
std::size_t afterString(std::string_view text, std::size_t begin)
{
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

/// The position after the object or list that opens at 0, or npos when it does not close.
std::size_t afterBrackets(std::string_view text)
{
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"') {
            i = afterString(text, i);
            continue; // npos ends the loop
        }
        ++i;
        if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i;
        }
    }
    return std::string_view::npos;
}

bool isScalar(std::string_view text)
{
    constexpr std::array<std::string_view, 6> words{"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    if (text.front() == '"') {
        return afterString(text, 0) == text.size();
    }
    return std::find(words.begin(), words.end(), text) != words.end() ||
           text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
}

} // namespace

JsonShape jsonShape(const QByteArray& bytes)
{
    const std::string_view text = trimmed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    if (text.empty()) {
        return JsonShape::NotJson;
    }
    if (text.front() != '{' && text.front() != '[') {
        return isScalar(text) ? JsonShape::OtherJson : JsonShape::NotJson;
    }
    const std::size_t end = afterBrackets(text);
    if (end == std::string_view::npos) {
        return JsonShape::Unfinished;
    }
    if (end != text.size()) {
        return JsonShape::NotJson;
    }
    return text.front() == '{' ? JsonShape::Object : JsonShape::OtherJson;
}

} // namespace weighbridge
