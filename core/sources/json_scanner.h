#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weighbridge {

/// Walks through a JSON text of known shape without building it: safetensors headers and their index have up to a
/// hundred thousand entries. Every step that does not find what it is asked for marks the scanner as failed; then all
/// others do nothing, so that callers look once. It never reads beyond the text and nests no deeper than 64.
class JsonScanner
{
public:
    explicit JsonScanner(std::string_view text) : text_(text) {}

    /// Steps into an object; then `next_key` until it is false, with one value read or skipped after each.
    void open_object() { open('{'); }
    /// The next key, unescaped. False at the end of the object (which is then behind) and after a failure. The view
    /// holds until the next text is read.
    bool next_key(std::string_view& key);

    void open_list() { open('['); }
    /// Whether another element follows; else the list's end is behind.
    bool next_element();

    /// A text, unescaped. The view holds until the next text is read.
    std::string_view text();
    /// A whole number from 0 to 2^64 - 1, written without sign, fraction or exponent.
    std::uint64_t whole();
    /// Any value.
    void skip() { skip(0); }
    /// Nothing but white space may follow.
    void end();

    bool failed() const { return failed_; }
    /// The byte where reading stopped.
    std::size_t position() const { return position_; }

private:
    void open(char bracket);
    bool next(char closing);
    void skip(int depth);
    void skip_scalar();
    void white_space();
    bool at(char letter) const { return position_ < text_.size() && text_[position_] == letter; }
    bool take(char letter);
    void unescape();
    bool code_unit(std::uint32_t& unit);
    void append_code_point(std::uint32_t first);
    void fail() { failed_ = true; }

    std::string_view text_;
    std::size_t position_ = 0;
    bool failed_ = false;
    bool first_ = false;  ///< nothing of the innermost object or list has been read
    std::string decoded_; ///< the last text that had escapes
};

} // namespace weighbridge
