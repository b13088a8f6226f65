#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A flag with a key of the scenario: a row of resources/launch, read in both directions.
struct FlagRow
{
    std::string name;              ///< as the tool spells it, without leading dashes, "-" as "_"; "-ngl" of short ones
    std::vector<std::string> also; ///< other spellings that are read
    std::string key;               ///< "inference.max_model_len"; "training." is the task's group; empty: see `as`
    std::string as;                ///< how its value becomes the key's (conversions.h); empty: as it stands
    std::string value;             ///< what a switch sets
    std::string of;                ///< the engine whose it is, where that is another one than the tool's
    std::string only;              ///< the tools of a shared table that have it; empty: all
    bool is_switch = false;        ///< takes no value, or only a truth value
};

/// What a flag of a tool is to Weighbridge.
struct FlagKind
{
    const FlagRow* row = nullptr; ///< null where it has no key
    bool is_known = false;
    bool has_effect = false; ///< on memory or speed; nothing counts it
    bool is_switch = false;
};

/// A tool's flags.
struct FlagTable
{
    std::string tool;
    std::string engine;    ///< of inference
    std::string framework; ///< of training
    std::string task;
    std::string spelling;    ///< "--a-b", "--a_b", or the kind of file
    std::string program;     ///< what a command begins with
    std::string positional;  ///< the row of what stands without a flag
    std::string fallback;    ///< the table of what this one does not know; empty: none
    bool beginnings = false; ///< any unambiguous beginning of a name is read (argparse)
    std::vector<FlagRow> rows;
    std::vector<std::string> no_effect_values;
    std::vector<std::string> no_effect_switches;
    std::vector<std::string> no_rule_values;
    std::vector<std::string> no_rule_switches;

    /// `name` as in FlagRow. Of "no_x" where x is a switch, the row of x.
    FlagKind find(std::string_view name) const;
    /// The full name of an unambiguous beginning; the name itself where there is none.
    std::string completed(std::string_view name) const;
};

/// "--max-model-len" is "max_model_len", "-ngl" stays.
std::string flag_name(std::string_view written);

/// The table of that tool; null where there is none.
const FlagTable* flag_table(std::string_view tool);
std::span<const FlagTable> flag_tables();

} // namespace weighbridge
