#include "core/fields/model_json.h"

#include "core/fields/fields.h"
#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using Kind = ModelReference::Kind;

struct ModelSource
{
    std::string_view key;
    Kind kind;
};

constexpr std::array<ModelSource, 4> model_sources = {
    {{"path", Kind::path}, {"hf", Kind::hub}, {"config", Kind::config}, {"architecture", Kind::architecture}}};

constexpr std::string_view model_shapes = "a preset's name or an object with one of path, hf, config, architecture";

Error unknown_model_key(const std::string& key)
{
    static constexpr std::array<std::string_view, 8> known = {
        "model.path", "model.hf",     "model.config",  "model.architecture",
        "model.name", "model.source", "model.read_as", "model.read_unknown_as_llama"};
    return unknown_key("model." + key, known);
}

Outcome read_model_source(ModelReference& model, const ModelSource& source, const json& value)
{
    const std::string key = "model." + std::string(source.key);
    model.kind = source.kind;
    if (source.kind == Kind::config || source.kind == Kind::architecture) {
        if (!value.is_object())
            return wrong_type(key, value, "an object");
        model.config = std::make_shared<const json>(value);
        return {};
    }
    constexpr std::size_t longest = 4096;
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr || text->empty() || text->size() > longest || text->find('\0') != std::string::npos)
        return wrong_type(key, value,
                          source.kind == Kind::path ? "a file or a folder" : "org/name, or org/name@revision");
    model.text = *text;
    return {};
}

Outcome read_model_text(std::string& slot, const std::string& key, const json& value)
{
    constexpr std::size_t longest = 4096;
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr || text->size() > longest)
        return wrong_type(key, value, "a text of at most 4,096 bytes");
    slot = *text;
    return {};
}

/// A known model_type or llama-like, checked here so that a misspelt one is said before the model is asked for.
Outcome read_family(ModelReference& model, const json& value)
{
    if (Outcome problem = read_model_text(model.read_as, "model.read_as", value))
        return problem;
    if (model.read_as.empty() || is_readable_as(model.read_as))
        return {};
    std::vector<std::string_view> names = known_families();
    names.push_back(llama_like);
    return Error{"model.read_as", "model.read_as is " + brief(value) + ", which is no family" +
                                      nearest_clause(model.read_as, names) + ". It must be a known model_type or " +
                                      std::string(llama_like)};
}

/// An older spelling of read_as, which wins where both stand.
Outcome read_llama_flag(ModelReference& model, const json& value)
{
    if (!value.is_boolean())
        return wrong_type("model.read_unknown_as_llama", value, "true or false");
    if (value.get<bool>() && model.read_as.empty())
        model.read_as = llama_like;
    return {};
}

Outcome read_model_key(ModelReference& model, const std::string& key, const json& value)
{
    if (key == "name")
        return read_model_text(model.name, "model.name", value);
    if (key == "source")
        return model.kind == Kind::config ? read_model_text(model.text, "model.source", value) : Outcome{};
    if (key == "read_as")
        return read_family(model, value);
    if (key == "read_unknown_as_llama")
        return read_llama_flag(model, value);
    const bool is_source = std::any_of(model_sources.begin(), model_sources.end(),
                                       [&](const ModelSource& source) { return source.key == key; });
    return is_source ? Outcome{} : unknown_model_key(key);
}

} // namespace

Error wrong_type(const std::string& key, const json& value, const std::string& allowed)
{
    return {key, key + " is " + brief(value) + "; it must be " + allowed};
}

Outcome read_model(ModelReference& model, const json& value)
{
    if (const auto* name = value.get_ptr<const std::string*>()) {
        auto preset = canonical_preset(*name);
        if (!preset)
            return preset.error();
        model = {};
        model.text = std::move(*preset);
        return {};
    }
    if (!value.is_object())
        return wrong_type("model", value, std::string(model_shapes));
    const auto stands = [&](const ModelSource& source) { return value.contains(source.key); };
    const auto count = std::count_if(model_sources.begin(), model_sources.end(), stands);
    model = {};
    model.text.clear();
    if (const auto source = std::find_if(model_sources.begin(), model_sources.end(), stands);
        source != model_sources.end())
        if (Outcome problem = read_model_source(model, *source, value.at(std::string(source->key))))
            return problem;
    for (const auto& [key, item] : value.items())
        if (Outcome problem = read_model_key(model, key, item))
            return problem;
    if (count != 1)
        return Error{"model", "model is an object with " + std::string(count == 0 ? "none" : "more than one") +
                                  " of path, hf, config, architecture; it must have exactly one"};
    return {};
}

ordered_json write_model(const ModelReference& model)
{
    ordered_json object;
    switch (model.kind) {
    case Kind::preset:
        return model.text;
    case Kind::path:
        object["path"] = model.text;
        break;
    case Kind::hub:
        object["hf"] = model.text;
        break;
    case Kind::config:
        object["config"] = model.config ? ordered_json(*model.config) : ordered_json::object();
        if (!model.text.empty())
            object["source"] = model.text;
        break;
    case Kind::architecture:
        object["architecture"] = model.config ? ordered_json(*model.config) : ordered_json::object();
        break;
    }
    if (!model.name.empty())
        object["name"] = model.name;
    if (model.read_as == llama_like)
        object["read_unknown_as_llama"] = true;
    else if (!model.read_as.empty())
        object["read_as"] = model.read_as;
    return object;
}

Result<std::string> canonical_preset(std::string_view name)
{
    const std::size_t slash = name.find('/');
    const bool is_path =
        slash != std::string_view::npos && (slash == 0 || name.starts_with('.') || name.starts_with('~') ||
                                            name.find('/', slash + 1) != std::string_view::npos);
    const std::string_view bare = is_path || slash == std::string_view::npos ? name : name.substr(slash + 1);
    const std::vector<std::string_view> known = preset_names();
    for (const std::string_view preset : known)
        if (!is_path && equal_ignoring_case(preset, bare))
            return std::string(preset);
    return Error{"model", "model is " + in_quotes(name) + ", which is no preset" + nearest_clause(bare, known) +
                              ". \"weighbridge list models\" names all"};
}

Result<ModelReference> model_reference(std::string_view text)
{
    ModelReference model;
    if (!text.starts_with('{')) {
        model.text = text;
        return model;
    }
    const auto object = parse_json(text, "model");
    if (!object)
        return object.error();
    const bool bare = object->is_object() && (object->contains("model_type") || object->contains("architectures"));
    if (Outcome problem = read_model(model, bare ? json({{"config", *object}}) : *object))
        return *problem;
    return model;
}

Result<std::string> canonical_model(std::string_view text)
{
    if (text.starts_with('{')) {
        const auto model = model_reference(text);
        if (!model)
            return model.error();
        return write_model(*model).dump();
    }
    auto preset = canonical_preset(text);
    const std::size_t slash = text.find('/');
    const bool is_repository = slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
                               text.find('/', slash + 1) == std::string_view::npos && text.front() != '.' &&
                               text.front() != '~';
    if (preset || !is_repository)
        return preset;
    ModelReference repository;
    repository.kind = Kind::hub;
    repository.text = text;
    return write_model(repository).dump();
}

} // namespace weighbridge
