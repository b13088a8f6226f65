#pragma once

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string>
#include <string_view>

namespace weighbridge {

/// Whether the word stands in the list.
template<class List>
bool contains(const List& list, std::string_view word)
{
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

/// Whether any of the parts stands in the text.
inline bool has_part(std::string_view text, std::initializer_list<std::string_view> parts)
{
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

inline bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/// Without such letters at both ends.
inline std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n")
{
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Of letters of ASCII; others stay.
inline std::string lower_case(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return lower;
}

/// The words of a list in one line: "a, b, c".
template<class List>
std::string joined(const List& words, std::string_view between = ", ")
{
    std::string line;
    for (const auto& word : words)
        line.append(line.empty() ? "" : between).append(word);
    return line;
}

} // namespace weighbridge
