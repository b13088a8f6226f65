#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weighbridge {

struct Architecture;
struct StageState;

enum class MomentKind
{
    forward_end,    ///< every layer's activations and the loss are there
    backward_start, ///< the loss is done, the last layer is computed again or goes back
    backward,       ///< a layer between the last and the first goes back
    backward_end,   ///< the first layer goes back, all gradients are there
    generation,     ///< completions are made, the trainer waits
    optimizer_step,
    load,
};

/// What is being done at a point of a step.
enum class MomentPass
{
    whole,         ///< one thing: the optimizer's step, a generation, loading
    layer_forward, ///< a layer has run
    loss_forward,  ///< the loss is computed
    loss_backward,
    feed_forward, ///< a layer goes back, at its feed-forward
    attention,    ///< the same at its attention
    embedding,    ///< the layers are done, the embedding's gradient is made
};

/// A place in a step at which memory is looked at. A moment is as large as the largest of its points.
struct StepPoint
{
    MomentKind moment = MomentKind::forward_end;
    MomentPass pass = MomentPass::whole;
    std::int64_t layer = 0; ///< of the stage, from 0: the one that runs or goes back; those before it are kept
    double others = 0;      ///< micro batches in flight beside this one, all of whose layers are kept
    /// May be the largest of its moment. Between two such points memory rises or falls in a straight line, as every
    /// layer of a run adds and frees alike.
    bool decides = true;

    bool is_of_layer() const
    {
        return pass == MomentPass::layer_forward || pass == MomentPass::feed_forward || pass == MomentPass::attention;
    }
    bool goes_back() const { return pass == MomentPass::feed_forward || pass == MomentPass::attention; }
};

/// A step of one pipeline stage in the order of time: weights arrive, completions are made, micro batches run forward
/// until as many are in flight as the schedule has, the last of them and the first that goes back layer by layer, then
/// the others, the last of those layer by layer, and the optimizer.
std::vector<StepPoint> step_points(const StageState& stage);

/// The kind of a stage's layer, counted from 0.
std::size_t kind_of_layer(const Architecture& architecture, std::int64_t layer);
/// How many of the first `count` layers are of a kind.
double layers_of_first(const Architecture& architecture, std::size_t kind, std::int64_t count);

} // namespace weighbridge
