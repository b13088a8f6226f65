#pragma once

#include "core/quantity/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// An option of a command. Options that set a scenario key name it, so that no code stands behind them.
struct Option
{
    std::string_view name;     ///< "--gpu"
    std::string_view argument; ///< "ID", as the help shows it; empty for a switch; in brackets where it may be one
    std::string_view help;
    std::string_view key; ///< the scenario key it sets, or empty
};

/// What was typed, in order.
struct ParsedArguments
{
    std::vector<std::string> words; ///< what is no option: a model
    std::vector<std::pair<const Option*, std::string>> options;

    bool has(std::string_view name) const;
    /// Of the last one with that name; empty where there is none.
    std::string value(std::string_view name) const;
    /// The same; nothing where there is none.
    std::optional<std::string> given(std::string_view name) const;
    std::vector<std::string> values(std::string_view name) const;
};

/// Reads "--name value" and "--name=value"; "--" ends the options. "-h" is --help. The error names an unknown option
/// and the nearest known one, or the option whose value is missing.
Result<ParsedArguments> parse_arguments(std::span<const std::string> arguments, std::span<const Option> options);

/// "  --gpu ID            the accelerator ...": a line for each option, aligned.
std::string options_help(std::span<const Option> options);

} // namespace weighbridge
