#include "core/engines/llamacpp/terms.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/compute_terms.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/placement.h"
#include "core/memory/overhead.h"
#include "core/precision/gguf_mix.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

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

enum class Side
{
    gpu,
    host,
};

/// Layers whose rows of the cache lie on a device: its own, or all of them on the host without `kv_offload`.
std::int64_t layers_cached(const LlamaCppRun& run, const DeviceLayers& device, Side side, const CacheRun& cache)
{
    if (!run.caches)
        return 0;
    if (run.kv_offload)
        return layers_with(run, device, cache);
    return side == Side::host ? cache.layers : 0;
}

/// The draft's cache on a device: of prediction layers, for all cells, in fp16 (common/speculative.cpp).
template<class Number>
Number draft_cache(const LlamaCppRun& run, const LlamaCppCells& cells, const DeviceLayers& device)
{
    std::int64_t width = 0;
    for (const PredictionLayers& layers : run.model->architecture.mtp) {
        Architecture one;
        one.append(layers.layer);
        for (const CacheRun& cache : cache_layout(one))
            width = cache.kv_heads * (cache.key_dim + cache.value_dim);
    }
    return named<Number>("L_mtp", static_cast<double>(device.predicting)) *
           named<Number>("k·(d_k + d_v)", static_cast<double>(width)) * constant<Number>(2) *
           named<Number>("n_cells", static_cast<double>(cells.all_full()));
}

/// Model and caches; not what is computed there.
DeviceBytes measure(const LlamaCppRun& run, const LlamaCppCells& cells, const DeviceLayers& layers, Side side,
                    double model)
{
    DeviceBytes device;
    device.model = model;
    for (const CacheRun& cache : run.model->cache) {
        const std::int64_t own_layers = layers_cached(run, layers, side, cache);
        if (cache.kind == CacheKind::state) {
            device.recurrent += llama_cpp_recurrent_bytes<double>(run, cache, own_layers);
            continue;
        }
        const double padding = side == Side::gpu ? llama_cpp_row_padding<double>(run, cache, own_layers) : 0;
        const double bytes = llama_cpp_cache_bytes<double>(run, cells, cache, own_layers) + padding;
        device.kv += bytes;
        device.recurrent += llama_cpp_compressor_bytes<double>(run, cache, own_layers);
        device.sliding += in_sliding_cache(run, cache) ? bytes : 0;
    }
    return device;
}

/// Rows of logits that every sequence can ask for, in fp32 (llama-context.cpp, output_reserve).
template<class Number>
Number output_buffer(const LlamaCppRun& run)
{
    return named<Number>("n_seq_max", static_cast<double>(run.n_seq_max)) *
           named<Number>("v", static_cast<double>(run.model->architecture.vocab_size)) * constant<Number>(4);
}

Term cache_term(const LlamaCppRun& run, const DeviceLayers& device, Side side)
{
    const LlamaCppCells cells = llama_cpp_cells(run);
    std::optional<Traced> sum;
    std::vector<Term> children;
    if (device.predicting > 0 && side == Side::gpu) {
        sum = draft_cache<Traced>(run, cells, device);
        children.push_back(make_term("kv_cache.draft", "draft", *sum));
        children.back().source = "cells of the prediction layers: common/speculative.cpp";
    }
    for (const CacheRun& cache : run.model->cache) {
        const std::int64_t layers = layers_cached(run, device, side, cache);
        const bool state = cache.kind == CacheKind::state;
        Traced bytes = state ? llama_cpp_recurrent_bytes<Traced>(run, cache, layers)
                             : llama_cpp_cache_bytes<Traced>(run, cells, cache, layers);
        if (side == Side::gpu && llama_cpp_row_padding<double>(run, cache, layers) > 0)
            bytes = bytes + llama_cpp_row_padding<Traced>(run, cache, layers);
        if (const Traced compressor = llama_cpp_compressor_bytes<Traced>(run, cache, layers);
            !state && compressor.value() > 0)
            bytes = bytes + compressor;
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

/// How far a file may lie from its outline, assumed: of two public logs one lies 0.7 % from it, one 6 %.
constexpr std::int64_t outline_percent = 8;

/// Formats of GGUF files are exact; others stand for what a file of about that width would hold.
Term weights_term(const LlamaCppRun& run, const DeviceBytes& device, double host)
{
    const bool outline = is_outline(run.weights.id);
    const auto model = named<Traced>("W_GPU", std::round(device.model));
    const auto projector = named<Traced>("W_mmproj", std::round(device.projector));
    Term term = make_term("weights", "Weights", device.projector > 0 ? model + projector : model,
                          outline ? Basis::assumed : Basis::derived);
    const std::int64_t away = term.bytes.count / 100 * (outline ? outline_percent : 1);
    term.low.count = term.bytes.count - away;
    term.high.count = term.bytes.count + away;
    term.source = "tensors of the layers on this GPU and the output layer (llama-model.cpp, load_tensors); the "
                  "embedding and " +
                  std::to_string(std::llround(host / 1048576)) + " MiB in all stay in the CPU's memory";
    return term;
}

/// Model and caches of the host.
DeviceBytes host_part(const LlamaCppLayout& layout)
{
    return measure(layout.run, layout.cells, layout.placement.cpu, Side::host, layout.host_weights);
}

/// Of a machine without GPUs.
LlamaCppPlacement all_on_the_cpu(const LlamaCppPlacement& placement)
{
    LlamaCppPlacement alone;
    alone.cpu = placement.cpu;
    alone.device_of_layer.assign(placement.device_of_layer.size(), 0);
    return alone;
}

/// The compute buffer of a machine without GPUs.
ComputePeak alone_on_the_cpu(const LlamaCppLayout& layout)
{
    if (!layout.graph)
        return llama_cpp_compute_peak(layout.run, layout.cells, layout.placement.cpu, layout.placement.cpu);
    const auto graph = compute_graph(layout.run, layout.cells, all_on_the_cpu(layout.placement));
    ComputePeak peak;
    peak.bytes = graph ? static_cast<double>(graph->host()) : 0;
    return peak;
}

} // namespace

LlamaCppLayout llama_cpp_layout(const LlamaCppRun& asked)
{
    LlamaCppLayout layout;
    layout.run = asked;
    const LlamaCppRun& run = layout.run;
    layout.placement = llama_cpp_placement(run);
    if (run.flash_auto && !run.without_gpu && attends_elsewhere(run, llama_cpp_cells(run), layout.placement))
        layout.run.flash_attn = false;
    layout.cells = llama_cpp_cells(run);
    layout.graph =
        compute_graph(run, layout.cells, run.without_gpu ? all_on_the_cpu(layout.placement) : layout.placement);
    const LlamaCppPlacement& placement = layout.placement;
    const LlamaCppModelBuffers buffers = llama_cpp_model_buffers(run, placement);
    layout.host_weights = buffers.cpu;
    for (std::size_t index = 0; index < placement.gpus.size(); ++index) {
        DeviceBytes device = measure(run, layout.cells, placement.gpus[index], Side::gpu, buffers.gpus[index]);
        device.unused = run.without_gpu;
        if (index == 0)
            device.projector = run.projector;
        const bool drafts = placement.gpus[index].predicting > 0;
        if (drafts)
            device.draft_kv = draft_cache<double>(run, layout.cells, placement.gpus[index]);
        if (run.without_gpu)
            device.compute = {};
        else if (layout.graph)
            device.compute.bytes = static_cast<double>(layout.graph->buffers[index]);
        else
            device.compute = llama_cpp_compute_peak(run, layout.cells, placement.gpus[index], placement.cpu);
        if (drafts && layout.graph)
            device.draft_compute = device.compute.bytes;
        if (index > 0 && device.total() > layout.gpus[layout.fullest].total())
            layout.fullest = index;
        layout.largest_compute = std::max(layout.largest_compute, device.compute.bytes);
        layout.gpus.push_back(device);
    }
    if (layout.graph)
        layout.host_compute = static_cast<double>(layout.graph->host());
    layout.printed = layout.gpus[layout.fullest];
    if (run.n_gpu_layers == 0) {
        layout.printed.model = buffers.cpu;
        if (!layout.graph || run.without_gpu)
            layout.largest_compute = alone_on_the_cpu(layout).bytes;
    }
    if (run.devices == 1) {
        const DeviceBytes host = host_part(layout);
        layout.printed.kv += host.kv;
        layout.printed.sliding += host.sliding;
        layout.printed.recurrent += host.recurrent;
    }
    return layout;
}

DeviceBytes fullest_gpu(const LlamaCppRun& run)
{
    const LlamaCppLayout layout = llama_cpp_layout(run);
    return layout.gpus[layout.fullest];
}

DeviceBytes printed_device(const LlamaCppRun& run)
{
    const LlamaCppLayout layout = llama_cpp_layout(run);
    DeviceBytes device = layout.printed;
    if (run.n_gpu_layers == 0)
        device.compute = alone_on_the_cpu(layout);
    return device;
}

MemoryFigures llama_cpp_figures(const InferenceInputs& inputs, const DeviceBytes& device)
{
    MemoryFigures figures;
    figures.weights = device.model + device.projector;
    figures.kv_cache = device.kv + device.recurrent + device.draft_kv;
    figures.activations = device.compute.bytes + device.draft_compute;
    figures.overhead = device.unused ? 0 : overhead_bytes(inputs, figures.weights);
    return figures;
}

std::vector<Term> llama_cpp_terms(const InferenceInputs& inputs, const LlamaCppLayout& layout, std::size_t gpu,
                                  bool text)
{
    const Basis basis = layout.graph ? Basis::derived : Basis::calibrated;
    const DeviceBytes& device = layout.gpus[gpu];
    if (!text) {
        const MemoryFigures figures = llama_cpp_figures(inputs, device);
        return {make_term("weights", "Weights", figures.weights), make_term("kv_cache", "KV cache", figures.kv_cache),
                make_term("activations", "Compute buffer", figures.activations, basis),
                make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
    }
    if (device.unused)
        return {make_term("weights", "Weights", 0.0), make_term("kv_cache", "KV cache", 0.0),
                make_term("activations", "Compute buffer", 0.0), make_term("overhead", "Overhead", 0.0)};
    std::vector<Term> list;
    list.push_back(weights_term(layout.run, device, layout.host_weights));
    list.push_back(cache_term(layout.run, layout.placement.gpus[gpu], Side::gpu));
    list.push_back(layout.graph ? llama_cpp_graph_term(layout, gpu)
                                : llama_cpp_compute_term(layout.run, device.compute));
    list.push_back(overhead_term(inputs, list.front()));
    return list;
}

namespace {

/// What is computed on the host, whether its graph is known or not.
double host_compute(const LlamaCppLayout& layout)
{
    const DeviceLayers& layers = layout.placement.cpu;
    return layout.host_compute ? *layout.host_compute
                               : llama_cpp_compute_peak(layout.run, layout.cells, layers, layers).bytes;
}

} // namespace

double llama_cpp_host_bytes(const LlamaCppLayout& layout)
{
    const DeviceBytes host = host_part(layout);
    return std::round(std::round(host.model) + std::round(layout.run.host_projector)) +
           std::round(host.kv + host.recurrent) +
           std::round(output_buffer<double>(layout.run) + std::round(host_compute(layout)));
}

std::vector<Term> llama_cpp_host_terms(const LlamaCppLayout& layout, bool text)
{
    const LlamaCppRun& run = layout.run;
    const DeviceLayers& layers = layout.placement.cpu;
    const DeviceBytes host = host_part(layout);
    const auto number = [&](std::string_view symbol, double bytes) {
        return text ? named<Traced>(symbol, std::round(bytes)) : constant<Traced>(std::round(bytes));
    };
    std::vector<Term> list;
    list.push_back(make_term("weights", "Weights",
                             run.host_projector > 0
                                 ? number("W_host", host.model) + number("W_mmproj", run.host_projector)
                                 : number("W_host", host.model),
                             Basis::derived));
    list.back().low.count -= list.back().bytes.count / 100;
    list.back().high.count += list.back().bytes.count / 100;
    list.back().source =
        "embedding, layers that are not offloaded and experts that stay: llama-model.cpp, load_tensors";
    if (host.kv + host.recurrent > 0) {
        list.push_back(text ? cache_term(run, layers, Side::host)
                            : make_term("kv_cache", "KV cache", host.kv + host.recurrent));
        list.back().source = "cells of the layers that are not offloaded, or of all without kv_offload";
    }
    const bool graph = layout.host_compute.has_value();
    const double compute = host_compute(layout);
    Term buffers = make_term("activations", "Compute and output buffers",
                             output_buffer<Traced>(run) + number("B_compute", compute),
                             graph ? Basis::derived : Basis::calibrated);
    const ComputeRange range = llama_cpp_compute_range(layout);
    buffers.low.count = std::llround(output_buffer<double>(run) + compute * range.low);
    buffers.high.count = std::llround(output_buffer<double>(run) + compute * range.high);
    buffers.source =
        graph ? "rows of logits (llama-context.cpp, output_reserve) and the host's part of llama.cpp's graph "
                "of one ubatch, its inputs included (graph_reserve; ggml-alloc.c)"
              : "rows of logits (llama-context.cpp, output_reserve) and what the host's layers compute; "
                "inputs of the graph in pinned memory are not counted";
    list.push_back(std::move(buffers));
    return list;
}

} // namespace weighbridge
