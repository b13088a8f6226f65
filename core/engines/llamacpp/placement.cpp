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
    if (run.mtp > 0)
        device.predicting = stretch.shared_with(architecture.layers(), run.blocks());
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
    const std::int64_t layers = run.blocks();
    const std::int64_t slots = layers + 1;
    const std::int64_t wanted = std::clamp<std::int64_t>(run.n_gpu_layers, 0, slots);
    const std::int64_t start = std::max<std::int64_t>(0, (run.build.moves_output_first() ? slots : layers) - wanted);
    return {start, start + wanted};
}

/// Where each GPU's part of the layers ends, as llama.cpp reckons: in single precision.
std::vector<float> shares_up_to(const LlamaCppRun& run, std::size_t devices)
{
    std::vector<float> ends;
    float sum = 0;
    for (std::size_t device = 0; device < devices; ++device) {
        sum += device < run.shares.size() ? static_cast<float>(run.shares[device]) : (run.shares.empty() ? 1.0F : 0.0F);
        ends.push_back(sum);
    }
    for (float& end : ends)
        end = sum > 0 ? end / sum : 1;
    return ends;
}

} // namespace

std::int64_t DeviceLayers::layers() const
{
    return std::accumulate(of_kind.begin(), of_kind.end(), std::int64_t{0});
}

LlamaCppPlacement llama_cpp_placement(const LlamaCppRun& run)
{
    const std::int64_t layers = run.model->architecture.layers();
    const std::int64_t output = run.blocks();
    const Stretch gpu = offloaded(run);
    const std::int64_t slots = gpu.last - gpu.first;
    const auto devices = static_cast<std::size_t>(std::max<std::int64_t>(1, run.devices));
    LlamaCppPlacement placement;
    placement.cpu = layers_in(run, {0, gpu.first});
    placement.cpu.output = output < gpu.first || output >= gpu.last;
    const std::vector<float> ends = shares_up_to(run, devices);
    std::vector<Stretch> stretches(devices, Stretch{gpu.first, gpu.first});
    placement.device_of_layer.assign(static_cast<std::size_t>(layers) + 1, static_cast<int>(devices));
    for (std::int64_t slot = 0; slot < slots; ++slot) {
        const float part = static_cast<float>(slot) / static_cast<float>(slots);
        const auto device =
            static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end() - 1, part) - ends.begin());
        if (const std::int64_t place = gpu.first + slot; place < layers || place == output)
            placement.device_of_layer[static_cast<std::size_t>(std::min(place, layers))] = static_cast<int>(device);
        for (std::size_t later = device; later < devices; ++later) {
            stretches[later].last = gpu.first + slot + 1;
            if (later > device)
                stretches[later].first = gpu.first + slot + 1;
        }
    }
    for (std::size_t device = 0; device < devices; ++device) {
        DeviceLayers& here = placement.gpus.emplace_back(layers_in(run, stretches[device]));
        here.output = stretches[device].first <= output && output < stretches[device].last;
    }
    return placement;
}

} // namespace weighbridge
