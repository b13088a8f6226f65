#include "core/estimate/estimate.h"

#include "core/engines/inference.h"
#include "core/estimate/validate.h"
#include "core/memory/weights.h"
#include "core/training/training_roofline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weighbridge {

namespace {

Fit fit_on(const InferenceInputs& inputs, Bytes needed, const std::vector<std::pair<std::int64_t, double>>& by_ranks)
{
    Fit fit = judge_within(*inputs.accelerator, inputs.engine->usable(inputs), needed);
    fit.capacity = {static_cast<std::int64_t>(inputs.device_memory)};
    if (const auto ranks = fewest_gpus(by_ranks, fit.usable))
        fit.gpus_needed = *ranks * inputs.pipeline_parallel;
    return fit;
}

/// The same on another accelerator, with what the engine needs there.
Fit fit_elsewhere(const InferenceInputs& chosen, const Accelerator& accelerator, Bytes needed,
                  const std::vector<std::pair<std::int64_t, double>>& by_ranks)
{
    InferenceInputs inputs = on_accelerator(chosen, accelerator);
    keep_work(inputs);
    if (!inputs.engine->differs_by_accelerator)
        return fit_on(inputs, needed, by_ranks);
    return fit_on(inputs, {std::llround(inference_bytes(inputs))}, bytes_by_tensor_parallel(inputs));
}

std::shared_ptr<const std::vector<Accelerator>> comparisons_of(const Question& question)
{
    return question.comparisons ? question.comparisons
                                : comparison_accelerators(Catalogue(), question.scenario.hardware.pinned);
}

std::vector<Fit> fit_cards(const Question& question, const InferenceInputs& inputs, Bytes needed,
                           const std::vector<std::pair<std::int64_t, double>>& by_ranks)
{
    const auto comparisons = comparisons_of(question);
    std::vector<Fit> cards;
    cards.reserve(comparisons->size());
    for (const Accelerator& accelerator : *comparisons)
        cards.push_back(fit_elsewhere(inputs, accelerator, needed, by_ranks));
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

/// What one GPU does, laid out as the engine lays out the weights.
Workload workload_of(const InferenceInputs& inputs)
{
    const ShardingRules& rules = inputs.sharding;
    const std::int64_t all = inputs.concurrent_sequences;
    const bool shares_attention = rules.attention_ranks > 0;
    Workload workload;
    workload.sequences = (all + rules.replicas - 1) / rules.replicas;
    workload.context = inputs.sequence_length;
    workload.tensor_parallel = shares_attention ? rules.attention_ranks : inputs.tensor_parallel;
    if (shares_attention)
        workload.feed_forward = Spread{.ranks = inputs.tensor_parallel, .sequences = all};
    if (rules.expert_ranks > inputs.tensor_parallel)
        workload.experts = Spread{rules.expert_ranks, all, rules.whole_experts};
    else if (rules.whole_experts)
        workload.experts =
            Spread{inputs.tensor_parallel, shares_attention ? all : workload.sequences, rules.whole_experts};
    workload.weights = inputs.weights;
    workload.kv_k = inputs.kv_k;
    workload.kv_v = inputs.kv_v;
    workload.activations = inputs.activations;
    return workload;
}

/// What nobody chose, as model, hardware and framework have it; engines fill in their own.
void fill_in(Estimate& result)
{
    Scenario& used = result.scenario;
    if (!used.hardware.count)
        used.hardware.count = result.gpus;
    if (!used.hardware.usable_fraction)
        used.hardware.usable_fraction = default_usable_fraction(result.accelerator);
    if (weights_concern(used))
        used.precision.weights = base_weights(used, *result.model);
    if (result.training)
        (used.task == "train" ? used.train : used.fine_tune) = result.training->used;
}

void sum_terms(Estimate& result)
{
    if (result.model->family_assumed)
        assume_shape(result.terms);
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

std::optional<Bytes> Estimate::total_all_gpus() const
{
    if (gpus < 1 || total.count > std::numeric_limits<std::int64_t>::max() / gpus)
        return std::nullopt;
    return Bytes{total.count * gpus};
}

namespace {

/// The cards of a training step: the same amount on every accelerator.
void judge_training(Estimate& result, const Question& question)
{
    const auto usable_fraction = question.scenario.hardware.usable_fraction;
    result.fit = judge(question.accelerator, usable_fraction, result.total);
    result.fit.gpus_searched = false;
    const auto comparisons = comparisons_of(question);
    result.cards.reserve(comparisons->size());
    for (const Accelerator& accelerator : *comparisons) {
        const bool same_kind = accelerator.unified_memory == question.accelerator.unified_memory;
        result.cards.push_back(judge(accelerator, same_kind ? usable_fraction : std::nullopt, result.total));
        result.cards.back().gpus_searched = false;
    }
}

/// Model and accelerator as an inference question sees them, for the parts that don't depend on the task.
Result<InferenceInputs> inputs_without_task(const Question& question, Scenario& scenario)
{
    scenario = question.scenario;
    scenario.inference = {};
    scenario.hardware.tensor_parallel = 1;
    scenario.hardware.pipeline_parallel = 1;
    return inference_inputs(scenario, *question.model, &question.accelerator);
}

Result<EstimatePointer> estimate_training(const Question& question, Detail detail, std::vector<Issue> issues)
{
    auto result = std::make_shared<Estimate>();
    result->scenario = question.scenario;
    result->asked = question.scenario;
    result->model = question.model;
    result->accelerator = question.accelerator;
    const HardwareChoice& hardware = question.scenario.hardware;
    result->gpus =
        hardware.tensor_parallel * hardware.pipeline_parallel * hardware.data_parallel * hardware.context_parallel;
    result->issues = std::move(issues);
    auto inputs = training_inputs(result->scenario, *result->model, &result->accelerator);
    if (!inputs)
        return inputs.error();
    auto memory = std::make_shared<TrainingMemory>(training_memory(*inputs, detail != Detail::figures));
    result->terms = training_terms(*memory);
    result->training = std::move(memory);
    sum_terms(*result);
    if (detail != Detail::figures)
        fill_in(*result);
    if (detail == Detail::full) {
        Scenario plain;
        const auto untasked = inputs_without_task(question, plain);
        if (!untasked)
            return untasked.error();
        result->cache = cache_summary(*untasked);
        result->layers = layer_rows(*untasked);
        result->rooflines = training_rooflines(*inputs, question.accelerator);
        judge_training(*result, question);
    }
    return EstimatePointer(std::move(result));
}

} // namespace

Result<EstimatePointer> estimate(const Question& question, Detail detail)
{
    Checked checked = check(question);
    for (const Issue& issue : checked.issues)
        if (issue.severity == Severity::error)
            return Error{issue.field, issue.message};
    if (question.scenario.training() != nullptr)
        return estimate_training(question, detail, std::move(checked.issues));
    const std::optional<InferenceInputs>& inputs = checked.inputs;
    if (!inputs)
        return Error{"scenario", "the scenario was refused without a reason"};

    auto result = std::make_shared<Estimate>();
    result->scenario = question.scenario;
    result->asked = question.scenario;
    result->model = question.model;
    result->accelerator = question.accelerator;
    const HardwareChoice& hardware = question.scenario.hardware;
    result->gpus = hardware.tensor_parallel * hardware.pipeline_parallel * hardware.data_parallel;
    result->issues = std::move(checked.issues);
    const Engine& engine = *inputs->engine;
    result->terms = engine.terms(*inputs, detail != Detail::figures);
    if (engine.prints != nullptr)
        result->engine_prints = engine.prints(*inputs);
    sum_terms(*result);
    if (detail != Detail::figures) {
        fill_in(*result);
        if (engine.fill_defaults != nullptr)
            engine.fill_defaults(*inputs, result->scenario);
    }
    if (detail == Detail::full) {
        const auto by_ranks = bytes_by_tensor_parallel(*inputs);
        result->cache = cache_summary(*inputs);
        result->fit = fit_on(*inputs, result->total, by_ranks);
        result->cards = fit_cards(question, *inputs, result->total, by_ranks);
        result->capacity = capacity(*inputs, result->fit.usable);
        result->layers = layer_rows(*inputs);
        result->rooflines = rooflines(question.model->architecture, question.accelerator, workload_of(*inputs), true,
                                      inputs->stages.get());
    }
    return EstimatePointer(std::move(result));
}

Question question_of(const Estimate& estimate)
{
    Question question;
    question.scenario = estimate.asked;
    question.model = estimate.model;
    question.accelerator = estimate.accelerator;
    return question;
}

} // namespace weighbridge
