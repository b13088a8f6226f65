#pragma once

#include "core/engines/plan.h"
#include "core/hardware/accelerator.h"
#include "core/hardware/device.h"
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
    Accelerator accelerator; ///< where the machine is a list of devices, check() puts the smallest one here
    /// The accelerators that get a fit card, from `comparison_accelerators()`; whoever asks often keeps them. Looked up
    /// when null.
    std::shared_ptr<const std::vector<Accelerator>> comparisons;
    /// The devices of the machine that the layout uses, in the engine's order. Filled in by check(); empty where they
    /// are alike.
    std::vector<Device> devices{};
    Bytes memory_in_use{};         ///< of each, where they are alike
    std::int64_t idle_devices = 0; ///< at the end of the list, that the layout leaves
    /// "2026-12-01", by which prices are old; empty: whoever asks does not know, and no price is called old or new.
    std::string today{};
};

/// A question that has an answer: nothing keeps it from having one. Made by check() and examine() alone, so that none
/// is answered unchecked or checked twice.
class Checked
{
public:
    /// As it is answered: with the layout worked out, where it was left open.
    const Question& question() const { return *question_; }
    /// The scenario as it was asked.
    const Scenario& asked() const { return asked_; }
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
    Scenario asked_;
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
