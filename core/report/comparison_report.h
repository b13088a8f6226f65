#pragma once

#include "core/answers/compare.h"
#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace weighbridge {

/// Setups, the keys that differ, terms side by side, figures.
std::vector<Table> comparison_tables(const SetupComparison& comparison);
/// {"version": 1, "compare": {...}}
nlohmann::ordered_json comparison_json(const SetupComparison& comparison);

} // namespace weighbridge
