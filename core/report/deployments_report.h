#pragma once

#include "core/answers/deployments.h"
#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace weighbridge {

/// A plan's counts, its deployments and its refusals.
std::vector<Table> deployments_tables(const Deployments& plan);

/// {"version": 1, "plan": {...}}.
nlohmann::ordered_json deployments_json(const Deployments& plan);

} // namespace weighbridge
