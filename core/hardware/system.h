#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Accelerators of one kind as they are sold or rented together: a server, a rack, a workstation, a cloud instance.
/// One entry of resources/hardware/systems.json.
struct System
{
    std::string id;                    ///< "dgx_h100"
    std::string name;                  ///< "DGX/HGX H100"
    std::string kind;                  ///< "server", "tray", "rack", "workstation", "cloud:AWS" ...
    std::string accelerator;           ///< an id of the catalogue
    std::int64_t packages = 0;         ///< of that accelerator, as the maker counts them
    std::int64_t scale_up = 0;         ///< packages that the fast links join; 0 where unknown
    std::string interconnect;          ///< empty where no source names one
    std::optional<double> marketed_gb; ///< memory of the whole system, as the maker counts it
    std::string confidence;            ///< of the sources: "high", "medium", "low"
    std::string note;
    std::vector<std::string> sources;

    bool operator==(const System&) const = default;
};

/// The bundled systems, in the file's order.
std::vector<System> bundled_systems();

/// The one with that id; nothing where none has it.
std::optional<System> find_system(std::string_view id);

} // namespace weighbridge
