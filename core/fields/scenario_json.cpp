#include "core/fields/scenario_json.h"

#include "core/fields/accelerator_json.h"
#include "core/fields/devices_json.h"
#include "core/fields/fields.h"
#include "core/quantity/formula.h"
#include "core/quantity/nearest.h"
#include "core/sources/json_text.h"

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

Outcome read_version(const json& root)
{
    const auto version = root.find("version");
    if (version == root.end() || (version->is_number_integer() && *version == 1))
        return {};
    return wrong_type("version", *version, "1");
}

// ---- scalar fields

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
        if (value.is_string() && !field.word.empty() && equal_ignoring_case(value.get<std::string>(), field.word))
            return set_count(scenario, field, field.range.least);
        return value.is_number() ? set_count(scenario, field, value.get<double>()) : field_error(field, brief(value));
    case OptionKind::text:
    case OptionKind::pair:
        // A version, or a format that has a number for a name: LMDeploy's quant_policy.
        if (value.is_number() && (field.names == NameTable::short_text || field.kind == OptionKind::pair))
            return set_texts(scenario, field, {formula_number(value.get<double>())});
        if (value.is_object() && (field.names == NameTable::model || field.names == NameTable::object))
            return set_texts(scenario, field, {value.dump()});
        if (value.is_boolean() && field.names == NameTable::recompute) // "gradient_checkpointing": true
            return set_texts(scenario, field, {value.get<bool>() ? "true" : "false"});
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
    const auto field = find_field(scenario, key);
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
    const OptionValue given = field.get(scenario);
    if (stands_for_least(field, given))
        return field.word;
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
            else if constexpr (std::is_same_v<Value, std::string>)
                return (field.names == NameTable::model || field.names == NameTable::object) && value.starts_with('{')
                           ? ordered_json::parse(value)
                           : ordered_json(value);
            else
                return value;
        },
        given);
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

bool is_scenario(const nlohmann::json& json)
{
    constexpr std::array keys{"model", "task", "precision", "inference", "hardware", "workload"};
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
