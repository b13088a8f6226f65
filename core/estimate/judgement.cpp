#include "core/estimate/judgement.h"

#include "core/engines/inference.h"
#include "core/estimate/estimate.h"
#include "core/estimate/layouts.h"
#include "core/estimate/question_support.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <cmath>

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

/// With the upper end of its range, or with what the engine insists on where that alone keeps it from starting.
void judge_plan(Fit& fit, const Plan& plan, Bytes high)
{
    const auto refusal = plan.refusal();
    if (refusal && plan.fullest().needed <= std::floor(plan.fullest().usable)) {
        fit.verdict = Verdict::would_not_start;
        fit.refusal = refusal;
        fit.high = std::max(high, fit.needed);
    } else {
        judge_range(fit, high);
    }
}

void judge_layout(Fit& fit, LayoutSearch& layouts, const Engine& engine, const Accelerator& accelerator)
{
    fit.gpus_needed.reset();
    if (fit.verdict == Verdict::cant_run)
        return; // nothing would do where it doesn't run
    fit.layouts_tried = layouts.tried();
    fit.layout_needed = layouts.fewest(accelerator);
    if (!fit.layout_needed)
        return;
    fit.gpus_needed = fit.layout_needed->gpus;
    fit.layout_keys = layout_keys(engine, *fit.layout_needed);
    fit.layout_text = layout_text(engine, *fit.layout_needed);
}

void judge_inference(Estimate& result, const QuestionSupport& support, const Plan& plan)
{
    const InferenceInputs& load = plan.load();
    LayoutSearch layouts(load);
    const auto judge_one = [&](Fit& fit, const Plan& there, const Accelerator& accelerator, Bytes high) {
        judge_plan(fit, there, high);
        judge_support(fit, support.on(accelerator));
        judge_layout(fit, layouts, *load.engine, accelerator);
    };
    judge_one(result.fit, plan, *load.accelerator, result.high);
    for (Fit& card : result.cards) {
        if (!load.engine->differs_by_accelerator) {
            judge_one(card, plan, card.accelerator, result.high);
            continue;
        }
        const PlanPointer there = plan_of(on_accelerator(load, card.accelerator));
        judge_one(card, *there, card.accelerator, high_of(*there));
    }
}

void judge_step(Estimate& result, const QuestionSupport& support)
{
    const Bytes would_hold{result.training->reserved.count + result.training->overhead.bytes.count};
    const auto judge_one = [&](Fit& fit) {
        judge_range(fit, result.high);
        judge_allocator(fit, would_hold);
        judge_support(fit, support.on(fit.accelerator));
    };
    judge_one(result.fit);
    std::for_each(result.cards.begin(), result.cards.end(), judge_one);
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

void judge_setup(Estimate& result, const Question& question, const Plan* plan)
{
    const QuestionSupport support(question);
    if (plan != nullptr)
        judge_inference(result, support, *plan);
    else
        judge_step(result, support);
    add_refusal(result);
}

} // namespace weighbridge
