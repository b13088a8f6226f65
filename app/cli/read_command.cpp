#include "app/cli/read_command.h"

#include "app/cli/messages.h"
#include "app/cli/options.h"
#include "core/fields/scenario_json.h"
#include "core/files/files.h"
#include "core/launch/read_log.h"
#include "core/machine/machine.h"
#include "core/quantity/nearest.h"
#include "core/report/table_writers.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <array>
#include <istream>
#include <ostream>

namespace weighbridge {

namespace {

constexpr std::string_view read_usage =
    R"(Says what a text is and what it sets: a launch command of an engine or a
trainer, docker run or compose, a Modelfile, a configuration file, Python that
configures one of them, a log or an out-of-memory error, nvidia-smi's table, a
scenario. Nothing of it is run, and secrets are not repeated.

Usage: weighbridge read FILE [options]

'-' reads standard input.

)";

constexpr std::string_view read_status = R"(
Exit status: 0 done; 2 unusable arguments or nothing that is known.
)";

constexpr std::array<Option, 2> read_options = {{
    {"--format", "NAME", "table or json", ""},
    {"--help", "", "this text", ""},
}};

constexpr std::array understood = {"command", "config_file", "log", "error", "machine", "scenario"};

Result<std::string> text_of(const std::string& path, std::istream& in)
{
    if (path != "-")
        return read_file(path);
    std::string text;
    std::array<char, 4096> part{};
    while (text.size() <= largest_text_file && (in.read(part.data(), part.size()) || in.gcount() > 0))
        text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_text_file)
        return Error{"", "standard input is longer than 8 MiB"};
    return text;
}

/// A scenario as it stands; nothing where the text is none.
std::optional<Result<Scenario>> scenario_in(const std::string& text)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || text[first] != '{')
        return std::nullopt;
    const auto json = parse_json(text, "the text");
    if (!json || !is_scenario(*json))
        return std::nullopt;
    return read_scenario(*json);
}

void write_json(std::ostream& out, nlohmann::ordered_json root, const Scenario& scenario)
{
    root["scenario"] = write_scenario(scenario);
    out << json_text(root);
}

} // namespace

Result<LaunchCommand> read_launch_file(const std::string& path, std::istream& in)
{
    const auto text = text_of(path, in);
    if (!text)
        return text.error();
    return read_launch(*text);
}

ExitStatus run_read(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err)
{
    const auto parsed = parse_arguments(arguments, read_options);
    if (!parsed)
        return fail(err, parsed.error());
    if (parsed->has("--help")) {
        out << read_usage << options_help(read_options) << read_status;
        return finish(out, err);
    }
    if (parsed->words.size() != 1)
        return fail(err, {"", "read takes one FILE; see weighbridge read --help"});
    const std::string format = parsed->given("--format").value_or("table");
    if (format != "table" && format != "text" && format != "json")
        return fail(err, {"", "--format is " + weighbridge::in_quotes(format) + "; it must be table or json"});
    const auto text = text_of(parsed->words.front(), in);
    if (!text)
        return fail(err, text.error());
    if (const auto scenario = scenario_in(*text)) {
        if (!*scenario)
            return fail(err, scenario->error());
        if (format == "json")
            write_json(out, {{"kind", "scenario"}}, **scenario);
        else
            out << "a scenario\n";
        return finish(out, err);
    }
    if (is_nvidia_smi(*text)) {
        MachineTexts said;
        said.nvidia_smi = *text;
        const Machine machine = read_machine(said);
        Scenario scenario;
        if (const Outcome problem = take_machine(scenario, machine))
            return fail(err, *problem);
        nlohmann::ordered_json root = {{"kind", "machine"}};
        root.update(machine_json(machine));
        if (format == "json")
            write_json(out, std::move(root), scenario);
        else
            out << machine_text(machine);
        return finish(out, err);
    }
    // A log may well name a command; a command has no line of a log.
    if (const auto log = read_log(*text)) {
        if (format == "json")
            write_json(out, log_json(*log), log->scenario);
        else
            out << log_text(*log);
        return finish(out, err);
    }
    const auto command = read_launch(*text);
    if (command) {
        if (format == "json")
            write_json(out, launch_json(*command), command->scenario);
        else
            out << launch_text(*command) << '\n' << json_text(write_scenario(command->scenario));
        return finish(out, err);
    }
    if (format == "json") {
        out << json_text({{"kind", "unknown"}, {"understood", understood}});
        finish(out, err);
    }
    return fail(err, command.error());
}

} // namespace weighbridge
