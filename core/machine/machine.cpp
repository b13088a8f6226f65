#include "core/machine/machine.h"

#include "core/fields/fields.h"
#include "core/fields/number_text.h"
#include "core/fields/scenario_json.h"
#include "core/hardware/accelerator.h"
#include "core/quantity/bytes.h"
#include "core/quantity/text.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace weighbridge {

namespace {

constexpr double mib = 1048576.0;
constexpr double gib = 1073741824.0;
constexpr std::size_t most_devices = 64;

constexpr std::string_view blanks = " \t\r"; // within a line

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    constexpr std::size_t most_read = 20'000;
    while (!text.empty() && lines.size() < most_read) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::optional<double> number_in(std::string_view text)
{
    text = trimmed(text, blanks);
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || !(number >= 0) || number > 1e15)
        return std::nullopt;
    return number;
}

/// Hundredths of a GiB are enough, and stay the same when they are written and read.
double rounded_gib(double bytes)
{
    return std::round(bytes / gib * 100) / 100;
}

/// A device as its driver describes it.
struct Found
{
    std::string name;
    std::string id; ///< of the catalogue; empty: by name
    double total_bytes = 0;
    double used_bytes = 0;
};

DeviceGroup group_of(const Found& found, std::vector<std::string>& remarks)
{
    DeviceGroup group;
    group.accelerator =
        found.id.empty() ? accelerator_called(found.name, static_cast<std::int64_t>(found.total_bytes)) : found.id;
    if (group.accelerator.empty()) {
        Accelerator custom;
        custom.id = "custom";
        custom.name = found.name.substr(0, 64);
        custom.capacity = Bytes{static_cast<std::int64_t>(found.total_bytes)};
        group.accelerator = "custom";
        group.custom = custom;
        remarks.push_back(custom.name +
                          " is not in the catalogue: its memory is the driver's figure, its speed is not known");
    } else if (found.total_bytes > 0) {
        const auto known = Catalogue().find(group.accelerator);
        constexpr double same = 0.01;
        if (known && std::abs(found.total_bytes / static_cast<double>(known->capacity.count) - 1) > same)
            group.memory_gib = rounded_gib(found.total_bytes);
    }
    if (const double used = rounded_gib(found.used_bytes); used > 0)
        group.memory_in_use_gib = used;
    return group;
}

/// Neighbours that are alike are one entry.
std::vector<DeviceGroup> groups_of(const std::vector<Found>& found, std::vector<std::string>& remarks)
{
    std::vector<DeviceGroup> groups;
    for (const Found& device : found) {
        DeviceGroup group = group_of(device, remarks);
        if (!groups.empty()) {
            DeviceGroup alike = groups.back();
            alike.count = 1;
            if (alike == group) {
                ++groups.back().count;
                continue;
            }
        }
        groups.push_back(std::move(group));
    }
    return groups;
}

/// "0, NVIDIA H100 80GB HBM3, 81559, 4", with or without the index and units.
std::optional<Found> of_csv(std::string_view line)
{
    std::vector<std::string_view> cells;
    while (true) {
        const std::size_t comma = line.find(',');
        cells.push_back(trimmed(line.substr(0, comma), blanks));
        if (comma == std::string_view::npos)
            break;
        line.remove_prefix(comma + 1);
    }
    const auto is_whole = [](std::string_view cell) {
        return !cell.empty() &&
               std::all_of(cell.begin(), cell.end(), [](unsigned char letter) { return std::isdigit(letter) != 0; });
    };
    if (!cells.empty() && is_whole(cells.front()))
        cells.erase(cells.begin());
    if (cells.size() < 2 || cells.front().empty())
        return std::nullopt;
    const auto total = number_in(cells[1]);
    if (!total || *total <= 0)
        return std::nullopt;
    const auto used = cells.size() > 2 ? number_in(cells[2]) : std::nullopt;
    return Found{std::string(cells.front()), {}, *total * mib, used.value_or(0) * mib};
}

/// A row of the table: "|   0  NVIDIA GeForce RTX 3090        Off | 00000000:01:00.0  On |", and below it
/// "|  0%   35C    P8    20W / 350W |   1234MiB / 24576MiB |".
std::vector<Found> of_table(std::string_view text)
{
    std::vector<Found> found;
    std::string name;
    for (const std::string_view line : lines_of(text)) {
        if (!trimmed(line, blanks).starts_with('|'))
            continue;
        const std::string_view inside = trimmed(trimmed(line, blanks).substr(1), blanks);
        const std::string_view cell = trimmed(inside.substr(0, inside.find('|')), blanks);
        const std::size_t digits = cell.find_first_not_of("0123456789");
        const bool is_name = digits != std::string_view::npos && digits > 0 && cell.substr(digits).starts_with("  ") &&
                             line.find(':') != std::string_view::npos;
        if (is_name && line.find("MiB /") == std::string_view::npos) {
            name = trimmed(cell.substr(digits), blanks);
            // Persistence mode stands at the end of the cell: "Off", "On".
            for (const std::string_view mode : {" Off", " On", " N/A"})
                if (name.ends_with(mode))
                    name = trimmed(std::string_view(name).substr(0, name.size() - mode.size()), blanks);
        }
        const std::size_t slash = line.find("MiB /");
        if (slash == std::string_view::npos || name.empty() || found.size() >= most_devices)
            continue;
        const std::size_t begin = line.find_last_of("| ", slash - 1);
        const auto used = number_in(line.substr(begin + 1, slash - begin - 1));
        const auto total = number_in(line.substr(slash + 5));
        if (!used || !total)
            continue;
        found.push_back({name, {}, *total * mib, *used * mib});
        name.clear();
    }
    return found;
}

std::vector<Found> of_nvidia(std::string_view text)
{
    std::vector<Found> found = of_table(text);
    if (!found.empty())
        return found;
    for (const std::string_view line : lines_of(text))
        if (auto device = of_csv(line); device && found.size() < most_devices)
            found.push_back(std::move(*device));
    return found;
}

/// {"card0": {"Card Series": "...", "VRAM Total Memory (B)": "...", "VRAM Total Used Memory (B)": "..."}}
std::vector<Found> of_rocm(const std::string& text)
{
    std::vector<Found> found;
    const auto json = parse_json(text, "rocm-smi");
    if (!json || !json->is_object())
        return found;
    for (const auto& [card, facts] : json->items()) {
        if (!card.starts_with("card") || !facts.is_object() || found.size() >= most_devices)
            continue;
        const auto text_of = [&, &facts = facts](std::initializer_list<const char*> names) {
            for (const char* name : names)
                if (facts.contains(name) && facts.at(name).is_string())
                    return facts.at(name).get<std::string>();
            return std::string();
        };
        const auto total = number_in(text_of({"VRAM Total Memory (B)"}));
        const auto used = number_in(text_of({"VRAM Total Used Memory (B)"}));
        std::string name = text_of({"Card Series", "Card series", "Card Model", "Card model"});
        if (total && *total > 0)
            found.push_back({name.empty() ? "AMD GPU" : name, {}, *total, used.value_or(0)});
    }
    return found;
}

constexpr std::uint32_t display_class = 0x03;
constexpr std::uint32_t processing_class = 0x12;

std::vector<Found> of_pci(const std::vector<PciDevice>& devices, std::vector<std::string>& remarks)
{
    std::vector<Found> found;
    for (const PciDevice& device : devices) {
        const std::uint32_t kind = device.device_class >> 16U;
        if ((kind != display_class && kind != processing_class) || found.size() >= most_devices)
            continue;
        const std::string id = accelerator_of_pci(device.vendor, device.device);
        const double total = static_cast<double>(device.memory_bytes.value_or(0));
        const double used = static_cast<double>(device.memory_used_bytes.value_or(0));
        constexpr std::array<std::pair<std::uint32_t, std::string_view>, 3> vendors = {
            {{0x10de, "NVIDIA"}, {0x1002, "AMD"}, {0x8086, "Intel"}}};
        std::string name;
        for (const auto& [vendor, word] : vendors)
            if (device.vendor == vendor)
                name = std::string(word) + " GPU";
        if (name.empty())
            continue;
        constexpr double least_card = 2 * gib; // below it is the graphics of a processor
        if (id.empty() && total < least_card) {
            if (device.vendor != 0x8086)
                remarks.push_back(name + " at " + device.address +
                                  " is not known, and its driver does not say its memory");
            continue;
        }
        found.push_back({name, id, total, used});
    }
    return found;
}

std::string sysctl_value(std::string_view text, std::string_view name)
{
    for (const std::string_view line : lines_of(text))
        if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':')
            return std::string(trimmed(line.substr(name.size() + 1), blanks));
    return {};
}

void read_devices(Machine& machine, const MachineTexts& texts)
{
    struct Source
    {
        std::string_view name;
        std::vector<Found> found;
    };
    const std::string chip = sysctl_value(texts.sysctl, "machdep.cpu.brand_string");
    const auto memory = number_in(sysctl_value(texts.sysctl, "hw.memsize"));
    std::vector<Found> apple;
    if (chip.starts_with("Apple") && memory)
        apple.push_back({chip, {}, *memory, 0});
    std::vector<Source> sources;
    sources.push_back({"nvidia-smi", of_nvidia(texts.nvidia_smi)});
    sources.push_back({"rocm-smi", of_rocm(texts.rocm_smi)});
    sources.push_back({"sysctl", std::move(apple)});
    std::vector<Found> all;
    for (const Source& source : sources)
        if (!source.found.empty()) {
            machine.devices_source += (machine.devices_source.empty() ? "" : ", ") + std::string(source.name);
            all.insert(all.end(), source.found.begin(), source.found.end());
        }
    if (all.empty()) {
        all = of_pci(texts.pci, machine.remarks);
        if (!all.empty())
            machine.devices_source = "PCI ids and sysfs";
    }
    machine.devices = groups_of(all, machine.remarks);
}

std::optional<double> meminfo_bytes(std::string_view text, std::string_view name)
{
    constexpr double kibibyte = 1024;
    const auto value = number_in(sysctl_value(text, name));
    return value ? std::optional(*value * kibibyte) : std::nullopt;
}

void read_host(Machine& machine, const MachineTexts& texts)
{
    if (const auto total = meminfo_bytes(texts.meminfo, "MemTotal")) {
        machine.host.memory_gib = rounded_gib(*total);
        machine.host_source = "/proc/meminfo";
        if (const auto available = meminfo_bytes(texts.meminfo, "MemAvailable"); available && *available < *total)
            machine.host.memory_in_use_gib = rounded_gib(*total - *available);
    }
    std::int64_t threads = 0;
    for (const std::string_view line : lines_of(texts.cpuinfo)) {
        if (line.starts_with("processor"))
            ++threads;
        if (line.starts_with("model name") && machine.host.name.empty()) {
            const std::size_t colon = std::min(line.find(':'), line.size() - 1);
            machine.host.name = std::string(trimmed(line.substr(colon + 1), blanks)).substr(0, 64);
        }
    }
    if (threads > 0)
        machine.host.cpu_threads = threads;
}

} // namespace

Machine read_machine(const MachineTexts& texts)
{
    Machine machine;
    read_devices(machine, texts);
    read_host(machine, texts);
    if (machine.devices.empty())
        machine.remarks.emplace_back(
            "no accelerator was found: llama.cpp and Ollama run on the CPU (inference.device none)");
    return machine;
}

bool is_nvidia_smi(std::string_view text)
{
    return has_part(text, {"NVIDIA-SMI", "MiB /", "memory.total [MiB]"}) && !of_nvidia(text).empty();
}

Outcome take_machine(Scenario& scenario, const Machine& machine)
{
    if (machine.devices.empty())
        return Error{"hardware.devices", "this machine has no accelerator that is known here; name one with --gpu"};
    unset_field(scenario, *field_named("hardware.count"));
    if (Outcome problem = set_devices(scenario, *field_named("hardware.devices"), machine.devices))
        return problem;
    const bool shares_memory =
        std::any_of(machine.devices.begin(), machine.devices.end(), [](const DeviceGroup& group) {
            const auto known = Catalogue().find(group.accelerator);
            return known && known->unified_memory;
        });
    if (shares_memory)
        return {};
    Scenario host;
    host.hardware.host = machine.host;
    for (const ScenarioField& field : scenario_fields())
        if (field.key.starts_with("hardware.host.") && !is_chosen(scenario, field) && is_chosen(host, field))
            if (Outcome problem = set_field(scenario, field.key, field_text(host, field)))
                return problem;
    return {};
}

nlohmann::ordered_json machine_json(const Machine& machine)
{
    Scenario scenario;
    scenario.hardware.devices = machine.devices;
    scenario.hardware.host = machine.host;
    nlohmann::ordered_json written = write_scenario(scenario);
    nlohmann::ordered_json& hardware = written["hardware"];
    nlohmann::ordered_json root;
    root["devices"] = hardware.contains("devices") ? hardware["devices"] : nlohmann::ordered_json::array();
    root["host"] = hardware.contains("host") ? hardware["host"] : nlohmann::ordered_json();
    root["links"] = nullptr;
    root["sources"] = {{"devices", machine.devices_source}, {"host", machine.host_source}};
    root["remarks"] = machine.remarks;
    return root;
}

std::string machine_text(const Machine& machine)
{
    std::string text;
    for (const DeviceGroup& group : machine.devices) {
        const auto known = Catalogue().find(group.accelerator);
        text += std::to_string(group.count) + " x " +
                (group.custom ? group.custom->name
                 : known      ? known->name
                              : group.accelerator);
        if (group.memory_gib)
            text += ", " + real_text(*group.memory_gib) + " GiB";
        if (group.memory_in_use_gib)
            text += ", " + real_text(*group.memory_in_use_gib) + " GiB in use";
        text += " (" + machine.devices_source + ")\n";
    }
    if (machine.host.memory_gib)
        text += "Host: " + real_text(*machine.host.memory_gib) + " GiB, " +
                real_text(machine.host.memory_in_use_gib.value_or(0)) + " GiB in use";
    if (machine.host.cpu_threads)
        text += ", " + std::to_string(*machine.host.cpu_threads) + " threads";
    if (machine.host.memory_gib || machine.host.cpu_threads)
        text += machine.host.name.empty() ? "\n" : ", " + machine.host.name + "\n";
    for (const std::string& remark : machine.remarks)
        text += remark + '\n';
    return text;
}

} // namespace weighbridge
