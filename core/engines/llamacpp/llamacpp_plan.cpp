#include "core/engines/llamacpp/llamacpp_plan.h"

#include "core/engines/inference.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

constexpr double mebibyte = 1048576;

/// The run with a cache for the whole load, where the one that was typed in is too small for it.
LlamaCppRun with_room_for(LlamaCppRun run, const InferenceInputs& load)
{
    run.n_seq_max = std::max(run.n_seq_max, load.concurrent_sequences);
    run.n_ctx =
        std::max(run.n_ctx, load.sequence_length * (run.kv_unified ? load.concurrent_sequences : run.n_seq_max));
    return run;
}

/// By the share that is used, which of alike ones is the one that holds most.
std::vector<DeviceLoad>::const_iterator fullest_of(const std::vector<DeviceLoad>& gpus)
{
    return std::max_element(gpus.begin(), gpus.end(), [](const DeviceLoad& a, const DeviceLoad& b) {
        const bool alike = a.usable == b.usable;
        return a.figures.total() * (alike ? 1 : b.usable) < b.figures.total() * (alike ? 1 : a.usable);
    });
}

} // namespace

LlamaCppPlan::LlamaCppPlan(InferenceInputs load, RunOf run_of)
    : Plan(std::move(load)), run_of_(run_of), layout_(llama_cpp_layout(run_of(load_)))
{
}

DeviceLoad LlamaCppPlan::fullest(std::int64_t sequences) const
{
    const InferenceInputs load = with_sequences(load_, sequences);
    const bool own = sequences == load_.concurrent_sequences;
    const LlamaCppRun run = own ? layout_.run : run_of_(load);
    const std::vector<DeviceLoad> gpus = own ? loads(load, layout_) : loads(load, llama_cpp_layout(run));
    const DeviceLoad& fullest = *fullest_of(gpus);
    if (holds(run, load))
        return fullest;
    const std::vector<DeviceLoad> roomy = loads(load, llama_cpp_layout(with_room_for(run, load)));
    DeviceLoad device = fullest;
    device.limit = Limit::pool;
    device.usable = std::min(device.usable, device.figures.whole());
    device.needed = std::max(fullest_of(roomy)->needed, device.usable + 1);
    return device;
}

std::vector<Term> LlamaCppPlan::terms(bool text) const
{
    const std::vector<DeviceLoad> gpus = loads(load_, layout_);
    return llama_cpp_terms(load_, layout_, static_cast<std::size_t>(fullest_of(gpus) - gpus.begin()), text);
}

/// A GPU beside the one that holds all has nothing on it.
std::vector<PlannedDevice> LlamaCppPlan::devices(bool text) const
{
    const std::vector<DeviceLoad> gpus = loads(load_, layout_);
    std::vector<PlannedDevice> list;
    for (std::size_t index = 0; index < gpus.size(); ++index) {
        const DeviceLayers& layers = layout_.placement.gpus[index];
        const DeviceBytes& bytes = layout_.gpus[index];
        list.push_back({.index = static_cast<std::int64_t>(run().device_at(index)),
                        .layers = layers.layers() + (layers.output ? 1 : 0),
                        .load = gpus[index],
                        .terms = llama_cpp_terms(load_, layout_, index, text),
                        .prints = gpus.size() == 1 ? prints() : prints_of(bytes, bytes.compute.bytes)});
    }
    return list;
}

std::optional<Pool> LlamaCppPlan::pool() const
{
    if (!has_own_context(load_))
        return std::nullopt;
    const std::int64_t tokens = layout_.cells.n_ctx;
    return Pool{tokens, tokens, {std::llround(Plan::fullest().figures.kv_cache)}};
}

/// Of a typed context, the part that the sequence fills.
double LlamaCppPlan::cache_of_one() const
{
    if (!has_own_context(load_))
        return Plan::cache_of_one();
    InferenceChoice open = *load_.choice;
    open.llama_cpp.n_ctx.reset();
    InferenceInputs load = load_;
    load.choice = &open;
    return plan_of(std::move(load))->cache_of_one();
}

std::vector<EnginePrint> LlamaCppPlan::prints_of(const DeviceBytes& device, double compute) const
{
    std::vector<EnginePrint> list = {
        {"model_mib", "model buffer size (MiB)", device.model / mebibyte, 2},
        {"model_cpu_mib", "CPU model buffer size (MiB)", layout_.host_weights / mebibyte, 2},
        {"kv_mib", "KV buffer size (MiB)", device.kv / mebibyte, 2},
        {"kv_swa_mib", "of which sliding-window layers (MiB)", device.sliding / mebibyte, 2},
        {"recurrent_mib", "RS buffer size (MiB)", device.recurrent / mebibyte, 2},
        {"compute_mib", "compute buffer size (MiB)", compute / mebibyte, 2}};
    if (run().mtp > 0) {
        list.push_back({"draft_kv_mib", "KV buffer size of the draft (MiB)", device.draft_kv / mebibyte, 2});
        list.push_back(
            {"draft_compute_mib", "compute buffer size of the draft (MiB)", device.draft_compute / mebibyte, 2});
    }
    if (layout_.host_compute)
        list.push_back({"host_compute_mib", "host compute buffer size (MiB)", *layout_.host_compute / mebibyte, 2});
    return list;
}

bool LlamaCppPlan::has_own_context(const InferenceInputs& load) const
{
    return load.choice->llama_cpp.n_ctx.has_value();
}

/// Cells of a context that was left out always do.
bool LlamaCppPlan::holds(const LlamaCppRun& run, const InferenceInputs& load) const
{
    if (!has_own_context(load))
        return true;
    const LlamaCppCells cells = llama_cpp_cells(run);
    if (load.sequence_length > cells.full)
        return false;
    return run.kv_unified
               ? static_cast<double>(load.sequence_length) * static_cast<double>(load.concurrent_sequences) <=
                     static_cast<double>(cells.n_ctx)
               : load.concurrent_sequences <= run.n_seq_max;
}

double LlamaCppPlan::usable_of(const InferenceInputs& load, const LlamaCppRun& run, std::size_t gpu) const
{
    return load.devices != nullptr ? load.devices->at(run.device_at(gpu)).usable() : usable_device_memory(load);
}

/// Every GPU that shares the layers, with what may be used of it.
std::vector<DeviceLoad> LlamaCppPlan::loads(const InferenceInputs& load, const LlamaCppLayout& layout) const
{
    const double host = llama_cpp_host_bytes(layout);
    const double host_usable = usable_host_memory(load);
    std::vector<DeviceLoad> list;
    for (const DeviceBytes& bytes : layout.gpus) {
        const std::size_t gpu = list.size();
        const MemoryFigures figures = llama_cpp_figures(load, bytes);
        DeviceLoad device{.figures = figures, .needed = figures.whole(), .usable = usable_of(load, layout.run, gpu)};
        device.host = host;
        device.host_usable = host_usable;
        if (load.devices != nullptr) {
            device.device = layout.run.device_at(gpu);
            const Device& kind = load.devices->at(device.device);
            const auto in_use = static_cast<double>(kind.in_use.count);
            device.usable = std::min(device.usable, left_beside_host(kind.accelerator, in_use, host));
        } else if (load.accelerator != nullptr) {
            device.usable = std::min(device.usable, left_beside_host(*load.accelerator, load.memory_in_use, host));
        }
        list.push_back(device);
    }
    return list;
}

} // namespace weighbridge
