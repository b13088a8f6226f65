#pragma once

#include "core/estimate/estimate.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace weighbridge {

/// The value under a dotted key of a scenario's JSON; null where nobody chose it.
nlohmann::ordered_json value_at(const nlohmann::ordered_json& scenario, std::string_view key);

/// The same of an estimate: as chosen, else as filled in.
nlohmann::ordered_json used_value(const Estimate& estimate, std::string_view key);

} // namespace weighbridge
