#pragma once

#include <string_view>

namespace weighbridge {

/// Where one stands in a text of Python, YAML or TOML that is gone through letter by letter: in how many brackets, and
/// whether in quotes. Without escapes: a backslash is a letter.
class Nesting
{
public:
    Nesting() = default;
    /// Where other brackets count: "[{", "]}".
    Nesting(std::string_view opening, std::string_view closing) : opening_(opening), closing_(closing) {}

    /// Whether the letter stands outside quotes.
    bool take(char letter)
    {
        if (quote_ != '\0') {
            quote_ = letter == quote_ ? '\0' : quote_;
            return false;
        }
        if (letter == '\'' || letter == '"')
            quote_ = letter;
        else if (opening_.find(letter) != std::string_view::npos)
            ++depth_;
        else if (closing_.find(letter) != std::string_view::npos)
            --depth_;
        return quote_ == '\0';
    }

    void take(std::string_view text)
    {
        for (const char letter : text)
            take(letter);
    }

    /// Brackets that are open; below 0 behind one that closes what was opened before.
    int depth() const { return depth_; }

private:
    std::string_view opening_ = "([{";
    std::string_view closing_ = ")]}";
    int depth_ = 0;
    char quote_ = '\0';
};

} // namespace weighbridge
