#pragma once

#include "core/estimate/estimate.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The estimate as a terminal shows it, at most 80 columns wide: verdict, terms with both formula lines, fit on each
/// accelerator, warnings.
std::string to_text(const Estimate& estimate);

enum class Align
{
    left,
    right,
};

struct Column
{
    std::string heading;
    Align align = Align::left;
};

/// Rows as lines with aligned columns, two spaces apart and without trailing blanks; texts are UTF-8, each character
/// one cell wide.
std::string aligned_table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows);

/// Characters of UTF-8 text.
std::size_t text_width(std::string_view text);
/// The first characters, and an ellipsis where there were more: at most `width` (1 or more) in all.
std::string shortened(const std::string& text, std::size_t width);

/// The text broken at spaces into lines of at most `width` characters, each after `indent`; the first after
/// `first_indent`.
std::string wrapped(std::string_view text, std::size_t width, std::string_view first_indent, std::string_view indent);

/// Control characters, which a terminal would obey, as "?".
std::string printable(std::string_view text);

} // namespace weighbridge
