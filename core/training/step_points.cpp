#include "core/training/step_points.h"

#include "core/training/moment_terms.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

class StepWalk
{
public:
    explicit StepWalk(const StageState& stage)
        : stage_(stage), layers_(stage.model->architecture.layers()), last_(std::max<std::int64_t>(0, layers_ - 1)),
          first_(std::min(stage.inputs->first_trained_layer, last_)), others_(stage.in_flight - 1)
    {
    }

    std::vector<StepPoint> points()
    {
        add(MomentKind::load, MomentPass::whole);
        const TrainingInputs& in = *stage_.inputs;
        if (in.generated_sequences > 0 || in.colocated_share > 0)
            add(MomentKind::generation, MomentPass::whole);
        for (double before = 0; before < others_; ++before)
            add(MomentKind::forward_end, MomentPass::layer_forward, last_, before, false);
        for (std::int64_t layer = 0; layer < layers_; ++layer)
            add(MomentKind::forward_end, MomentPass::layer_forward, layer, others_, layer == last_ && !stage_.last);
        if (stage_.last || layers_ == 0) {
            add(MomentKind::forward_end, MomentPass::loss_forward, last_, others_);
            add(MomentKind::forward_end, MomentPass::loss_backward, last_, others_);
        }
        go_back(MomentKind::backward_start, last_, others_);
        for (std::int64_t layer = last_ - 1; layer > first_ || (layer == first_ && others_ > 0); --layer)
            go_back(MomentKind::backward, layer, others_, ends_run(layer));
        drain();
        go_back(MomentKind::backward_end, first_, 0);
        add(MomentKind::backward_end, MomentPass::embedding);
        add(MomentKind::optimizer_step, MomentPass::whole);
        return std::move(points_);
    }

private:
    void add(MomentKind moment, MomentPass pass, std::int64_t layer = 0, double others = 0, bool decides = true)
    {
        points_.push_back({moment, pass, layer, others, decides});
    }

    void go_back(MomentKind moment, std::int64_t layer, double others, bool decides = true)
    {
        add(moment, MomentPass::feed_forward, layer, others, decides);
        add(moment, MomentPass::attention, layer, others, decides);
    }

    /// The micro batches behind the first that went back. Each has one fewer beside it, so none is the peak.
    void drain()
    {
        if (others_ <= 0)
            return;
        for (double left = std::ceil(others_) - 1; left > 0; --left)
            go_back(MomentKind::backward, last_, left, false);
        for (std::int64_t layer = last_; layer > first_; --layer)
            go_back(MomentKind::backward, layer, 0, false);
    }

    /// Groups of layers that share an input have steps within a run.
    bool ends_run(std::int64_t layer) const
    {
        const Architecture& architecture = stage_.model->architecture;
        if (stage_.inputs->recompute.kind == Recompute::uniform)
            return true;
        const std::size_t kind = kind_of_layer(architecture, layer);
        return (layer > 0 && kind_of_layer(architecture, layer - 1) != kind) ||
               (layer < last_ && kind_of_layer(architecture, layer + 1) != kind);
    }

    const StageState& stage_;
    std::int64_t layers_;
    std::int64_t last_;
    std::int64_t first_; ///< that goes back
    double others_;
    std::vector<StepPoint> points_;
};

} // namespace

std::vector<StepPoint> step_points(const StageState& stage)
{
    return StepWalk(stage).points();
}

std::size_t kind_of_layer(const Architecture& architecture, std::int64_t layer)
{
    for (const LayerRun& run : architecture.runs) {
        if (layer < run.count)
            return run.kind;
        layer -= run.count;
    }
    return 0;
}

double layers_of_first(const Architecture& architecture, std::size_t kind, std::int64_t count)
{
    std::int64_t sum = 0;
    for (const LayerRun& run : architecture.runs) {
        const std::int64_t here = std::min(run.count, count);
        sum += run.kind == kind ? here : 0;
        count -= here;
    }
    return static_cast<double>(sum);
}

} // namespace weighbridge
