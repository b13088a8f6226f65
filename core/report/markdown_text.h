#pragma once

#include <string>
#include <string_view>

namespace weighbridge {

/// Text fit for a Markdown page: whatever would be read as markup is escaped, line ends become spaces. Names come from
/// strangers.
std::string markdown_escaped(std::string_view text);

} // namespace weighbridge
