#include "core/fields/scenario_json.h"

#include "core/fields/accelerator_json.h"
#include "core/fields/devices_json.h"
#include "core/fields/fields.h"
#include "core/quantity/formula.h"
#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <type_traits>
#include <utility>
#include <variant>

namespace weighbridge {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using Kind = ModelReference::Kind;

Error wrong_type(const std::string& key, const json& value, const std::string& allowed)
{
    return {key, key + " is " + brief(value) + "; it must be " + allowed};
}

Outcome read_version(const json& root)
{
    const auto version = root.find("version");
    if (version == root.end() || (version->is_number_integer() && *version == 1))
        return {};
    return wrong_type("version", *version, "1");
}

// ---- model

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

// ---- scalar fields

bool is_group(const std::string& key)
{
    const auto fields = scenario_fields();
    return std::any_of(fields.begin(), fields.end(),
                       [&](const ScenarioField& field) { return field.key.starts_with(key + "."); });
}

Outcome read_list(Scenario& scenario, const ScenarioField& field, const json& value)
{
    if (!value.is_array())
        return wrong_type(field.key, value, allowed_text(field));
    std::vector<std::string> texts;
    for (const json& item : value) {
        if (item.is_number() && field.names == NameTable::short_text) {
            texts.push_back(formula_number(item.get<double>()));
            continue;
        }
        if (!item.is_string())
            return wrong_type(field.key + "[" + std::to_string(texts.size()) + "]", item, "a name");
        texts.push_back(item.get<std::string>());
    }
    return set_texts(scenario, field, std::move(texts));
}

Outcome read_numbers(Scenario& scenario, const ScenarioField& field, const json& value)
{
    if (!value.is_array())
        return wrong_type(field.key, value, allowed_text(field));
    std::vector<double> numbers;
    for (const json& item : value) {
        if (!item.is_number())
            return wrong_type(field.key + "[" + std::to_string(numbers.size()) + "]", item, "a number");
        numbers.push_back(item.get<double>());
    }
    return set_numbers(scenario, field, std::move(numbers));
}

Outcome read_value(Scenario& scenario, const ScenarioField& field, const json& value)
{
    const bool list = field.kind == OptionKind::numbers || field.kind == OptionKind::devices;
    if (value.is_null() && (field.optional || list)) {
        unset_field(scenario, field);
        return {};
    }
    switch (field.kind) {
    case OptionKind::flag:
        return value.is_boolean() ? set_flag(scenario, field, value.get<bool>()) : field_error(field, brief(value));
    case OptionKind::whole:
    case OptionKind::real:
        return value.is_number() ? set_count(scenario, field, value.get<double>()) : field_error(field, brief(value));
    case OptionKind::text:
    case OptionKind::pair:
        if (value.is_number() && field.names == NameTable::short_text)
            return set_texts(scenario, field, {formula_number(value.get<double>())});
        return value.is_string() ? set_texts(scenario, field, {value.get<std::string>()})
                                 : field_error(field, brief(value));
    case OptionKind::numbers:
        return read_numbers(scenario, field, value);
    case OptionKind::devices: {
        auto groups = read_devices(value, field.key);
        return groups ? set_devices(scenario, field, std::move(*groups)) : groups.error();
    }
    case OptionKind::list:
        break;
    }
    return read_list(scenario, field, value);
}

/// One key may be spelled in two ways, if both say the same.
class Spellings
{
public:
    Outcome read(Scenario& scenario, const ScenarioField& field, const std::string& key, const json& value)
    {
        const auto [before, is_new] = known_.try_emplace(&field, key, field.get(scenario));
        if (Outcome problem = read_value(scenario, field, value))
            return problem;
        if (is_new || before->second.first == key) {
            before->second = {key, field.get(scenario)};
            return {};
        }
        if (before->second.second == field.get(scenario))
            return {};
        return Error{key, key + " is " + brief(value) + ", and " + before->second.first + " says otherwise; both are " +
                              field.key};
    }

private:
    std::map<const ScenarioField*, std::pair<std::string, OptionValue>> known_;
};

Outcome read_accelerator(Scenario& scenario, const std::string& key, const json& value)
{
    auto custom = read_custom_accelerator(value, key);
    if (!custom)
        return custom.error();
    scenario.hardware.custom = std::move(*custom);
    if (key == "hardware.accelerator")
        scenario.hardware.accelerator = "custom";
    return {};
}

Outcome read_group(Scenario& scenario, Spellings& spellings, const std::string& prefix, const json& object);

Outcome read_key(Scenario& scenario, Spellings& spellings, const std::string& key, const json& value)
{
    if (key == "version")
        return {};
    if (key == "model")
        return read_model(scenario.model, value);
    if ((key == "hardware.accelerator" && value.is_object()) || key == "hardware.custom") {
        if (!value.is_object())
            return wrong_type(key, value, "an object that describes an accelerator");
        return read_accelerator(scenario, key, value);
    }
    const bool group = is_group(key);
    if (group && value.is_object())
        return read_group(scenario, spellings, key + ".", value);
    if (value.is_null() && (key == "hardware.host" || key == "hardware.links"))
        return {}; // not known
    if (const ScenarioField* field = field_named(key))
        return spellings.read(scenario, *field, key, value);
    if (group)
        return wrong_type(key, value, "an object");
    const auto field = find_field(key);
    return field ? Outcome{} : field.error();
}

Outcome read_group(Scenario& scenario, Spellings& spellings, const std::string& prefix, const json& object)
{
    for (const auto& [key, value] : object.items())
        if (Outcome problem = read_key(scenario, spellings, prefix + key, value))
            return problem;
    return {};
}

/// What decides how the rest is meant comes first, so that an engine that is not built is refused by its own name
/// rather than by that of its first key.
Outcome read_deciding_keys(Scenario& scenario, Spellings& spellings, const json& root)
{
    if (Outcome problem = read_version(root))
        return problem;
    if (root.contains("task"))
        if (Outcome problem = read_key(scenario, spellings, "task", root.at("task")))
            return problem;
    const auto inference = root.find("inference");
    if (inference != root.end() && inference->is_object() && inference->contains("engine"))
        return read_key(scenario, spellings, "inference.engine", inference->at("engine"));
    return {};
}

/// "inference.sequence_length" -> root["inference"]["sequence_length"].
ordered_json& place(ordered_json& root, std::string_view key)
{
    const std::size_t dot = key.find('.');
    ordered_json& member = root[std::string(key.substr(0, dot))];
    return dot == std::string_view::npos ? member : place(member, key.substr(dot + 1));
}

ordered_json json_value(const Scenario& scenario, const ScenarioField& field)
{
    return std::visit(
        [&](auto value) -> ordered_json {
            using Value = decltype(value);
            if constexpr (std::is_same_v<Value, std::monostate>)
                return nullptr;
            else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
                return field.kind == OptionKind::pair && value.size() == 1 ? ordered_json(value.front())
                                                                           : ordered_json(value);
            else if constexpr (std::is_same_v<Value, std::vector<DeviceGroup>>)
                return write_devices(value);
            else
                return value;
        },
        field.get(scenario));
}

// ---- what was chosen, and what was filled in

/// The cache has a row for keys and values together and one for each.
struct CacheRows
{
    const ScenarioField& both = *field_named("precision.kv_cache");
    const ScenarioField& keys = *field_named("precision.kv_cache.k");
    const ScenarioField& values = *field_named("precision.kv_cache.v");

    bool holds(const ScenarioField& field) const { return &field == &both || &field == &keys || &field == &values; }
    bool chosen(const Scenario& scenario, const ScenarioField& field) const
    {
        return scenario.chosen.test(both.row) || is_chosen(scenario, field);
    }
    /// Whether the row of both is the one to write, where keys and values are both chosen or both not.
    bool writes(const Scenario& scenario, const ScenarioField& field, bool as_chosen) const
    {
        const bool together = scenario.precision.kv_cache_k == scenario.precision.kv_cache_v &&
                              chosen(scenario, keys) == chosen(scenario, values);
        if (&field == &both)
            return together && chosen(scenario, keys) == as_chosen;
        return !together && chosen(scenario, field) == as_chosen;
    }
};

const CacheRows& cache_rows()
{
    static const CacheRows rows;
    return rows;
}

bool has_value(const OptionValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value))
        return !text->empty();
    if (const auto* list = std::get_if<std::vector<std::string>>(&value))
        return !list->empty();
    if (const auto* numbers = std::get_if<std::vector<double>>(&value))
        return !numbers->empty();
    if (const auto* groups = std::get_if<std::vector<DeviceGroup>>(&value))
        return !groups->empty();
    return value.index() != 0;
}

/// Until 0.1.0 every default was written. Nobody names all of these by hand, and from then on what nobody chose is
/// absent.
bool names_every_default(const json& root)
{
    const auto precision = root.find("precision");
    const auto hardware = root.find("hardware");
    if (precision == root.end() || hardware == root.end() || !precision->is_object() || !hardware->is_object() ||
        !precision->contains("weights") || !precision->contains("activations"))
        return false;
    static constexpr std::array rows = {"count",
                                        "usable_fraction",
                                        "tensor_parallel",
                                        "pipeline_parallel",
                                        "data_parallel",
                                        "context_parallel",
                                        "expert_parallel",
                                        "sequence_parallel",
                                        "virtual_pipeline",
                                        "num_microbatches",
                                        "pinned"};
    return hardware->contains("accelerator") &&
           std::all_of(rows.begin(), rows.end(), [&](const char* row) { return hardware->contains(row); });
}

/// Values that a new scenario has were nobody's choice, nor was the format that the model decides.
void forget_defaults(Scenario& scenario)
{
    scenario.chosen.reset();
    scenario.precision.kv_cache_chosen = false;
    std::optional<std::string>& weights = scenario.precision.weights;
    if (weights == "bf16" || weights == "checkpoint")
        weights.reset();
}

} // namespace

bool is_written(const Scenario& scenario, const ScenarioField& field)
{
    const CacheRows& cache = cache_rows();
    return cache.holds(field) ? cache.writes(scenario, field, true) : is_chosen(scenario, field);
}

bool is_filled_in(const Scenario& asked, const Scenario& used, const ScenarioField& field)
{
    const CacheRows& cache = cache_rows();
    const bool open = cache.holds(field) ? cache.writes(asked, field, false) : !is_chosen(asked, field);
    return open && is_read(asked, field) && concerns_task(asked, field) && has_value(field.get(used));
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

bool is_scenario(const nlohmann::json& json)
{
    constexpr std::array keys{"model", "task", "precision", "inference", "hardware"};
    return json.is_object() && !json.contains("model_type") && !json.contains("architectures") &&
           std::any_of(keys.begin(), keys.end(), [&](const char* key) { return json.contains(key); });
}

Result<Scenario> read_scenario(const nlohmann::json& json)
{
    if (!json.is_object())
        return Error{"scenario", "the scenario is " + brief(json) + "; it must be an object"};
    try {
        Scenario scenario;
        Spellings spellings;
        if (Outcome problem = read_deciding_keys(scenario, spellings, json))
            return *problem;
        if (Outcome problem = read_group(scenario, spellings, "", json))
            return *problem;
        if (names_every_default(json))
            forget_defaults(scenario);
        return scenario;
    } catch (const std::exception&) { // out of memory is all that is left
        return Error{"scenario", "the scenario can't be read: it needs too much memory"};
    }
}

Result<Scenario> read_scenario_text(std::string_view text, std::string_view name)
{
    const auto json = parse_json(text, name);
    if (!json)
        return json.error();
    return read_scenario(*json);
}

nlohmann::ordered_json write_scenario(const Scenario& scenario)
{
    ordered_json root;
    root["version"] = 1;
    root["model"] = write_model(scenario.model);
    for (const ScenarioField& field : scenario_fields())
        if (is_written(scenario, field))
            place(root, field.key) = json_value(scenario, field);
    if (scenario.hardware.custom) {
        const bool chosen = scenario.hardware.accelerator == "custom";
        root["hardware"][chosen ? "accelerator" : "custom"] = write_custom_accelerator(*scenario.hardware.custom);
    }
    return root;
}

nlohmann::ordered_json write_filled_in(const Scenario& asked, const Scenario& used)
{
    ordered_json root = ordered_json::object();
    for (const ScenarioField& field : scenario_fields())
        if (is_filled_in(asked, used, field))
            place(root, field.key) = json_value(used, field);
    return root;
}

} // namespace weighbridge
