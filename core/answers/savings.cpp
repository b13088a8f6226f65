#include "core/answers/savings.h"

#include "core/estimate/estimate.h"
#include "core/fields/fields.h"
#include "core/training/framework.h"

#include <algorithm>
#include <array>
#include <optional>

namespace weighbridge {

namespace {

/// What figures of two decimals show: less is no saving.
constexpr std::int64_t least_saved = 10'000'000;

/// What may be set otherwise, and the term that it is about.
struct Change
{
    std::string_view option; ///< of the task
    std::string_view value;
    std::string_view label;
    std::string_view term;
};

constexpr std::array<Change, 10> changes = {{
    {"loss", "fused_linear", "a fused linear cross entropy", "logits"},
    {"loss", "chunked", "a chunked loss", "logits"},
    {"recompute", "full", "full recomputation", "activations"},
    {"recompute", "selective", "selective recomputation", "activations"},
    {"attention", "flash", "FlashAttention", "activations"},
    {"fused_kernels", "true", "fused norms and gates", "activations"},
    {"zero_stage", "1", "ZeRO stage 1", "optimizer"},
    {"zero_stage", "2", "ZeRO stage 2", "gradients"},
    {"zero_stage", "3", "ZeRO stage 3", "weights"},
    {"fsdp", "true", "FSDP", "weights"},
}};

/// A framework that shards as DeepSpeed does is offered its stages, any other FSDP; a loss of a framework's own stays.
bool is_offered(const Change& change, const TrainingChoice& choice, const Framework& framework)
{
    const bool by_stages = choice.zero_stage.value_or(framework.zero_stage) > 0;
    if (change.option == "zero_stage")
        return by_stages && !choice.fsdp;
    if (change.option == "fsdp")
        return !by_stages;
    return change.option != "loss" || framework.loss_kept < 0;
}

bool is_new(const Issue& issue, const std::vector<Issue>& before)
{
    return std::none_of(before.begin(), before.end(),
                        [&](const Issue& known) { return known.message == issue.message; });
}

std::optional<Saving> saving_of(const Change& change, Question question, const Estimate& base)
{
    const std::string field = question.scenario.task + "." + std::string(change.option);
    if (set_field(question.scenario, field, change.value))
        return std::nullopt;
    const auto tried = estimate(question, Detail::figures);
    if (!tried || base.total.count - (*tried)->total.count < least_saved)
        return std::nullopt;
    for (const Issue& issue : (*tried)->issues)
        if (issue.severity != Severity::note && is_new(issue, base.issues))
            return std::nullopt;
    return Saving{.field = field,
                  .value = std::string(change.value),
                  .label = change.label,
                  .term = change.term,
                  .saved = {base.total.count - (*tried)->total.count},
                  .total = (*tried)->total,
                  .moment = (*tried)->training->peak().id};
}

} // namespace

Result<SavingsPointer> savings(const Question& question)
{
    const TrainingChoice* choice = question.scenario.training();
    if (choice == nullptr)
        return Error{"task", "task is \"" + question.scenario.task + "\"; a peak that may be lowered is of training"};
    const auto base = estimate(question, Detail::figures);
    if (!base)
        return base.error();
    auto result = std::make_shared<Savings>();
    const Framework* framework = find_framework(choice->framework);
    if (choice->book_rules || framework == nullptr)
        return SavingsPointer(std::move(result)); // the appendix's sum knows none of these options
    for (const Change& change : changes)
        if (is_offered(change, *choice, *framework))
            if (auto saving = saving_of(change, question, **base))
                result->list.push_back(std::move(*saving));
    std::stable_sort(result->list.begin(), result->list.end(),
                     [](const Saving& a, const Saving& b) { return a.saved > b.saved; });
    return SavingsPointer(std::move(result));
}

} // namespace weighbridge
