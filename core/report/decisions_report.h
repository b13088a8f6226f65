#pragma once

#include "core/answers/ladder.h"
#include "core/answers/solve.h"
#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace weighbridge {

/// One row per format and type of cache. People see those that load; programs all, with null for what a refused one
/// has not.
Table ladder_table(const Ladder& ladder);
/// "Largest that fits: GGUF Q4_K_M with a q8_0 cache, 9.12 GiB of 16.00 GiB".
std::string ladder_line(const Ladder& ladder);
nlohmann::ordered_json ladder_json(const Ladder& ladder);

/// One row per field.
Table solutions_table(const std::vector<Solution>& solutions);
nlohmann::ordered_json solutions_json(const std::vector<Solution>& solutions);

} // namespace weighbridge
