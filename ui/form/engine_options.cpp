#include "ui/form/engine_options.h"

#include "core/engines/engine.h"
#include "core/quantity/display.h"
#include "core/scenario/engine_fields.h"
#include "core/scenario/fields.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("EngineOptions", text);
}

QString onOff(bool on)
{
    return on ? tr("on") : tr("off");
}

QList<FieldChoice> switchChoices()
{
    return {{QString(), tr("Default"), {}}, {u"true"_s, tr("On"), {}}, {u"false"_s, tr("Off"), {}}};
}

template<class Value>
constexpr bool isOptional = false;
template<class Value>
constexpr bool isOptional<std::optional<Value>> = true;

/// What the engine takes for an option that is left out: the estimate's scenario has every default filled in.
QString defaultOf(const Session& session, const ScenarioField& option)
{
    const EstimatePointer& estimate = session.state().estimate;
    if (!estimate || estimate->scenario.inference.engine != session.scenario().inference.engine)
        return {};
    const QString text = toQt(field_text(estimate->scenario, option));
    if (text.isEmpty())
        return tr("not set");
    if (text == "true"_L1 || text == "false"_L1)
        return onOff(text == "true"_L1);
    const auto count = parse_count(fromQt(text));
    return count && *count >= 10'000 ? toQt(grouped(*count)) : text;
}

/// Kind, unit and choices follow from what the option holds.
void describeValue(FormField& field, const ScenarioField& option)
{
    std::visit(
        [&](auto slot) {
            using Value = std::remove_cvref_t<decltype(slot(std::declval<Scenario&>()))>;
            if constexpr (std::is_same_v<Value, bool>) {
                field.kind = FieldKind::flag;
            } else if constexpr (std::is_same_v<Value, std::optional<bool>>) {
                field.kind = FieldKind::choice;
                field.choices = switchChoices;
            } else if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::optional<double>>) {
                field.kind = FieldKind::real;
                field.step = FieldStep::tenth;
            } else if constexpr (std::is_same_v<Value, std::int64_t> ||
                                 std::is_same_v<Value, std::optional<std::int64_t>>) {
                field.kind = FieldKind::count;
                field.countUnit = option.unit;
                // Where the name says bytes, the figure gets the room.
                field.unit =
                    option.unit == CountUnit::bytes && !option.key.ends_with("_bytes") ? tr("bytes") : QString();
                // Lengths and amounts are usually powers of two; layers, sequences and ranks are not.
                field.step = option.maximum >= tokens_at_most ? FieldStep::doubling : FieldStep::one;
            } else {
                field.kind = option.choices.empty() ? FieldKind::text : FieldKind::choice;
                field.choices = [&option] {
                    QList<FieldChoice> choices;
                    for (const std::string_view choice : option.choices)
                        choices.append({toQt(choice), toQt(choice), {}});
                    return choices;
                };
            }
            if constexpr (isOptional<Value>)
                field.placeholder = [&option](const Session& session) { return defaultOf(session, option); };
        },
        option.slot);
}

QString ownersOf(const ScenarioField& option)
{
    QStringList names;
    for (const std::string_view id : option.engines)
        if (const Engine* engine = find_engine(id))
            names << toQt(engine->name);
    return names.join(u", "_s);
}

FormField rowOf(const ScenarioField& option)
{
    FormField field;
    field.key = toQt(option.key);
    field.group = FieldGroup::engine;
    field.label = field.key.section(u'.', -1);
    describeValue(field, option);
    field.help = tr("%1 of %2: %3").arg(field.label, ownersOf(option), toQt(allowed_text(option)));
    if (field.placeholder)
        field.help += tr("; empty: its own default");
    return field;
}

bool isBuilt(const ScenarioField& option)
{
    return std::any_of(option.engines.begin(), option.engines.end(),
                       [](std::string_view id) { return find_engine(id) != nullptr; });
}

} // namespace

void addEngineOptions(std::vector<FormField>& fields)
{
    for (const ScenarioField& option : scenario_fields()) {
        if (!isBuilt(option))
            continue;
        const QString key = toQt(option.key);
        if (std::none_of(fields.begin(), fields.end(), [&](const FormField& field) { return field.key == key; }))
            fields.push_back(rowOf(option));
    }
}

void hideUnreadOptions(std::vector<FormField>& fields)
{
    for (const ScenarioField& option : scenario_fields()) {
        if (option.engines.empty())
            continue;
        const QString key = toQt(option.key);
        for (FormField& field : fields)
            if (field.key == key)
                field.visible = [&option, visible = field.visible](const Session& session) {
                    return is_read(session.scenario(), option) && (!visible || visible(session));
                };
    }
}

QList<FieldChoice> engineChoices()
{
    QList<FieldChoice> choices;
    for (const Engine* engine : engines())
        choices.append({toQt(engine->id), toQt(engine->name), {}});
    return choices;
}

QString engineVersions(const Session& session)
{
    const Engine* engine = find_engine(session.scenario().inference.engine);
    return engine == nullptr ? QString() : toQt(engine->versions);
}

bool engineHasVersions(const Session& session)
{
    return !engineVersions(session).isEmpty();
}

} // namespace weighbridge
