#pragma once

#include <span>
#include <string_view>

namespace weighbridge {

/// The candidate with the fewest single-character changes from `word`, without regard to case; empty when none is near
/// enough to be meant (a third of the letters).
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

} // namespace weighbridge
