#pragma once

#include "core/engines/plan.h"
#include "core/hardware/accelerator.h"
#include "core/model/model.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"
#include "core/training/training.h"

#include <memory>
#include <optional>
#include <vector>

namespace weighbridge {

/// What an estimate is made from: the scenario with its model and its accelerator resolved. The core opens no file and
/// no connection, so whoever asks has resolved them.
struct Question
{
    Scenario scenario;
    ModelPointer model;
    Accelerator accelerator;
    /// The accelerators that get a fit card, from `comparison_accelerators()`; whoever asks often keeps them. Looked up
    /// when null.
    std::shared_ptr<const std::vector<Accelerator>> comparisons;
};

/// A question that has an answer: nothing keeps it from having one. Made by check() and examine() alone, so that none
/// is answered unchecked or checked twice.
class Checked
{
public:
    const Question& question() const { return *question_; }
    /// How the engine lays it out. Of inference only.
    const Plan& plan() const { return *plan_; }
    /// The training step with its names looked up. Of training only.
    const TrainingInputs& step() const { return *step_; }
    /// Warnings and notes, the grave ones first; never errors.
    const std::vector<Issue>& issues() const { return issues_; }

private:
    friend struct Examined examine(Question question);

    Checked() = default;

    std::shared_ptr<const Question> question_; ///< what follows refers to it
    PlanPointer plan_;
    std::optional<TrainingInputs> step_;
    std::vector<Issue> issues_;
};

/// Everything there is to say about a question.
struct Examined
{
    /// What keeps it from having an answer (Severity::error), and what is odd about it; the grave ones first. Fields
    /// are dotted keys.
    std::vector<Issue> issues;
    std::optional<Checked> checked; ///< nothing where an issue is an error
};

Examined examine(Question question);

/// The question with what had to be worked out to check it, or the first error.
Result<Checked> check(Question question);

/// All that examine() says.
std::vector<Issue> validate(const Question& question);

} // namespace weighbridge
