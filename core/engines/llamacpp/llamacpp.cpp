#include "core/engines/llamacpp/llamacpp.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/compute_buffer.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/placement.h"
#include "core/engines/llamacpp/terms.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weighbridge {

namespace {

constexpr double mebibyte = 1048576;

bool beyond_context(const InferenceInputs& inputs)
{
    const InferenceChoice& choice = *inputs.choice;
    if (!choice.llama_cpp.n_ctx)
        return false;
    const auto tokens = [](std::int64_t sequences, std::int64_t length) {
        return static_cast<double>(sequences) * static_cast<double>(length);
    };
    const double asked = tokens(inputs.concurrent_sequences, inputs.sequence_length);
    return asked > tokens(choice.concurrent_sequences, choice.sequence_length) &&
           asked > static_cast<double>(*choice.llama_cpp.n_ctx);
}

/// Past a context that was typed in, no amount of memory is enough.
MemoryFigures memory(const InferenceInputs& inputs)
{
    MemoryFigures figures = llama_cpp_figures(inputs, llama_cpp_run(inputs));
    if (beyond_context(inputs))
        figures.kv_cache = std::numeric_limits<double>::infinity();
    return figures;
}

std::vector<Term> terms(const InferenceInputs& inputs, bool text)
{
    return llama_cpp_terms(inputs, llama_cpp_run(inputs), text);
}

Bytes usable(const InferenceInputs& inputs)
{
    return {static_cast<std::int64_t>(std::floor(inputs.device_memory * inputs.usable_fraction))};
}

std::vector<EnginePrint> prints(const InferenceInputs& inputs)
{
    const LlamaCppRun run = llama_cpp_run(inputs);
    const DeviceBytes device = printed_device(run);
    const double host = llama_cpp_model_buffers(run, llama_cpp_placement(run)).cpu;
    return {{"model_mib", "model buffer size", device.model / mebibyte, 2},
            {"model_cpu_mib", "CPU model buffer size", host / mebibyte, 2},
            {"kv_mib", "KV buffer size", device.kv / mebibyte, 2},
            {"kv_swa_mib", "of which sliding-window layers", device.sliding / mebibyte, 2},
            {"recurrent_mib", "RS buffer size", device.recurrent / mebibyte, 2},
            {"compute_mib", "compute buffer size", device.compute.bytes / mebibyte, 2}};
}

std::int64_t kv_tokens(const InferenceInputs& inputs, std::int64_t)
{
    return llama_cpp_cells(llama_cpp_run(inputs)).n_ctx;
}

std::vector<Issue> check(const InferenceInputs& inputs)
{
    std::vector<Issue> issues;
    const LlamaCppRun run = llama_cpp_run(inputs);
    const LlamaCppCells cells = llama_cpp_cells(run);
    if (run.n_ctx < run.n_seq_max)
        issues.push_back({"inference.n_ctx", Severity::error,
                          "inference.n_ctx is " + grouped(run.n_ctx) + "; it must be at least inference.n_seq_max, " +
                              grouped(run.n_seq_max)});
    const bool quantized_values = run.kv_v.bits != 16 && run.kv_v.bits != 32;
    if (quantized_values && !run.flash_attn)
        issues.push_back({"precision.kv_cache.v", Severity::error,
                          "precision.kv_cache.v is \"" + run.kv_v.id +
                              "\"; llama.cpp quantizes values only with inference.flash_attn"});
    if (inputs.sequence_length > cells.full)
        issues.push_back({"inference.n_ctx", Severity::note,
                          "a sequence has " + grouped(cells.full) + " cells, fewer than inference.sequence_length, " +
                              grouped(inputs.sequence_length)});
    return issues;
}

void fill_defaults(const InferenceInputs& inputs, Scenario& scenario)
{
    const LlamaCppRun run = llama_cpp_run(inputs);
    LlamaCppOptions& options = scenario.inference.llama_cpp;
    options.n_ctx = run.n_ctx;
    options.n_batch = options.n_batch.value_or(2048);
    options.n_ubatch = run.n_ubatch;
    options.n_seq_max = run.n_seq_max;
    options.kv_unified = run.kv_unified;
    options.flash_attn = run.flash_attn;
    options.swa_full = run.swa_full;
    options.n_gpu_layers = run.n_gpu_layers;
    options.n_cpu_moe = run.n_cpu_moe;
}

} // namespace

LlamaCppRun llama_cpp_run(const InferenceInputs& inputs)
{
    const LlamaCppOptions& options = inputs.choice->llama_cpp;
    const std::int64_t all_layers = inputs.model->architecture.layers() + 1;
    LlamaCppRun run;
    run.model = inputs.model;
    run.widths = layer_widths(inputs.model->architecture);
    run.build = llama_cpp_build(inputs.choice->engine_version);
    run.weights = inputs.weights;
    run.kv_k = inputs.kv_k;
    run.kv_v = inputs.kv_v;
    run.n_seq_max = options.n_seq_max.value_or(inputs.concurrent_sequences);
    run.n_ctx = options.n_ctx.value_or(inputs.sequence_length * inputs.concurrent_sequences);
    run.n_ubatch = std::min(options.n_ubatch.value_or(512), options.n_batch.value_or(2048));
    run.kv_unified = options.kv_unified.value_or(!run.build.separates_sequences());
    run.flash_attn = options.flash_attn.value_or(run.build.defaults_to_flash());
    run.swa_full = options.swa_full.value_or(false);
    const std::int64_t offloaded = options.n_gpu_layers.value_or(-1);
    run.n_gpu_layers = offloaded < 0 ? all_layers : std::min(offloaded, all_layers);
    run.n_cpu_moe = options.n_cpu_moe.value_or(0);
    run.mla = options.mla;
    run.devices = inputs.tensor_parallel * inputs.pipeline_parallel;
    return run;
}

const Engine llama_cpp_rules = {.id = "llama.cpp",
                                .name = "llama.cpp",
                                .summary = "llama.cpp and ik_llama.cpp: buffers as they print them",
                                .versions = "2025 and before, 2026 on; ik_llama.cpp",
                                .pipelines = true,
                                .sharding = {.router_divided = true, .latent_divided = true, .even_stages = false},
                                .memory = memory,
                                .terms = terms,
                                .usable = usable,
                                .prints = prints,
                                .kv_tokens = kv_tokens,
                                .check = check,
                                .fill_defaults = fill_defaults};

} // namespace weighbridge
