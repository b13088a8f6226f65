#include "core/sources/families/parts.h"

#include "core/sources/expression.h"
#include "core/sources/json_text.h"
#include "resources/resources.h"

#include <nlohmann/json.hpp>

#include <map>
#include <optional>

namespace weighbridge {

namespace {

using nlohmann::json;

constexpr std::string_view inner_suffix = "_config";

/// The row of a model_type: {"names": [[name, expression]], "parts": [[tower, expression]], "inner": {key: model_type},
/// "tied": false where the class has no flag for it and never ties, "defaults": the entry of config_defaults.json, its
/// own where that is missing}.
std::optional<json> row_of(std::string_view model_type)
{
    const resources::Entry* entry = resources::find(resources::parts(), model_type);
    if (entry == nullptr)
        return std::nullopt;
    Result<json> row = parse_json(entry->json, "parts.json");
    return row ? std::optional(std::move(*row)) : std::nullopt;
}

std::string text_of(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

void add_parts(const json& row, ExpressionScope& scope, Architecture& network)
{
    for (const json& name : row.value("names", json::array()))
        scope.names[name.at(0).get<std::string>()] = evaluate(name.at(1).get_ref<const std::string&>(), scope);
    for (const json& part : row.value("parts", json::array())) {
        const auto parameters = static_cast<std::int64_t>(evaluate(part.at(1).get_ref<const std::string&>(), scope));
        if (parameters > 0)
            network.towers.push_back({part.at(0).get<std::string>(), parameters});
    }
}

/// One object of a composite that is a network of its own.
struct Inner
{
    std::string key;
    std::string model_type;
    std::optional<json> row;
    ConfigReader reader;
};

/// Those of the file, and those that the class has although the file leaves them out.
std::vector<Inner> inner_objects(const CompositeConfig& composite, const json& row, ReadLog& log)
{
    const json& stated = row.contains("inner") ? row.at("inner") : json::object();
    std::vector<Inner> found;
    const auto add = [&](const std::string& key, const json* object, std::string model_type) {
        std::optional<json> own = row_of(model_type);
        const std::string defaults = own ? own->value("defaults", model_type) : model_type;
        const std::string path = composite.path.empty() ? key : composite.path + '.' + key;
        found.push_back({key, std::move(model_type), std::move(own), ConfigReader(object, defaults, log, path)});
        log.asked.insert(key);
    };
    for (const auto& [key, value] : composite.object->items()) {
        if (!value.is_object() || !key.ends_with(inner_suffix) || key == composite.language_key)
            continue;
        std::string model_type = text_of(value, "model_type");
        if (model_type.empty() && stated.contains(key))
            model_type = stated.at(key).get<std::string>();
        if (!model_type.empty())
            add(key, &value, model_type);
    }
    for (const auto& [key, model_type] : stated.items())
        if (key != composite.language_key && !composite.object->contains(key))
            add(key, nullptr, model_type.get<std::string>());
    return found;
}

} // namespace

bool has_parts(std::string_view model_type)
{
    return resources::find(resources::parts(), model_type) != nullptr;
}

std::string inner_type(std::string_view composite_type, std::string_view key)
{
    const std::optional<json> row = row_of(composite_type);
    return row && row->contains("inner") ? text_of(row->at("inner"), std::string(key).c_str()) : "";
}

void read_parts(const CompositeConfig& composite, ConfigReader& text, ReadLog& log, Architecture& network)
{
    const std::string model_type = text_of(*composite.object, "model_type");
    const std::optional<json> own = row_of(model_type);
    const json row = own.value_or(json::object());
    ConfigReader outer(composite.object, row.value("defaults", model_type), log, composite.path);
    if (!row.value("tied", true) && !outer.has("tie_word_embeddings"))
        network.tie_word_embeddings = false;
    std::vector<Inner> inner = inner_objects(composite, row, log);
    ExpressionScope whole{.config = &outer, .names = {}, .prefixes = {{"text", &text}}};
    for (Inner& part : inner) {
        whole.prefixes[part.key.substr(0, part.key.size() - inner_suffix.size())] = &part.reader;
        if (!part.row) {
            outer.warn(part.key, part.key + " is of the type " + brief(part.model_type) +
                                     ", for which there is no rule: its parameters are not counted.");
            continue;
        }
        ExpressionScope scope{.config = &part.reader, .names = {}, .prefixes = {{"text", &text}, {"outer", &outer}}};
        add_parts(*part.row, scope, network);
    }
    if (own)
        add_parts(row, whole, network);
    else if (!inner.empty())
        outer.warn("model_type",
                   "How " + brief(model_type) +
                       " joins its towers to the language model has no rule: its projectors are not counted.");
}

} // namespace weighbridge
