#pragma once

#include "core/hardware/accelerator.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// What the catalogue says of an accelerator beside what estimates need: for tables that people read.
struct DataSheet
{
    Accelerator accelerator;        ///< of one device, where a package shows up as several
    std::string architecture;       ///< the maker's name, then the chip where known: "Hopper GH100"
    int launch_year = 0;            ///< 0 where unknown
    std::string memory_type;        ///< "HBM3"
    std::string links;              ///< between accelerators: "NVLink 4 + NVSwitch"; empty where there are none
    std::optional<double> link_gbs; ///< GB/s of all links of the package, both directions together
    std::string host_link;          ///< "PCIe 5.0 x16"; empty where unknown
    std::optional<double> watts;    ///< board power of the package

    /// Memory of one device as sold, in the maker's gigabytes.
    double sold_gb() const;
    /// "Hopper": the first word of the architecture, of Apple's "Apple Silicon M4" the chip.
    std::string generation() const;
    /// Whether a figure of that name in the catalogue ("dense_tflops.int8") is from memory, with no source seen.
    bool is_unverified(std::string_view figure) const;
};

/// Every accelerator of the catalogue, in its order.
std::vector<DataSheet> data_sheets();

} // namespace weighbridge
