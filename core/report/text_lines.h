#pragma once

#include "core/quantity/printable.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace weighbridge {

/// Characters of UTF-8 text.
std::size_t text_width(std::string_view text);
/// The first characters, and an ellipsis where there were more: at most `width` (1 or more) in all.
std::string shortened(const std::string& text, std::size_t width);

/// The text broken at spaces into lines of at most `width` characters, each after `indent`; the first after
/// `first_indent`.
std::string wrapped(std::string_view text, std::size_t width, std::string_view first_indent, std::string_view indent);

} // namespace weighbridge
