#pragma once

#include "core/model/architecture.h"

#include <compare>
#include <string_view>

namespace weighbridge {

/// A release of exllamav3; those of 2025 differ in the third number alone.
struct ExlRelease
{
    int major = 0;
    int minor = 0;
    int patch = 0;

    auto operator<=>(const ExlRelease&) const = default; // NOLINT(modernize-use-nullptr): as in Bytes

    /// Windows are kept in rings of their own, by networks that ask for it (modules/sliding_attn.py).
    bool has_rings() const { return *this >= ExlRelease{0, 0, 30}; }
    /// Attention reads quantized caches as they are; before, and for prompts again later, one layer's is unpacked.
    bool reads_packed_caches() const { return *this >= ExlRelease{1, 0, 0} && *this < ExlRelease{1, 3, 0}; }
    /// modules/block_sparse_mlp.py, load_cpu_offload.
    bool offloads_experts() const { return *this >= ExlRelease{1, 2, 0}; }
};

/// The newest release whose rules are known here.
inline constexpr ExlRelease newest_exl_release{1, 4, 1};

/// Reads "0.0.3", "v1.4.1", "1.4"; a date ("2026-04") is the newest release of then. Anything else is the newest known.
ExlRelease read_exl_release(std::string_view version);

/// What exllamav3's network of a family does (exllamav3/architecture).
struct ExlNetwork
{
    bool known = false;    ///< it has one
    bool rings = false;    ///< windows lie in rings, else every token is kept
    bool wide = false;     ///< between the matrices of feed-forwards numbers have 32 bits
    bool predicts = false; ///< it can run the network's prediction layers (architecture/*_mtp.py)
};

ExlNetwork exl_network(const Architecture& architecture);

} // namespace weighbridge
