#pragma once

#include "core/scenario/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// A figure that a log prints, in the unit that is meant: many engines print GB and mean GiB.
struct LogFact
{
    std::string name; ///< "weights", "kv_cache.CUDA0"
    double value = 0;
    std::string unit; ///< "GiB", "MiB", "GB", "bytes", "tokens", "blocks" ...; empty of plain numbers
};

/// What a log of an engine or a trainer says.
struct Log
{
    std::string kind; ///< log, error
    std::string tool;
    std::string version; ///< as printed; empty where it is not
    std::vector<LogFact> facts;
    std::vector<std::pair<std::string, std::string>> settings; ///< under the tool's own names
    std::vector<std::string> explain; ///< of an error: what was asked, what was there, what it was
    Scenario scenario;
};

/// Reads a log or an error message by the table of lines (log_lines.cpp). Of several ranks the first counts, of several
/// moments the last. Nothing where no line is known. A variable or a path in it is not looked up.
std::optional<Log> read_log(std::string_view text);

/// {"kind", "tool", "version", "facts": {name: {"value", "unit"}}, "settings", "explain"}.
nlohmann::ordered_json log_json(const Log& log);
/// The same for people.
std::string log_text(const Log& log);

} // namespace weighbridge
