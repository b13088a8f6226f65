#include "core/launch/structured_text.h"

#include "core/launch/nesting.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace weighbridge {

namespace {

/// "training.steps": a name in its section, where there is one.
std::string dotted(const std::string& section, const std::string& name)
{
    std::string text = section;
    if (!text.empty())
        text += '.';
    text += name;
    return text;
}

using nlohmann::ordered_json;

constexpr std::size_t longest_file = std::size_t{4} << 20U;
constexpr std::size_t most_file_lines = 100'000;
constexpr int deepest = 32;

/// Where a comment begins outside quotes; the size where there is none.
std::size_t comment_at(std::string_view line)
{
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quote != '\0') {
            if (line[i] == '\\' && quote == '"')
                ++i;
            else if (line[i] == quote)
                quote = '\0';
        } else if ((line[i] == '"' || line[i] == '\'') &&
                   (i == 0 || std::string_view(" [{,:=(").find(line[i - 1]) != std::string_view::npos)) {
            quote = line[i];
        } else if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
            return i;
        }
    }
    return line.size();
}

/// Of lists and maps in flow style.
Nesting flow_nesting(std::string_view text)
{
    Nesting nesting("[{", "]}");
    nesting.take(text);
    return nesting;
}

/// A further line of a value, without its comment.
void append_line(std::string& value, std::string_view line, Nesting& nesting)
{
    const std::size_t before = value.size();
    value.append(1, ' ').append(trimmed(line.substr(0, comment_at(line))));
    nesting.take(std::string_view(value).substr(before));
}

/// A value in flow style: [a, b], {a: b}, a quoted or plain scalar.
class FlowReader
{
public:
    explicit FlowReader(std::string_view text) : text_(text) {}

    /// Nothing where the text is no whole value.
    std::optional<ordered_json> whole()
    {
        auto value = read(0);
        skip();
        return value && at_ == text_.size() ? std::move(value) : std::nullopt;
    }

private:
    void skip()
    {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
    }

    bool takes(char letter)
    {
        skip();
        if (at_ >= text_.size() || text_[at_] != letter)
            return false;
        ++at_;
        return true;
    }

    std::optional<ordered_json> read(int depth)
    {
        if (depth > deepest)
            return std::nullopt;
        if (takes('['))
            return list(depth, ']');
        if (takes('('))
            return list(depth, ')');
        if (takes('{'))
            return map(depth);
        skip();
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\''))
            return quoted();
        const std::size_t end = std::min(text_.find_first_of(",]})", at_), text_.size());
        const std::string_view plain = trimmed(text_.substr(at_, end - at_));
        at_ = end;
        return scalar(plain);
    }

    std::optional<ordered_json> list(int depth, char close)
    {
        ordered_json items = ordered_json::array();
        while (!takes(close)) {
            auto item = read(depth + 1);
            if (!item)
                return std::nullopt;
            items.push_back(std::move(*item));
            if (!takes(',') && (skip(), at_ >= text_.size() || text_[at_] != close))
                return std::nullopt;
        }
        return items;
    }

    std::optional<ordered_json> map(int depth)
    {
        ordered_json members = ordered_json::object();
        while (!takes('}')) {
            skip();
            std::string name;
            if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
                name = quoted().get<std::string>();
            } else {
                const std::size_t end = std::min(text_.find_first_of(":}", at_), text_.size());
                name = trimmed(text_.substr(at_, end - at_));
                at_ = end;
            }
            if (!takes(':') && !takes('='))
                return std::nullopt;
            auto value = read(depth + 1);
            if (!value)
                return std::nullopt;
            members[name] = std::move(*value);
            if (!takes(',') && (skip(), at_ >= text_.size() || text_[at_] != '}'))
                return std::nullopt;
        }
        return members;
    }

    ordered_json quoted()
    {
        const char quote = text_[at_++];
        std::string text;
        while (at_ < text_.size()) {
            const char letter = text_[at_++];
            if (letter == quote) {
                if (quote == '\'' && at_ < text_.size() && text_[at_] == quote) {
                    text += quote;
                    ++at_;
                    continue;
                }
                break;
            }
            if (letter == '\\' && at_ < text_.size() && (text_[at_] == quote || text_[at_] == '\\'))
                text += text_[at_++];
            else
                text += letter;
        }
        return text;
    }

public:
    static ordered_json scalar(std::string_view text)
    {
        for (const std::string_view yes : {"true", "True", "TRUE"})
            if (text == yes)
                return true;
        for (const std::string_view no : {"false", "False", "FALSE"})
            if (text == no)
                return false;
        for (const std::string_view nothing : {"", "null", "Null", "~", "None"})
            if (text == nothing)
                return nullptr;
        std::string digits(text);
        digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
        std::int64_t whole = 0;
        const char* end = digits.data() + digits.size();
        if (const auto read = std::from_chars(digits.data(), end, whole); read.ec == std::errc() && read.ptr == end)
            return whole;
        double real = 0;
        const bool numeric = !digits.empty() && (std::isdigit(static_cast<unsigned char>(digits.front())) != 0 ||
                                                 digits.front() == '-' || digits.front() == '.');
        if (const auto read = std::from_chars(digits.data(), end, real);
            numeric && read.ec == std::errc() && read.ptr == end && std::isfinite(real))
            return real;
        return std::string(text);
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

struct YamlLine
{
    std::size_t indent = 0;
    std::string text; ///< without indentation and comment
};

/// Where the name of "NAME: VALUE" ends; nothing where the line is none.
std::optional<std::size_t> colon_of(std::string_view line)
{
    if (line.starts_with('"') || line.starts_with('\'')) {
        const std::size_t close = line.find(line.front(), 1);
        return close != std::string_view::npos && close + 1 < line.size() && line[close + 1] == ':'
                   ? std::optional(close + 1)
                   : std::nullopt;
    }
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] == ':' && (i + 1 == line.size() || line[i + 1] == ' '))
            return i;
    return std::nullopt;
}

class YamlReader
{
public:
    Result<ordered_json> read(std::string_view text)
    {
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size());
            raw_.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
        if (raw_.size() > most_file_lines)
            return Error{"", "the file has more than 100,000 lines"};
        ordered_json root = block(0, 0);
        if (problem_.empty() && find_line())
            fail("it is indented less than what stands before it");
        if (!problem_.empty())
            return Error{"", problem_};
        return root;
    }

private:
    static std::size_t indent_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

    static bool is_blank(std::string_view line)
    {
        const std::string_view text = trimmed(line);
        return text.empty() || text.front() == '#' || text == "---";
    }

    /// Past blank lines and comments; false at the end.
    bool find_line()
    {
        while (at_ < raw_.size() && is_blank(raw_[at_]))
            ++at_;
        return at_ < raw_.size();
    }

    YamlLine line() const
    {
        const std::string_view raw = raw_[at_];
        YamlLine found{indent_of(raw), {}};
        const std::string_view rest = raw.substr(found.indent);
        found.text = trimmed(rest.substr(0, comment_at(rest)));
        return found;
    }

    void fail(const std::string& what)
    {
        if (problem_.empty())
            problem_ = "line " + std::to_string(at_ + 1) + ": " + what;
        at_ = raw_.size();
    }

    ordered_json block(std::size_t least, int depth)
    {
        if (depth > deepest) {
            fail("it is nested deeper than 32 levels");
            return nullptr;
        }
        if (!find_line() || indent_of(raw_[at_]) < least)
            return nullptr;
        const YamlLine first = line();
        if (first.text == "-" || first.text.starts_with("- "))
            return sequence(first.indent, depth);
        if (colon_of(first.text))
            return mapping(first.indent, depth);
        ++at_;
        return value_of(first.text, first.indent, depth);
    }

    ordered_json sequence(std::size_t indent, int depth)
    {
        ordered_json items = ordered_json::array();
        while (find_line() && indent_of(raw_[at_]) == indent) {
            const YamlLine item = line();
            if (item.text != "-" && !item.text.starts_with("- "))
                break;
            const std::string_view rest = trimmed(std::string_view(item.text).substr(1));
            if (rest.empty()) {
                ++at_;
                items.push_back(block(indent + 1, depth + 1));
            } else if (colon_of(rest) && !rest.starts_with('{') && !rest.starts_with('[')) {
                // "- name: value" begins a map, indented as far as its first name.
                const std::size_t inner = indent + item.text.find(rest);
                kept_lines_.push_back(std::make_unique<std::string>(std::string(inner, ' ') + std::string(rest)));
                raw_[at_] = *kept_lines_.back();
                items.push_back(mapping(inner, depth + 1));
            } else {
                ++at_;
                items.push_back(value_of(rest, indent, depth));
            }
        }
        return items;
    }

    ordered_json mapping(std::size_t indent, int depth)
    {
        if (depth > deepest) {
            fail("it is nested deeper than 32 levels");
            return nullptr;
        }
        ordered_json members = ordered_json::object();
        while (find_line() && indent_of(raw_[at_]) == indent) {
            const YamlLine member = line();
            const auto colon = colon_of(member.text);
            if (!colon) {
                fail("it is neither NAME: VALUE nor a list's item");
                break;
            }
            std::string name(trimmed(std::string_view(member.text).substr(0, *colon)));
            if (name.size() > 1 && (name.front() == '"' || name.front() == '\''))
                name = name.substr(1, name.size() - 2);
            const std::string rest(trimmed(std::string_view(member.text).substr(*colon + 1)));
            ++at_;
            if (!rest.empty()) {
                members[name] = value_of(rest, indent, depth);
            } else if (find_line() && (indent_of(raw_[at_]) > indent ||
                                       (indent_of(raw_[at_]) == indent && line().text.starts_with('-')))) {
                members[name] = block(indent_of(raw_[at_]), depth + 1);
            } else {
                members[name] = nullptr;
            }
        }
        if (find_line() && indent_of(raw_[at_]) > indent && problem_.empty())
            fail("it is indented further than the line before it allows");
        return members;
    }

    /// Of a scalar, a block scalar or a value in flow style that may go on over several lines.
    ordered_json value_of(std::string_view text, std::size_t indent, int /*depth*/)
    {
        if (text.front() == '|' || text.front() == '>')
            return block_scalar(indent, text.front() == '|');
        std::string whole(text);
        if (text.front() == '[' || text.front() == '{')
            append_until_closed(whole);
        else if (text.front() == '"' || text.front() == '\'') { // goes on over further lines until its quote
            for (std::size_t from = 1; whole.find(whole.front(), from) == std::string::npos && at_ < raw_.size();) {
                from = whole.size();
                whole.append(1, ' ').append(trimmed(raw_[at_++]));
            }
        } else { // a plain scalar goes on in lines that are indented further and are no entries
            while (at_ < raw_.size() && !is_blank(raw_[at_]) && indent_of(raw_[at_]) > indent &&
                   !colon_of(line().text) && !line().text.starts_with("- "))
                whole.append(1, ' ').append(line().text), ++at_;
        }
        return literal(whole);
    }

    /// Further lines, until every bracket is closed.
    void append_until_closed(std::string& whole)
    {
        for (Nesting nesting = flow_nesting(whole); nesting.depth() > 0 && at_ < raw_.size(); ++at_)
            append_line(whole, raw_[at_], nesting);
    }

    ordered_json block_scalar(std::size_t indent, bool keeps_lines)
    {
        std::string text;
        while (at_ < raw_.size() && (trimmed(raw_[at_]).empty() || indent_of(raw_[at_]) > indent)) {
            text += trimmed(raw_[at_]);
            text += keeps_lines ? '\n' : ' ';
            ++at_;
        }
        return std::string(trimmed(text));
    }

    std::vector<std::string_view> raw_;
    std::vector<std::unique_ptr<std::string>> kept_lines_; ///< lines that were rewritten
    std::size_t at_ = 0;
    std::string problem_;
};

void add_leaves(std::vector<std::pair<std::string, ordered_json>>& found, const std::string& prefix,
                const ordered_json& value)
{
    if (!value.is_object() || value.empty()) {
        found.emplace_back(prefix, value);
        return;
    }
    for (const auto& [name, member] : value.items())
        add_leaves(found, dotted(prefix, name), member);
}

/// The member that "a.b.c" names, made where it is not there.
ordered_json& member_at(ordered_json& root, std::string_view path)
{
    ordered_json* at = &root;
    while (true) {
        const std::size_t dot = path.find('.');
        std::string_view name = trimmed(path.substr(0, dot));
        if (name.size() > 1 && name.front() == '"')
            name = name.substr(1, name.size() - 2);
        if (!at->is_object())
            *at = ordered_json::object();
        at = &(*at)[std::string(name)];
        if (dot == std::string_view::npos)
            return *at;
        path.remove_prefix(dot + 1);
    }
}

} // namespace

ordered_json literal(std::string_view text)
{
    text = trimmed(text);
    if (text.empty())
        return nullptr;
    const bool structured = std::string_view("[{(\"'").find(text.front()) != std::string_view::npos;
    if (structured)
        if (auto value = FlowReader(text).whole())
            return std::move(*value);
    return FlowReader::scalar(text);
}

Result<ordered_json> parse_yaml(std::string_view text)
{
    if (text.size() > longest_file)
        return Error{"", "the file is longer than 4 MiB"};
    return YamlReader().read(text);
}

Result<ordered_json> parse_toml(std::string_view text)
{
    if (text.size() > longest_file)
        return Error{"", "the file is longer than 4 MiB"};
    ordered_json root = ordered_json::object();
    std::string section;
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line(
            trimmed(text.substr(begin, std::min(end - begin, comment_at(text.substr(begin, end - begin))))));
        begin = end + 1;
        if (line.empty())
            continue;
        if (line.starts_with('[') && line.ends_with(']') && line.find('=') == std::string::npos) {
            section = trimmed(std::string_view(line).substr(1, line.size() - 2));
            if (std::count(section.begin(), section.end(), '.') > deepest)
                return Error{"", "a section is nested deeper than 32 levels"};
            continue;
        }
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos)
            return Error{"", in_quotes(line) + " is neither [SECTION] nor NAME = VALUE"};
        Nesting nesting = flow_nesting(std::string_view(line).substr(equals + 1));
        while (nesting.depth() > 0 && begin < text.size()) {
            end = std::min(text.find('\n', begin), text.size());
            append_line(line, text.substr(begin, end - begin), nesting);
            begin = end + 1;
        }
        const std::string name(trimmed(std::string_view(line).substr(0, equals)));
        if (std::count(name.begin(), name.end(), '.') > deepest)
            return Error{"", "a name is nested deeper than 32 levels"};
        member_at(root, dotted(section, name)) = literal(std::string_view(line).substr(equals + 1));
    }
    return root;
}

std::vector<std::pair<std::string, ordered_json>> leaves(const ordered_json& root)
{
    std::vector<std::pair<std::string, ordered_json>> found;
    if (root.is_object())
        add_leaves(found, {}, root);
    return found;
}

std::string value_text(const ordered_json& value)
{
    if (value.is_string())
        return value.get<std::string>();
    return value.is_null() ? std::string() : value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

} // namespace weighbridge
