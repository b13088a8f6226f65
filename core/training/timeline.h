#pragma once

#include "core/quantity/bytes.h"
#include "core/training/training.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What bytes of a point of a timeline are. What is there between steps and what comes and goes are told apart.
enum class TimelineKind : std::uint8_t
{
    weights, ///< and adapters, and a frozen reference
    gradients,
    optimizer,
    activations, ///< kept from forward to backward, or there again
    logits,      ///< and the loss
    workspace,   ///< of one operation: gathered and cast weights, working gradients, copies of the step
    colocated,   ///< an engine's share of the device
};

constexpr std::size_t timeline_kind_count = 7;

struct TimelineKindRow
{
    TimelineKind kind;
    std::string_view id; ///< "workspace"
    std::string_view label;
    std::string_view narrow; ///< for a column of a terminal
};

/// All kinds, in the order in which they are stacked.
std::span<const TimelineKindRow> timeline_kinds();

/// The kind of a part of a moment by its id: "weights.gathered" is workspace.
TimelineKind timeline_kind(std::string_view id);

/// What one rank of a pipeline stage holds while one thing is done.
struct TimelinePoint
{
    std::string_view moment; ///< id of the moment that it is a point of: the largest of them is as large as the moment
    std::int64_t stage = 0;
    std::optional<std::int64_t> layer;              ///< of the whole network, from 0
    double others = 0;                              ///< micro batches in flight beside this one
    std::string_view operation;                     ///< id: "forward", "backward_attention", "optimizer_step"
    std::string label;                              ///< "Layer 12 back, attention"
    std::array<Bytes, timeline_kind_count> bytes{}; ///< by TimelineKind
    Bytes total;                                    ///< allocated
    bool peak = false;                              ///< the one point that decides what is needed
};

/// A step of every pipeline stage from left to right, stage by stage.
struct Timeline
{
    std::vector<TimelinePoint> points;
    std::int64_t fullest = 0; ///< stage

    /// The points of one stage.
    std::vector<const TimelinePoint*> of_stage(std::int64_t stage) const;
};

using TimelinePointer = std::shared_ptr<const Timeline>;

/// The points that training_memory() takes the largest of, and those between them: the largest is what it says is
/// allocated. No points where the appendix's rules are asked for, which know no moments.
Timeline training_timeline(const TrainingInputs& inputs);

} // namespace weighbridge
