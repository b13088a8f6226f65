#pragma once

#include "core/answers/solve.h"
#include "core/estimate/estimate.h"
#include "core/fields/fields.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A scenario tried: whether it fits, and else why it does not.
struct Tried
{
    EstimatePointer estimate; ///< null where it is refused
    bool fits = false;
    std::string refused{}; ///< by the engine or by what a field takes; empty: memory
    Bytes needed{};
    Bytes usable{};
    Bytes total{};
    double fraction = 0; ///< needed / usable
};

Tried judged(const Question& question);

/// "2.1 GiB more than there are": what a scenario that does not fit lacks; else why it is refused.
std::string lack(const std::string& value, const Tried& tried);

/// Keys in which two scenarios differ, in the order of the table.
std::vector<std::string> changed_keys(const Scenario& before, const Scenario& after);

/// One question with one field at different values.
class Trial
{
public:
    Trial(const Question& question, const ScenarioField& field) : question_(question), field_(field) {}

    Tried at(const std::string& value) const;

    /// The scenario with the value, and what keeps it there: the step beyond, or nothing where there is none.
    Solution solution(std::string_view goal, const std::string& value, const std::optional<std::string>& beyond) const;

    Solution none(std::string_view goal, const std::string& value) const;

    const Question& question() const { return question_; }
    const ScenarioField& field() const { return field_; }

private:
    const Question& question_;
    const ScenarioField& field_;
};

} // namespace weighbridge
