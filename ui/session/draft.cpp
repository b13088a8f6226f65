#include "ui/session/draft.h"

#include "core/fields/fields.h"
#include "core/fields/method.h"
#include "core/precision/model_format.h"
#include "core/quantity/bytes.h"
#include "core/quantity/display.h"
#include "ui/session/architecture_keys.h"
#include "ui/session/custom_accelerator.h"
#include "ui/session/text.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

#include <array>
#include <cmath>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

const auto overheadKindKey = u"inference.overhead_kind"_s;
const auto methodKey = u"inference.method"_s;
const auto flashAttentionKey = u"inference.flash_attention"_s;
const auto overheadBytesKey = u"inference.overhead_bytes"_s;

QString tr(const char* text)
{
    return QCoreApplication::translate("Draft", text);
}

bool isFraction(QStringView key)
{
    return key.endsWith("_fraction"_L1);
}

/// "0.5" for 512 MiB: as short as it can be without losing the bytes.
QString gibText(std::int64_t bytes)
{
    return QString::number(gib(Bytes{bytes}), 'g', 12);
}

/// Per cent as people type it: a bare number above 1 is meant as per cent too.
std::string fractionText(const QString& text)
{
    bool isNumber = false;
    const double number = text.trimmed().toDouble(&isNumber);
    return fromQt(isNumber && number > 1 ? text.trimmed() + u'%' : text);
}

QString percent(double fraction)
{
    return QString::number(fraction * 100, 'g', 6) + " %"_L1;
}

/// What set_field reads, from what a person types.
Result<std::string> coreText(const QString& key, const QString& text)
{
    if (isFraction(key))
        return fractionText(text);
    if (key != overheadBytesKey)
        return fromQt(text);
    const auto amount = parse_real(fromQt(text));
    if (!amount)
        return Error{fromQt(key), amount.error().message};
    if (!(*amount >= 0) || *amount > 1e6)
        return Error{fromQt(key), fromQt(tr("%1 GiB; from 0 to 1,000,000 is possible").arg(text.trimmed()))};
    return std::to_string(std::llround(*amount * bytes_per_gib));
}

Outcome setOverheadKind(Scenario& scenario, const QString& kind)
{
    if (kind == "fraction"_L1 && !scenario.inference.overhead_fraction)
        scenario.inference.overhead_fraction = 0.1;
    if (kind == "bytes"_L1)
        scenario.inference.overhead_fraction.reset();
    return std::nullopt;
}

/// How a model lies over the GPUs. Emptied, it is worked out again.
constexpr std::array<std::string_view, 5> layoutKeys{"hardware.tensor_parallel", "hardware.pipeline_parallel",
                                                     "hardware.data_parallel", "hardware.expert_parallel",
                                                     "hardware.context_parallel"};

/// The accelerator's key also takes "custom", which starts as a copy of what was chosen before, and a list of devices,
/// whose layout is worked out: the one of before said how many GPUs there were.
Outcome setAccelerator(Scenario& scenario, const QString& id)
{
    if (id != "custom"_L1) {
        const bool listed = !scenario.hardware.devices.empty();
        Outcome problem = set_gpus(scenario, fromQt(id));
        if (!problem && !listed && !scenario.hardware.devices.empty())
            for (const std::string_view key : layoutKeys)
                unset_field(scenario, *field_named(key));
        return problem;
    }
    scenario.hardware.devices.clear();
    if (!scenario.hardware.custom) {
        const auto before = Catalogue().find(scenario.hardware.accelerator);
        scenario.hardware.custom = customAccelerator(before ? *before : Accelerator{});
    }
    scenario.hardware.accelerator = "custom";
    return std::nullopt;
}

Outcome setScenarioField(Scenario& scenario, const Model& model, const QString& key, const QString& text)
{
    if (key == methodKey)
        return choose_counting_method(scenario, fromQt(text));
    if (key == flashAttentionKey) {
        scenario.inference.activation_method = notebook_activations(text == "true"_L1, model.architecture);
        return std::nullopt;
    }
    if (key == overheadKindKey)
        return setOverheadKind(scenario, text);
    if (key == "hardware.accelerator"_L1)
        return setAccelerator(scenario, text);
    if (isCustomAcceleratorKey(key))
        return setCustomAccelerator(scenario, key, text);
    if (text.trimmed().isEmpty() && std::ranges::find(layoutKeys, fromQt(key)) != layoutKeys.end()) {
        unset_field(scenario, *field_named(fromQt(key)));
        return std::nullopt;
    }
    auto read = coreText(key, text);
    if (!read)
        return read.error();
    return set_field(scenario, fromQt(key), *read);
}

std::string editedName(const LoadedModel& origin)
{
    const bool typed = origin.model->architecture.family == generic_family;
    return typed ? origin.model->name : origin.model->name + fromQt(tr(" (edited)"));
}

/// Says that sizes read from files belong to the network as it was.
ModelPointer withoutFile(ModelPointer model, const Model& origin)
{
    if (!origin.published || !origin.published->stored)
        return model;
    auto noted = std::make_shared<Model>(*model);
    noted->issues.push_back(
        {"precision.weights", Severity::warning,
         fromQt(tr("The sizes in the file are those of the network as it was. For the edited one "
                   "the weights follow the rule: %1.")
                    .arg(toQt(for_model(*find_format(checkpoint_format, FormatUse::weights), *noted).label)))});
    return noted;
}

/// The model with the given config, called "NAME (edited)"; the untouched model once the edits have come back to it.
Result<LoadedModel> editedModel(const LoadedModel& origin, nlohmann::json config)
{
    std::string name = editedName(origin);
    const std::string& readAs = origin.reference.read_as;
    auto model = import_config(config, name, {.read_as = readAs});
    if (!model)
        return model.error();
    if ((*model)->architecture == origin.model->architecture)
        return origin;
    ModelReference reference;
    reference.kind = (*model)->architecture.family == generic_family ? ModelReference::Kind::architecture
                                                                     : ModelReference::Kind::config;
    reference.text = origin.reference.text;
    reference.name = std::move(name);
    reference.config = std::make_shared<const nlohmann::json>(std::move(config));
    reference.read_as = readAs;
    auto shared = reference.config;
    return LoadedModel{std::move(reference), std::move(shared), withoutFile(std::move(*model), *origin.model)};
}

Result<std::int64_t> readArchitectureValue(const QString& key, const QString& text)
{
    if (text == "true"_L1 || text == "false"_L1)
        return std::int64_t{text == "true"_L1};
    auto value = parse_count(fromQt(text));
    if (!value)
        return Error{fromQt(key), value.error().message};
    return value;
}

Result<LoadedModel> withTexts(const Draft& draft, const QMap<QString, QString>& texts)
{
    nlohmann::json config = *draft.model.config;
    for (auto text = texts.cbegin(); text != texts.cend(); ++text) {
        const auto field = findArchitectureField(fromQt(text.key()));
        if (!field)
            return Error{fromQt(text.key()), "there is no field of that name"};
        const auto value = readArchitectureValue(text.key(), text.value());
        if (!value)
            return value.error();
        auto edited = with_architecture_field(config, *field, *value, {.read_as = draft.model.reference.read_as});
        if (!edited)
            return edited.error();
        config = std::move(*edited);
    }
    return editedModel(*draft.origin, std::move(config));
}

void setModel(Draft& draft, LoadedModel model)
{
    draft.scenario.model = model.reference;
    draft.model = std::move(model);
}

/// Fields of an architecture depend on one another (36 heads go with 12 key/value heads, not with 8), so what was typed
/// before and could not stand alone is tried again together with the new text.
void editArchitecture(Draft& draft, const QString& key, const QString& text)
{
    QMap<QString, QString> pending{{key, text}};
    for (auto invalid = draft.invalid.cbegin(); invalid != draft.invalid.cend(); ++invalid)
        if (invalid.key() != key && findArchitectureField(fromQt(invalid.key())))
            pending.insert(invalid.key(), invalid->text);

    draft.invalid.remove(key);
    if (pending.size() > 1) {
        if (auto together = withTexts(draft, pending)) {
            for (auto done = pending.cbegin(); done != pending.cend(); ++done)
                draft.invalid.remove(done.key());
            setModel(draft, std::move(*together));
            return;
        }
    }
    auto alone = withTexts(draft, {{key, text}});
    if (alone)
        setModel(draft, std::move(*alone));
    else
        draft.invalid.insert(key, {text, toQt(alone.error().message)});
}

QString architectureText(const Draft& draft, ArchitectureField field)
{
    const Architecture& architecture = draft.model.model->architecture;
    const auto value = architecture_field(architecture, field);
    if (!value)
        return {};
    if (field == ArchitectureField::tie_word_embeddings)
        return *value != 0 ? u"true"_s : u"false"_s;
    return QString::number(*value);
}

QString scenarioText(const Scenario& scenario, const QString& key)
{
    if (key == methodKey)
        return toQt(counting_method(scenario));
    if (key == flashAttentionKey)
        return scenario.inference.activation_method == "flash" ? u"true"_s : u"false"_s;
    if (key == overheadKindKey)
        return scenario.inference.overhead_fraction ? u"fraction"_s : u"bytes"_s;
    if (isCustomAcceleratorKey(key))
        return customAcceleratorText(scenario, key);
    if (key == overheadBytesKey)
        return gibText(scenario.inference.overhead_bytes);
    const ScenarioField* field = field_named(fromQt(key));
    if (field == nullptr)
        return {};
    QString text = toQt(field_text(scenario, *field));
    if (!isFraction(key))
        return text;
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    return isNumber ? percent(number) : text;
}

} // namespace

bool Draft::operator==(const Draft& other) const
{
    return model.model == other.model.model && invalid == other.invalid && scenario == other.scenario;
}

void editField(Draft& draft, const QString& key, const QString& text)
{
    if (findArchitectureField(fromQt(key))) {
        editArchitecture(draft, key, text);
        return;
    }
    draft.invalid.remove(key);
    if (const Outcome problem = setScenarioField(draft.scenario, *draft.model.model, key, text))
        draft.invalid.insert(key, {text, toQt(problem->message)});
}

QString draftText(const Draft& draft, const QString& key)
{
    const auto invalid = draft.invalid.constFind(key);
    if (invalid != draft.invalid.cend())
        return invalid->text;
    if (const auto field = findArchitectureField(fromQt(key)))
        return architectureText(draft, *field);
    return scenarioText(draft.scenario, key);
}

bool hasArchitectureField(const Draft& draft, const QString& key)
{
    const auto field = findArchitectureField(fromQt(key));
    return field && architecture_field(draft.model.model->architecture, *field).has_value();
}

bool hasArchitectureKey(const Draft& draft, const QString& key)
{
    const auto field = findArchitectureField(fromQt(key));
    return field && draft.model.config &&
           has_architecture_key(*draft.model.config, *field, {.read_as = draft.model.reference.read_as});
}

} // namespace weighbridge
