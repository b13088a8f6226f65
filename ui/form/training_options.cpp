#include "ui/form/training_options.h"

#include "core/fields/fields.h"
#include "core/quantity/text.h"
#include "core/training/framework.h"
#include "core/training/optimizer.h"
#include "ui/form/option_value.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <string_view>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct TrainingText
{
    Q_DECLARE_TR_FUNCTIONS(TrainingOptions)
};

/// The place of a row, the same for both tasks.
enum class Section
{
    method,
    trained,
    adapters,
    optimizer,
    activations,
    sharding,
};

/// Where the form has an option.
struct Placed
{
    std::string_view name; ///< the last part of its key
    Section section = Section::sharding;
};

using S = Section;

// In the order of the form; what is not here comes last.
constexpr std::array places = {
    Placed{"framework", S::method},
    Placed{"framework_version", S::method},
    Placed{"trainer", S::method},
    Placed{"method", S::method},
    Placed{"sequence_length", S::method},
    Placed{"micro_batch_size", S::method},
    Placed{"lora_rank", S::trained},
    Placed{"lora_target_modules", S::trained},
    Placed{"optimizer", S::trained},
    Placed{"loss", S::trained},
    Placed{"recompute", S::trained},
    Placed{"lora_fraction", S::adapters},
    Placed{"lora_dropout", S::adapters},
    Placed{"modules_to_save", S::adapters},
    Placed{"prepare_kbit", S::adapters},
    Placed{"reference_model", S::activations},
    Placed{"beta", S::activations},
    Placed{"num_generations", S::activations},
    Placed{"max_prompt_length", S::activations},
    Placed{"max_completion_length", S::activations},
    Placed{"generation", S::activations},
    Placed{"vllm_gpu_memory_utilization", S::activations},
    Placed{"vllm_enable_sleep_mode", S::activations},
    Placed{"precision_recipe", S::optimizer},
    Placed{"disable_parameter_transpose_cache", S::optimizer},
    Placed{"gradient_dtype", S::optimizer},
    Placed{"master_weights", S::optimizer},
    Placed{"optimizer_state_dtype", S::optimizer},
    Placed{"optimizer_implementation", S::optimizer},
    Placed{"optimizer_rank", S::optimizer},
    Placed{"optimizer_in_backward", S::optimizer},
    Placed{"gradient_accumulation_steps", S::activations},
    Placed{"attention", S::activations},
    Placed{"recompute_modules", S::activations},
    Placed{"recompute_method", S::activations},
    Placed{"recompute_num_layers", S::activations},
    Placed{"hidden_dropout", S::activations},
    Placed{"attention_dropout", S::activations},
    Placed{"loss_chunks", S::activations},
    Placed{"fused_kernels", S::activations},
    Placed{"use_liger_kernel", S::activations},
    Placed{"tiled_mlp_compute", S::activations},
    Placed{"tiled_mlp_shards", S::activations},
    Placed{"cross_entropy_loss_fusion", S::activations},
    Placed{"compile", S::activations},
    Placed{"fsdp", S::sharding},
    Placed{"zero_stage", S::sharding},
    Placed{"fsdp_version", S::sharding},
    Placed{"reshard_after_forward", S::sharding},
    Placed{"shard_degree", S::sharding},
    Placed{"offload", S::sharding},
    Placed{"overhead_bytes", S::sharding},
    Placed{"book_rules", S::sharding},
};

FieldGroup groupOf(Section section, bool fineTune)
{
    const auto first = static_cast<int>(fineTune ? FieldGroup::fineTuneMethod : FieldGroup::trainMethod);
    return static_cast<FieldGroup>(first + static_cast<int>(section));
}

bool isFineTune(const ScenarioField& option)
{
    return option.key.starts_with("fine_tune.");
}

template<class Rows>
QList<FieldChoice> labelled(const Rows& rows)
{
    QList<FieldChoice> choices;
    for (const auto& row : rows)
        choices.append({toQt(row.id), toQt(row.label), {}});
    return choices;
}

QList<FieldChoice> frameworkChoices()
{
    return labelled(frameworks());
}

QList<FieldChoice> optimizerChoices()
{
    return labelled(optimizers());
}

QList<FieldChoice> stateChoices()
{
    QList<FieldChoice> choices{{u"auto"_s, TrainingText::tr("Default"), {}}};
    for (const StateDtype& dtype : state_dtypes())
        choices.append({toQt(dtype.id), toQt(dtype.id), {}});
    return choices;
}

QList<FieldChoice> adaptationChoices()
{
    return {{u"full"_s, TrainingText::tr("Every parameter"), {}},
            {u"lora"_s, u"LoRA"_s, {}},
            {u"qlora"_s, u"QLoRA"_s, {}},
            {u"dora"_s, u"DoRA"_s, {}}};
}

QList<FieldChoice> lossChoices()
{
    return {{u"auto"_s, TrainingText::tr("Default"), {}},
            {u"fp32_upcast"_s, TrainingText::tr("FP32 upcast"), {}},
            {u"bf16"_s, u"BF16"_s, {}},
            {u"chunked"_s, TrainingText::tr("Chunked"), {}},
            {u"chunked_nll"_s, TrainingText::tr("Chunked, checkpointed (TRL)"), {}},
            {u"fused_linear"_s, TrainingText::tr("Fused with the head (Liger)"), {}},
            {u"fused_head"_s, TrainingText::tr("Fused with the head (TRL)"), {}},
            {u"fused"_s, TrainingText::tr("Fused, whole logits"), {}},
            {u"vocab_parallel"_s, TrainingText::tr("Vocabulary-parallel"), {}},
            {u"fp32_shifted"_s, TrainingText::tr("FP32, shifted copy"), {}}};
}

QList<FieldChoice> recomputeChoices()
{
    return {{u"none"_s, TrainingText::tr("None"), {}},
            {u"selective"_s, TrainingText::tr("Selective"), {}},
            {u"full"_s, TrainingText::tr("Full"), {}},
            {u"every:2"_s, u"every:2"_s, {}},
            {u"uniform:2"_s, u"uniform:2"_s, {}},
            {u"block:2"_s, u"block:2"_s, {}},
            {u"offload"_s, TrainingText::tr("Offloaded"), {}}};
}

void nameChoices(FormField& field, std::string_view name)
{
    using Choices = QList<FieldChoice> (*)();
    struct Named
    {
        std::string_view name;
        FieldKind kind;
        Choices choices;
    };
    static constexpr std::array<Named, 6> named = {{{"framework", FieldKind::choice, frameworkChoices},
                                                    {"method", FieldKind::choice, adaptationChoices},
                                                    {"optimizer", FieldKind::choice, optimizerChoices},
                                                    {"optimizer_state_dtype", FieldKind::choice, stateChoices},
                                                    {"loss", FieldKind::choice, lossChoices},
                                                    {"recompute", FieldKind::format, recomputeChoices}}};
    for (const Named& row : named)
        if (row.name == name) {
            field.kind = row.kind;
            field.choices = row.choices;
        }
}

FormField trainingRow(const ScenarioField& option, Section section)
{
    FormField field = optionRow(option);
    field.group = groupOf(section, isFineTune(option));
    nameChoices(field, option.name());
    return field;
}

/// Null where the task has none of that name.
const ScenarioField* optionOf(std::string_view task, std::string_view name)
{
    return field_named(std::string(task) + "." + std::string(name));
}

std::int64_t trainingOptionsSet(const Session& session, Section section)
{
    if (session.scenario().training() == nullptr)
        return 0;
    std::int64_t set = 0;
    for (const Placed& row : places) {
        const ScenarioField* option = row.section == section ? optionOf(session.scenario().task, row.name) : nullptr;
        set += option != nullptr && !is_default(session.scenario(), *option) ? 1 : 0;
    }
    return set;
}

template<Section section>
QString summary(const Session& session)
{
    const std::int64_t set = trainingOptionsSet(session, section);
    return set == 0 ? TrainingText::tr("defaults") : TrainingText::tr("%1 set").arg(set);
}

template<Section section>
bool opens(const Session& session)
{
    return session.scenario().training() != nullptr && trainingOptionsSet(session, section) > 0;
}

} // namespace

void addTrainingOptions(std::vector<FormField>& fields)
{
    for (const std::string_view task : {std::string_view("fine_tune"), std::string_view("train")}) {
        for (const Placed& place : places)
            if (const ScenarioField* option = optionOf(task, place.name))
                fields.push_back(trainingRow(*option, place.section));
        for (const ScenarioField& option : scenario_fields())
            if (contains(option.tasks, task) && option.key.starts_with(std::string(task) + ".") &&
                std::none_of(places.begin(), places.end(),
                             [&](const Placed& place) { return place.name == option.name(); }))
                fields.push_back(trainingRow(option, Section::sharding));
    }
}

std::vector<FormGroup> trainingGroups()
{
    std::vector<FormGroup> groups;
    groups.reserve(12);
    for (const bool fineTune : {true, false}) {
        groups.push_back({groupOf(Section::method, fineTune), {}});
        groups.push_back({groupOf(Section::trained, fineTune), TrainingText::tr("What is trained")});
        groups.push_back({groupOf(Section::adapters, fineTune), TrainingText::tr("Adapters"), true,
                          summary<Section::adapters>, opens<Section::adapters>});
        groups.push_back({groupOf(Section::optimizer, fineTune), TrainingText::tr("Precision of the step"), true,
                          summary<Section::optimizer>, opens<Section::optimizer>});
        groups.push_back({groupOf(Section::activations, fineTune), TrainingText::tr("Batch and activations"), true,
                          summary<Section::activations>, opens<Section::activations>});
        groups.push_back({groupOf(Section::sharding, fineTune), TrainingText::tr("Sharding and assumptions"), true,
                          summary<Section::sharding>, opens<Section::sharding>});
    }
    return groups;
}

} // namespace weighbridge
