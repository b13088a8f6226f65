#include "ui/guide/guide_steps.h"

#include <QCoreApplication>
#include <QLatin1StringView>

#include <algorithm>
#include <iterator>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct GuideSteps
{
    Q_DECLARE_TR_FUNCTIONS(GuideSteps)
};

struct StepField
{
    DecisionStep step;
    QLatin1StringView key;
};

/// Rows of other tasks stay hidden, as in the form.
constexpr std::array stepKeys = {
    StepField{DecisionStep::scenario, "inference.engine"_L1},
    StepField{DecisionStep::scenario, "inference.engine_version"_L1},
    StepField{DecisionStep::scenario, "fine_tune.method"_L1},
    StepField{DecisionStep::scenario, "fine_tune.lora_rank"_L1},
    StepField{DecisionStep::scenario, "fine_tune.framework"_L1},
    StepField{DecisionStep::scenario, "fine_tune.optimizer"_L1},
    StepField{DecisionStep::scenario, "train.method"_L1},
    StepField{DecisionStep::scenario, "train.lora_rank"_L1},
    StepField{DecisionStep::scenario, "train.framework"_L1},
    StepField{DecisionStep::scenario, "train.optimizer"_L1},
    StepField{DecisionStep::model, "model"_L1},
    StepField{DecisionStep::model, "hub.id"_L1},
    StepField{DecisionStep::model, "precision.weights"_L1},
    StepField{DecisionStep::model, "hub.revision"_L1},
    StepField{DecisionStep::model, "hub.token"_L1},
    StepField{DecisionStep::context, "inference.sequence_length"_L1},
    StepField{DecisionStep::context, "inference.concurrent_sequences"_L1},
    StepField{DecisionStep::context, "precision.kv_cache"_L1},
    StepField{DecisionStep::context, "fine_tune.sequence_length"_L1},
    StepField{DecisionStep::context, "fine_tune.micro_batch_size"_L1},
    StepField{DecisionStep::context, "fine_tune.recompute"_L1},
    StepField{DecisionStep::context, "train.sequence_length"_L1},
    StepField{DecisionStep::context, "train.micro_batch_size"_L1},
    StepField{DecisionStep::context, "train.recompute"_L1},
    StepField{DecisionStep::hardware, "hardware.accelerator"_L1},
    StepField{DecisionStep::hardware, "hardware.custom.name"_L1},
    StepField{DecisionStep::hardware, "hardware.custom.memory"_L1},
    StepField{DecisionStep::hardware, "hardware.custom.bandwidth"_L1},
    StepField{DecisionStep::hardware, "hardware.custom.peak"_L1},
    StepField{DecisionStep::hardware, "hardware.tensor_parallel"_L1},
    StepField{DecisionStep::hardware, "hardware.pipeline_parallel"_L1},
    StepField{DecisionStep::hardware, "hardware.data_parallel"_L1},
    StepField{DecisionStep::hardware, "fine_tune.fsdp"_L1},
    StepField{DecisionStep::hardware, "train.fsdp"_L1},
    StepField{DecisionStep::hardware, "hardware.usable_fraction"_L1},
};

} // namespace

QString stepTitle(DecisionStep step)
{
    switch (step) {
    case DecisionStep::scenario:
        return GuideSteps::tr("Scenario");
    case DecisionStep::model:
        return GuideSteps::tr("Model");
    case DecisionStep::context:
        return GuideSteps::tr("Context");
    case DecisionStep::hardware:
        return GuideSteps::tr("Hardware");
    }
    return {};
}

QString stepQuestion(DecisionStep step)
{
    switch (step) {
    case DecisionStep::scenario:
        return GuideSteps::tr("What is it for?");
    case DecisionStep::model:
        return GuideSteps::tr("Which model, and how is it stored?");
    case DecisionStep::context:
        return GuideSteps::tr("How many tokens at once?");
    case DecisionStep::hardware:
        return GuideSteps::tr("On which GPUs?");
    }
    return {};
}

QString stepHelp(DecisionStep step)
{
    switch (step) {
    case DecisionStep::scenario:
        return GuideSteps::tr("Serving a model, adapting it or training it: that decides what has to be kept beside "
                              "its weights.");
    case DecisionStep::model:
        return GuideSteps::tr("A bundled model, one from the Hugging Face Hub, or a file. Fewer bits per weight take "
                              "less memory.");
    case DecisionStep::context:
        return GuideSteps::tr("Prompt and answer together, and how many sequences share the GPU at one time. 8k and "
                              "4*8192 are numbers too.");
    case DecisionStep::hardware:
        return GuideSteps::tr("The smallest configuration that holds it is filled in. Take another from the list, or "
                              "say what you have.");
    }
    return {};
}

std::vector<FormField> stepFields(DecisionStep step)
{
    std::vector<FormField> all = formFields();
    std::vector<FormField> fields;
    fields.reserve(stepKeys.size());
    for (const StepField& row : stepKeys) {
        if (row.step != step)
            continue;
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const FormField& field) { return field.key == row.key; });
        if (found == all.end())
            continue; // a test proves that every key is a row of the form
        // One column without headings, but for what most people never open.
        if (found->group != FieldGroup::hubAccess)
            found->group = FieldGroup::model;
        fields.push_back(std::move(*found));
    }
    return fields;
}

std::vector<FormGroup> stepGroups(DecisionStep step)
{
    std::vector<FormGroup> all = formGroups();
    std::erase_if(all, [&](const FormGroup& group) {
        const bool access = step == DecisionStep::model && group.group == FieldGroup::hubAccess;
        return group.group != FieldGroup::model && !access;
    });
    return all;
}

} // namespace weighbridge
