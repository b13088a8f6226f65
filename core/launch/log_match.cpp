#include "core/launch/log_match.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace weighbridge {

namespace {

bool is_blank_letter(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r';
}

/// A piece of a pattern: a literal, or what stands in braces.
struct Piece
{
    std::string_view text;
    bool is_slot = false;
};

/// Braces of Python's dictionaries are no slots: a quote follows them.
std::vector<Piece> pieces_of(std::string_view pattern)
{
    std::vector<Piece> pieces;
    std::size_t begin = 0;
    while (begin < pattern.size()) {
        std::size_t open = pattern.find('{', begin);
        while (open != std::string_view::npos && open + 1 < pattern.size() && pattern[open + 1] == '\'')
            open = pattern.find('{', open + 1);
        const std::size_t close = open == std::string_view::npos ? open : pattern.find('}', open);
        if (close == std::string_view::npos) {
            pieces.push_back({pattern.substr(begin), false});
            break;
        }
        if (open > begin)
            pieces.push_back({pattern.substr(begin, open - begin), false});
        pieces.push_back({pattern.substr(open + 1, close - open - 1), true});
        begin = close + 1;
    }
    return pieces;
}

/// Where a literal ends that begins at `at`, blanks of it standing for any number of blanks; nothing where it does not.
std::optional<std::size_t> literal_end(std::string_view literal, std::string_view line, std::size_t at)
{
    for (std::size_t i = 0; i < literal.size(); ++i) {
        if (literal[i] == ' ') {
            // At a literal's ends blanks may be missing: "(q8_0):" and "=   344.44".
            while (at < line.size() && is_blank_letter(line[at]))
                ++at;
            continue;
        }
        if (at >= line.size() || line[at] != literal[i])
            return std::nullopt;
        ++at;
    }
    return at;
}

/// The first place from `at` on where the literal stands: its begin and end.
std::optional<std::pair<std::size_t, std::size_t>> literal_from(std::string_view literal, std::string_view line,
                                                                std::size_t at)
{
    for (; at <= line.size(); ++at)
        if (const auto end = literal_end(literal, line, at))
            return std::pair{at, *end};
    return std::nullopt;
}

/// A number with a comma between thousands, or a point; where it ends.
std::optional<std::pair<double, std::size_t>> number_at(std::string_view line, std::size_t at)
{
    while (at < line.size() && is_blank_letter(line[at]))
        ++at;
    std::string digits;
    std::size_t end = at;
    if (end < line.size() && line[end] == '-')
        digits += line[end++];
    while (end < line.size()) {
        const bool groups = line[end] == ',' && end > at && is_digit(line[end - 1]) && end + 3 < line.size() &&
                            is_digit(line[end + 1]) && is_digit(line[end + 2]) && is_digit(line[end + 3]) &&
                            (end + 4 >= line.size() || !is_digit(line[end + 4]));
        const bool point = line[end] == '.' && end + 1 < line.size() && is_digit(line[end + 1]);
        if (!is_digit(line[end]) && !groups && !point)
            break;
        if (!groups)
            digits += line[end];
        ++end;
    }
    double value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size())
        return std::nullopt;
    return std::pair{value, end};
}

/// The unit behind a number: "GiB", "MiB", "bytes".
std::optional<std::pair<std::string, std::size_t>> unit_at(std::string_view line, std::size_t at)
{
    while (at < line.size() && is_blank_letter(line[at]))
        ++at;
    constexpr std::array units = {"bytes", "KiB", "MiB", "GiB", "TiB", "KB", "MB", "GB", "TB", "B"};
    for (const std::string_view unit : units)
        if (line.substr(at).starts_with(unit))
            return std::pair{std::string(unit == "B" ? "bytes" : unit), at + unit.size()};
    return std::nullopt;
}

std::size_t word_end(std::string_view line, std::size_t at)
{
    while (at < line.size() && !is_blank_letter(line[at]) && line[at] != ',' && line[at] != ')' && line[at] != ']')
        ++at;
    return at;
}

/// torch prints 2^64 bytes where the driver says nothing.
constexpr double impossible = 1e10;

class Matcher
{
public:
    Matcher(const std::vector<Piece>& pieces, std::string_view line) : pieces_(pieces), line_(line) {}

    std::optional<LogMatch> from(std::size_t at)
    {
        for (std::size_t i = 0; i < pieces_.size(); ++i)
            if (!take(i, at))
                return std::nullopt;
        return std::move(match_);
    }

private:
    bool take(std::size_t i, std::size_t& at)
    {
        const Piece& piece = pieces_[i];
        if (!piece.is_slot) {
            const auto end = literal_end(piece.text, line_, at);
            at = end.value_or(at);
            return end.has_value();
        }
        if (piece.text == "*")
            return take_anything(i, at);
        if (piece.text == "device" || piece.text == "version")
            return take_word(piece.text, at);
        return take_number(piece.text, at);
    }

    /// Up to where the next literal begins.
    bool take_anything(std::size_t i, std::size_t& at)
    {
        if (i + 1 >= pieces_.size())
            return true;
        const auto next = literal_from(pieces_[i + 1].text, line_, at);
        at = next ? next->first : at;
        return next.has_value();
    }

    bool take_word(std::string_view slot, std::size_t& at)
    {
        while (at < line_.size() && is_blank_letter(line_[at]))
            ++at;
        const std::size_t end = word_end(line_, at);
        const std::string word(line_.substr(at, end - at));
        if (word.empty())
            return false;
        (slot == "device" ? device_ : match_.version) = word;
        at = end;
        return true;
    }

    bool take_number(std::string_view slot, std::size_t& at)
    {
        const bool is_setting = slot.starts_with('=');
        const auto number = number_at(line_, at);
        if (!number && is_setting) { // "flash_attn = auto"
            std::string_view before = "value";
            const std::size_t begin = at;
            if (!take_word(before, at))
                return false;
            match_.settings.emplace_back(slot.substr(1), line_.substr(begin, at - begin));
            match_.version.clear();
            return true;
        }
        if (!number)
            return false;
        if (is_setting) {
            while (at < line_.size() && is_blank_letter(line_[at]))
                ++at;
            match_.settings.emplace_back(slot.substr(1), line_.substr(at, number->second - at));
            at = number->second;
            return true;
        }
        at = number->second;
        return add_fact(slot, number->first, at);
    }

    bool add_fact(std::string_view slot, double value, std::size_t& at)
    {
        const std::size_t blank = std::min(slot.find(' '), slot.size());
        LogFact fact{std::string(slot.substr(0, blank)), value,
                     std::string(slot.substr(std::min(blank + 1, slot.size())))};
        if (fact.unit.starts_with('~')) {
            const auto unit = unit_at(line_, at);
            if (!unit)
                return false;
            const bool binary = fact.unit == "~2";
            fact.unit = unit->first;
            if (binary && fact.unit.size() == 2) // "MB" that means MiB
                fact.unit.insert(1, 1, 'i');
            at = unit->second;
        }
        if (const std::size_t place = fact.name.find('@'); place != std::string::npos)
            fact.name.replace(place, 1, device_);
        if (std::abs(fact.value) < impossible || fact.unit == "bytes" || fact.unit.empty())
            match_.facts.push_back(std::move(fact));
        return true;
    }

    const std::vector<Piece>& pieces_;
    std::string_view line_;
    std::string device_;
    LogMatch match_;
};

/// A word right before the first literal: "CUDA0" of "load_tensors: CUDA0 model buffer size".
std::size_t word_before(std::string_view line, std::size_t at)
{
    while (at > 0 && is_blank_letter(line[at - 1]))
        --at;
    while (at > 0 && !is_blank_letter(line[at - 1]))
        --at;
    return at;
}

/// A number right before the first literal.
std::size_t number_before(std::string_view line, std::size_t at)
{
    while (at > 0 && is_blank_letter(line[at - 1]))
        --at;
    while (at > 0 && (is_digit(line[at - 1]) || line[at - 1] == '.' || line[at - 1] == ','))
        --at;
    return at;
}

/// The longest run of a pattern's literals without a blank: a line that lacks it can't match, and most do.
std::string_view longest_word(std::string_view pattern)
{
    std::string_view longest;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= pattern.size(); ++i) {
        const bool slot = i + 1 < pattern.size() && pattern[i] == '{' && pattern[i + 1] != '\'';
        if (i < pattern.size() && !is_blank_letter(pattern[i]) && !slot)
            continue;
        if (i - begin > longest.size())
            longest = pattern.substr(begin, i - begin);
        if (slot)
            i = std::min(pattern.find('}', i), pattern.size());
        begin = i + 1;
    }
    return longest;
}

} // namespace

std::optional<LogMatch> match_log_line(std::string_view pattern, std::string_view line)
{
    if (line.find(longest_word(pattern)) == std::string_view::npos)
        return std::nullopt;
    const std::vector<Piece> pieces = pieces_of(pattern);
    const std::size_t anchor = pieces.front().is_slot ? 1 : 0;
    if (anchor >= pieces.size())
        return std::nullopt;
    constexpr int most_places = 50;
    std::size_t at = 0;
    for (int tries = 0; tries < most_places; ++tries) {
        const auto found = literal_from(pieces[anchor].text, line, at);
        if (!found)
            return std::nullopt;
        std::size_t begin = found->first;
        if (anchor == 1)
            begin = pieces.front().text == "device" ? word_before(line, begin) : number_before(line, begin);
        if (auto match = Matcher(pieces, line).from(begin))
            return match;
        at = found->first + 1;
    }
    return std::nullopt;
}

} // namespace weighbridge
