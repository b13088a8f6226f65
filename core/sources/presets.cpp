#include "core/sources/presets.h"

#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "resources/resources.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

using nlohmann::json;

std::string_view without_organisation(std::string_view name)
{
    const std::size_t slash = name.rfind('/');
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

const resources::Entry* find_preset(std::string_view name)
{
    for (const resources::Entry& entry : resources::models())
        if (equal_ignoring_case(entry.id, without_organisation(name)))
            return &entry;
    return nullptr;
}

Error unknown_preset(std::string_view name)
{
    return {"model", "model is " + brief(json(name)) + ", which is no preset" +
                         nearest_clause(without_organisation(name), preset_names())};
}

} // namespace

std::vector<std::string_view> preset_names()
{
    std::vector<std::string_view> names;
    for (const resources::Entry& entry : resources::models())
        names.push_back(entry.id);
    return names;
}

Result<nlohmann::json> preset_config(std::string_view name)
{
    const resources::Entry* entry = find_preset(name);
    if (entry == nullptr)
        return unknown_preset(name);
    return parse_json(entry->json, entry->id);
}

Result<ModelPointer> preset_model(std::string_view name)
{
    const resources::Entry* entry = find_preset(name);
    if (entry == nullptr)
        return unknown_preset(name);
    const Result<json> config = parse_json(entry->json, entry->id);
    if (!config)
        return config.error();
    return import_config(*config, std::string(entry->id));
}

std::string preset_source(std::string_view name)
{
    const Result<json> config = preset_config(name);
    if (!config)
        return {};
    const auto about = config->find("_weighbridge");
    if (about == config->end() || !about->is_object())
        return {};
    return about->value("source", std::string());
}

} // namespace weighbridge
