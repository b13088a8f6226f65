#include "app/cli/command_line.h"

#include "app/cli/accuracy_command.h"
#include "app/cli/estimate_command.h"
#include "app/cli/list_command.h"
#include "app/cli/machine_command.h"
#include "app/cli/messages.h"
#include "app/cli/read_command.h"
#include "app/cli/tables_command.h"
#include "core/quantity/nearest.h"

#include <algorithm>
#include <array>
#include <exception>
#include <filesystem>
#include <system_error>

namespace weighbridge {

namespace {

constexpr std::string_view usage = R"(Weighbridge tells how much GPU memory a large language model needs.

Usage: weighbridge                          the window
       weighbridge FILE                     the window with a scenario, a
                                            config.json or a folder opened
       weighbridge estimate MODEL [options] an estimate, without a display
       weighbridge estimate --scenario FILE the same from a scenario
       weighbridge list models|accelerators|systems|engines|formats|
                        families|fields
       weighbridge tables [MODEL ...]       reference tables for these models
       weighbridge accuracy                 predicted against measured runs
       weighbridge machine                  this machine's accelerators
       weighbridge read FILE                what a launch command or a
                                            configuration file says
       weighbridge --help, --version

Each command has its own --help.
)";

constexpr std::array<std::string_view, 10> commands = {"estimate", "machine", "list",   "tables", "accuracy",
                                                       "read",     "help",    "--help", "-h",     "--version"};

bool is_command(std::string_view word)
{
    return word == "-v" || std::find(commands.begin(), commands.end(), word) != commands.end();
}

Error unknown_command(const std::string& word)
{
    const bool is_option = word.starts_with('-');
    const std::string what = is_option ? "there is no option " + weighbridge::in_quotes(word)
                                       : weighbridge::in_quotes(word) + " is neither a file nor a command";
    return {"", what + nearest_clause(word, commands) + "; see weighbridge --help"};
}

/// "--platform" and its kin are Qt's own, with one or two dashes, and so are the values behind them.
bool is_for_qt(std::string_view word)
{
    static constexpr std::array<std::string_view, 12> names = {
        "platform",    "platformpluginpath", "platformtheme", "plugin",  "style",    "qwindowgeometry",
        "qwindowicon", "qwindowtitle",       "reverse",       "display", "geometry", "session"};
    if (!word.starts_with('-'))
        return false;
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    word = word.substr(0, word.find('='));
    return std::find(names.begin(), names.end(), word) != names.end();
}

} // namespace

bool is_command_line(std::span<const std::string> arguments)
{
    if (arguments.empty() || is_for_qt(arguments.front()))
        return false;
    std::error_code error;
    return is_command(arguments.front()) || !std::filesystem::exists(arguments.front(), error);
}

int run_command_line(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err,
                     const Environment& environment)
{
    const auto run = [&]() -> ExitStatus {
        if (arguments.empty() || !is_command_line(arguments))
            return fail(err,
                        {"", "this build has no window; try weighbridge estimate Llama-3.1-8B, or weighbridge --help"});
        const std::string& command = arguments.front();
        const auto rest = arguments.subspan(1);
        if (command == "estimate")
            return run_estimate(rest, in, out, err, environment);
        if (command == "list")
            return run_list(rest, out, err);
        if (command == "tables")
            return run_tables(rest, out, err, environment);
        if (command == "accuracy")
            return run_accuracy(rest, out, err);
        if (command == "machine")
            return run_machine(rest, out, err);
        if (command == "read")
            return run_read(rest, in, out, err);
        if (!is_command(command))
            return fail(err, unknown_command(command));
        if (!rest.empty())
            return fail(err, {"", command + " takes no argument; " + weighbridge::in_quotes(rest.front()) +
                                      " is one too many"});
        if (command == "--version" || command == "-v")
            out << "weighbridge " WEIGHBRIDGE_VERSION "\n";
        else
            out << usage;
        return finish(out, err);
    };
    try {
        return static_cast<int>(run());
    } catch (const std::exception& problem) { // out of memory is all that is left
        return static_cast<int>(fail(err, {"", std::string("it can't go on: ") + problem.what()}));
    }
}

} // namespace weighbridge
