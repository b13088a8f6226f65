#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weighbridge {

/// Finds the known name that someone probably meant: one that starts with or contains what was typed (the shortest),
/// else the one with the fewest single-character changes. Upper and lower case count as equal. Feed every candidate to
/// `consider`, then ask `name`.
class NearestName
{
public:
    explicit NearestName(std::string_view typed);

    void consider(std::string_view candidate);

    /// Empty when no candidate was considered.
    std::string_view name() const { return name_; }

private:
    std::string typed_;
    std::string_view name_;
    std::size_t cost_ = 0;
};

/// Insertions, deletions and substitutions that turn one into the other (Levenshtein); upper and lower case count as
/// equal.
std::size_t changes_between(std::string_view a, std::string_view b);

/// Equal but for upper and lower case (ASCII).
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// What someone typed, in quotes and fit for a message: control characters and bytes outside ASCII replaced by "?", cut
/// after 60 characters.
std::string quoted(std::string_view typed);

} // namespace weighbridge
