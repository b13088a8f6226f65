#include "ui/form/traffic_fields.h"

#include "core/fields/fields.h"
#include "ui/form/option_value.h"
#include "ui/session/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

struct TrafficText
{
    Q_DECLARE_TR_FUNCTIONS(TrafficText)
};

/// What only the window knows of these rows.
struct TrafficWords
{
    std::string_view key;
    const char* label = "";
    const char* unit = "";
};

constexpr std::array trafficWords = {
    TrafficWords{"workload.answer_tokens", QT_TRANSLATE_NOOP("TrafficText", "Answer length"),
                 QT_TRANSLATE_NOOP("TrafficText", "tokens")},
    TrafficWords{"workload.prompt_tokens", QT_TRANSLATE_NOOP("TrafficText", "Prompt length"),
                 QT_TRANSLATE_NOOP("TrafficText", "tokens")},
    TrafficWords{"workload.prefix_cached_tokens", QT_TRANSLATE_NOOP("TrafficText", "Shared prefix"),
                 QT_TRANSLATE_NOOP("TrafficText", "tokens")},
    TrafficWords{"workload.concurrent_requests", QT_TRANSLATE_NOOP("TrafficText", "Requests in flight"), ""},
    TrafficWords{"workload.requests_per_second", QT_TRANSLATE_NOOP("TrafficText", "Requests per second"),
                 QT_TRANSLATE_NOOP("TrafficText", "1/s")},
    TrafficWords{"wanted.time_to_first_token_seconds", QT_TRANSLATE_NOOP("TrafficText", "First token in"),
                 QT_TRANSLATE_NOOP("TrafficText", "s at most")},
    TrafficWords{"wanted.time_per_output_token_seconds", QT_TRANSLATE_NOOP("TrafficText", "Next tokens in"),
                 QT_TRANSLATE_NOOP("TrafficText", "s each at most")},
};

FormField trafficRow(std::string_view key)
{
    FormField field = optionRow(key);
    field.group = FieldGroup::traffic;
    return field;
}

} // namespace

bool isTraffic(const ScenarioField& field)
{
    return field.key.starts_with("workload.") || field.key.starts_with("wanted.");
}

void addTraffic(std::vector<FormField>& fields)
{
    for (const TrafficWords& words : trafficWords) {
        fields.push_back(trafficRow(words.key));
        fields.back().label = TrafficText::tr(words.label);
        fields.back().unit = TrafficText::tr(words.unit);
        if (words.key == "workload.concurrent_requests")
            fields.back().placeholder = [filled = fields.back().placeholder](const Session& session) {
                return session.scenario().workload.requests_per_second ? TrafficText::tr("as they come")
                                                                       : filled(session);
            };
    }
    const auto begin = static_cast<std::ptrdiff_t>(fields.size() - trafficWords.size());
    for (const ScenarioField& option : scenario_fields()) {
        if (!isTraffic(option) || std::any_of(fields.begin() + begin, fields.end(),
                                              [&](const FormField& field) { return field.key == toQt(option.key); }))
            continue;
        fields.push_back(optionRow(option));
        fields.back().group = FieldGroup::traffic;
    }
}

} // namespace weighbridge
