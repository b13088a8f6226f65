#include "app/cli/machine_command.h"

#include "app/cli/messages.h"
#include "app/cli/options.h"
#include "core/fields/scenario_json.h"
#include "core/files/machine_files.h"
#include "core/quantity/nearest.h"
#include "core/report/table_writers.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <ostream>

namespace weighbridge {

namespace {

constexpr std::string_view machine_usage =
    R"(Prints which accelerators this machine has, how much of their memory others
use, and the host's memory: by nvidia-smi, rocm-smi, else by the PCI bus. A card
that is not in the catalogue is a device with what its driver says.

Usage: weighbridge machine [options]

'weighbridge estimate MODEL --gpu this' asks about it; with --save it is kept by
name, and --gpu NAME asks about it from then on.

)";

constexpr std::string_view machine_status = R"(
Exit status: 0 done; 2 unusable arguments.
)";

constexpr std::array<Option, 4> machine_options = {{
    {"--save", "NAME", "keep it under that name", ""},
    {"--from", "FOLDER", "what another machine's programs and files said", ""},
    {"--format", "NAME", "table or json", ""},
    {"--help", "", "this text", ""},
}};

/// What was recorded of another machine, for whoever asks without one.
std::string recorded_folder()
{
    const char* folder = std::getenv("WEIGHBRIDGE_MACHINE");
    return folder != nullptr ? folder : "";
}

Result<Machine> machine_of_json(const std::string& text)
{
    const auto json = parse_json(text, "the machine");
    if (!json)
        return json.error();
    nlohmann::json scenario;
    for (const char* key : {"devices", "host"})
        if (json->is_object() && json->contains(key) && !json->at(key).is_null())
            scenario["hardware"][key] = json->at(key);
    const auto read = read_scenario(scenario.is_null() ? nlohmann::json::object() : scenario);
    if (!read)
        return read.error();
    Machine machine;
    machine.devices = read->hardware.devices;
    machine.host = read->hardware.host;
    machine.devices_source = "kept";
    machine.host_source = "kept";
    return machine;
}

} // namespace

std::optional<Result<Machine>> machine_called(const std::string& name)
{
    if (name == "this")
        return Result<Machine>(read_machine(machine_texts(recorded_folder())));
    if (!is_kept_machine(name))
        return std::nullopt;
    const auto text = kept_machine(name);
    return text ? machine_of_json(*text) : Result<Machine>(text.error());
}

ExitStatus run_machine(std::span<const std::string> arguments, std::ostream& out, std::ostream& err)
{
    const auto parsed = parse_arguments(arguments, machine_options);
    if (!parsed)
        return fail(err, parsed.error());
    if (parsed->has("--help")) {
        out << machine_usage << options_help(machine_options) << machine_status;
        return finish(out, err);
    }
    if (!parsed->words.empty())
        return fail(err, {"", "machine takes no argument; " + weighbridge::in_quotes(parsed->words.front()) +
                                  " is one too many"});
    const std::string format = parsed->given("--format").value_or("table");
    if (format != "table" && format != "text" && format != "json")
        return fail(err, {"", "--format is " + weighbridge::in_quotes(format) + "; it must be table or json"});
    const Machine machine = read_machine(machine_texts(parsed->given("--from").value_or(recorded_folder())));
    const std::string json = json_text(machine_json(machine));
    if (parsed->has("--save"))
        if (const Outcome problem = keep_machine(parsed->value("--save"), json))
            return fail(err, *problem);
    out << (format == "json" ? json : machine_text(machine));
    return finish(out, err);
}

} // namespace weighbridge
