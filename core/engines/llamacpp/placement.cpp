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

/// What llama.cpp counts as layers: the output comes after them.
std::int64_t blocks_of(const LlamaCppRun& run)
{
    return run.model->architecture.layers() + run.predicted;
}

/// Where the GPUs' layers start, and how many slots they fill; the output's slot is the one after the last layer.
Stretch offloaded(const LlamaCppRun& run)
{
    const std::int64_t layers = blocks_of(run);
    const std::int64_t slots = layers + 1;
    const std::int64_t wanted = std::clamp<std::int64_t>(run.n_gpu_layers, 0, slots);
    const std::int64_t start = std::max<std::int64_t>(0, (run.build.moves_output_first() ? slots : layers) - wanted);
    return {start, start + wanted};
}

/// Shares of the GPUs, each with those before it, in the floating point that llama.cpp has them in.
std::vector<float> cumulative_shares(const LlamaCppRun& run)
{
    std::vector<float> shares(static_cast<std::size_t>(std::max<std::int64_t>(1, run.devices)), 1);
    for (std::size_t device = 0; device < shares.size() && !run.split.empty(); ++device)
        shares[device] = device < run.split.size() ? static_cast<float>(run.split[device]) : 0;
    float sum = 0;
    for (float& share : shares)
        share = sum += share;
    for (float& share : shares)
        share = sum > 0 ? share / sum : 1;
    return shares;
}

} // namespace

std::int64_t DeviceLayers::layers() const
{
    return std::accumulate(of_kind.begin(), of_kind.end(), std::int64_t{0});
}

LlamaCppPlacement llama_cpp_placement(const LlamaCppRun& run)
{
    const std::int64_t layers = blocks_of(run);
    const Stretch gpu = offloaded(run);
    const std::int64_t slots = gpu.last - gpu.first;
    LlamaCppPlacement placement;
    placement.cpu = layers_in(run, {0, gpu.first});
    placement.cpu.output = layers < gpu.first || layers >= gpu.last;
    Stretch own{gpu.first, gpu.first};
    for (const float share : cumulative_shares(run)) {
        // upper_bound over the shares so far: slot i is on the device whose share it falls into
        own.first = own.last;
        while (own.last < gpu.last && static_cast<float>(own.last - gpu.first) / static_cast<float>(slots) < share)
            ++own.last;
        DeviceLayers& here = placement.gpus.emplace_back(layers_in(run, own));
        here.output = own.first <= layers && layers < own.last;
    }
    return placement;
}

} // namespace weighbridge
