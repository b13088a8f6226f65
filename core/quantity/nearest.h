#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weighbridge {

/// How far a name may be from what was typed and still be suggested.
enum class Nearness
{
    plausible, ///< at most one change for every three letters typed
    close,     ///< at most two changes
    any,       ///< the nearest there is, for messages that promise one
};

/// The known name that someone probably meant: one that starts with or contains what was typed (the shortest), else the
/// one with the fewest single-character changes (insertion, deletion, substitution, swap of neighbours), the first of
/// equals. Upper and lower case count as equal. Empty where nothing is near enough, or nothing is known.
std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> known,
                              Nearness nearness = Nearness::plausible);

/// How alike two names are, from 0 to 1: the share of the longer one's letters that no single-character change
/// concerns. Upper and lower case count as equal; letters beyond the 60th are left out.
double likeness_of_names(std::string_view a, std::string_view b);

/// "; the nearest is NAME", or nothing where no name is near: the middle of a message.
std::string nearest_clause(std::string_view typed, std::span<const std::string_view> known);

/// Equal but for upper and lower case (ASCII).
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// What someone typed, in quotes and fit for a message: control characters and bytes outside ASCII replaced by "?", cut
/// after 60 characters.
std::string in_quotes(std::string_view typed);

} // namespace weighbridge
