#include "core/engines/llamacpp/terms.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/placement.h"
#include "core/memory/overhead.h"

#include <cmath>
#include <optional>
#include <string>

namespace weighbridge {

namespace {

bool same_but_for_layers(CacheRun a, const CacheRun& b)
{
    a.layers = b.layers;
    return a == b;
}

/// Layers of a device that keep this row of the cache layout: the row's share of the layers that lie there. Rows merge
/// equal kinds of layers, so a device holds as many as its kinds of that sort.
std::int64_t layers_with(const LlamaCppRun& run, const DeviceLayers& device, const CacheRun& cache)
{
    const std::vector<Layer>& kinds = run.model->architecture.kinds;
    std::int64_t layers = 0;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        Architecture one;
        one.append(kinds[kind]);
        for (const CacheRun& own : cache_layout(one))
            if (same_but_for_layers(own, cache))
                layers += device.of_kind[kind];
    }
    return std::min(layers, cache.layers);
}

DeviceBytes measure(const LlamaCppRun& run, const LlamaCppPlacement& placement, const DeviceLayers& layers,
                    double model)
{
    const LlamaCppCells cells = llama_cpp_cells(run);
    DeviceBytes device;
    device.model = model;
    for (const CacheRun& cache : run.model->cache) {
        const std::int64_t own_layers = layers_with(run, layers, cache);
        if (cache.kind == CacheKind::state) {
            device.recurrent += llama_cpp_recurrent_bytes<double>(run, cache, own_layers);
            continue;
        }
        const double bytes = llama_cpp_cache_bytes<double>(run, cells, cache, own_layers);
        device.kv += bytes;
        device.sliding += in_sliding_cache(run, cache) ? bytes : 0;
    }
    device.compute = llama_cpp_compute_peak(run, cells, layers, placement.cpu);
    return device;
}

/// A GPU with its place in the order of devices.
struct Fullest
{
    std::size_t index = 0;
    DeviceBytes bytes;
};

Fullest fullest_of(const LlamaCppRun& run, const LlamaCppPlacement& placement)
{
    const LlamaCppModelBuffers buffers = llama_cpp_model_buffers(run, placement);
    Fullest fullest;
    for (std::size_t index = 0; index < placement.gpus.size(); ++index) {
        const DeviceBytes device = measure(run, placement, placement.gpus[index], buffers.gpus[index]);
        if (index == 0 || device.total() > fullest.bytes.total())
            fullest = {index, device};
    }
    return fullest;
}

/// Predicted bytes times these hold nine of ten measured compute buffers (docs/formulas.md).
constexpr double compute_low = 0.8;
constexpr double compute_high = 1.25;

Term compute_term(const LlamaCppRun& run, const ComputePeak& peak)
{
    const LlamaCppCells cells = llama_cpp_cells(run);
    Term term = make_term("activations", "Compute buffer",
                          peak.bytes > 0 ? llama_cpp_compute_bytes<Traced>(run, cells, peak.moment, peak.kind)
                                         : constant<Traced>(0),
                          Basis::calibrated);
    term.low.count = std::llround(peak.bytes * compute_low);
    term.high.count = std::llround(peak.bytes * compute_high);
    term.source = std::string(compute_moment_name(peak.moment)) +
                  ": the fullest moment of llama.cpp's graph (llama-context.cpp, sched_reserve; ggml-alloc.c)";
    return term;
}

Term cache_term(const LlamaCppRun& run, const DeviceLayers& device)
{
    const LlamaCppCells cells = llama_cpp_cells(run);
    std::optional<Traced> sum;
    std::vector<Term> children;
    for (const CacheRun& cache : run.model->cache) {
        const std::int64_t layers = layers_with(run, device, cache);
        const bool state = cache.kind == CacheKind::state;
        const Traced bytes = state ? llama_cpp_recurrent_bytes<Traced>(run, cache, layers)
                                   : llama_cpp_cache_bytes<Traced>(run, cells, cache, layers);
        sum = sum ? *sum + bytes : bytes;
        Term child = make_term("kv_cache." + std::string(cache.id), std::string(cache.id), bytes);
        child.source = state ? "fp32 states of every sequence: llama-memory-recurrent.cpp"
                             : "cells in groups of 256: llama-kv-cache.cpp, llama-kv-cache-iswa.cpp";
        children.push_back(std::move(child));
    }
    Term term = make_term("kv_cache", "KV cache", sum.value_or(constant<Traced>(0)));
    term.source = "cells in groups of 256, allocated at the start: llama-kv-cache.cpp, llama-kv-cache-iswa.cpp";
    if (children.size() > 1)
        term.children = std::move(children);
    return term;
}

/// Formats of GGUF files are exact; others stand for what a file of about that width would hold.
Term weights_term(const DeviceBytes& device, double host)
{
    Term term = make_term("weights", "Weights", named<Traced>("W_GPU", std::round(device.model)), Basis::derived);
    term.low.count = term.bytes.count - term.bytes.count / 100;
    term.high.count = term.bytes.count + term.bytes.count / 100;
    term.source = "tensors of the layers on this GPU and the output layer (llama-model.cpp, load_tensors); the "
                  "embedding and " +
                  std::to_string(std::llround(host / 1048576)) + " MiB in all stay in the CPU's memory";
    return term;
}

} // namespace

DeviceBytes fullest_gpu(const LlamaCppRun& run)
{
    return fullest_of(run, llama_cpp_placement(run)).bytes;
}

DeviceBytes printed_device(const LlamaCppRun& run)
{
    const LlamaCppPlacement placement = llama_cpp_placement(run);
    DeviceBytes device = fullest_of(run, placement).bytes;
    if (run.n_gpu_layers == 0)
        device = measure(run, placement, placement.cpu, llama_cpp_model_buffers(run, placement).cpu);
    if (run.devices == 1) {
        const LlamaCppCacheBytes all = llama_cpp_cache(run);
        device.kv = all.kv;
        device.sliding = all.sliding;
        device.recurrent = all.recurrent;
    }
    return device;
}

MemoryFigures llama_cpp_figures(const InferenceInputs& inputs, const LlamaCppRun& run)
{
    const DeviceBytes device = fullest_gpu(run);
    MemoryFigures figures;
    figures.weights = device.model;
    figures.kv_cache = device.kv + device.recurrent;
    figures.activations = device.compute.bytes;
    figures.overhead = overhead_bytes(inputs, figures.weights);
    return figures;
}

std::vector<Term> llama_cpp_terms(const InferenceInputs& inputs, const LlamaCppRun& run, bool text)
{
    if (!text) {
        const MemoryFigures figures = llama_cpp_figures(inputs, run);
        return {make_term("weights", "Weights", figures.weights), make_term("kv_cache", "KV cache", figures.kv_cache),
                make_term("activations", "Compute buffer", figures.activations, Basis::calibrated),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }
    const LlamaCppPlacement placement = llama_cpp_placement(run);
    const Fullest fullest = fullest_of(run, placement);
    std::vector<Term> list;
    list.push_back(weights_term(fullest.bytes, llama_cpp_model_buffers(run, placement).cpu));
    list.push_back(cache_term(run, placement.gpus[fullest.index]));
    list.push_back(compute_term(run, fullest.bytes.compute));
    list.push_back(overhead_term(inputs, list.front()));
    return list;
}

} // namespace weighbridge
