#include "core/estimate/estimate.h"

#include "core/engines/inference.h"
#include "core/estimate/estimate_cost.h"
#include "core/estimate/estimate_speed.h"
#include "core/estimate/judgement.h"
#include "core/estimate/workload.h"
#include "core/memory/weights.h"
#include "core/training/training_roofline.h"
#include "core/training/training_speed.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weighbridge {

namespace {

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
    if (!used.hardware.count && used.hardware.devices.empty())
        used.hardware.count = result.gpus;
    if (!used.hardware.layout && !used.hardware.devices.empty())
        used.hardware.layout = "auto";
    const Engine* engine = find_engine(used.inference.engine);
    const bool own_share = !result.training && engine != nullptr && !engine->memory_share_key.empty();
    if (!used.hardware.usable_fraction && !own_share && used.hardware.devices.empty())
        used.hardware.usable_fraction = usable_share(used.hardware, result.accelerator);
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
    if (!asked.hardware.devices.empty()) {
        Bytes sum;
        for (const DeviceShare& share : devices) {
            if (share.total.count > (std::numeric_limits<std::int64_t>::max() - sum.count) / share.count)
                return std::nullopt;
            sum.count += share.total.count * share.count;
        }
        return sum;
    }
    if (gpus < 1 || total.count > std::numeric_limits<std::int64_t>::max() / gpus)
        return std::nullopt;
    return Bytes{total.count * gpus};
}

Fit Estimate::decisive_fit() const
{
    Fit decisive = fit.decisive();
    if (!fit.host)
        return decisive;
    decisive.capacity = fit.host->usable;
    decisive.gpus_searched = false;
    return decisive;
}

std::string Estimate::cards_name() const
{
    std::vector<std::pair<const Accelerator*, std::int64_t>> kinds;
    for (const DeviceShare& share : devices) {
        const Accelerator& card = share.fit.accelerator;
        if (!kinds.empty() && *kinds.back().first == card)
            kinds.back().second += share.count;
        else
            kinds.emplace_back(&card, share.count);
    }
    if (asked.hardware.devices.empty() || kinds.size() < 2)
        return accelerator.cards_name(gpus);
    std::string text;
    for (const auto& [card, count] : kinds)
        text += (text.empty() ? "" : " + ") + card->cards_name(count);
    return text;
}

namespace {

/// Model and accelerator as an inference question sees them, for the parts that don't depend on the task.
Result<InferenceInputs> inputs_without_task(const Question& question, Scenario& scenario)
{
    scenario = question.scenario;
    scenario.inference = {};
    scenario.hardware.tensor_parallel = 1;
    scenario.hardware.pipeline_parallel = 1;
    return inference_inputs(scenario, *question.model, &question.accelerator);
}

/// What an answer repeats of its question, whatever the task.
std::shared_ptr<Estimate> answer_to(const Checked& checked)
{
    const Question& question = checked.question();
    auto result = std::make_shared<Estimate>();
    result->scenario = question.scenario;
    result->asked = checked.asked();
    result->model = question.model;
    result->accelerator = question.accelerator;
    result->issues = checked.issues();
    result->today = question.today;
    return result;
}

/// With what there is to say of it.
void take_speed(Estimate& result, std::shared_ptr<const Speed> speed)
{
    result.issues.insert(result.issues.end(), speed->issues.begin(), speed->issues.end());
    result.speed = std::move(speed);
}

/// Whether terms come with their formulas.
bool explains(Detail detail)
{
    return detail == Detail::memory || detail == Detail::full;
}

EstimatePointer estimate_training(const Checked& checked, Detail detail)
{
    const Question& question = checked.question();
    const auto result = answer_to(checked);
    const HardwareChoice& hardware = question.scenario.hardware;
    result->gpus =
        hardware.tensor_parallel * hardware.pipeline_parallel * hardware.data_parallel * hardware.context_parallel;
    auto memory = std::make_shared<TrainingMemory>(training_memory(checked.step(), explains(detail)));
    result->terms = training_terms(*memory, memory->stage());
    result->training = std::move(memory);
    sum_terms(*result);
    if (detail != Detail::figures)
        fill_in(*result);
    if (detail == Detail::full) {
        Scenario plain;
        if (const auto untasked = inputs_without_task(question, plain)) {
            result->cache = cache_summary(*untasked);
            result->layers = layer_rows(*untasked);
        }
        result->rooflines = training_rooflines(checked.step(), question.accelerator);
        judge_setup(*result, question, nullptr, &checked.step());
        take_speed(*result, std::make_shared<const Speed>(training_speed(checked.step(), result->gpus)));
        add_cost(*result, question);
    } else if (detail == Detail::verdict) {
        judge_setup(*result, question, nullptr, &checked.step(), Judged::asked);
    }
    return result;
}

EstimatePointer estimate_inference(const Checked& checked, Detail detail)
{
    const Question& question = checked.question();
    const Plan& plan = checked.plan();
    const InferenceInputs& load = plan.load();
    const auto result = answer_to(checked);
    result->gpus = plan.gpus();
    result->terms = plan.terms(explains(detail));
    result->engine_prints = plan.prints();
    sum_terms(*result);
    if (detail != Detail::figures) {
        fill_in(*result);
        result->scenario.inference.sequence_length = load.sequence_length;
        result->scenario.inference.concurrent_sequences = load.concurrent_sequences;
        result->scenario.precision.kv_cache_k = load.kv_k.id;
        result->scenario.precision.kv_cache_v = load.kv_v.id;
        plan.fill_defaults(result->scenario);
        fill_workload(result->scenario, request_load(result->scenario, load.sequence_length));
    }
    if (detail == Detail::full) {
        result->cache = cache_summary(load);
        result->capacity = capacity(plan);
        result->layers = layer_rows(load);
        result->rooflines =
            rooflines(question.model->architecture, question.accelerator, workload_of(load), true, load.stages.get());
        judge_setup(*result, question, &plan, nullptr);
        take_speed(*result, inference_speed(result->scenario, plan));
        if (result->speed->decode_step_seconds && !does_fit(result->fit.verdict))
            result->issues.push_back({"speed", Severity::warning, "the speed is that of a setup which does not fit"});
        add_cost(*result, question);
    } else if (detail == Detail::verdict) {
        judge_setup(*result, question, &plan, nullptr, Judged::asked);
    }
    return result;
}

} // namespace

EstimatePointer estimate(const Checked& checked, Detail detail)
{
    return checked.question().scenario.training() != nullptr ? estimate_training(checked, detail)
                                                             : estimate_inference(checked, detail);
}

Result<EstimatePointer> estimate(const Question& question, Detail detail)
{
    const Result<Checked> checked = check(question);
    if (!checked)
        return checked.error();
    return estimate(*checked, detail);
}

Question question_of(const Estimate& estimate)
{
    Question question;
    question.scenario = estimate.asked;
    question.model = estimate.model;
    question.accelerator = estimate.accelerator;
    question.today = estimate.today;
    return question;
}

} // namespace weighbridge
