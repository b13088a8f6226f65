#include "core/answers/savings.h"

#include "core/answers/lever_rows.h"
#include "core/estimate/estimate.h"
#include "core/fields/fields.h"

#include <algorithm>
#include <optional>

namespace weighbridge {

namespace {

std::optional<Saving> saving_of(const LeverRow& row, Question question, const Estimate& base)
{
    const std::string field = question.scenario.task + std::string(row.option);
    if (set_field(question.scenario, field, row.value))
        return std::nullopt;
    const auto tried = estimate(question, Detail::figures);
    if (!tried || base.total.count - (*tried)->total.count < least_saved)
        return std::nullopt;
    if (warns_anew(**tried, base))
        return std::nullopt;
    return Saving{.field = field,
                  .value = std::string(row.value),
                  .label = row.label,
                  .term = row.term,
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
    // The appendix's sum knows none of these options.
    for (const LeverRow& row : lever_rows())
        if (!row.term.empty() && suits_framework(row.option.substr(1), *choice))
            if (auto saving = saving_of(row, question, **base))
                result->list.push_back(std::move(*saving));
    std::stable_sort(result->list.begin(), result->list.end(),
                     [](const Saving& a, const Saving& b) { return a.saved > b.saved; });
    return SavingsPointer(std::move(result));
}

} // namespace weighbridge
