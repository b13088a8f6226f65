#include "core/engines/llamacpp/terms.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/placement.h"
#include "core/memory/overhead.h"

#include <algorithm>
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

DeviceBytes of_host(const LlamaCppRun& run, const LlamaCppPlacement& placement)
{
    return measure(run, placement, placement.cpu, llama_cpp_model_buffers(run, placement).cpu);
}

/// Rows of logits that every sequence can ask for, in fp32 (llama-context.cpp, output_reserve).
template<class Number>
Number output_buffer(const LlamaCppRun& run)
{
    return named<Number>("n_seq_max", static_cast<double>(run.n_seq_max)) *
           named<Number>("v", static_cast<double>(run.model->architecture.vocab_size)) * constant<Number>(4);
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

std::vector<DeviceBytes> gpu_bytes(const LlamaCppRun& run)
{
    const LlamaCppPlacement placement = llama_cpp_placement(run);
    const LlamaCppModelBuffers buffers = llama_cpp_model_buffers(run, placement);
    std::vector<DeviceBytes> gpus;
    for (std::size_t index = 0; index < placement.gpus.size(); ++index)
        gpus.push_back(measure(run, placement, placement.gpus[index], buffers.gpus[index]));
    return gpus;
}

DeviceBytes fullest_gpu(const LlamaCppRun& run)
{
    const std::vector<DeviceBytes> gpus = gpu_bytes(run);
    return *std::max_element(gpus.begin(), gpus.end(),
                             [](const DeviceBytes& a, const DeviceBytes& b) { return a.total() < b.total(); });
}

DeviceBytes printed_device(const LlamaCppRun& run)
{
    DeviceBytes device = run.n_gpu_layers == 0 ? of_host(run, llama_cpp_placement(run)) : fullest_gpu(run);
    if (run.devices == 1) {
        const LlamaCppCacheBytes all = llama_cpp_cache(run);
        device.kv = all.kv;
        device.sliding = all.sliding;
        device.recurrent = all.recurrent;
    }
    return device;
}

MemoryFigures llama_cpp_figures(const InferenceInputs& inputs, const DeviceBytes& device)
{
    MemoryFigures figures;
    figures.weights = device.model;
    figures.kv_cache = device.kv + device.recurrent;
    figures.activations = device.compute.bytes;
    figures.overhead = overhead_bytes(inputs, figures.weights);
    return figures;
}

std::vector<Term> llama_cpp_terms(const InferenceInputs& inputs, const LlamaCppRun& run, std::size_t gpu, bool text)
{
    const LlamaCppPlacement placement = llama_cpp_placement(run);
    const LlamaCppModelBuffers buffers = llama_cpp_model_buffers(run, placement);
    const DeviceBytes device = measure(run, placement, placement.gpus[gpu], buffers.gpus[gpu]);
    if (!text) {
        const MemoryFigures figures = llama_cpp_figures(inputs, device);
        return {make_term("weights", "Weights", figures.weights), make_term("kv_cache", "KV cache", figures.kv_cache),
                make_term("activations", "Compute buffer", figures.activations, Basis::calibrated),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }
    std::vector<Term> list;
    list.push_back(weights_term(device, buffers.cpu));
    list.push_back(cache_term(run, placement.gpus[gpu]));
    list.push_back(compute_term(run, device.compute));
    list.push_back(overhead_term(inputs, list.front()));
    return list;
}

std::vector<Term> llama_cpp_host_terms(const LlamaCppRun& run, bool text)
{
    const LlamaCppPlacement placement = llama_cpp_placement(run);
    const DeviceBytes host = of_host(run, placement);
    const auto number = [&](std::string_view symbol, double bytes) {
        return text ? named<Traced>(symbol, std::round(bytes)) : constant<Traced>(std::round(bytes));
    };
    std::vector<Term> list;
    list.push_back(make_term("weights", "Weights", number("W_host", host.model), Basis::derived));
    list.back().low.count -= list.back().bytes.count / 100;
    list.back().high.count += list.back().bytes.count / 100;
    list.back().source =
        "embedding, layers that are not offloaded and experts that stay: llama-model.cpp, load_tensors";
    if (host.kv + host.recurrent > 0) {
        list.push_back(text ? cache_term(run, placement.cpu)
                            : make_term("kv_cache", "KV cache", host.kv + host.recurrent));
        list.back().source = "cells of the layers that are not offloaded";
    }
    Term buffers = make_term("activations", "Compute and output buffers",
                             output_buffer<Traced>(run) + number("B_compute", host.compute.bytes), Basis::calibrated);
    buffers.low.count = std::llround(output_buffer<double>(run) + host.compute.bytes * compute_low);
    buffers.high.count = std::llround(output_buffer<double>(run) + host.compute.bytes * compute_high);
    buffers.source = "rows of logits (llama-context.cpp, output_reserve) and what the host's layers compute; inputs of "
                     "the graph in pinned memory are not counted";
    list.push_back(std::move(buffers));
    return list;
}

} // namespace weighbridge
