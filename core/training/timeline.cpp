#include "core/training/timeline.h"

#include "core/quantity/display.h"
#include "core/training/moment_terms.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

constexpr std::array<TimelineKindRow, timeline_kind_count> kind_rows = {{
    {TimelineKind::weights, "weights", "Weights", "Weights"},
    {TimelineKind::gradients, "gradients", "Gradients", "Grad."},
    {TimelineKind::optimizer, "optimizer", "Optimizer", "Optim."},
    {TimelineKind::activations, "activations", "Activations", "Activ."},
    {TimelineKind::logits, "logits", "Logits and loss", "Logits"},
    {TimelineKind::workspace, "workspace", "Workspace", "Work"},
    {TimelineKind::colocated, "colocated", "Colocated engine", "Engine"},
}};

struct KindOfTerm
{
    std::string_view begins; ///< of a term's id
    TimelineKind kind;
};

/// The first that fits. What no row says is of the kind of its first-level term.
constexpr std::array<KindOfTerm, 20> term_rows = {{
    {"weights.gathered", TimelineKind::workspace},
    {"weights.cast", TimelineKind::workspace},
    {"weights.fp8", TimelineKind::workspace},
    {"weights.largest", TimelineKind::workspace},
    {"weights", TimelineKind::weights},
    {"adapters", TimelineKind::weights},
    {"gradients.unsharded", TimelineKind::workspace},
    {"gradients.reducing", TimelineKind::workspace},
    {"gradients.tied", TimelineKind::workspace},
    {"gradients.step", TimelineKind::workspace},
    {"gradients", TimelineKind::gradients},
    {"optimizer.step", TimelineKind::workspace},
    {"optimizer.widened", TimelineKind::workspace},
    {"optimizer", TimelineKind::optimizer},
    {"activations.working", TimelineKind::workspace},
    {"activations.dequantized", TimelineKind::workspace},
    {"activations.dispatch", TimelineKind::workspace},
    {"activations", TimelineKind::activations},
    {"logits", TimelineKind::logits},
    {"colocated", TimelineKind::colocated},
}};

struct StepOperation
{
    MomentPass pass;
    std::string_view id;
    std::string_view label;
};

constexpr std::array<StepOperation, 6> step_operations = {{
    {MomentPass::layer_forward, "forward", "forward"},
    {MomentPass::loss_forward, "loss", "Loss"},
    {MomentPass::loss_backward, "loss_backward", "Loss, backward"},
    {MomentPass::feed_forward, "backward_feed_forward", "back, FFN"},
    {MomentPass::attention, "backward_attention", "back, attention"},
    {MomentPass::embedding, "backward_embedding", "Embedding, backward"},
}};

void add_bytes(TimelinePoint& point, const std::vector<Term>& terms)
{
    for (const Term& term : terms) {
        if (!term.children.empty()) {
            add_bytes(point, term.children);
            continue;
        }
        point.bytes[static_cast<std::size_t>(timeline_kind(term.id))] += term.bytes;
        point.total += term.bytes;
    }
}

TimelinePoint point_of(const StageState& state, const StepPoint& step, std::int64_t stage, std::int64_t first_layer)
{
    TimelinePoint point;
    point.moment = moment_id(step.moment);
    point.stage = stage;
    point.others = step.others;
    const auto* operation = std::find_if(step_operations.begin(), step_operations.end(),
                                         [&](const StepOperation& known) { return known.pass == step.pass; });
    if (operation == step_operations.end()) {
        point.operation = point.moment;
        point.label = moment_label(step.moment);
    } else {
        point.operation = operation->id;
        point.label = operation->label;
    }
    if (step.is_of_layer()) {
        point.layer = first_layer + step.layer;
        point.label = "Layer " + grouped(*point.layer) + " " + point.label;
    }
    if (step.others > 0)
        point.label += ", beside " + decimal_text(step.others, 2) + " more in flight";
    add_bytes(point, point_terms<double>(state, step));
    return point;
}

void mark_peak(Timeline& timeline)
{
    const auto peak =
        std::max_element(timeline.points.begin(), timeline.points.end(),
                         [](const TimelinePoint& a, const TimelinePoint& b) { return a.total < b.total; });
    if (peak == timeline.points.end())
        return;
    peak->peak = true;
    timeline.fullest = peak->stage;
}

} // namespace

std::span<const TimelineKindRow> timeline_kinds()
{
    return kind_rows;
}

TimelineKind timeline_kind(std::string_view id)
{
    const auto* row = std::find_if(term_rows.begin(), term_rows.end(),
                                   [&](const KindOfTerm& known) { return id.starts_with(known.begins); });
    return row == term_rows.end() ? TimelineKind::workspace : row->kind;
}

std::vector<const TimelinePoint*> Timeline::of_stage(std::int64_t stage) const
{
    std::vector<const TimelinePoint*> list;
    for (const TimelinePoint& point : points)
        if (point.stage == stage)
            list.push_back(&point);
    return list;
}

Timeline training_timeline(const TrainingInputs& in)
{
    Timeline timeline;
    if (in.choice->book_rules)
        return timeline;
    std::int64_t first_layer = 0;
    for_each_stage(in, [&](const TrainingInputs& part, const Model& model, std::int64_t index, bool last) {
        const StageState state = stage_state(part, model, index, last);
        for (const StepPoint& step : step_points(state))
            timeline.points.push_back(point_of(state, step, index, first_layer));
        first_layer += model.architecture.layers();
    });
    mark_peak(timeline);
    return timeline;
}

} // namespace weighbridge
