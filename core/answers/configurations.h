#pragma once

#include "core/hardware/accelerator.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// So many accelerators of one kind as a person can get them.
struct Configuration
{
    std::string id;   ///< of a system, or of the appendix's list: "2x_h100_sxm_80"
    std::string name; ///< "2× H100 SXM 80 GB", "DGX/HGX H100", "p5.48xlarge (AWS)"
    std::string kind; ///< that of a system; "cards" for the appendix's
    Accelerator accelerator;
    std::int64_t gpus = 1;    ///< devices as software sees them
    bool in_appendix = false; ///< one of the 15 of the book appendix, B.4
    std::string note;
    std::vector<std::string> sources;

    /// Of all its GPUs, bytes.
    double memory() const { return static_cast<double>(accelerator.capacity.count) * static_cast<double>(gpus); }
};

using ConfigurationsPointer = std::shared_ptr<const std::vector<Configuration>>;

/// The 15 of the appendix and every bundled system, those that are both once; from the least memory to the most, the
/// file's order among equals. Reads the catalogue: whoever asks often keeps them.
ConfigurationsPointer standard_configurations();

/// One line of the appendix's recommend_gpus(), in its order.
struct BookConfiguration
{
    std::string_view name; ///< as printed: "1x RTX 4090"
    double memory_gb;      ///< as printed, of all GPUs
    std::string_view accelerator;
    std::int64_t gpus;
    std::string_view system; ///< the bundled system that it is, or empty
};

std::span<const BookConfiguration> book_configurations();

} // namespace weighbridge
