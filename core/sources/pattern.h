#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// A regular expression as Python writes it, from a stranger's file: literals, ".", classes, groups, alternatives,
/// anchors, look-ahead, and repetition. Matching takes a bounded number of steps, so that no expression can stall.
class Pattern
{
public:
    /// The whole expression; where it is not understood the pattern is not valid() and matches nothing.
    explicit Pattern(std::string_view expression);
    /// A name with "*" (any letters) and "?" (one), as fnmatch takes it; the whole text has to fit. Nothing is
    /// prepared: tables of hundreds cost nothing until they are asked.
    static Pattern glob(std::string_view name);
    ~Pattern();
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;

    bool valid() const { return tree_ != nullptr || glob_; }
    /// Whether the expression fits from the beginning of the text, as Python's re.match. False also when that takes
    /// more than 20,000 steps.
    bool matches_start(std::string_view text) const;
    /// Whether it fits anywhere, as re.search.
    bool found_in(std::string_view text) const;

    struct Tree;

private:
    Pattern() = default;

    std::unique_ptr<const Tree> tree_;
    std::optional<std::string> glob_; ///< in its place
};

} // namespace weighbridge
