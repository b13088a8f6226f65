#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weighbridge {

/// What of a layer's activations is kept for the backward pass.
enum class Recompute
{
    none,
    selective, ///< part of each layer, as the framework means it
    full,      ///< only each layer's input
    every,     ///< of every K-th layer only the input, of the others everything
    offload,   ///< only each layer's input, in the host's memory
};

/// fine_tune.recompute, read.
struct RecomputePolicy
{
    Recompute kind = Recompute::none;
    std::int64_t every = 1; ///< K
    /// Share of the layers of which only the input is kept.
    double recomputed_share() const;
};

/// Reads "none", "selective", "full", "offload" or "every:K" (K from 1 to 1,024).
std::optional<RecomputePolicy> find_recompute(std::string_view text);

} // namespace weighbridge
