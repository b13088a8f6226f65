#include "core/sources/pattern.h"

#include <bitset>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

namespace {

constexpr std::size_t longest_expression = 1'000;
constexpr std::size_t longest_text = 512;
constexpr int deepest_group = 32;
constexpr int most_repeats = 1'000;
constexpr int most_steps = 20'000;

std::size_t index_of(char letter)
{
    return static_cast<unsigned char>(letter);
}

bool is_word(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '_';
}

std::bitset<256> letters_where(const std::function<bool(char)>& holds)
{
    std::bitset<256> set;
    for (int code = 0; code < 256; ++code)
        set[static_cast<std::size_t>(code)] = holds(static_cast<char>(code));
    return set;
}

/// \d, \w, \s and their opposites.
std::optional<std::bitset<256>> letter_class(char name)
{
    const auto digit = [](char letter) { return letter >= '0' && letter <= '9'; };
    const auto space = [](char letter) { return letter == ' ' || (letter >= '\t' && letter <= '\r'); };
    switch (name) {
    case 'd':
        return letters_where(digit);
    case 'D':
        return ~letters_where(digit);
    case 'w':
        return letters_where(is_word);
    case 'W':
        return ~letters_where(is_word);
    case 's':
        return letters_where(space);
    case 'S':
        return ~letters_where(space);
    default:
        return std::nullopt;
    }
}

} // namespace

struct Pattern::Tree
{
    enum class NodeKind
    {
        letters,  ///< one letter of a set
        sequence, ///< children one after the other
        choice,   ///< one of the children
        repeat,   ///< the child, `least` to `most` times
        ahead,    ///< the child fits here, without being passed
        not_ahead,
        start,
        end,
        word_edge,
    };

    struct Node
    {
        NodeKind kind = NodeKind::sequence;
        std::bitset<256> letters = {};
        std::vector<std::size_t> children = {};
        int least = 0;
        int most = 0;
    };

    std::vector<Node> nodes;
    std::size_t root = 0;
};

namespace {

using Tree = Pattern::Tree;
using Node = Tree::Node;
using NodeKind = Tree::NodeKind;

class Parser
{
public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::unique_ptr<const Tree> parse()
    {
        if (text_.size() > longest_expression)
            return nullptr;
        tree_.root = choice(0);
        if (failed_ || position_ != text_.size())
            return nullptr;
        return std::make_unique<const Tree>(std::move(tree_));
    }

private:
    bool more() const { return position_ < text_.size(); }
    bool take(std::string_view start)
    {
        if (text_.substr(position_, start.size()) != start)
            return false;
        position_ += start.size();
        return true;
    }
    std::size_t add(Node node)
    {
        tree_.nodes.push_back(std::move(node));
        return tree_.nodes.size() - 1;
    }
    std::size_t fail()
    {
        failed_ = true;
        return add({});
    }

    std::size_t choice(int depth)
    {
        if (depth > deepest_group)
            return fail();
        Node node{.kind = NodeKind::choice};
        do
            node.children.push_back(sequence(depth));
        while (!failed_ && take("|"));
        return node.children.size() == 1 ? node.children.front() : add(std::move(node));
    }

    std::size_t sequence(int depth)
    {
        Node node{.kind = NodeKind::sequence};
        while (!failed_ && more() && text_[position_] != '|' && text_[position_] != ')')
            node.children.push_back(repeated(atom(depth)));
        return add(std::move(node));
    }

    std::size_t atom(int depth)
    {
        const char letter = text_[position_++];
        switch (letter) {
        case '.':
            return add({.kind = NodeKind::letters, .letters = letters_where([](char l) { return l != '\n'; })});
        case '^':
            return add({.kind = NodeKind::start});
        case '$':
            return add({.kind = NodeKind::end});
        case '(':
            return group(depth);
        case '[':
            return letter_set();
        case '\\':
            return escaped();
        case '*':
        case '+':
        case '?':
            return fail();
        default:
            return literal(letter);
        }
    }

    std::size_t literal(char letter)
    {
        Node node{.kind = NodeKind::letters};
        node.letters.set(index_of(letter));
        return add(std::move(node));
    }

    std::size_t escaped()
    {
        if (!more())
            return fail();
        const char letter = text_[position_++];
        if (auto known = letter_class(letter))
            return add({.kind = NodeKind::letters, .letters = *known});
        if (letter == 'b')
            return add({.kind = NodeKind::word_edge});
        return is_word(letter) ? fail() : literal(letter); // \1, \A and the like are not understood
    }

    std::size_t group(int depth)
    {
        NodeKind kind = NodeKind::sequence;
        if (take("?!"))
            kind = NodeKind::not_ahead;
        else if (take("?="))
            kind = NodeKind::ahead;
        else if (!take("?:") && more() && text_[position_] == '?')
            return fail();
        Node node{.kind = kind, .children = {choice(depth + 1)}};
        return take(")") ? add(std::move(node)) : fail();
    }

    std::size_t letter_set()
    {
        Node node{.kind = NodeKind::letters};
        const bool inverted = take("^");
        for (bool first = true; more() && (first || text_[position_] != ']'); first = false) {
            char low = text_[position_++];
            if (low == '\\' && more()) {
                low = text_[position_++];
                if (const auto known = letter_class(low)) {
                    node.letters |= *known;
                    continue;
                }
            }
            char high = low;
            if (position_ + 1 < text_.size() && text_[position_] == '-' && text_[position_ + 1] != ']') {
                high = text_[position_ + 1];
                position_ += 2;
            }
            for (std::size_t code = index_of(low); code <= index_of(high); ++code)
                node.letters.set(code);
        }
        if (inverted)
            node.letters.flip();
        return take("]") ? add(std::move(node)) : fail();
    }

    std::size_t repeated(std::size_t child)
    {
        while (!failed_ && more()) {
            Node node{.kind = NodeKind::repeat, .children = {child}, .least = 0, .most = most_repeats};
            if (take("+"))
                node.least = 1;
            else if (take("?"))
                node.most = 1;
            else if (take("{"))
                bounds(node);
            else if (!take("*"))
                break;
            take("?"); // whether long or short ones are tried first does not change whether anything fits
            child = add(std::move(node));
        }
        return child;
    }

    void bounds(Node& node)
    {
        node.least = number();
        node.most = take(",") ? (more() && text_[position_] != '}' ? number() : most_repeats) : node.least;
        if (!take("}"))
            fail();
    }

    int number()
    {
        int value = 0;
        const std::size_t start = position_;
        for (; more() && text_[position_] >= '0' && text_[position_] <= '9' && value <= most_repeats; ++position_)
            value = value * 10 + (text_[position_] - '0');
        if (position_ == start || value > most_repeats)
            fail();
        return value;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    bool failed_ = false;
    Tree tree_;
};

/// Where a node can end, of all places where it may begin: whole sets at a time, so that no way is tried twice.
class Matcher
{
public:
    using Places = std::bitset<longest_text + 1>; ///< before each letter, and after the last

    Matcher(const Tree& tree, std::string_view text) : tree_(tree), text_(text) {}

    /// Whether the expression fits from one of these places on.
    bool fits(const Places& from) { return ends(tree_.root, from).any() && steps_ <= most_steps; }

private:
    template<class Holds>
    Places where(const Places& places, const Holds& holds) const
    {
        Places kept;
        for (std::size_t at = 0; at <= text_.size(); ++at)
            kept[at] = places[at] && holds(at);
        return kept;
    }

    Places ends(std::size_t index, const Places& from)
    {
        if (++steps_ > most_steps || from.none())
            return {};
        const Node& node = tree_.nodes[index];
        switch (node.kind) {
        case NodeKind::letters:
            return where(from, [&](std::size_t at) { return at < text_.size() && node.letters[index_of(text_[at])]; })
                   << 1;
        case NodeKind::sequence: {
            Places reached = from;
            for (const std::size_t child : node.children)
                reached = ends(child, reached);
            return reached;
        }
        case NodeKind::choice: {
            Places reached;
            for (const std::size_t child : node.children)
                reached |= ends(child, from);
            return reached;
        }
        case NodeKind::repeat:
            return repeat(node, from);
        case NodeKind::ahead:
            return where(from, [&](std::size_t at) { return fits_at(node, at); });
        case NodeKind::not_ahead:
            return where(from, [&](std::size_t at) { return !fits_at(node, at); });
        case NodeKind::start:
            return where(from, [](std::size_t at) { return at == 0; });
        case NodeKind::end:
            return where(from, [&](std::size_t at) { return at == text_.size(); });
        case NodeKind::word_edge:
            return where(from, [&](std::size_t at) { return is_word_at(at) != (at > 0 && is_word_at(at - 1)); });
        }
        return {};
    }

    bool is_word_at(std::size_t at) const { return at < text_.size() && is_word(text_[at]); }

    bool fits_at(const Node& node, std::size_t at)
    {
        Places here;
        here.set(at);
        return ends(node.children.front(), here).any();
    }

    /// A place that fewer repeats reach already leads nowhere new.
    Places repeat(const Node& node, const Places& from)
    {
        const std::size_t child = node.children.front();
        Places fresh = from;
        for (int count = 0; count < node.least && fresh.any(); ++count)
            fresh = ends(child, fresh);
        Places reached = fresh;
        for (int count = node.least; count < node.most && fresh.any(); ++count) {
            fresh = ends(child, fresh) & ~reached;
            reached |= fresh;
        }
        return reached;
    }

    const Tree& tree_;
    std::string_view text_;
    int steps_ = 0;
};

bool fits_glob(std::string_view text, std::string_view glob)
{
    std::size_t at = 0;
    std::size_t in_glob = 0;
    std::size_t star = std::string_view::npos;
    std::size_t after_star = 0;
    while (at < text.size()) {
        if (in_glob < glob.size() && glob[in_glob] == '*') {
            star = in_glob++;
            after_star = at;
        } else if (in_glob < glob.size() && (glob[in_glob] == '?' || glob[in_glob] == text[at])) {
            ++in_glob;
            ++at;
        } else if (star != std::string_view::npos) { // the last star takes one letter more
            in_glob = star + 1;
            at = ++after_star;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', in_glob) == std::string_view::npos;
}

} // namespace

Pattern::Pattern(std::string_view expression) : tree_(Parser(expression).parse()) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

Pattern Pattern::glob(std::string_view name)
{
    Pattern pattern;
    if (name.size() <= longest_expression)
        pattern.glob_ = name;
    return pattern;
}

bool Pattern::matches_start(std::string_view text) const
{
    if (glob_)
        return text.size() <= longest_text && fits_glob(text, *glob_);
    return valid() && text.size() <= longest_text && Matcher(*tree_, text).fits(Matcher::Places(1));
}

bool Pattern::found_in(std::string_view text) const
{
    if (!valid() || text.size() > longest_text)
        return false;
    if (!glob_)
        return Matcher(*tree_, text).fits(Matcher::Places().set());
    for (std::size_t at = 0; at <= text.size(); ++at)
        if (fits_glob(text.substr(at), *glob_))
            return true;
    return false;
}

} // namespace weighbridge
