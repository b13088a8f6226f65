#pragma once

#include <string>
#include <string_view>

namespace weighbridge {

/// Text from strangers as a terminal or a window may show it: control characters, which a terminal would obey, as "?";
/// those that turn the direction of writing, which make a name look like another, by their numbers ("\u202E").
std::string printable(std::string_view text);

} // namespace weighbridge
