#include "core/engines/llamacpp/placement.h"

#include <algorithm>
#include <numeric>

namespace weighbridge {

namespace {

/// Layers [first, last) of the network.
struct Stretch
{
    std::int64_t first = 0;
    std::int64_t last = 0;

    std::int64_t shared_with(std::int64_t from, std::int64_t to) const
    {
        return std::max<std::int64_t>(0, std::min(last, to) - std::max(first, from));
    }
};

DeviceLayers layers_in(const LlamaCppRun& run, Stretch stretch)
{
    const Architecture& architecture = run.model->architecture;
    DeviceLayers device;
    device.of_kind.resize(architecture.kinds.size());
    device.with_cpu_experts.resize(architecture.kinds.size());
    std::int64_t start = 0;
    for (const LayerRun& layers : architecture.runs) {
        const std::int64_t end = start + layers.count;
        device.of_kind[layers.kind] += stretch.shared_with(start, end);
        if (run.widths[layers.kind].routed_experts > 0)
            device.with_cpu_experts[layers.kind] += stretch.shared_with(start, std::min(end, run.n_cpu_moe));
        start = end;
    }
    return device;
}

/// Where the GPUs' layers start, and how many slots they fill; the output's slot is the one after the last layer.
Stretch offloaded(const LlamaCppRun& run)
{
    const std::int64_t layers = run.model->architecture.layers();
    const std::int64_t slots = layers + 1;
    const std::int64_t wanted = std::clamp<std::int64_t>(run.n_gpu_layers, 0, slots);
    const std::int64_t start = std::max<std::int64_t>(0, (run.build.moves_output_first() ? slots : layers) - wanted);
    return {start, start + wanted};
}

} // namespace

std::int64_t DeviceLayers::layers() const
{
    return std::accumulate(of_kind.begin(), of_kind.end(), std::int64_t{0});
}

LlamaCppPlacement llama_cpp_placement(const LlamaCppRun& run)
{
    const std::int64_t layers = run.model->architecture.layers();
    const Stretch gpu = offloaded(run);
    const std::int64_t slots = gpu.last - gpu.first;
    LlamaCppPlacement placement;
    placement.cpu = layers_in(run, {0, gpu.first});
    placement.cpu.output = layers < gpu.first || layers >= gpu.last;
    const std::int64_t devices = std::max<std::int64_t>(1, run.devices);
    for (std::int64_t device = 0; device < devices; ++device) {
        // upper_bound over shares k / devices: slot i is on the device whose share it falls into
        const auto border = [&](std::int64_t k) { return gpu.first + (slots * k + devices - 1) / devices; };
        const Stretch own{border(device), border(device + 1)};
        DeviceLayers& here = placement.gpus.emplace_back(layers_in(run, own));
        here.output = own.first <= layers && layers < own.last;
    }
    return placement;
}

} // namespace weighbridge
