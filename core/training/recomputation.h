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
    uniform,   ///< Megatron: of every group of K layers the input, a group is computed again at once
    block,     ///< of the first K layers only the input, of the others everything
    offload,   ///< only each layer's input, in the host's memory
};

/// fine_tune.recompute, read.
struct RecomputePolicy
{
    Recompute kind = Recompute::none;
    std::int64_t every = 1; ///< K
    /// Of `layers` layers, those that are computed again.
    double recomputed(double layers) const;
    /// Inputs that are kept for them: one each, or one for a group.
    double checkpoints(double layers) const;
    /// Layers that are there again at the same time.
    double at_once(double layers) const;
};

/// Reads "none", "selective", "full", "offload" "every:K", "uniform:K", "block:K"
/// or "layers:K", which is block:K (K from 1 to 1,024).
std::optional<RecomputePolicy> find_recompute(std::string_view text);

} // namespace weighbridge
