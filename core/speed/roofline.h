#pragma once

#include "core/hardware/accelerator.h"
#include "core/memory/stages.h"
#include "core/speed/operations.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

enum class Bound
{
    memory,
    compute,
    unknown, ///< the accelerator has no figure to compare with
};

std::string_view bound_name(Bound bound);

struct RooflineRow
{
    Operation operation;
    std::optional<PeakRate>
        peak;         ///< of the arithmetic this operation runs at: attention stays in 16 bits when weights are in 8
    double ridge = 0; ///< FLOP per byte; 0 where unknown
    Bound bound = Bound::unknown;
    double attainable_flops = 0; ///< min(peak, intensity x bandwidth), FLOP/s; 0 where unknown
};

/// One phase of one kind of layer against one accelerator's roof.
struct Roofline
{
    Phase phase = Phase::decode;
    std::string layer_label;      ///< "full attention, dense"; what kind of layer this is
    std::int64_t layers = 0;      ///< how many such layers the network has
    std::int64_t gpu_layers = 0;  ///< how many of them one GPU has at most: fewer with pipeline parallelism
    std::optional<PeakRate> peak; ///< dense, at the precision the weights are computed in
    double bandwidth = 0;         ///< bytes/s; 0 where unknown
    double ridge = 0;             ///< FLOP per byte, of `peak`; 0 where unknown
    std::vector<RooflineRow> rows;
    double flops = 0; ///< of one layer
    double bytes = 0;
    double intensity() const { return bytes > 0 ? flops / bytes : 0; } ///< FLOP per byte, of one layer
    /// Of one layer: the sum over operations of max(FLOPs/peak, bytes/bandwidth), or of bytes/bandwidth where no peak
    /// is known, which is still a lower bound. 0 where the bandwidth is unknown.
    double seconds_at_least = 0;
};

/// Rooflines of both phases for every kind of layer, the most frequent kind first, decode before prefill. The
/// workload's own phase is not looked at. Embedding and LM head lie outside the layers and are not in it. `stages` are
/// those of a pipeline; null: one GPU has all layers.
std::vector<Roofline> rooflines(const Architecture& architecture, const Accelerator& accelerator,
                                const Workload& workload, bool explain, const PipelineStages* stages = nullptr);

/// The same for one phase whose operations come from elsewhere: one roofline for every kind of layer.
std::vector<Roofline> rooflines_of(const Architecture& architecture, const Accelerator& accelerator,
                                   const Workload& workload, Phase phase,
                                   const std::function<std::vector<Operation>(const Layer&)>& operations,
                                   const PipelineStages* stages = nullptr);

} // namespace weighbridge
