#include "core/sources/json_scanner.h"

#include "core/quantity/text.h"

#include <limits>

namespace weighbridge {

namespace {

constexpr int deepest = 64;

void append_utf8(std::string& text, std::uint32_t code)
{
    const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0U | code >> 6U);
        tail(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0U | code >> 12U);
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | code >> 18U);
        tail(12);
        tail(6);
        tail(0);
    }
}

} // namespace

void JsonScanner::white_space()
{
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n' ||
                                        text_[position_] == '\r' || text_[position_] == '\t'))
        ++position_;
}

bool JsonScanner::take(char letter)
{
    white_space();
    if (!at(letter))
        return false;
    ++position_;
    return true;
}

void JsonScanner::open(char bracket)
{
    if (failed_ || !take(bracket))
        return fail();
    first_ = true;
}

bool JsonScanner::next(char closing)
{
    if (failed_)
        return false;
    if (take(closing)) {
        first_ = false;
        return false;
    }
    if (!first_ && !take(','))
        fail();
    first_ = false;
    return !failed_;
}

bool JsonScanner::next_key(std::string_view& key)
{
    if (!next('}'))
        return false;
    key = text();
    if (!take(':'))
        fail();
    return !failed_;
}

bool JsonScanner::next_element()
{
    return next(']');
}

std::string_view JsonScanner::text()
{
    if (failed_ || !take('"')) {
        fail();
        return {};
    }
    const std::size_t start = position_;
    while (position_ < text_.size()) {
        const char letter = text_[position_];
        if (letter == '"')
            return text_.substr(start, position_++ - start);
        if (letter == '\\') {
            decoded_ = text_.substr(start, position_ - start);
            unescape();
            return failed_ ? std::string_view() : std::string_view(decoded_);
        }
        if (static_cast<unsigned char>(letter) < 0x20)
            break;
        ++position_;
    }
    fail();
    return {};
}

/// The rest of a text in which an escape was met.
void JsonScanner::unescape()
{
    static constexpr std::string_view escapes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    while (position_ < text_.size()) {
        const char letter = text_[position_++];
        if (letter == '"')
            return;
        if (static_cast<unsigned char>(letter) < 0x20)
            break;
        if (letter != '\\') {
            decoded_ += letter;
            continue;
        }
        const char escape = position_ < text_.size() ? text_[position_++] : '\0';
        const std::size_t known = escapes.find(escape);
        std::uint32_t unit = 0;
        if (known != std::string_view::npos)
            decoded_ += meanings[known];
        else if (escape == 'u' && code_unit(unit))
            append_code_point(unit);
        else
            break;
        if (failed_)
            return;
    }
    fail();
}

bool JsonScanner::code_unit(std::uint32_t& unit)
{
    unit = 0;
    for (int digit = 0; digit < 4; ++digit) {
        if (position_ >= text_.size())
            return false;
        const char letter = text_[position_++];
        const auto lower = static_cast<char>(static_cast<unsigned char>(letter) | 0x20U);
        if (is_digit(letter))
            unit = unit * 16 + static_cast<std::uint32_t>(letter - '0');
        else if (lower >= 'a' && lower <= 'f')
            unit = unit * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
        else
            return false;
    }
    return true;
}

/// A code unit, with its second half where it is the first of a surrogate pair.
void JsonScanner::append_code_point(std::uint32_t first)
{
    if (first < 0xD800 || first > 0xDFFF)
        return append_utf8(decoded_, first);
    std::uint32_t second = 0;
    if (first > 0xDBFF || text_.substr(position_, 2) != "\\u")
        return fail();
    position_ += 2;
    if (!code_unit(second) || second < 0xDC00 || second > 0xDFFF)
        return fail();
    append_utf8(decoded_, 0x10000 + ((first - 0xD800) << 10U) + (second - 0xDC00));
}

std::uint64_t JsonScanner::whole()
{
    white_space();
    const std::size_t start = position_;
    std::uint64_t value = 0;
    while (!failed_ && position_ < text_.size() && is_digit(text_[position_])) {
        const auto digit = static_cast<std::uint64_t>(text_[position_] - '0');
        if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
            fail();
            return 0;
        }
        value = value * 10 + digit;
        ++position_;
    }
    if (position_ == start || (position_ - start > 1 && text_[start] == '0') || at('.') || at('e') || at('E'))
        fail();
    return failed_ ? 0 : value;
}

void JsonScanner::skip(int depth)
{
    white_space();
    if (failed_ || depth > deepest || position_ >= text_.size())
        return fail();
    std::string_view key;
    switch (text_[position_]) {
    case '{':
        for (open_object(); next_key(key);)
            skip(depth + 1);
        return;
    case '[':
        for (open_list(); next_element();)
            skip(depth + 1);
        return;
    case '"':
        text();
        return;
    default:
        skip_scalar();
    }
}

/// Numbers and literals are not looked at closely: nothing depends on a skipped one.
void JsonScanner::skip_scalar()
{
    static constexpr std::string_view allowed = "+-.0123456789EINaefilnrstuy";
    const std::size_t start = position_;
    while (position_ < text_.size() && allowed.find(text_[position_]) != std::string_view::npos)
        ++position_;
    if (position_ == start)
        fail();
}

void JsonScanner::end()
{
    white_space();
    if (position_ != text_.size())
        fail();
}

} // namespace weighbridge
