#include "core/answers/trial.h"

#include "core/quantity/display.h"

#include <utility>

namespace weighbridge {

Tried judged(const Question& question)
{
    const auto found = estimate(question, Detail::verdict);
    if (!found)
        return {.estimate = nullptr, .refused = found.error().message};
    const Fit fit = (*found)->decisive_fit();
    Tried tried{.estimate = *found,
                .fits = does_fit(fit.verdict),
                .needed = fit.needed,
                .usable = fit.usable,
                .total = (*found)->total};
    tried.fraction = fit.fraction;
    if (!tried.fits && fit.verdict != Verdict::exceeds)
        tried.refused = fit.refusal ? std::string(fit.refusal->text) : std::string(verdict_words(fit.verdict));
    return tried;
}

std::string lack(const std::string& value, const Tried& tried)
{
    if (!tried.refused.empty())
        return tried.refused;
    return value + " would need " + in_fitting_unit({tried.needed.count - tried.usable.count}, ByteUnit::gib) +
           " more than there are";
}

std::vector<std::string> changed_keys(const Scenario& before, const Scenario& after)
{
    std::vector<std::string> keys;
    for (const ScenarioField& field : scenario_fields())
        if (field_text(before, field) != field_text(after, field) ||
            is_chosen(before, field) != is_chosen(after, field))
            keys.push_back(field.key);
    return keys;
}

Tried Trial::at(const std::string& value) const
{
    Question changed = question_;
    if (const Outcome problem = set_field(changed.scenario, field_.key, value))
        return {.estimate = nullptr, .refused = problem->message};
    return judged(changed);
}

Solution Trial::solution(std::string_view goal, const std::string& value,
                         const std::optional<std::string>& beyond) const
{
    Solution solution{.field = field_.key, .goal = goal};
    Scenario scenario = question_.scenario;
    if (set_field(scenario, field_.key, value))
        return solution;
    const Tried tried = at(value);
    solution.needed = tried.needed;
    solution.usable = tried.usable;
    solution.scenario = std::move(scenario);
    solution.keys = {field_.key};
    if (!beyond) {
        solution.limited_by = "range";
        solution.why = "it takes no value beyond";
        return solution;
    }
    const Tried next = at(*beyond);
    solution.limited_by = next.refused.empty() ? "memory" : "engine";
    if (next.total.count > 0)
        solution.total_beyond = next.total;
    solution.why = lack(*beyond, next);
    return solution;
}

Solution Trial::none(std::string_view goal, const std::string& value) const
{
    const Tried tried = at(value);
    Solution solution{.field = field_.key, .goal = goal};
    solution.needed = tried.needed;
    solution.usable = tried.usable;
    solution.why = lack(value, tried);
    return solution;
}

} // namespace weighbridge
