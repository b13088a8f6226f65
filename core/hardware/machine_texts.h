#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// A device on the PCI bus, as sysfs shows it.
struct PciDevice
{
    std::string address; ///< "0000:01:00.0"
    std::uint32_t vendor = 0;
    std::uint32_t device = 0;
    std::uint32_t device_class = 0;
    std::optional<std::int64_t> memory_bytes; ///< of AMD's driver: mem_info_vram_total
    std::optional<std::int64_t> memory_used_bytes;
};

/// What a machine says of itself, in its own words: the outputs of programs and the contents of files. Empty where
/// there is no such program or file.
struct MachineTexts
{
    std::string nvidia_smi; ///< its table, or CSV of index, name, memory.total, memory.used in MiB
    std::string rocm_smi;   ///< --showproductname --showmeminfo vram --json
    std::string sysctl;     ///< of macOS: "hw.memsize: ..." and "machdep.cpu.brand_string: ..."
    std::string meminfo;    ///< /proc/meminfo
    std::string cpuinfo;    ///< /proc/cpuinfo
    std::vector<PciDevice> pci;
};

} // namespace weighbridge
