#include "app/cli/documents.h"

#include <streambuf>

namespace weighbridge {

namespace {

/// How many brackets a line leaves open. A string ends with its line at the latest: JSON has no line breaks in strings.
std::int64_t opened(const std::string& line)
{
    std::int64_t depth = 0;
    bool in_string = false;
    bool escaped = false;
    for (const char letter : line) {
        if (escaped)
            escaped = false;
        else if (in_string && letter == '\\')
            escaped = true;
        else if (letter == '"')
            in_string = !in_string;
        else if (!in_string && (letter == '{' || letter == '['))
            ++depth;
        else if (!in_string && (letter == '}' || letter == ']'))
            --depth;
    }
    return depth;
}

bool blank(const std::string& line)
{
    return line.find_first_not_of(" \t\r") == std::string::npos;
}

} // namespace

/// Closed standard input throws out of its buffer.
int DocumentReader::next_letter()
{
    try {
        return in_.rdbuf()->sbumpc();
    } catch (const std::ios_base::failure&) {
        failed_ = true;
        return std::char_traits<char>::eof();
    }
}

bool DocumentReader::read_line(std::string& line)
{
    line.clear();
    constexpr auto end = std::char_traits<char>::eof();
    int letter = next_letter();
    if (letter == end)
        return false;
    ++lines_read_;
    for (; letter != end && letter != '\n'; letter = next_letter())
        if (line.size() <= longest_) // one more than is allowed, so that the parser sees that it is too long
            line += static_cast<char>(letter);
    return true;
}

bool DocumentReader::next(std::string& document)
{
    document.clear();
    std::string line;
    std::int64_t depth = 0;
    while (read_line(line)) {
        if (document.empty()) {
            if (blank(line))
                continue;
            line_ = lines_read_;
        }
        document += line;
        document += '\n';
        depth += opened(line);
        if (depth <= 0 || document.size() > longest_)
            return true;
    }
    return !document.empty();
}

} // namespace weighbridge
