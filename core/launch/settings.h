#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

/// One thing that a command or a file says.
struct Setting
{
    std::string flag; ///< as it was written: "--tp", "OLLAMA_NUM_PARALLEL", "fsdp_config.offload_params"
    std::string name; ///< as the tables of flags spell it
    std::optional<std::string> value; ///< nothing: a switch
    bool is_environment = false;
};

/// A command or a file, taken apart but not yet understood.
struct Launch
{
    std::string tool;    ///< as it is called in answers: "axolotl"
    std::string table;   ///< whose flags it takes: "hf"
    std::string version; ///< of an image's tag; empty where it says none
    std::string program; ///< "trl sft", "llama-server", "config file"
    bool is_file = false;
    std::vector<Setting> settings;
    std::vector<std::string> positional; ///< what stands without a flag
    std::vector<std::string> notes;      ///< what there is to ask: a file that was named and not read
};

} // namespace weighbridge
