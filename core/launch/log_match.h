#pragma once

#include "core/launch/read_log.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// What a pattern (log_lines.h) took out of a line.
struct LogMatch
{
    std::vector<LogFact> facts;
    std::vector<std::pair<std::string, std::string>> settings;
    std::string version;
};

/// Whether the pattern fits anywhere in the line. Bounded: every piece is looked for once from where the one before
/// ended, from each place where the first piece stands.
std::optional<LogMatch> match_log_line(std::string_view pattern, std::string_view line);

} // namespace weighbridge
