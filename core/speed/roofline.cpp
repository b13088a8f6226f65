#include "core/speed/roofline.h"

#include "core/model/layer_label.h"

#include <algorithm>
#include <numeric>

namespace weighbridge {

namespace {

double ridge_of(const std::optional<PeakRate>& peak, double bandwidth)
{
    return peak && bandwidth > 0 ? peak->flops_per_second / bandwidth : 0;
}

RooflineRow row_of(Operation operation, const Accelerator& accelerator, double bandwidth)
{
    RooflineRow row;
    row.peak = peak_rate(accelerator, operation.compute);
    row.ridge = ridge_of(row.peak, bandwidth);
    if (row.ridge > 0 && operation.bytes() > 0) {
        row.bound = operation.intensity() < row.ridge ? Bound::memory : Bound::compute;
        row.attainable_flops = std::min(row.peak->flops_per_second, operation.intensity() * bandwidth);
    }
    row.operation = std::move(operation);
    return row;
}

double seconds_at_least(const RooflineRow& row, double bandwidth)
{
    const double moving = row.operation.bytes() / bandwidth;
    return row.peak ? std::max(moving, row.operation.flops / row.peak->flops_per_second) : moving;
}

Roofline roofline_of(std::vector<Operation> operations, const Accelerator& accelerator, const Workload& workload)
{
    Roofline roofline;
    roofline.phase = workload.phase;
    roofline.bandwidth = accelerator.bandwidth_gbs * 1e9;
    roofline.peak = peak_rate(accelerator, workload.weights.compute);
    roofline.ridge = ridge_of(roofline.peak, roofline.bandwidth);
    for (Operation& operation : operations) {
        const RooflineRow& row =
            roofline.rows.emplace_back(row_of(std::move(operation), accelerator, roofline.bandwidth));
        roofline.flops += row.operation.flops;
        roofline.bytes += row.operation.bytes();
        if (roofline.bandwidth > 0)
            roofline.seconds_at_least += seconds_at_least(row, roofline.bandwidth);
    }
    return roofline;
}

std::vector<std::size_t> kinds_by_frequency(const Architecture& architecture)
{
    std::vector<std::size_t> kinds(architecture.kinds.size());
    std::iota(kinds.begin(), kinds.end(), std::size_t{0});
    std::stable_sort(kinds.begin(), kinds.end(), [&](std::size_t a, std::size_t b) {
        return architecture.layers_of(a) > architecture.layers_of(b);
    });
    return kinds;
}

/// On the stage that has the most of them.
std::int64_t layers_on_gpu(const Architecture& architecture, std::size_t kind, const PipelineStages* stages)
{
    if (stages == nullptr)
        return architecture.layers_of(kind);
    std::int64_t most = 0;
    for (const PipelineStage& stage : *stages) {
        const Architecture& part = stage.model->architecture;
        for (std::size_t of_stage = 0; of_stage < part.kinds.size(); ++of_stage)
            if (part.kinds[of_stage] == architecture.kinds[kind])
                most = std::max(most, part.layers_of(of_stage));
    }
    return most;
}

} // namespace

std::string_view bound_name(Bound bound)
{
    switch (bound) {
    case Bound::memory:
        return "memory";
    case Bound::compute:
        return "compute";
    case Bound::unknown:
        return "unknown";
    }
    return "unknown";
}

std::vector<Roofline> rooflines(const Architecture& architecture, const Accelerator& accelerator,
                                const Workload& workload, bool explain, const PipelineStages* stages)
{
    std::vector<Roofline> result;
    result.reserve(2 * architecture.kinds.size());
    for (const std::size_t kind : kinds_by_frequency(architecture)) {
        const Layer& layer = architecture.kinds[kind];
        for (const Phase phase : {Phase::decode, Phase::prefill}) {
            Workload of_phase = workload;
            of_phase.phase = phase;
            Roofline& roofline = result.emplace_back(
                roofline_of(layer_operations(architecture, layer, of_phase, explain), accelerator, of_phase));
            roofline.layer_label = layer_label(layer);
            roofline.layers = architecture.layers_of(kind);
            roofline.gpu_layers = layers_on_gpu(architecture, kind, stages);
        }
    }
    return result;
}

std::vector<Roofline> rooflines_of(const Architecture& architecture, const Accelerator& accelerator,
                                   const Workload& workload, Phase phase,
                                   const std::function<std::vector<Operation>(const Layer&)>& operations,
                                   const PipelineStages* stages)
{
    std::vector<Roofline> result;
    result.reserve(architecture.kinds.size());
    for (const std::size_t kind : kinds_by_frequency(architecture)) {
        const Layer& layer = architecture.kinds[kind];
        Roofline& roofline = result.emplace_back(roofline_of(operations(layer), accelerator, workload));
        roofline.phase = phase;
        roofline.layer_label = layer_label(layer);
        roofline.layers = architecture.layers_of(kind);
        roofline.gpu_layers = layers_on_gpu(architecture, kind, stages);
    }
    return result;
}

} // namespace weighbridge
