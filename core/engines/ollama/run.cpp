#include "core/engines/ollama/run.h"

#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/fit.h"
#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/terms.h"
#include "core/engines/ollama/estimate.h"
#include "core/engines/ollama/layout.h"
#include "core/engines/ollama/sums.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

namespace weighbridge {

namespace {

constexpr double fit_margin = 1073741824; ///< 1,024 MiB: --fit-target, and beside a projector

double free_of_all(const std::vector<OllamaGpu>& gpus)
{
    return std::accumulate(gpus.begin(), gpus.end(), 0.0,
                           [](double sum, const OllamaGpu& gpu) { return sum + gpu.free; });
}

/// Weights and cache of every layer as they are allocated, the output last.
std::vector<double> sizes_of_layers(const LlamaCppRun& run)
{
    const Architecture& architecture = run.model->architecture;
    const LlamaCppLayerBytes bytes = llama_cpp_layer_bytes(run);
    const LlamaCppCells cells = llama_cpp_cells(run);
    std::vector<double> of_kind = bytes.of_kind;
    for (std::size_t kind = 0; kind < of_kind.size(); ++kind) {
        Architecture one;
        one.append(architecture.kinds[kind]);
        for (const CacheRun& cache : cache_layout(one))
            of_kind[kind] += cache.kind == CacheKind::state ? llama_cpp_recurrent_bytes<double>(run, cache, 1)
                                                            : llama_cpp_cache_bytes<double>(run, cells, cache, 1);
    }
    std::vector<double> layers;
    for (const LayerRun& run_of_layers : architecture.runs)
        layers.insert(layers.end(), static_cast<std::size_t>(run_of_layers.count), of_kind[run_of_layers.kind]);
    layers.push_back(bytes.output);
    return layers;
}

/// The graphs of devices with layers placed so.
std::vector<double> graphs_of(const LlamaCppRun& start, const LayerPlacement& placement)
{
    std::vector<double> graphs;
    for (const DeviceBytes& device : llama_cpp_layout(llama_cpp_placed(start, placement)).gpus)
        graphs.push_back(device.compute.bytes);
    return graphs;
}

class Placing
{
public:
    Placing(const InferenceInputs& load, const OllamaSettings& settings) : load_(load), settings_(settings) {}

    LayerPlacement placement()
    {
        if (settings_.gpus.empty())
            return {};
        switch (settings_.placing) {
        case OllamaPlacing::estimate:
            return by_estimate();
        case OllamaPlacing::layout:
            return by_layout();
        case OllamaPlacing::fit:
            break;
        }
        return by_fit();
    }

private:
    LayerPlacement of(std::vector<std::size_t> devices, std::vector<std::int64_t> layers, std::int64_t slots) const
    {
        LayerPlacement placement;
        placement.devices = std::move(devices);
        placement.layers = std::move(layers);
        placement.slots = slots;
        placement.batch = settings_.num_batch;
        return placement;
    }

    LayerPlacement by_estimate()
    {
        const LlamaCppRun run = ollama_start(load_, settings_, settings_.slots, settings_.num_batch);
        OllamaEstimate estimate = ollama_estimate(load_, settings_, run);
        return of(std::move(estimate.devices), std::move(estimate.layers), estimate.slots);
    }

    LayerPlacement by_layout()
    {
        const LlamaCppRun start = ollama_start(load_, settings_, settings_.slots, settings_.num_batch);
        OllamaSizes sizes;
        if (settings_.runner == OllamaRunner::own_engine) {
            sizes.layers = sizes_of_layers(start);
            sizes.layers.back() += settings_.projector; // goes where the output goes
            sizes.graphs = [&](const LayerPlacement& placement) { return graphs_of(start, placement); };
        } else {
            const OllamaSums sums = ollama_sums(settings_, start, settings_.slots);
            for (std::size_t layer = 0; layer < sums.weights.size(); ++layer)
                sizes.layers.push_back(sums.weights[layer] + sums.cache[layer]);
            sizes.buffer = sizes.layers.empty() ? 0 : sizes.layers.front();
            sizes.layers.push_back(sums.output);
            sizes.projector = settings_.projector;
            const double graph =
                settings_.gpus.front().metal ? sums.graph_full : std::max(sums.graph_full, sums.graph_partial);
            sizes.graphs = [graph](const LayerPlacement& placement) {
                return std::vector<double>(placement.layers.size(), graph);
            };
        }
        LayerPlacement placement = ollama_layout(load_, settings_, sizes);
        placement.slots = settings_.slots;
        placement.batch = settings_.num_batch;
        return placement;
    }

    /// One GPU where four fifths of it hold what is predicted, the roomiest of them; else all (server/sched.go,
    /// selectLlamaServerPlacement).
    std::vector<OllamaGpu> gpus_for(double prediction) const
    {
        constexpr double share = 0.8;
        const std::vector<OllamaGpu>& gpus = settings_.gpus;
        if (gpus.size() < 2 || settings_.num_gpu == 0)
            return gpus;
        if (const auto said = load_.choice->llama_cpp.main_gpu; said && *said < static_cast<std::int64_t>(gpus.size()))
            return {gpus[static_cast<std::size_t>(*said)]};
        if (load_.choice->ollama.sched_spread)
            return gpus;
        const OllamaGpu* best = nullptr;
        for (const OllamaGpu& gpu : gpus)
            if (prediction <= gpu.free * share && (best == nullptr || gpu.free > best->free))
                best = &gpu;
        return best != nullptr ? std::vector<OllamaGpu>{*best} : gpus;
    }

    LayerPlacement by_fit()
    {
        const std::int64_t tokens = settings_.num_ctx * settings_.slots;
        const LlamaCppRun first = ollama_start(load_, settings_, settings_.slots, settings_.num_batch);
        const double prediction = ollama_prediction(first, llama_cpp_layer_bytes(first).in_file, tokens);
        const std::vector<OllamaGpu> gpus = gpus_for(prediction);
        const std::int64_t batch = settings_.batch_said
                                       ? settings_.num_batch
                                       : ollama_automatic_batch(settings_, tokens, prediction, free_of_all(gpus), gpus);
        OllamaSettings there = settings_;
        there.gpus = gpus;
        const LlamaCppRun start = ollama_start(load_, there, settings_.slots, batch);
        LayerPlacement placement;
        if (settings_.num_gpu < 0) {
            std::vector<double> targets;
            targets.reserve(gpus.size());
            for (const OllamaGpu& gpu : gpus)
                targets.push_back(ollama_target(settings_, load_, gpu.number));
            placement = llama_cpp_fit(start, targets);
        }
        if (gpus.size() < settings_.gpus.size())
            placement.devices = {gpus.front().number};
        placement.slots = settings_.slots;
        placement.batch = batch;
        return placement;
    }

    const InferenceInputs& load_;
    const OllamaSettings& settings_;
};

/// The projector's place: beside the output of Ollama's own engine, else on the first GPU; on the host where few layers
/// were asked for, or the GPU has too little room for it (llm/llama_server.go, shouldDisableMMProjOffload).
void place_projector(LlamaCppRun& run, const OllamaSettings& settings)
{
    if (!(settings.projector > 0))
        return;
    const std::int64_t all = run.blocks() + 1;
    bool host = settings.num_gpu == 0 || run.n_gpu_layers == 0;
    if (settings.runner == OllamaRunner::own_engine)
        host = host || run.n_gpu_layers < all;
    if (settings.runner == OllamaRunner::llama_server)
        host = host || (settings.num_gpu > 0 && settings.num_gpu < all - 1) ||
               std::any_of(settings.gpus.begin(), settings.gpus.end(), [&](const OllamaGpu& gpu) {
                   return std::min(gpu.free, gpu.total) < settings.projector + fit_margin;
               });
    (host ? run.host_projector : run.projector) = settings.projector;
}

} // namespace

LlamaCppRun ollama_start(const InferenceInputs& load, const OllamaSettings& settings, std::int64_t slots,
                         std::int64_t batch)
{
    LlamaCppRun run = llama_cpp_run(load);
    run.build = llama_cpp_build(ollama_llama_cpp(settings.release));
    run.n_seq_max = slots;
    run.n_ctx = settings.num_ctx * slots;
    run.n_ubatch = std::min(batch, run.n_ctx);
    run.kv_unified = settings.runner != OllamaRunner::llama_server;
    run.flash_attn = settings.flash;
    run.flash_auto = settings.flash_auto;
    run.kv_k = settings.kv_k;
    run.kv_v = settings.kv_v;
    run.swa_full = ollama_keeps_windows_whole(settings.release, settings.runner);
    run.drafted = load.model->architecture.mtp_layers() > 0 ? load.choice->ollama.draft_num_predict : 0;
    run.checkpoints = ollama_checkpoints(settings.release, settings.runner, settings.architecture);
    run.n_gpu_layers = settings.num_gpu < 0 ? run.blocks() + 1 : std::min(settings.num_gpu, run.blocks() + 1);
    run.devices = std::max<std::int64_t>(1, static_cast<std::int64_t>(settings.gpus.size()));
    run.shares.clear();
    run.device_numbers.clear();
    for (const OllamaGpu& gpu : settings.gpus) {
        run.shares.push_back(gpu.free);
        run.device_numbers.push_back(gpu.number);
    }
    return run;
}

double ollama_target(const OllamaSettings& settings, const InferenceInputs& load, std::size_t number)
{
    const OllamaGpu& gpu = settings.gpus.at(number);
    if (settings.placing != OllamaPlacing::fit)
        return gpu.free - gpu.minimum - static_cast<double>(load.choice->ollama.gpu_overhead);
    const bool with_projector =
        settings.projector > 0 && std::min(gpu.free, gpu.total) >= settings.projector + fit_margin;
    return gpu.free - fit_margin - (with_projector ? settings.projector : 0);
}

InferenceInputs ollama_placed(InferenceInputs load)
{
    if (load.placed)
        return load;
    const OllamaSettings settings = ollama_settings(load);
    load.placed = std::make_shared<const LayerPlacement>(Placing(load, settings).placement());
    return load;
}

LlamaCppRun ollama_run(const InferenceInputs& load)
{
    if (!load.placed)
        return ollama_run(ollama_placed(load));
    const OllamaSettings settings = ollama_settings(load);
    const LayerPlacement& placement = *load.placed;
    const bool fewer = settings.may_be_one_slot && placement.slots > 0;
    const std::int64_t slots = fewer ? placement.slots : settings.slots;
    LlamaCppRun run = ollama_start(load, settings, slots, placement.batch > 0 ? placement.batch : settings.num_batch);
    run = llama_cpp_placed(std::move(run), placement);
    place_projector(run, settings);
    if (settings.runner != OllamaRunner::llama_server && run.n_gpu_layers == 0)
        run.op_offload = false; // the runner is that of the processor
    return run;
}

} // namespace weighbridge
