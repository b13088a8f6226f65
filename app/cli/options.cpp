#include "app/cli/options.h"

#include "core/quantity/nearest.h"

#include <algorithm>

namespace weighbridge {

namespace {

const Option* find_option(std::span<const Option> options, std::string_view name)
{
    if (name == "-h")
        name = "--help";
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const Option& option) { return option.name == name; });
    return found == options.end() ? nullptr : &*found;
}

Error unknown_option(std::string_view name, std::span<const Option> options)
{
    std::vector<std::string_view> known;
    for (const Option& option : options)
        known.push_back(option.name);
    return {"", "there is no option " + weighbridge::in_quotes(name) + nearest_clause(name, known) + "; see --help"};
}

} // namespace

bool ParsedArguments::has(std::string_view name) const
{
    return std::any_of(options.begin(), options.end(), [&](const auto& option) { return option.first->name == name; });
}

std::string ParsedArguments::value(std::string_view name) const
{
    const auto all = values(name);
    return all.empty() ? std::string() : all.back();
}

std::optional<std::string> ParsedArguments::given(std::string_view name) const
{
    return has(name) ? std::optional(value(name)) : std::nullopt;
}

std::vector<std::string> ParsedArguments::values(std::string_view name) const
{
    std::vector<std::string> found;
    for (const auto& [option, value] : options)
        if (option->name == name)
            found.push_back(value);
    return found;
}

Result<ParsedArguments> parse_arguments(std::span<const std::string> arguments, std::span<const Option> options)
{
    ParsedArguments parsed;
    bool only_words = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (only_words || argument.size() < 2 || argument.front() != '-') {
            parsed.words.push_back(argument);
            continue;
        }
        if (argument == "--") {
            only_words = true;
            continue;
        }
        const std::size_t equals = argument.find('=');
        const Option* option = find_option(options, argument.substr(0, equals));
        if (option == nullptr)
            return unknown_option(argument.substr(0, equals), options);
        const std::string name(option->name);
        if (option->argument.empty() && equals != std::string::npos)
            return Error{"",
                         name + " is " + weighbridge::in_quotes(argument.substr(equals + 1)) + "; it takes no value"};
        // "[KEY=VALUE]": what follows is its value only where it looks like one.
        const bool may_stand_alone = option->argument.starts_with('[');
        if (may_stand_alone && equals == std::string::npos &&
            (i + 1 == arguments.size() || arguments[i + 1].starts_with('-') ||
             arguments[i + 1].find('=') == std::string::npos)) {
            parsed.options.emplace_back(option, "");
            continue;
        }
        if (!option->argument.empty() && equals == std::string::npos && i + 1 == arguments.size())
            return Error{"", name + " needs a value (" + std::string(option->argument) + ")"};
        std::string value;
        if (equals != std::string::npos)
            value = argument.substr(equals + 1);
        else if (!option->argument.empty())
            value = arguments[++i];
        parsed.options.emplace_back(option, std::move(value));
    }
    return parsed;
}

std::string options_help(std::span<const Option> options)
{
    constexpr std::size_t help_column = 26;
    std::string text;
    for (const Option& option : options) {
        std::string line = "  " + std::string(option.name);
        if (!option.argument.empty())
            line.append(1, ' ').append(option.argument);
        if (line.size() + 2 > help_column)
            line += "\n" + std::string(help_column, ' ');
        else
            line.resize(help_column, ' ');
        text += line + std::string(option.help) + '\n';
    }
    return text;
}

} // namespace weighbridge
