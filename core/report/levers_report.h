#pragma once

#include "core/answers/levers.h"
#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace weighbridge {

/// One row per lever.
Table levers_table(const Levers& levers);
/// "What would make it fit", "Nothing here would make it fit", "What would free memory".
std::string levers_line(const Levers& levers, bool fits);
nlohmann::ordered_json levers_json(const Levers& levers);

} // namespace weighbridge
