#include "ui/form/training_options.h"

#include "core/fields/fields.h"
#include "core/quantity/display.h"
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
    adapters,
    optimizer,
    activations,
    sharding,
};

using Shown = bool (*)(const Session&);

/// What the form says of an option.
struct Words
{
    std::string_view name; ///< the last part of its key
    Section section = Section::sharding;
    const char* label = nullptr;
    const char* help = nullptr;
    QStringView symbol = {};
    Shown shown = nullptr;
    const char* flag = nullptr; ///< beside a box to tick
};

const TrainingChoice& choiceOf(const Session& session)
{
    const TrainingChoice* choice = session.scenario().training();
    return choice != nullptr ? *choice : session.scenario().train; // rows in sight are those of the task
}

bool hasAdapters(const Session& session)
{
    return choiceOf(session).method != "full";
}

bool hasQuantizedBase(const Session& session)
{
    return choiceOf(session).method == "qlora";
}

bool hasProjection(const Session& session)
{
    const std::string& optimizer = choiceOf(session).optimizer;
    return optimizer.starts_with("galore") || optimizer.starts_with("apollo");
}

bool computesInFp8(const Session& session)
{
    return choiceOf(session).precision_recipe == "fp8_mixed";
}

// In the order of the form; QT_TRANSLATE_NOOP marks them for translation.
constexpr std::array words = {
    Words{"framework", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Framework"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Whose rules hold for what is left open")},
    Words{"method", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Method"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Train every parameter, or adapters beside a frozen network")},
    Words{"lora_rank", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Rank"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Inner width of an adapter"), u"r", hasAdapters},
    Words{"lora_target_modules",
          Section::method,
          QT_TRANSLATE_NOOP("TrainingOptions", "Target modules"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Roles or modules that get an adapter: all_linear, attention, mlp, "
                                               "q_proj, v_proj ..., separated by commas"),
          {},
          hasAdapters},
    Words{"optimizer", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Optimizer"),
          QT_TRANSLATE_NOOP("TrainingOptions", "What it keeps per trained parameter follows from its name")},
    Words{"micro_batch_size", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Micro batch"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Sequences that one GPU works on at once"), u"b"},
    Words{"sequence_length", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Sequence length"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Tokens of one sequence"), u"s"},
    Words{"recompute", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Recomputation"),
          QT_TRANSLATE_NOOP("TrainingOptions", "What of the activations is computed again in the backward pass: none, "
                                               "selective, full, every:K or offload")},
    Words{"loss", Section::method, QT_TRANSLATE_NOOP("TrainingOptions", "Loss"),
          QT_TRANSLATE_NOOP("TrainingOptions", "How the cross entropy treats the logits")},
    Words{"lora_fraction",
          Section::adapters,
          QT_TRANSLATE_NOOP("TrainingOptions", "Adapter share"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Adapters as a share of the parameters, in place of rank and targets"),
          {},
          hasAdapters},
    Words{"lora_dropout",
          Section::adapters,
          QT_TRANSLATE_NOOP("TrainingOptions", "Adapter dropout"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Above 0 its mask and its result are kept as well"),
          {},
          hasAdapters},
    Words{"modules_to_save",
          Section::adapters,
          QT_TRANSLATE_NOOP("TrainingOptions", "Trained in full"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Modules trained in full beside the adapters: embeddings, lm_head"),
          {},
          hasAdapters},
    Words{"prepare_kbit",
          Section::adapters,
          QT_TRANSLATE_NOOP("TrainingOptions", "k-bit preparation"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Casts what stays in 16 bits beside a quantized network to FP32"),
          {},
          hasQuantizedBase},
    Words{"precision_recipe", Section::optimizer, QT_TRANSLATE_NOOP("TrainingOptions", "Precision recipe"),
          QT_TRANSLATE_NOOP("TrainingOptions", "How weights, gradients, master copies and activations are kept")},
    Words{"disable_parameter_transpose_cache",
          Section::optimizer,
          QT_TRANSLATE_NOOP("TrainingOptions", "No transposed FP8 copy"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Transformer Engine keeps one FP8 copy of the weights, not two"),
          {},
          computesInFp8},
    Words{"gradient_dtype", Section::optimizer, QT_TRANSLATE_NOOP("TrainingOptions", "Gradients"),
          QT_TRANSLATE_NOOP("TrainingOptions", "How gradients are kept")},
    Words{"master_weights", Section::optimizer, QT_TRANSLATE_NOOP("TrainingOptions", "Master weights"),
          QT_TRANSLATE_NOOP("TrainingOptions", "An FP32 copy of the trained weights")},
    Words{"optimizer_state_dtype", Section::optimizer, QT_TRANSLATE_NOOP("TrainingOptions", "Optimizer states"),
          QT_TRANSLATE_NOOP("TrainingOptions", "How the optimizer's states are kept")},
    Words{"optimizer_implementation", Section::optimizer, QT_TRANSLATE_NOOP("TrainingOptions", "Step"),
          QT_TRANSLATE_NOOP("TrainingOptions", "A foreach step needs one more copy of a state, a fused one none")},
    Words{"optimizer_rank",
          Section::optimizer,
          QT_TRANSLATE_NOOP("TrainingOptions", "Projection rank"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Of GaLore and APOLLO"),
          {},
          hasProjection},
    Words{"optimizer_in_backward", Section::optimizer, QT_TRANSLATE_NOOP("TrainingOptions", "Step in backward"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Each parameter is stepped as soon as its gradient is there")},
    Words{"gradient_accumulation_steps", Section::activations, QT_TRANSLATE_NOOP("TrainingOptions", "Accumulation"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Micro batches whose gradients are summed before a step")},
    Words{"attention", Section::activations, QT_TRANSLATE_NOOP("TrainingOptions", "Attention"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Eager attention keeps its scores")},
    Words{"recompute_modules", Section::activations, QT_TRANSLATE_NOOP("TrainingOptions", "Recomputed parts"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Of selective recomputation: core_attn, mlp, layernorm")},
    Words{"loss_chunks", Section::activations, QT_TRANSLATE_NOOP("TrainingOptions", "Loss chunks"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Parts that a chunked loss is computed in")},
    Words{"fused_kernels", Section::activations, QT_TRANSLATE_NOOP("TrainingOptions", "Fused kernels"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Norms and gates of Liger, Unsloth or Transformer Engine")},
    Words{"compile", Section::activations, QT_TRANSLATE_NOOP("TrainingOptions", "torch.compile"),
          QT_TRANSLATE_NOOP("TrainingOptions", "The layers are compiled")},
    Words{"fsdp",
          Section::sharding,
          QT_TRANSLATE_NOOP("TrainingOptions", "FSDP"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Weights, gradients and states shared among the data-parallel GPUs"),
          {},
          nullptr,
          QT_TRANSLATE_NOOP("TrainingOptions", "Shard everything")},
    Words{"zero_stage", Section::sharding, QT_TRANSLATE_NOOP("TrainingOptions", "ZeRO stage"),
          QT_TRANSLATE_NOOP("TrainingOptions", "1 shares states, 2 gradients as well, 3 weights as well")},
    Words{"reshard_after_forward", Section::sharding, QT_TRANSLATE_NOOP("TrainingOptions", "Reshard"),
          QT_TRANSLATE_NOOP("TrainingOptions", "Gathered weights are given up after each layer's forward pass")},
    Words{"shard_degree", Section::sharding, QT_TRANSLATE_NOOP("TrainingOptions", "Shard degree"),
          QT_TRANSLATE_NOOP("TrainingOptions", "GPUs that share one copy; fewer than all is hybrid sharding")},
    Words{"offload", Section::sharding, QT_TRANSLATE_NOOP("TrainingOptions", "Offload"),
          QT_TRANSLATE_NOOP("TrainingOptions", "What is kept in the host's memory: optimizer, parameters, activations, "
                                               "separated by commas")},
    Words{"overhead_bytes", Section::sharding, QT_TRANSLATE_NOOP("TrainingOptions", "Overhead"),
          QT_TRANSLATE_NOOP("TrainingOptions", "CUDA context and NCCL, per GPU")},
    Words{"book_rules",
          Section::sharding,
          QT_TRANSLATE_NOOP("TrainingOptions", "Book rules"),
          QT_TRANSLATE_NOOP("TrainingOptions", "The simple sums of the appendix in place of the detailed method"),
          {},
          nullptr,
          QT_TRANSLATE_NOOP("TrainingOptions", "Simple sums")},
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

/// The options as the estimate used them, where it is of the same task.
QString trainingDefault(const Session& session, const ScenarioField& option)
{
    const EstimatePointer& estimate = session.state().estimate;
    if (!estimate || !estimate->training || estimate->scenario.task != session.scenario().task)
        return {};
    Scenario used;
    (isFineTune(option) ? used.fine_tune : used.train) = estimate->training->used;
    return settledText(used, option);
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
            {u"fused_linear"_s, TrainingText::tr("Fused with the head"), {}}};
}

QList<FieldChoice> recomputeChoices()
{
    return {{u"none"_s, TrainingText::tr("None"), {}},
            {u"selective"_s, TrainingText::tr("Selective"), {}},
            {u"full"_s, TrainingText::tr("Full"), {}},
            {u"every:2"_s, u"every:2"_s, {}},
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

FormField trainingRow(const ScenarioField& option, const Words* said)
{
    const std::string_view name = option.name();
    FormField field;
    field.key = toQt(option.key);
    field.group = groupOf(said != nullptr ? said->section : Section::sharding, isFineTune(option));
    describeValue(field, option, trainingDefault);
    nameChoices(field, name);
    if (name == "lora_target_modules" || name == "optimizer_state_dtype")
        field.placeholder = [&option](const Session& session) { return trainingDefault(session, option); };
    const QString spelled = toQt(name);
    if (said == nullptr) {
        field.label = spelled;
        field.help = TrainingText::tr("%1: %2").arg(spelled, toQt(allowed_text(option)));
        return field;
    }
    field.label = TrainingText::tr(said->label);
    field.symbol = said->symbol.toString();
    field.visible = said->shown == nullptr ? std::function<bool(const Session&)>() : said->shown;
    if (said->flag != nullptr)
        field.unit = TrainingText::tr(said->flag);
    field.help = TrainingText::tr("%1 (%2: %3)").arg(TrainingText::tr(said->help), spelled, toQt(allowed_text(option)));
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
    for (const Words& row : words) {
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
        for (const Words& said : words)
            if (const ScenarioField* option = optionOf(task, said.name))
                fields.push_back(trainingRow(*option, &said));
        for (const ScenarioField& option : scenario_fields()) {
            const bool own = option.key.starts_with(task) && !option.tasks.empty();
            if (own && std::none_of(words.begin(), words.end(),
                                    [&](const Words& said) { return said.name == option.name(); }))
                fields.push_back(trainingRow(option, nullptr));
        }
    }
}

std::vector<FormGroup> trainingGroups()
{
    std::vector<FormGroup> groups;
    groups.reserve(10);
    for (const bool fineTune : {true, false}) {
        groups.push_back({groupOf(Section::method, fineTune), TrainingText::tr("Method")});
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
