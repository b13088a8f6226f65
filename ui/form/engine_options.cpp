#include "ui/form/engine_options.h"

#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "ui/form/option_value.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct EngineOptionText
{
    Q_DECLARE_TR_FUNCTIONS(EngineOptions)
};

FormField rowOfEngine(const ScenarioField& option)
{
    FormField field = optionRow(option);
    field.group = FieldGroup::engine;
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
            fields.push_back(rowOfEngine(option));
    }
}

void hideUnreadOptions(std::vector<FormField>& fields)
{
    for (const ScenarioField& option : scenario_fields()) {
        const QString key = toQt(option.key);
        for (FormField& field : fields)
            if (field.key == key)
                field.visible = [&option, visible = field.visible](const Session& session) {
                    return concerns_task(session.scenario(), option) && is_read(session.scenario(), option) &&
                           (!visible || visible(session));
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
    const Engine* engine = engineOf(session);
    return engine == nullptr ? QString() : toQt(engine->versions);
}

bool engineHasVersions(const Session& session)
{
    return !engineVersions(session).isEmpty();
}

} // namespace weighbridge
