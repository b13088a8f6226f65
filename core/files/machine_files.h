#pragma once

#include "core/hardware/machine_texts.h"
#include "core/quantity/result.h"

#include <string>

namespace weighbridge {

/// What this machine says of itself: nvidia-smi and rocm-smi, where they are, within five seconds and 256 KiB each; PCI
/// devices by sysfs; /proc. With a folder, what was recorded there instead, under the same names: nvidia-smi.txt,
/// rocm-smi.json, sysctl.txt, proc/meminfo, proc/cpuinfo, sys/bus/pci/devices/...; no program is run then.
MachineTexts machine_texts(const std::string& folder = {});

/// Where machines are kept by name: $XDG_DATA_HOME/weighbridge/machines, or ~/.local/share; empty without a home.
std::string machines_folder();

/// Keeps a machine's JSON under that name (letters, digits, "-", "_", "."; at most 64), or reads it back. The error
/// says what is wrong with the name or the file.
Outcome keep_machine(const std::string& name, const std::string& json);
Result<std::string> kept_machine(const std::string& name);
bool is_kept_machine(const std::string& name);

} // namespace weighbridge
