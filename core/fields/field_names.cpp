#include "core/fields/fields.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// "inference.tp_size" is hardware.tensor_parallel, and so is "tp_size".
bool is_spelled(const ScenarioField& field, std::string_view key)
{
    const std::size_t dot = key.find('.');
    const std::string_view name = dot == std::string_view::npos ? key : key.substr(dot + 1);
    if (!contains(field.also, name))
        return false;
    const std::string_view group = dot == std::string_view::npos ? std::string_view() : key.substr(0, dot + 1);
    const bool own = !group.empty() && field.key.starts_with(group);
    return own || field.key.starts_with("hardware.") || field.key.starts_with("precision.");
}

} // namespace

const ScenarioField* field_named(std::string_view key)
{
    for (const ScenarioField& field : scenario_fields())
        if (field.key == key)
            return &field;
    for (const ScenarioField& field : scenario_fields())
        if (is_spelled(field, key))
            return &field;
    return nullptr;
}

namespace {

Result<const ScenarioField*> find_among(std::string_view key, const Scenario* scenario)
{
    if (const ScenarioField* field = field_named(key))
        return field;
    std::vector<std::string_view> known = {"model",    "version",      "model.path",
                                           "model.hf", "model.config", "model.architecture"};
    for (const ScenarioField& field : scenario_fields())
        if (scenario == nullptr || is_read(*scenario, field) || !field.key.starts_with("inference."))
            known.push_back(field.key);
    const std::string shown = in_quotes(key);
    const std::string_view near = nearest_name(key, known, Nearness::close);
    return Error{shown.substr(1, shown.size() - 2),
                 "there is no key " + shown +
                     (near.empty() ? ". \"weighbridge list fields\" names all"
                                   : "; the nearest is \"" + std::string(near) + '"')};
}

} // namespace

Result<const ScenarioField*> find_field(const Scenario& scenario, std::string_view key)
{
    return find_among(key, &scenario);
}

Result<const ScenarioField*> find_field(std::string_view key)
{
    return find_among(key, nullptr);
}

bool is_group(std::string_view key)
{
    const std::string prefix = std::string(key) + '.';
    const auto fields = scenario_fields();
    return std::any_of(fields.begin(), fields.end(),
                       [&](const ScenarioField& field) { return field.key.starts_with(prefix); });
}

Error unknown_key(std::string_view key, std::span<const std::string_view> known)
{
    const std::string shown = in_quotes(key);
    return {shown.substr(1, shown.size() - 2), "there is no key " + shown + "; the nearest is \"" +
                                                   std::string(nearest_name(key, known, Nearness::any)) + "\""};
}

} // namespace weighbridge
