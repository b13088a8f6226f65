#pragma once

#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What became of a flag.
enum class FlagRead
{
    taken,     ///< into the scenario
    no_effect, ///< on memory or speed
    no_rule,   ///< it has an effect, and nothing counts it
    unknown,
};

/// One flag, variable or entry of a command or a file.
struct LaunchFlag
{
    std::string flag;
    std::string value; ///< secrets are not kept: "(not kept)"
    FlagRead read = FlagRead::unknown;
    std::string key; ///< empty where it sets none
    std::string note;
};

/// What a launch command or a configuration file says.
struct LaunchCommand
{
    std::string kind; ///< command, config_file
    std::string tool; ///< "vllm", "llama-factory"
    std::string version;
    std::vector<LaunchFlag> flags;
    std::vector<std::string> ask; ///< what it does not say and an estimate needs
    Scenario scenario;
};

/// Reads a command as one pastes it (shells, docker run), a compose file, a Modelfile, a configuration file in YAML,
/// TOML or JSON, or Python that configures an engine or a trainer. Every flag is accounted for. Nothing is run, no
/// variable and no file is looked up. The error says why nothing could be made of it.
Result<LaunchCommand> read_launch(std::string_view text);

/// {"kind", "tool", "version", "flags": [{"flag", "value", "read", "key", "note"}], "ask"}: what reports hold under
/// `command`.
nlohmann::ordered_json launch_json(const LaunchCommand& command);

/// The same for people: a line for each flag.
std::string launch_text(const LaunchCommand& command);

} // namespace weighbridge
