#include "core/fields/fields.h"

#include "core/engines/engine.h"
#include "core/fields/engine_fields.h"
#include "core/fields/training_fields.h"
#include "core/precision/format.h"
#include "core/quantity/display.h"
#include "core/quantity/formula.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

namespace weighbridge {

namespace {

template<class Value>
constexpr bool is_optional = false;
template<class Value>
constexpr bool is_optional<std::optional<Value>> = true;

/// Whether a slot holds true or false, or perhaps neither.
template<class Value>
constexpr bool is_switch = std::is_same_v<Value, bool> || std::is_same_v<Value, std::optional<bool>>;

template<FormatUse use>
Result<std::string> canonical_format(std::string_view id)
{
    auto format = find_format(id, use);
    if (!format)
        return format.error();
    return std::move(format->id);
}

Result<std::string> canonical_accelerator(std::string_view id)
{
    auto accelerator = Catalogue().find(id);
    if (!accelerator)
        return accelerator.error();
    return std::move(accelerator->id);
}

Result<std::string> short_text(std::string_view text)
{
    constexpr std::size_t longest = 64;
    const bool printable =
        std::all_of(text.begin(), text.end(), [](char letter) { return letter >= ' ' && letter <= '~'; });
    if (!printable || text.size() > longest)
        return Error{"", in_quotes(text) + " is not a text of at most 64 printable ASCII characters"};
    return std::string(text);
}

ScenarioField whole(std::string_view key, FieldSlot slot, double least, double most)
{
    return {.key = key, .slot = slot, .minimum = least, .maximum = most};
}

ScenarioField fraction(std::string_view key, FieldSlot slot, double most)
{
    return {.key = key, .slot = slot, .minimum = 0, .maximum = most};
}

ScenarioField text(std::string_view key, FieldSlot slot, Result<std::string> (*canonical)(std::string_view))
{
    return {.key = key, .slot = slot, .canonical = canonical};
}

ScenarioField choice(std::string_view key, std::string& (*slot)(Scenario&), std::vector<std::string_view> choices,
                     std::vector<std::string_view> not_built = {})
{
    return {.key = key, .slot = slot, .choices = std::move(choices), .not_built = std::move(not_built)};
}

constexpr double parameters_at_most = 1e15;

std::vector<std::string_view> named_engines(bool built)
{
    std::vector<std::string_view> names;
    for (const std::string_view name : engine_names())
        if ((find_engine(name) != nullptr) == built)
            names.push_back(name);
    return names;
}

void add_precision(std::vector<ScenarioField>& fields)
{
    fields.push_back(text(
        "precision.weights", +[](Scenario& s) -> std::string& { return s.precision.weights; },
        canonical_format<FormatUse::weights>));
    fields.push_back(text(
        "precision.kv_cache",
        +[](Scenario& s) -> TextPair {
            return {s.precision.kv_cache_k, s.precision.kv_cache_v};
        },
        canonical_format<FormatUse::kv_cache>));
    fields.push_back(text(
        "precision.kv_cache.k", +[](Scenario& s) -> std::string& { return s.precision.kv_cache_k; },
        canonical_format<FormatUse::kv_cache>));
    fields.push_back(text(
        "precision.kv_cache.v", +[](Scenario& s) -> std::string& { return s.precision.kv_cache_v; },
        canonical_format<FormatUse::kv_cache>));
    fields.push_back(text(
        "precision.activations", +[](Scenario& s) -> std::string& { return s.precision.activations; },
        canonical_format<FormatUse::activations>));
}

void add_workload(std::vector<ScenarioField>& fields)
{
    fields.push_back(choice(
        "inference.engine", +[](Scenario& s) -> std::string& { return s.inference.engine; }, named_engines(true),
        named_engines(false)));
    fields.push_back(text(
        "inference.engine_version", +[](Scenario& s) -> std::string& { return s.inference.engine_version; },
        short_text));
    fields.push_back(whole(
        "inference.sequence_length", +[](Scenario& s) -> std::int64_t& { return s.inference.sequence_length; }, 1,
        tokens_at_most));
    fields.push_back(whole(
        "inference.concurrent_sequences",
        +[](Scenario& s) -> std::int64_t& { return s.inference.concurrent_sequences; }, 1, sequences_at_most));
}

void add_generic_engine(std::vector<ScenarioField>& fields)
{
    const std::size_t first = fields.size();
    fields.push_back(choice("inference.activation_method",
                            +[](Scenario& s) -> std::string& { return s.inference.activation_method; },
                            {"peak_layer", "vanilla", "gqa", "flash", "fraction"}));
    fields.push_back(fraction(
        "inference.activation_fraction", +[](Scenario& s) -> double& { return s.inference.activation_fraction; }, 1));
    fields.push_back(whole(
        "inference.overhead_bytes", +[](Scenario& s) -> std::int64_t& { return s.inference.overhead_bytes; }, 0,
        bytes_at_most));
    fields.back().unit = CountUnit::bytes;
    fields.push_back(fraction(
        "inference.overhead_fraction",
        +[](Scenario& s) -> std::optional<double>& { return s.inference.overhead_fraction; }, 10));
    fields.push_back(
        {.key = "inference.use_kv_cache", .slot = +[](Scenario& s) -> bool& { return s.inference.use_kv_cache; }});
    fields.push_back(whole(
        "inference.parameters", +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.parameters; }, 1,
        parameters_at_most));
    fields.back().unit = CountUnit::parameters;
    for (std::size_t row = first; row < fields.size(); ++row)
        fields[row].engines = {generic_engine};
}

/// Layouts that training has, and that only some engines have: their neutral values are accepted everywhere.
void add_layout(std::vector<ScenarioField>& fields)
{
    fields.push_back(whole(
        "hardware.data_parallel", +[](Scenario& s) -> std::int64_t& { return s.hardware.data_parallel; }, 1,
        ranks_at_most));
    fields.push_back(whole(
        "hardware.context_parallel", +[](Scenario& s) -> std::int64_t& { return s.hardware.context_parallel; }, 1,
        ranks_at_most));
    fields.push_back(whole(
        "hardware.expert_parallel", +[](Scenario& s) -> std::int64_t& { return s.hardware.expert_parallel; }, 1,
        ranks_at_most));
    fields.push_back({.key = "hardware.sequence_parallel",
                      .slot = +[](Scenario& s) -> bool& { return s.hardware.sequence_parallel; }});
    fields.push_back(whole(
        "hardware.virtual_pipeline", +[](Scenario& s) -> std::int64_t& { return s.hardware.virtual_pipeline; }, 1,
        ranks_at_most));
    fields.push_back(whole(
        "hardware.num_microbatches", +[](Scenario& s) -> std::int64_t& { return s.hardware.num_microbatches; }, 1,
        sequences_at_most));
}

void add_hardware(std::vector<ScenarioField>& fields)
{
    fields.push_back(text(
        "hardware.accelerator", +[](Scenario& s) -> std::string& { return s.hardware.accelerator; },
        canonical_accelerator));
    fields.push_back(whole(
        "hardware.count", +[](Scenario& s) -> std::optional<std::int64_t>& { return s.hardware.count; }, 1,
        sequences_at_most));
    fields.push_back(fraction(
        "hardware.usable_fraction", +[](Scenario& s) -> std::optional<double>& { return s.hardware.usable_fraction; },
        1));
    fields.back().above_minimum = true;
    fields.push_back(whole(
        "hardware.tensor_parallel", +[](Scenario& s) -> std::int64_t& { return s.hardware.tensor_parallel; }, 1, 4096));
    fields.push_back(whole(
        "hardware.pipeline_parallel", +[](Scenario& s) -> std::int64_t& { return s.hardware.pipeline_parallel; }, 1,
        4096));
    add_layout(fields);
    fields.push_back(text(
        "hardware.pinned", +[](Scenario& s) -> std::vector<std::string>& { return s.hardware.pinned; },
        canonical_accelerator));
}

std::vector<ScenarioField> all_fields()
{
    std::vector<ScenarioField> fields;
    fields.push_back(
        choice("task", +[](Scenario& s) -> std::string& { return s.task; }, {"inference", "fine_tune", "train"}));
    add_precision(fields);
    add_workload(fields);
    add_generic_engine(fields);
    add_engine_fields(fields);
    for (ScenarioField& field : fields)
        if (field.key.starts_with("inference.") || field.key.starts_with("precision.kv_cache"))
            field.tasks = {"inference"};
    add_training_fields(fields);
    add_hardware(fields);
    return fields;
}

template<class Switch>
Outcome set_switch(Switch& slot, const ScenarioField& field, std::string_view text)
{
    for (const std::string_view yes : {"true", "yes", "on", "1"})
        if (equal_ignoring_case(text, yes)) {
            slot = true;
            return {};
        }
    for (const std::string_view no : {"false", "no", "off", "0"})
        if (equal_ignoring_case(text, no)) {
            slot = false;
            return {};
        }
    return field_error(field, in_quotes(text));
}

std::vector<std::string> split(std::string_view text)
{
    std::vector<std::string> parts;
    while (true) {
        const std::size_t comma = text.find(',');
        std::string_view part = text.substr(0, comma);
        part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
        part = part.substr(0, part.find_last_not_of(' ') + 1);
        parts.emplace_back(part);
        if (comma == std::string_view::npos)
            return parts;
        text.remove_prefix(comma + 1);
    }
}

std::string shown_list(const std::vector<std::string>& texts)
{
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : ",") + text;
    return in_quotes(std::string_view(list));
}

Error prefixed(const ScenarioField& field, std::string_view given, const Error& error)
{
    const std::string key(field.key);
    const bool names_value = error.message.starts_with(in_quotes(given));
    return {key, names_value ? key + ": " + error.message : key + " is " + in_quotes(given) + ": " + error.message};
}

Result<std::string> read_text(const Scenario& scenario, const ScenarioField& field, std::string_view given)
{
    if (contains(field.not_built, given))
        return Error{std::string(field.key), std::string(field.key) + " is " + in_quotes(given) +
                                                 ", which is not built yet; " + joined(field.choices) + " is"};
    if (!field.choices.empty() && !contains(field.choices, given))
        return field_error(field, in_quotes(given));
    if (given == "custom" && field.key == "hardware.accelerator" && scenario.hardware.custom)
        return std::string(given);
    if (field.canonical == nullptr)
        return std::string(given);
    auto text = field.canonical(given);
    if (!text)
        return prefixed(field, given, text.error());
    return text;
}

template<class Number>
Outcome set_parsed(Scenario& scenario, const ScenarioField& field, const Result<Number>& number)
{
    if (!number)
        return Error{std::string(field.key), std::string(field.key) + ": " + number.error().message};
    return set_count(scenario, field, static_cast<double>(*number));
}

} // namespace

std::string_view current_name(std::string_view key)
{
    return key == "inference.max_batched_tokens" ? "inference.max_num_batched_tokens" : key;
}

std::span<const ScenarioField> scenario_fields()
{
    static const std::vector<ScenarioField> fields = all_fields();
    return fields;
}

const ScenarioField* field_named(std::string_view key)
{
    key = current_name(key);
    for (const ScenarioField& field : scenario_fields())
        if (field.key == key)
            return &field;
    return nullptr;
}

Result<const ScenarioField*> find_field(std::string_view key)
{
    if (const ScenarioField* field = field_named(key))
        return field;
    key = current_name(key);
    std::vector<std::string_view> known = {"model",    "version",      "model.path",
                                           "model.hf", "model.config", "model.architecture"};
    for (const ScenarioField& field : scenario_fields())
        known.push_back(field.key);
    return unknown_key(key, known);
}

Error unknown_key(std::string_view key, std::span<const std::string_view> known)
{
    const std::string shown = in_quotes(key);
    return {shown.substr(1, shown.size() - 2), "there is no key " + shown + "; the nearest is \"" +
                                                   std::string(nearest_name(key, known, Nearness::any)) + "\""};
}

std::string allowed_text(const ScenarioField& field)
{
    if (!field.choices.empty())
        return (field.choices.size() == 1 ? "" : "one of ") + joined(field.choices);
    std::string least = formula_number(field.minimum);
    const std::string most = formula_number(field.maximum);
    return std::visit(
        [&](auto slot) -> std::string {
            using Value = std::remove_cvref_t<decltype(slot(std::declval<Scenario&>()))>;
            if constexpr (is_switch<Value>)
                return "true or false";
            else if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::optional<double>>)
                return field.above_minimum ? "a number above " + least + ", at most " + most
                                           : "a number from " + least + " to " + most;
            else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
                return "a list of names";
            else if constexpr (std::is_same_v<Value, TextPair>)
                return "a format, or two for keys and values";
            else if constexpr (std::is_same_v<Value, std::string>)
                return "a name";
            else if (least == most)
                return least;
            else
                return "a whole number from " + least + " to " + most;
        },
        field.slot);
}

Error field_error(const ScenarioField& field, std::string_view value)
{
    const std::string key(field.key);
    return {key, key + " is " + std::string(value) + "; it must be " + allowed_text(field)};
}

Outcome set_count(Scenario& scenario, const ScenarioField& field, double value)
{
    // Large whole numbers are shown as such, fractions as they were typed.
    const bool is_whole = std::floor(value) == value;
    const std::string shown = is_whole && std::abs(value) < 1e18 ? formula_number(value) : real_text(value);
    const bool inside =
        value <= field.maximum && (field.above_minimum ? value > field.minimum : value >= field.minimum);
    return std::visit(
        [&](auto slot) -> Outcome {
            using Value = std::remove_cvref_t<decltype(slot(scenario))>;
            if constexpr (std::is_same_v<Value, std::int64_t> || std::is_same_v<Value, std::optional<std::int64_t>>) {
                if (!inside || !is_whole)
                    return field_error(field, shown);
                slot(scenario) = static_cast<std::int64_t>(value);
                return {};
            } else if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::optional<double>>) {
                if (!inside)
                    return field_error(field, shown);
                slot(scenario) = value;
                return {};
            } else {
                return field_error(field, shown);
            }
        },
        field.slot);
}

Outcome set_texts(Scenario& scenario, const ScenarioField& field, std::vector<std::string> texts)
{
    for (std::string& item : texts) {
        auto read = read_text(scenario, field, item);
        if (!read)
            return read.error();
        item = std::move(*read);
    }
    if (field.key == "precision.weights")
        scenario.precision.weights_given = true;
    return std::visit(
        [&](auto slot) -> Outcome {
            using Value = std::remove_cvref_t<decltype(slot(scenario))>;
            if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
                slot(scenario) = std::move(texts);
                return {};
            } else if constexpr (std::is_same_v<Value, std::string>) {
                if (texts.size() != 1)
                    return field_error(field, shown_list(texts));
                slot(scenario) = std::move(texts.front());
                return {};
            } else if constexpr (std::is_same_v<Value, TextPair>) {
                if (texts.empty() || texts.size() > 2)
                    return field_error(field, shown_list(texts));
                const TextPair pair = slot(scenario);
                pair.first = texts.front();
                pair.second = texts.back();
                return {};
            } else {
                return field_error(field, shown_list(texts));
            }
        },
        field.slot);
}

Outcome set_field(Scenario& scenario, std::string_view key, std::string_view text)
{
    const auto found = find_field(key);
    if (!found)
        return found.error();
    const ScenarioField& field = **found;
    return std::visit(
        [&](auto slot) -> Outcome {
            using Value = std::remove_cvref_t<decltype(slot(scenario))>;
            if constexpr (is_optional<Value>) {
                if (text.find_first_not_of(' ') == std::string_view::npos) {
                    slot(scenario).reset();
                    return {};
                }
            }
            if constexpr (is_switch<Value>)
                return set_switch(slot(scenario), field, text);
            else if constexpr (std::is_same_v<Value, std::int64_t> ||
                               std::is_same_v<Value, std::optional<std::int64_t>>)
                return set_parsed(scenario, field, parse_count(text, field.unit));
            else if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::optional<double>>)
                return set_parsed(scenario, field, parse_real(text));
            else if constexpr (std::is_same_v<Value, std::string>)
                return set_texts(scenario, field, {std::string(text)});
            else
                return set_texts(scenario, field, text.empty() ? std::vector<std::string>{} : split(text));
        },
        field.slot);
}

bool is_read(const Scenario& scenario, const ScenarioField& field)
{
    return (field.tasks.empty() || contains(field.tasks, scenario.task)) &&
           (field.engines.empty() || contains(field.engines, scenario.inference.engine));
}

bool concerns_task(const Scenario& scenario, const ScenarioField& field)
{
    constexpr std::array<std::string_view, 4> of_training = {"hardware.context_parallel", "hardware.sequence_parallel",
                                                             "hardware.virtual_pipeline", "hardware.num_microbatches"};
    if (!field.tasks.empty())
        return contains(field.tasks, scenario.task);
    const TrainingChoice* training = scenario.training();
    if (training == nullptr)
        return std::find(of_training.begin(), of_training.end(), field.key) == of_training.end();
    if (field.key.starts_with("inference.") || field.key.starts_with("precision.kv_cache"))
        return false;
    // Where every parameter is trained its recipe says how it is kept, unless somebody chose a precision all the same.
    const PrecisionChoice& precision = scenario.precision;
    if (field.key == "precision.weights")
        return training->method != "full" || precision.weights_given;
    if (field.key == "precision.activations")
        return precision.weights_given && precision.weights == "fp32";
    return true;
}

std::string owners_text(const ScenarioField& field)
{
    if (field.engines.empty())
        return (field.tasks.size() == 1 ? "task " : "tasks ") + joined(field.tasks);
    return (field.engines.size() == 1 ? "engine " : "engines ") + joined(field.engines);
}

bool is_default(const Scenario& scenario, const ScenarioField& field)
{
    // Slots give access for writing too; nothing is written here.
    static const Scenario fresh;
    auto& writable = const_cast<Scenario&>(scenario);
    auto& writable_fresh = const_cast<Scenario&>(fresh);
    return std::visit([&](auto slot) { return slot(writable) == slot(writable_fresh); }, field.slot);
}

std::string field_text(const Scenario& scenario, const ScenarioField& field)
{
    // Slots give access for writing too; nothing is written here.
    auto& writable = const_cast<Scenario&>(scenario);
    return std::visit(
        [&](auto slot) -> std::string {
            using Value = std::remove_cvref_t<decltype(slot(writable))>;
            const auto& value = slot(writable);
            if constexpr (std::is_same_v<Value, bool>) {
                return value ? "true" : "false";
            } else if constexpr (std::is_same_v<Value, std::int64_t>) {
                return std::to_string(value);
            } else if constexpr (std::is_same_v<Value, double>) {
                return real_text(value);
            } else if constexpr (std::is_same_v<Value, std::optional<std::int64_t>>) {
                return value ? std::to_string(*value) : std::string();
            } else if constexpr (std::is_same_v<Value, std::optional<double>>) {
                return value ? real_text(*value) : std::string();
            } else if constexpr (std::is_same_v<Value, std::optional<bool>>) {
                return !value ? std::string() : *value ? "true" : "false";
            } else if constexpr (std::is_same_v<Value, std::string>) {
                return value;
            } else if constexpr (std::is_same_v<Value, TextPair>) {
                return value.first == value.second ? value.first : value.first + "," + value.second;
            } else {
                std::string list;
                for (const std::string& item : value)
                    list += (list.empty() ? "" : ",") + item;
                return list;
            }
        },
        field.slot);
}

} // namespace weighbridge
