#pragma once

#include "core/estimate/estimate.h"

#include <nlohmann/json_fwd.hpp>

namespace weighbridge {

/// The report of docs/scenario.md as JSON, keys in the documented order. Amounts are whole bytes; figures that are not
/// known are null, never 0, and no number is NaN or infinite.
nlohmann::ordered_json to_json(const Estimate& estimate);

} // namespace weighbridge
