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

/// Tries one way after the other. What follows a node is a function, so that a node can be tried again in another way.
class Matcher
{
public:
    using Then = std::function<bool(std::size_t)>;

    Matcher(const Tree& tree, std::string_view text, int& steps) : tree_(tree), text_(text), steps_(steps) {}

    bool match(std::size_t index, std::size_t at, const Then& then)
    {
        if (++steps_ > most_steps)
            return false;
        const Node& node = tree_.nodes[index];
        switch (node.kind) {
        case NodeKind::letters:
            return at < text_.size() && node.letters[index_of(text_[at])] && then(at + 1);
        case NodeKind::sequence:
            return sequence(node, 0, at, then);
        case NodeKind::choice:
            for (const std::size_t child : node.children)
                if (match(child, at, then))
                    return true;
            return false;
        case NodeKind::repeat:
            return repeat(node, 0, at, then);
        case NodeKind::ahead:
            return match(node.children.front(), at, [](std::size_t) { return true; }) && then(at);
        case NodeKind::not_ahead:
            return !match(node.children.front(), at, [](std::size_t) { return true; }) && then(at);
        case NodeKind::start:
            return at == 0 && then(at);
        case NodeKind::end:
            return at == text_.size() && then(at);
        case NodeKind::word_edge:
            return (at > 0 && is_word(text_[at - 1])) != (at < text_.size() && is_word(text_[at])) && then(at);
        }
        return false;
    }

private:
    bool sequence(const Node& node, std::size_t child, std::size_t at, const Then& then)
    {
        if (child == node.children.size())
            return then(at);
        return match(node.children[child], at,
                     [&, child](std::size_t next) { return sequence(node, child + 1, next, then); });
    }

    /// One letter repeated, as in ".*": as many as there are, then one fewer each time. Nothing has to be remembered.
    bool repeat_letter(const Node& node, std::size_t at, const Then& then)
    {
        const Node& letter = tree_.nodes[node.children.front()];
        const auto least = static_cast<std::size_t>(node.least);
        std::size_t count = 0;
        while (count < static_cast<std::size_t>(node.most) && at + count < text_.size() &&
               letter.letters[index_of(text_[at + count])])
            ++count;
        for (; count + 1 > least; --count) {
            if (++steps_ > most_steps)
                return false;
            if (then(at + count))
                return true;
            if (count == 0)
                break;
        }
        return false;
    }

    bool repeat(const Node& node, int done, std::size_t at, const Then& then)
    {
        if (tree_.nodes[node.children.front()].kind == NodeKind::letters)
            return repeat_letter(node, at, then);
        const auto again = [&, done, at](std::size_t next) {
            return (next != at || done < node.least) && repeat(node, done + 1, next, then);
        };
        if (done < node.most && match(node.children.front(), at, again))
            return true;
        return done >= node.least && then(at);
    }

    const Tree& tree_;
    std::string_view text_;
    int& steps_;
};

} // namespace

Pattern::Pattern(std::string_view expression) : tree_(Parser(expression).parse()) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

Pattern Pattern::glob(std::string_view name)
{
    static constexpr std::string_view special = ".^$()[]{}|+\\";
    std::string expression;
    for (const char letter : name) {
        if (letter == '*')
            expression += ".*";
        else if (letter == '?')
            expression += '.';
        else
            expression += (special.find(letter) != std::string_view::npos ? "\\" : "") + std::string(1, letter);
    }
    return Pattern(expression + '$');
}

bool Pattern::matches_start(std::string_view text) const
{
    int steps = 0;
    return valid() && text.size() <= longest_text &&
           Matcher(*tree_, text, steps).match(tree_->root, 0, [](std::size_t) { return true; }) && steps <= most_steps;
}

bool Pattern::found_in(std::string_view text) const
{
    int steps = 0;
    if (!valid() || text.size() > longest_text)
        return false;
    for (std::size_t at = 0; at <= text.size(); ++at)
        if (Matcher(*tree_, text, steps).match(tree_->root, at, [](std::size_t) { return true; }))
            return steps <= most_steps;
    return false;
}

} // namespace weighbridge
