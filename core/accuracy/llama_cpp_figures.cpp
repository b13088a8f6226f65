#include "core/accuracy/llama_cpp_runs.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/terms.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <optional>

namespace weighbridge {

namespace {

constexpr double mebibyte = 1048576;
constexpr int decimals = 2; ///< of MiB, as llama.cpp prints them

Comparison as_printed(double measured, double predicted)
{
    return {measured, predicted, {}, {}, equal_as_printed(predicted, measured, decimals), {}};
}

FigureOutcome key_values(const MeasuredRun& run, const Estimate& estimate)
{
    const auto measured = run.record.number("kv_mib");
    return measured ? FigureOutcome{as_printed(*measured, printed(estimate, "kv_mib")), {}}
                    : FigureOutcome::not_recorded();
}

FigureOutcome sliding(const MeasuredRun& run, const Estimate& estimate)
{
    const auto measured = run.record.number("kv_swa_mib");
    return measured ? FigureOutcome{as_printed(*measured, printed(estimate, "kv_swa_mib")), {}}
                    : FigureOutcome::not_recorded();
}

/// With speculative decoding llama.cpp keeps copies of the states to roll back to; the log says how many, and no option
/// of a scenario asks for them yet.
FigureOutcome states(const MeasuredRun& run, const Estimate& estimate)
{
    const auto measured = run.record.number("recurrent_mib");
    if (!measured)
        return FigureOutcome::not_recorded();
    const double copies = run.record.number("recurrent_copies").value_or(1);
    return {as_printed(*measured, copies * printed(estimate, "recurrent_mib")), {}};
}

/// The run with what only the log tells.
LlamaCppRun resolved(const MeasuredRun& run, const InferenceInputs& inputs)
{
    LlamaCppRun resolved = llama_cpp_run(inputs);
    resolved.attn_max_batch = run.record.whole("attn_max_batch").value_or(0);
    return resolved;
}

FigureOutcome compute(const MeasuredRun& run, const Estimate& estimate)
{
    const auto measured = run.record.number("compute_mib");
    if (!measured)
        return FigureOutcome::not_recorded();
    const auto inputs = inference_inputs(run.question.scenario, *run.question.model);
    if (!inputs)
        return FigureOutcome::without(inputs.error().message);
    Comparison comparison;
    comparison.measured = *measured;
    const bool on_gpu = run.record.text("compute_on") == "gpu";
    const LlamaCppRun logged = resolved(run, *inputs);
    const DeviceBytes device = on_gpu ? fullest_gpu(logged) : printed_device(logged);
    comparison.predicted = device.compute.bytes / mebibyte;
    comparison.aside = run.record.text("compute_left_out");
    const bool ranged = on_gpu && !run.record.whole("attn_max_batch"); // the estimate's range knows no such limit
    if (const Term* term = find_term(estimate.terms, "activations"); ranged && term != nullptr) {
        comparison.low = static_cast<double>(term->low.count) / mebibyte;
        comparison.high = static_cast<double>(term->high.count) / mebibyte;
    }
    return {comparison, {}};
}

/// Whether the log's file type stands for rules that are known here; else why not.
std::string unknown_types(const MeasuredRun& run)
{
    if (!run.record.text("own_types").empty())
        return "the file's maker chose types tensor by tensor, whatever its label says";
    const std::string type = run.record.text("quantization");
    if (type.empty())
        return "the log does not tell the file's type";
    return gguf_format_of_log(type).empty() ? "the type is one of ik_llama.cpp's own or repacked: no rules here" : "";
}

/// Whether tensors lie where no option of a scenario can put them. Where all of them are on the CPU, it makes no
/// difference.
bool placed_by_hand(const MeasuredRun& run)
{
    return run.record.flag("overrides_tensors").value_or(false) && !run.record.whole("experts_on_cpu") &&
           run.record.number("model_gpu_mib");
}

/// Model buffers of the run as it was placed, in MiB: all GPUs together, and the CPU.
struct Buffers
{
    double cpu = 0;
    double gpus = 0;
};

std::optional<Buffers> model_buffers(const MeasuredRun& run)
{
    Scenario scenario = run.question.scenario;
    if (!run.record.number("model_gpu_mib"))
        scenario.inference.llama_cpp.n_gpu_layers = 0;
    const auto inputs = inference_inputs(scenario, *run.question.model);
    if (!inputs)
        return std::nullopt;
    const LlamaCppRun placed = llama_cpp_run(*inputs);
    const LlamaCppModelBuffers bytes = llama_cpp_model_buffers(placed, llama_cpp_placement(placed));
    Buffers buffers{bytes.cpu / mebibyte, 0};
    for (const double gpu : bytes.gpus)
        buffers.gpus += gpu / mebibyte;
    return buffers;
}

FigureOutcome model_buffer(const MeasuredRun& run, const char* key, double Buffers::*member)
{
    auto measured = run.record.number(key);
    if (!measured)
        return FigureOutcome::not_recorded();
    if (member == &Buffers::cpu) // pinned memory of the CPU has a line of its own
        *measured += run.record.number("model_host_mib").value_or(0);
    if (std::string reason = unknown_types(run); !reason.empty())
        return FigureOutcome::without(std::move(reason));
    if (placed_by_hand(run))
        return FigureOutcome::without("tensors were placed by hand (-ot); the file's size is compared in its place");
    const auto buffers = model_buffers(run);
    if (!buffers)
        return FigureOutcome::without("the scenario can't be read");
    return {Comparison{*measured, *buffers.*member, {}, {}, false, {}}, {}};
}

FigureOutcome gpu_model(const MeasuredRun& run, const Estimate&)
{
    return model_buffer(run, "model_gpu_mib", &Buffers::gpus);
}

FigureOutcome cpu_model(const MeasuredRun& run, const Estimate&)
{
    return model_buffer(run, "model_cpu_mib", &Buffers::cpu);
}

/// All tensors, each once: what the log prints as the file's size.
FigureOutcome file_size(const MeasuredRun& run, const Estimate&)
{
    const auto measured = run.record.number("file_gib");
    if (!measured)
        return FigureOutcome::not_recorded();
    if (std::string reason = unknown_types(run); !reason.empty())
        return FigureOutcome::without(std::move(reason));
    const auto inputs = inference_inputs(run.question.scenario, *run.question.model);
    if (!inputs)
        return FigureOutcome::without(inputs.error().message);
    const LlamaCppRun resolved = llama_cpp_run(*inputs);
    double bytes = 0;
    for (const Tensor& tensor : run.question.model->tensors)
        bytes += gguf_tensor_bytes(resolved, tensor) * static_cast<double>(tensor.layers);
    return {Comparison{*measured, bytes / bytes_per_gib, {}, {}, false, {}}, {}};
}

/// Records of the synthetic files hold caches as texts, as printed.
FigureOutcome printed_text(const MeasuredRun& run, const char* key, double predicted)
{
    const std::string text = run.record.text(key);
    if (text.empty() && predicted == 0)
        return FigureOutcome::not_recorded();
    return {as_printed(text.empty() ? 0 : std::strtod(text.c_str(), nullptr), predicted), {}};
}

FigureOutcome synthetic_full(const MeasuredRun& run, const Estimate& estimate)
{
    return printed_text(run, "full_mib", printed(estimate, "kv_mib") - printed(estimate, "kv_swa_mib"));
}

FigureOutcome synthetic_sliding(const MeasuredRun& run, const Estimate& estimate)
{
    return printed_text(run, "swa_mib", printed(estimate, "kv_swa_mib"));
}

FigureOutcome synthetic_states(const MeasuredRun& run, const Estimate& estimate)
{
    return printed_text(run, "recurrent_mib", printed(estimate, "recurrent_mib"));
}

/// Reserved with one row of logits per sequence, so the head plays no part.
FigureOutcome synthetic_compute(const MeasuredRun& run, const Estimate&)
{
    const auto measured = run.record.number("compute_mib");
    if (!measured)
        return FigureOutcome::not_recorded();
    const auto inputs = inference_inputs(run.question.scenario, *run.question.model);
    if (!inputs)
        return FigureOutcome::without(inputs.error().message);
    const LlamaCppRun resolved = llama_cpp_run(*inputs);
    const LlamaCppPlacement placement = llama_cpp_placement(resolved);
    DeviceLayers layers_only = placement.cpu;
    layers_only.output = false;
    const ComputePeak peak = llama_cpp_compute_peak(resolved, llama_cpp_cells(resolved), layers_only, placement.cpu);
    const bool states = run.record.value("states").is_object();
    return {Comparison{*measured,
                       peak.bytes / mebibyte,
                       {},
                       {},
                       false,
                       states ? "recurrent layers have no rule of their own yet" : ""},
            {}};
}

constexpr AccuracyBar to_the_digit(double share)
{
    return {BarKind::printed, 0, share, {}};
}

constexpr AccuracyBar mostly_within(double tolerance)
{
    return {BarKind::relative, tolerance, 0.9, {}};
}

constexpr AccuracyFigure log_figures[] = {
    {"kv", "KV cache", "MiB", decimals, to_the_digit(0.98), key_values},
    {"kv_swa", "of which sliding windows", "MiB", decimals, to_the_digit(0.98), sliding},
    {"recurrent", "Recurrent states", "MiB", decimals, to_the_digit(0.98), states},
    {"model_gpu", "Model buffers on GPUs", "MiB", decimals, mostly_within(0.01), gpu_model},
    {"model_cpu", "Model buffer on the CPU", "MiB", decimals, mostly_within(0.01), cpu_model},
    {"file", "Weights file", "GiB", 3, mostly_within(0.01), file_size},
    {"compute", "Compute buffer", "MiB", decimals, mostly_within(0.2), compute},
};

constexpr AccuracyFigure synthetic_figures[] = {
    {"kv", "KV cache of full layers", "MiB", decimals, to_the_digit(1), synthetic_full},
    {"kv_swa", "KV cache of sliding layers", "MiB", decimals, to_the_digit(1), synthetic_sliding},
    {"recurrent", "Recurrent states", "MiB", decimals, to_the_digit(1), synthetic_states},
    {"compute", "Compute buffer", "MiB", decimals, mostly_within(0.2), synthetic_compute},
};

} // namespace

std::span<const AccuracyFigure> llama_cpp_log_figures()
{
    return log_figures;
}

std::span<const AccuracyFigure> llama_cpp_synthetic_figures()
{
    return synthetic_figures;
}

} // namespace weighbridge
