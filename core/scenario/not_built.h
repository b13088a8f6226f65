#pragma once

#include <span>
#include <string_view>

namespace weighbridge {

/// Dotted keys of the scenario that are documented but have no effect yet. They are refused by name, so that nobody
/// mistakes them for a typing error, and none is silently ignored.
std::span<const std::string_view> keys_not_built();

/// Whether the key is one of those, or lies within one ("fine_tune.optimizer").
bool is_not_built(std::string_view key);

} // namespace weighbridge
