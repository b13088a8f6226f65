#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <vector>

namespace weighbridge {

namespace {

using nlohmann::json;

/// Values and containers of one text. Real configs have some thousands; nlohmann's destructor allocates what it takes
/// apart, so that a text with millions could end the program where memory is short.
constexpr std::size_t most_values = 500'000;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// "line 3, column 7"; columns count bytes, from 1.
std::string place(std::string_view text, std::size_t offset)
{
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string named(unsigned char byte)
{
    if (byte > 0x20 && byte < 0x7F)
        return std::string{'\''} + static_cast<char>(byte) + '\'';
    static constexpr std::string_view digits = "0123456789ABCDEF";
    return std::string{"byte 0x"} + digits[byte >> 4U] + digits[byte & 0xFU];
}

/// The text with Python's three extra literals quoted, and where that was done.
struct Prepared
{
    std::string_view text;
    std::string rewritten;           ///< `text` refers to it once anything was quoted
    std::vector<std::size_t> quoted; ///< offsets in `text` where such a literal begins; each is two bytes longer there

    std::size_t original_offset(std::size_t offset) const
    {
        std::size_t added = 0;
        for (const std::size_t start : quoted)
            added += start < offset ? 1 : 0;
        return offset - std::min(offset, 2 * added);
    }
};

/// One pass over the bytes before the real parser: depth, bytes it would take for the end of the text, and NaN and its
/// kin.
class Preparation
{
public:
    Preparation(std::string_view text, std::string_view name, int depth_limit)
        : text_(text), name_(name), depth_limit_(depth_limit)
    {
    }

    Outcome run(Prepared& prepared)
    {
        for (at_ = 0; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '\0')
                return error("a zero byte");
            if (in_string_)
                step_in_string(c);
            else if (Outcome problem = step(c, prepared))
                return problem;
        }
        if (prepared.quoted.empty()) {
            prepared.text = text_;
        } else {
            prepared.rewritten.append(text_.substr(copied_));
            prepared.text = prepared.rewritten;
        }
        return {};
    }

private:
    Outcome error(const std::string& what) const
    {
        return Error{std::string(name_), std::string(name_) + " can't be read: " + what + " at " + place(text_, at_)};
    }

    void step_in_string(char c)
    {
        if (escaped_)
            escaped_ = false;
        else if (c == '\\')
            escaped_ = true;
        else if (c == '"')
            in_string_ = false;
    }

    Outcome step(char c, Prepared& prepared)
    {
        if ((c == '[' || c == '{' || c == ',') && ++values_ > most_values)
            return error("it has more than 500,000 values, the most that are read,");
        if (c == '"')
            in_string_ = true;
        else if ((c == '[' || c == '{') && ++depth_ > depth_limit_)
            return error("it is nested deeper than " + std::to_string(depth_limit_) + " levels");
        else if (c == ']' || c == '}')
            --depth_;
        else if (c == 'N' || c == 'I' || c == '-')
            quote_literal(prepared);
        return {};
    }

    void quote_literal(Prepared& prepared)
    {
        static constexpr std::array<std::string_view, 3> literals = {"NaN", "Infinity", "-Infinity"};
        for (const std::string_view literal : literals) {
            if (text_.substr(at_, literal.size()) != literal)
                continue;
            prepared.rewritten.append(text_.substr(copied_, at_ - copied_));
            prepared.quoted.push_back(prepared.rewritten.size());
            prepared.rewritten.append(1, '"').append(literal).append(1, '"');
            copied_ = at_ + literal.size();
            at_ = copied_ - 1;
            return;
        }
    }

    std::string_view text_;
    std::string_view name_;
    int depth_limit_;
    int depth_ = 0;
    std::size_t values_ = 0;
    std::size_t at_ = 0;
    std::size_t copied_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;
};

/// Builds the value and refuses duplicate keys, which nlohmann's own builder lets overwrite each other.
class Builder : public nlohmann::json_sax<json>
{
public:
    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override { return add(value); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }

    bool start_object(std::size_t /*size*/) override { return open(json::object()); }
    bool start_array(std::size_t /*size*/) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& value) override
    {
        Frame& frame = frames_.back();
        frame.key = std::move(value);
        if (!frame.container->contains(frame.key))
            return true;
        duplicate_ = path();
        return false;
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::detail::exception& problem) override
    {
        position_ = position;
        problem_ = problem.what();
        return false;
    }

    json& value() { return value_; }
    const std::string& duplicate() const { return duplicate_; }
    /// Bytes read when the parser gave up, and its words for it.
    std::size_t position() const { return position_; }
    const std::string& problem() const { return problem_; }

private:
    struct Frame
    {
        json* container;
        std::string key;
    };

    json& place_for(json&& value)
    {
        if (frames_.empty())
            return value_ = std::move(value);
        json& container = *frames_.back().container;
        if (container.is_object())
            return container[frames_.back().key] = std::move(value);
        container.push_back(std::move(value));
        return container.back();
    }

    bool add(json value)
    {
        place_for(std::move(value));
        return true;
    }

    bool open(json container)
    {
        frames_.push_back({&place_for(std::move(container)), {}});
        return true;
    }

    bool close()
    {
        frames_.pop_back();
        return true;
    }

    std::string path() const
    {
        std::string path;
        for (const Frame& frame : frames_) {
            if (frame.container->is_array()) {
                path += '[' + std::to_string(frame.container->size() - 1) + ']';
            } else {
                const std::string quoted = brief(frame.key);
                path += (path.empty() ? "" : ".") + quoted.substr(1, quoted.size() - 2);
            }
        }
        return path;
    }

    json value_;
    std::vector<Frame> frames_;
    std::string duplicate_;
    std::size_t position_ = 0;
    std::string problem_;
};

bool mentions(const std::string& problem, std::string_view words)
{
    return problem.find(words) != std::string::npos;
}

/// The parser's own words quote raw bytes and its token names; people get the place and what stands there.
std::string explain(const Builder& builder, const Prepared& prepared, std::string_view text)
{
    const std::size_t read = builder.position();
    const std::size_t offset = prepared.original_offset(read == 0 ? 0 : read - 1);
    const std::string& problem = builder.problem();
    if (mentions(problem, "UTF-8") && offset < text.size())
        return "the text is not valid UTF-8 at " + place(text, offset);
    if (mentions(problem, "number overflow"))
        return "a number is too large at " + place(text, offset);
    if (mentions(problem, "missing closing quote") || offset >= text.size())
        return "the text ends early, at " + place(text, text.size());
    const auto byte = static_cast<unsigned char>(text[offset]);
    const bool comment = byte == '/' || byte == '#';
    return "unexpected " + named(byte) + " at " + place(text, offset) + (comment ? " (JSON has no comments)" : "");
}

Result<json> parse(std::string_view text, std::string_view name, JsonLimits limits)
{
    const std::string called(name);
    if (text.size() > limits.bytes)
        return Error{called, called + " has " + std::to_string(text.size()) + " bytes; at most " +
                                 std::to_string(limits.bytes) + " are read"};
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return Error{called, called + " is empty"};
    if (text.starts_with(byte_order_mark))
        return Error{called, called + " can't be read: a second byte-order mark"};

    Prepared prepared;
    if (Outcome problem = Preparation(text, name, limits.depth).run(prepared))
        return *problem;
    Builder builder;
    if (json::sax_parse(prepared.text.begin(), prepared.text.end(), &builder))
        return std::move(builder.value());
    if (!builder.duplicate().empty())
        return Error{builder.duplicate(),
                     called + " has the key " + builder.duplicate() + " twice; each may stand once"};
    return Error{called, called + " can't be read: " + explain(builder, prepared, text)};
}

/// The first `count` characters of UTF-8 text.
std::string_view first_characters(std::string_view text, std::size_t count)
{
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (starts && count-- == 0)
            break;
    }
    return text.substr(0, end);
}

} // namespace

Result<nlohmann::json> parse_json(std::string_view text, std::string_view name, JsonLimits limits)
{
    try {
        return parse(text, name, limits);
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{std::string(name), std::string(name) + " can't be read: it needs too much memory"};
    }
}

std::string brief(const nlohmann::json& value)
{
    if (value.is_array())
        return "a list of " + std::to_string(value.size()) + (value.size() == 1 ? " entry" : " entries");
    if (value.is_object())
        return "an object of " + std::to_string(value.size()) + (value.size() == 1 ? " key" : " keys");
    if (value.is_binary())
        return "binary data";
    constexpr std::size_t most = 40;
    constexpr auto replace = json::error_handler_t::replace;
    if (!value.is_string())
        return value.dump(-1, ' ', false, replace);
    const auto& text = value.get_ref<const std::string&>();
    const std::string_view head = first_characters(text, most);
    std::string quoted = json(head).dump(-1, ' ', false, replace);
    const std::string_view shown = first_characters(quoted, most);
    if (head.size() == text.size() && shown.size() == quoted.size())
        return quoted;
    return std::string(first_characters(quoted, most - 2)) + "…\"";
}

} // namespace weighbridge
