#pragma once

#include "core/hardware/machine_texts.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A machine as keys of a scenario, and where each figure came from.
struct Machine
{
    std::vector<DeviceGroup> devices; ///< empty: no accelerator was found
    HostChoice host;
    std::string devices_source; ///< "nvidia-smi", "PCI ids", "rocm-smi", "sysfs", "sysctl"
    std::string host_source;
    std::vector<std::string> remarks; ///< what was not known, in words
};

/// Reads what a machine said. Never fails: what can't be read is not there.
Machine read_machine(const MachineTexts& texts);

/// Whether a pasted text is the table or the CSV of nvidia-smi.
bool is_nvidia_smi(std::string_view text);

/// The machine over what a scenario says of its hardware; the host stays where it was chosen.
Outcome take_machine(Scenario& scenario, const Machine& machine);

/// {"devices", "host", "links", "sources", "remarks"}.
nlohmann::ordered_json machine_json(const Machine& machine);
/// The same for people.
std::string machine_text(const Machine& machine);

/// The accelerator of the catalogue that a driver's name and memory (bytes, 0: not known) stand for; its id, or empty.
std::string accelerator_called(std::string_view name, std::int64_t memory_bytes);
/// The one of a PCI id; empty where it is not in the table.
std::string accelerator_of_pci(std::uint32_t vendor, std::uint32_t device);

} // namespace weighbridge
