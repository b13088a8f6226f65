#pragma once

#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// A flag of a command that was written, and why it is there.
struct WrittenFlag
{
    std::string flag;
    std::string value; ///< empty: a switch
    std::string key;
    std::string why;
};

/// A command or file that starts a tool with a scenario.
struct WrittenLaunch
{
    std::string tool;
    std::string version; ///< the scenario's; empty: the newest known
    std::string text;
    std::vector<std::pair<std::string, std::string>> files; ///< beside it: name, text
    std::vector<WrittenFlag> flags;
    std::vector<std::string> cant_say; ///< chosen keys that the tool has no flag for
};

/// The tool's command or file for what was chosen in the scenario: only what differs from the defaults. `tool` is an
/// engine or a framework, with "docker:", "compose:" or "kubernetes:" before an engine that is served so. The error
/// says which tools there are.
Result<WrittenLaunch> write_launch(const Scenario& scenario, std::string_view tool);

/// Prepares a scenario in which nobody chose an engine or a framework: that tool's. The error says what was chosen
/// otherwise.
Outcome choose_launched(Scenario& scenario, std::string_view tool);

/// {"tool", "version", "text", "files", "flags", "cant_say"}: what reports hold under `launch`.
nlohmann::ordered_json written_json(const WrittenLaunch& launch);

} // namespace weighbridge
