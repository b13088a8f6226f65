#include "core/estimate.h"

#include "core/memory/inference.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// The share of an accelerator's memory to count on: the scenario's, for accelerators that hold memory as the chosen
/// one does.
std::optional<double> usable_fraction_for(const Accelerator& accelerator, const Question& question)
{
    if (accelerator.unified_memory == question.accelerator.unified_memory)
        return question.scenario.hardware.usable_fraction;
    return std::nullopt;
}

Fit fit_on(const Accelerator& accelerator, const Question& question, Bytes needed,
           const std::vector<std::pair<std::int64_t, double>>& by_ranks)
{
    Fit fit = judge(accelerator, usable_fraction_for(accelerator, question), needed);
    fit.gpus_needed = fewest_gpus(by_ranks, fit.usable);
    return fit;
}

std::vector<Fit> fit_cards(const Question& question, Bytes needed,
                           const std::vector<std::pair<std::int64_t, double>>& by_ranks)
{
    const auto comparisons = question.comparisons
                                 ? question.comparisons
                                 : comparison_accelerators(Catalogue(), question.scenario.hardware.pinned);
    std::vector<Fit> cards;
    cards.reserve(comparisons->size());
    for (const Accelerator& accelerator : *comparisons)
        cards.push_back(fit_on(accelerator, question, needed, by_ranks));
    return cards;
}

CacheSummary cache_summary(const InferenceInputs& inputs)
{
    Traced per_token = cache_bytes_per_token(inputs);
    CacheSummary summary;
    summary.bytes_per_token = per_token.value();
    summary.fixed_bytes_per_sequence = fixed_cache_bytes(inputs);
    summary.formula = std::move(per_token).formula();
    return summary;
}

Workload workload_of(const InferenceInputs& inputs)
{
    Workload workload;
    workload.sequences = inputs.concurrent_sequences;
    workload.context = inputs.sequence_length;
    workload.tensor_parallel = inputs.tensor_parallel;
    workload.weights = inputs.weights;
    workload.kv_k = inputs.kv_k;
    workload.kv_v = inputs.kv_v;
    workload.activations = inputs.activations;
    return workload;
}

void sum_terms(Estimate& result)
{
    for (const Term& term : result.terms) {
        result.total += term.bytes;
        result.low += term.low;
        result.high += term.high;
    }
}

} // namespace

std::shared_ptr<const std::vector<Accelerator>> comparison_accelerators(const Catalogue& catalogue,
                                                                        const std::vector<std::string>& pinned)
{
    auto accelerators = std::make_shared<std::vector<Accelerator>>();
    const auto add = [&](std::string_view id) {
        const bool known = std::any_of(accelerators->begin(), accelerators->end(),
                                       [&](const Accelerator& accelerator) { return accelerator.id == id; });
        if (known)
            return;
        if (auto accelerator = catalogue.find(id))
            accelerators->push_back(std::move(*accelerator));
    };
    for (const std::string_view id : standard_accelerators())
        add(id);
    for (const std::string& id : pinned)
        add(id);
    return accelerators;
}

Result<EstimatePointer> estimate(const Question& question, Detail detail)
{
    std::vector<Issue> issues = validate(question);
    for (const Issue& issue : issues)
        if (issue.severity == Severity::error)
            return Error{issue.field, issue.message};
    auto inputs = inference_inputs(question.scenario, *question.model);
    if (!inputs)
        return inputs.error();

    auto result = std::make_shared<Estimate>();
    result->scenario = question.scenario;
    result->model = question.model;
    result->accelerator = question.accelerator;
    result->gpus = question.scenario.hardware.tensor_parallel * question.scenario.hardware.pipeline_parallel;
    result->issues = std::move(issues);
    result->terms = inference_terms(*inputs);
    sum_terms(*result);
    if (detail == Detail::full) {
        const auto by_ranks = bytes_by_tensor_parallel(*inputs);
        result->cache = cache_summary(*inputs);
        result->fit = fit_on(question.accelerator, question, result->total, by_ranks);
        result->cards = fit_cards(question, result->total, by_ranks);
        result->capacity = capacity(*inputs, result->fit.usable);
        result->rooflines = rooflines(question.model->architecture, question.accelerator, workload_of(*inputs), true);
    }
    return EstimatePointer(std::move(result));
}

} // namespace weighbridge
