#pragma once

#include "core/model/tensor.h"

#include <array>
#include <string_view>

namespace weighbridge {

/// The term of the weights of a part of the network.
struct PartName
{
    Part part;
    std::string_view id;
    std::string_view label;
};

/// In the order in which reports have them.
inline constexpr std::array<PartName, 8> part_names = {{
    {Part::attention, "weights.attention", "Attention"},
    {Part::feed_forward, "weights.feed_forward", "Feed-forward"},
    {Part::experts, "weights.experts", "Routed experts"},
    {Part::shared_experts, "weights.shared_experts", "Shared experts"},
    {Part::router, "weights.router", "Router"},
    {Part::embedding, "weights.embedding", "Embedding and LM head"},
    {Part::norms, "weights.norms", "Norms"},
    {Part::vision, "weights.vision", "Vision tower and projector"},
}};

} // namespace weighbridge
