#include "core/estimate/judgement.h"

#include "core/engines/inference.h"
#include "core/estimate/devices.h"
#include "core/estimate/estimate.h"
#include "core/estimate/host_share.h"
#include "core/estimate/layouts.h"
#include "core/estimate/question_support.h"
#include "core/estimate/training_room.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <memory>
#include <optional>

namespace weighbridge {

namespace {

Bytes high_of(const Plan& plan)
{
    std::vector<Term> terms = plan.terms(false);
    if (plan.load().model->family_assumed)
        assume_shape(terms);
    Bytes high;
    for (const Term& term : terms)
        high += term.high;
    return high;
}

/// How the fullest GPU stands, with the upper end of its range.
Fit fit_on(const Plan& plan, Bytes high)
{
    const DeviceLoad device = plan.fullest();
    const Bytes needed = whole_bytes(device.needed);
    const InferenceInputs& load = plan.load();
    const bool listed = load.devices != nullptr;
    const Accelerator& accelerator = listed ? load.devices->at(device.device).accelerator : *load.accelerator;
    Fit fit = judge_within(accelerator, whole_bytes(device.usable), needed, std::max(needed, high));
    if (!listed)
        fit.capacity = {static_cast<std::int64_t>(load.device_memory)};
    if (const auto refusal = plan.refusal())
        judge_start(fit, *refusal);
    return fit;
}

void judge_layout(Fit& fit, LayoutSearch& layouts, const Engine& engine, const Accelerator& accelerator)
{
    fit.gpus_searched = fit.verdict != Verdict::cant_run;
    if (!fit.gpus_searched)
        return; // nothing would do where it doesn't run
    fit.layouts_tried = layouts.tried();
    fit.layout_needed = layouts.fewest(accelerator);
    if (!fit.layout_needed)
        return;
    fit.gpus_needed = fit.layout_needed->gpus;
    fit.layout_text = layout_text(engine, *fit.layout_needed);
}

void judge_inference(Estimate& result, const QuestionSupport& support, const std::vector<Accelerator>& comparisons,
                     const Plan& plan, Judged judged)
{
    const InferenceInputs& load = plan.load();
    const Engine& engine = *load.engine;
    std::optional<LayoutSearch> layouts;
    if (judged == Judged::everything)
        layouts.emplace(load);
    const auto judge_one = [&](const Plan& there, Bytes high) {
        Fit fit = fit_on(there, high);
        const bool listed = there.load().devices != nullptr;
        const Accelerator accelerator_of_list = fit.accelerator;
        const Accelerator& accelerator = listed ? accelerator_of_list : *there.load().accelerator;
        judge_support(fit, support.on(accelerator));
        if (layouts)
            judge_layout(fit, *layouts, engine, accelerator);
        return fit;
    };
    result.fit = judge_one(plan, result.high);
    if (result.fit.verdict == Verdict::cant_run)
        result.engine_prints.clear(); // it never comes so far
    result.cards.reserve(comparisons.size());
    for (const Accelerator& accelerator : comparisons) {
        const PlanPointer there = plan_of(on_accelerator(load, accelerator));
        Fit card = judge_one(*there, engine.differs_by_accelerator ? high_of(*there) : result.high);
        if (HostShare host = host_share(there->host(false)); !host.terms.empty())
            judge_host(card, host, load.hardware->host, {});
        result.cards.push_back(std::move(card));
    }
}

void judge_data_parallel(Fit& fit, TrainingSearch& search, const HardwareChoice& hardware)
{
    fit.layouts_tried = {"DP"};
    const auto ranks = search.fewest_ranks(fit.usable);
    if (!ranks)
        return;
    LayoutChoice layout{.tensor = hardware.tensor_parallel,
                        .pipeline = hardware.pipeline_parallel,
                        .replicas = *ranks,
                        .experts = hardware.expert_parallel,
                        .gpus =
                            hardware.tensor_parallel * hardware.pipeline_parallel * hardware.context_parallel * *ranks};
    fit.gpus_needed = layout.gpus;
    fit.layout_text = "DP " + std::to_string(*ranks);
    fit.layout_needed = layout;
}

/// The same amount on every accelerator.
void judge_step(Estimate& result, const QuestionSupport& support, const std::vector<Accelerator>& comparisons,
                const Question& question, Judged judged)
{
    const HardwareChoice& hardware = question.scenario.hardware;
    const Bytes would_hold{result.training->reserved.count + result.training->overhead.bytes.count};
    TrainingSearch search(question);
    const auto judge_one = [&](const Accelerator& accelerator) {
        const bool same_kind = accelerator.unified_memory == question.accelerator.unified_memory;
        const Bytes in_use = &accelerator == &question.accelerator ? question.memory_in_use : Bytes{};
        const double share = same_kind ? usable_share(hardware, accelerator) : default_usable_fraction(accelerator);
        Fit fit = judge(accelerator, share, result.total, result.high, in_use);
        judge_allocator(fit, would_hold);
        judge_support(fit, support.on(accelerator));
        fit.gpus_searched = judged == Judged::everything && search.answers() && fit.verdict != Verdict::cant_run;
        if (fit.gpus_searched)
            judge_data_parallel(fit, search, hardware);
        return fit;
    };
    result.fit = judge_one(question.accelerator);
    result.capacity.searched = false;
    if (result.fit.gpus_searched)
        result.capacity.step = search.room(result.fit.usable);
    result.cards.reserve(comparisons.size());
    for (const Accelerator& accelerator : comparisons)
        result.cards.push_back(judge_one(accelerator));
}

/// Who reads a report learns from it alone that the setup can't run, or that nobody knows.
void add_refusal(Estimate& result)
{
    const Fit& fit = result.fit;
    if (!fit.refusal)
        return;
    if (fit.verdict == Verdict::would_not_start)
        return; // the engine's own remark
    const bool no = fit.verdict == Verdict::cant_run;
    result.issues.push_back(
        {std::string(fit.refusal->keys.back()), no ? Severity::error : Severity::warning, fit.refusal->text});
    std::stable_sort(result.issues.begin(), result.issues.end(),
                     [](const Issue& a, const Issue& b) { return a.severity > b.severity; });
}

} // namespace

void judge_setup(Estimate& result, const Question& question, const Plan* plan, const TrainingInputs* step,
                 Judged judged)
{
    const QuestionSupport support(question);
    auto comparisons = question.comparisons;
    if (judged == Judged::asked)
        comparisons = std::make_shared<const std::vector<Accelerator>>();
    else if (!comparisons)
        comparisons = comparison_accelerators(Catalogue(), question.scenario.hardware.pinned);
    if (plan != nullptr)
        judge_inference(result, support, *comparisons, *plan, judged);
    else
        judge_step(result, support, *comparisons, question, judged);
    share_out(result, question, support, plan, step);
    add_refusal(result);
}

} // namespace weighbridge
