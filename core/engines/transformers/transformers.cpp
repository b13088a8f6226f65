#include "core/engines/transformers/transformers.h"

#include "core/engines/inference.h"
#include "core/engines/transformers/cache.h"
#include "core/engines/transformers/peak.h"
#include "core/memory/overhead.h"
#include "core/memory/weights.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace weighbridge {

namespace {

/// Measured peaks of single-GPU runs lie between these times the predicted one, nine of ten (docs/formulas.md).
constexpr double peak_low = 0.88;
constexpr double peak_high = 1.08;

double devices(const InferenceInputs& inputs)
{
    return static_cast<double>(inputs.tensor_parallel * inputs.pipeline_parallel);
}

InferenceInputs on_one_gpu(InferenceInputs inputs)
{
    inputs.tensor_parallel = 1;
    return inputs;
}

/// device_map="auto" lays whole layers over the GPUs.
template<class Number>
Number shared(const InferenceInputs& inputs, Number bytes)
{
    return devices(inputs) == 1 ? bytes : bytes / named<Number>("n_gpu", devices(inputs));
}

MemoryFigures memory(const InferenceInputs& inputs)
{
    const TransformersRun run = transformers_run(inputs);
    const PeakMoment moment = transformers_peak_moment(run);
    MemoryFigures figures;
    figures.weights = shared(inputs, weight_bytes(on_one_gpu(inputs)) + transformers_rope_tables<double>(run));
    figures.kv_cache = shared(inputs, transformers_cache_at<double>(run, moment));
    figures.activations = transformers_activations_at<double>(run, moment);
    figures.overhead = overhead_bytes(inputs, figures.weights) + cublas_workspace_bytes;
    return figures;
}

double allocated(const InferenceInputs& inputs)
{
    const MemoryFigures figures = memory(inputs);
    return figures.weights + figures.kv_cache + figures.activations + cublas_workspace_bytes;
}

Term weights(const InferenceInputs& inputs, const TransformersRun& run)
{
    Term term = weights_term(on_one_gpu(inputs));
    const double rope = transformers_rope_tables<double>(run);
    if (rope == 0 && devices(inputs) == 1)
        return term;
    std::vector<Term> children = std::move(term.children);
    const Traced whole = named<Traced>("W", static_cast<double>(term.bytes.count));
    Term all = make_term("weights", "Weights",
                         shared(inputs, rope == 0 ? whole : whole + transformers_rope_tables<Traced>(run)), term.basis);
    const double ratio = static_cast<double>(all.bytes.count) / std::max(1.0, static_cast<double>(term.bytes.count));
    all.low.count = std::min<std::int64_t>(all.bytes.count, std::llround(static_cast<double>(term.low.count) * ratio));
    all.high.count =
        std::max<std::int64_t>(all.bytes.count, std::llround(static_cast<double>(term.high.count) * ratio));
    all.source = term.source;
    if (devices(inputs) > 1)
        return all;
    Term tables = make_term("weights.rope_tables", "RoPE tables", transformers_rope_tables<Traced>(run));
    tables.source = "cosines and sines of every layer's rotary embedding, until transformers 4.45";
    children.push_back(std::move(tables));
    all.children = std::move(children);
    return all;
}

Term cache(const InferenceInputs& inputs, const TransformersRun& run, PeakMoment moment)
{
    Term term = make_term("kv_cache", "KV cache", shared(inputs, transformers_cache_at<Traced>(run, moment)));
    term.source = std::string("as long as it is at the peak (") + std::string(peak_moment_name(moment)) +
                  "): transformers cache_utils.py" +
                  (run.release.copies_cache() ? "; held twice while a step writes the next one" : "");
    return term;
}

/// The range is that of the peak, which is what was measured; it is shown here because the rest is exact.
Term activations(const TransformersRun& run, PeakMoment moment, double peak)
{
    Term term =
        make_term("activations", "Activations", transformers_activations_at<Traced>(run, moment), Basis::calibrated);
    const auto bytes = static_cast<double>(term.bytes.count);
    term.low.count = std::llround(std::max(0.0, bytes - (1 - peak_low) * peak));
    term.high.count = std::llround(bytes + (peak_high - 1) * peak);
    term.source = std::string(peak_moment_name(moment)) + ": shapes in transformers' modeling files";
    return term;
}

Term overhead(const InferenceInputs& inputs, const Term& weights)
{
    const Term context = overhead_term(inputs, weights);
    Term term = make_term("overhead", "Overhead",
                          named<Traced>("C_runtime", static_cast<double>(context.bytes.count)) +
                              named<Traced>("C_cublas", cublas_workspace_bytes),
                          Basis::assumed);
    term.low.count = context.low.count + std::llround(cublas_workspace_bytes);
    term.high.count = context.high.count + std::llround(cublas_workspace_bytes);
    term.source = context.source + "; cuBLAS workspace in torch's allocator (CUDABlas.cpp)";
    return term;
}

AttentionImplementation implementation_of(std::string_view name)
{
    if (name == "eager")
        return AttentionImplementation::eager;
    return name == "flash_attention_2" ? AttentionImplementation::flash : AttentionImplementation::sdpa;
}

class TransformersPlan final : public Plan
{
public:
    using Plan::Plan;

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const MemoryFigures figures = memory(with_sequences(load_, sequences));
        return {.figures = figures, .needed = figures.whole(), .usable = usable_device_memory(load_)};
    }

    std::vector<Term> terms(bool text) const override
    {
        if (!text) {
            const MemoryFigures figures = memory(load_);
            return {make_term("weights", "Weights", figures.weights),
                    make_term("kv_cache", "KV cache", figures.kv_cache),
                    make_term("activations", "Activations", figures.activations, Basis::calibrated),
                    make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
        }
        const TransformersRun run = transformers_run(load_);
        const PeakMoment moment = transformers_peak_moment(run);
        std::vector<Term> list;
        list.push_back(weights(load_, run));
        list.push_back(cache(load_, run, moment));
        list.push_back(activations(run, moment, allocated(load_)));
        list.push_back(overhead(load_, list.front()));
        return list;
    }

    std::vector<EnginePrint> prints() const override
    {
        return {{"peak_allocated_bytes", "torch.cuda.max_memory_allocated", std::round(allocated(load_)), 0}};
    }

    std::vector<Issue> issues() const override
    {
        const auto batch = load_.choice->transformers.batch_size;
        if (!batch || load_.concurrent_sequences == 1 || *batch == load_.concurrent_sequences)
            return {};
        return {{"inference.batch_size", Severity::error,
                 "inference.batch_size is " + grouped(*batch) + ", and inference.concurrent_sequences " +
                     grouped(load_.concurrent_sequences) + "; they are one thing"}};
    }

    void fill_defaults(Scenario& scenario) const override
    {
        const TransformersRun run = transformers_run(load_);
        TransformersOptions& options = scenario.inference.transformers;
        scenario.inference.call = {run.input_tokens, run.output_tokens};
        options.batch_size = run.batch_size;
        options.logits_to_keep = run.logits_to_keep;
    }
};

double stored_token_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    return transformers_token_bytes(transformers_run(inputs), run);
}

PlanPointer transformers_plan(InferenceInputs load)
{
    return std::make_shared<TransformersPlan>(std::move(load));
}

} // namespace

TransformersRun transformers_run(const InferenceInputs& inputs)
{
    const InferenceChoice& choice = *inputs.choice;
    const TransformersOptions& options = choice.transformers;
    TransformersRun run;
    run.model = inputs.model;
    run.widths = layer_widths(inputs.model->architecture);
    run.release = transformers_release(choice.engine_version);
    run.attention = implementation_of(options.attn_implementation);
    run.weights = inputs.weights;
    run.kv_k = inputs.kv_k;
    run.kv_v = inputs.kv_v;
    run.activations = inputs.activations;
    run.logits_to_keep = options.logits_to_keep.value_or(1);
    run.output_tokens = choice.call.output_tokens.value_or(0);
    // What was typed holds for the scenario itself; a search for another length or count changes it.
    const bool own_length = inputs.sequence_length == request_tokens(*inputs.engine, choice);
    const bool own_count = inputs.concurrent_sequences == choice.concurrent_sequences;
    const std::int64_t rest = std::max<std::int64_t>(1, inputs.sequence_length - run.output_tokens);
    run.input_tokens = own_length ? choice.call.input_tokens.value_or(rest) : rest;
    run.batch_size = own_count ? options.batch_size.value_or(inputs.concurrent_sequences) : inputs.concurrent_sequences;
    return run;
}

const Engine transformers_rules = {.id = "transformers",
                                   .name = "transformers",
                                   .summary = "Hugging Face transformers: one call of generate()",
                                   .versions = "up to 4.41, 4.42 to 4.44, 4.45 to 4.55, 4.56 to 5.13, 5.14 on",
                                   .pipelines = true,
                                   .token_bytes = stored_token_bytes,
                                   .plan = transformers_plan};

} // namespace weighbridge
