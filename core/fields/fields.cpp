#include "core/fields/fields.h"

#include "core/engines/engine.h"
#include "core/fields/devices_json.h"
#include "core/fields/model_json.h"
#include "core/precision/format.h"
#include "core/quantity/display.h"
#include "core/quantity/formula.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"
#include "core/sources/json_text.h"
#include "core/training/names.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

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

/// One that is not known is left as it is: the row's choices refuse it.
Result<std::string> canonical_engine(std::string_view id)
{
    return std::string(engine_called(id).value_or(id));
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

/// '{"a": 1}' without spaces.
Result<std::string> canonical_object(std::string_view text)
{
    constexpr std::size_t longest = 4096;
    auto object = parse_json(text.substr(0, longest + 1), "");
    if (!object || !object->is_object() || text.size() > longest)
        return Error{"", in_quotes(text) + " is not an object in JSON of at most 4,096 bytes"};
    return object->dump();
}

/// Checks a text and gives its canonical spelling ("BF16" is "bf16"); the error names the nearest known one. Null where
/// the row's own choices say all.
using Canonical = Result<std::string> (*)(std::string_view);

Canonical canonical_of(NameTable names)
{
    switch (names) {
    case NameTable::none:
        return nullptr;
    case NameTable::framework:
        return canonical_framework;
    case NameTable::trainer:
        return canonical_trainer;
    case NameTable::engine:
        return canonical_engine;
    case NameTable::short_text:
        return short_text;
    case NameTable::object:
        return canonical_object;
    case NameTable::model:
        return canonical_model;
    case NameTable::accelerator:
        return canonical_accelerator;
    case NameTable::weights_format:
        return canonical_format<FormatUse::weights>;
    case NameTable::kv_cache_format:
        return canonical_format<FormatUse::kv_cache>;
    case NameTable::activations_format:
        return canonical_format<FormatUse::activations>;
    case NameTable::training_attention:
        return canonical_attention;
    case NameTable::adapter_target:
        return canonical_target;
    case NameTable::optimizer:
        return canonical_optimizer;
    case NameTable::state_dtype:
        return canonical_state_dtype;
    case NameTable::recompute:
        return canonical_recompute;
    }
    return nullptr;
}

const Scenario& fresh_scenario()
{
    static const Scenario fresh;
    return fresh;
}

/// Whether the cache is in 16 bits because somebody said so decides what an engine makes of it.
void note_cache(Scenario& scenario, const ScenarioField& field, bool chosen)
{
    if (field.names == NameTable::kv_cache_format && field.key.starts_with("precision."))
        scenario.precision.kv_cache_chosen = chosen;
}

/// Writes a value of the field's kind and notes that somebody chose it.
void choose(Scenario& scenario, const ScenarioField& field, OptionValue value)
{
    field.set(scenario, std::move(value));
    scenario.chosen.set(field.row);
    note_cache(scenario, field, true);
}

Outcome set_switch(Scenario& scenario, const ScenarioField& field, std::string_view text)
{
    for (const std::string_view yes : {"true", "yes", "on", "1"})
        if (equal_ignoring_case(text, yes))
            return set_flag(scenario, field, true);
    for (const std::string_view no : {"false", "no", "off", "0"})
        if (equal_ignoring_case(text, no))
            return set_flag(scenario, field, false);
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

Error prefixed(const ScenarioField& field, std::string_view given, const Error& error)
{
    const std::string& key = field.key;
    const bool names_value = error.message.starts_with(in_quotes(given));
    return {key, names_value ? key + ": " + error.message : key + " is " + in_quotes(given) + ": " + error.message};
}

Result<std::string> read_text(const Scenario& scenario, const ScenarioField& field, std::string_view given)
{
    if (given == "custom" && field.key == "hardware.accelerator" && scenario.hardware.custom)
        return std::string(given);
    const Canonical canonical = canonical_of(field.names);
    auto text = canonical == nullptr ? Result<std::string>(std::string(given)) : canonical(given);
    if (!text)
        return prefixed(field, given, text.error());
    if (!field.choices.empty() && !contains(field.choices, *text))
        return field_error(field, in_quotes(given));
    return text;
}

template<class Number>
Outcome set_parsed(Scenario& scenario, const ScenarioField& field, const Result<Number>& number)
{
    if (!number)
        return Error{field.key, field.key + ": " + number.error().message};
    return set_count(scenario, field, static_cast<double>(*number));
}

/// "a,b", or a JSON list of texts.
Result<std::vector<std::string>> listed(const ScenarioField& field, std::string_view text)
{
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return std::vector<std::string>{};
    if (text[first] != '[')
        return split(text);
    const auto list = parse_json(text, field.key);
    if (!list)
        return list.error();
    std::vector<std::string> items;
    for (const nlohmann::json& item : *list) {
        const auto* word = item.get_ptr<const std::string*>();
        if (word == nullptr)
            return field_error(field, brief(item));
        items.push_back(*word);
    }
    return items;
}

/// A real number, or an amount of memory in GiB where its unit is said.
Result<double> real_in(const ScenarioField& field, std::string_view text)
{
    auto number = parse_real(text);
    if (number || field.unit != CountUnit::gibibytes)
        return number;
    const auto bytes = parse_count(text, CountUnit::bytes);
    if (!bytes)
        return bytes.error();
    return static_cast<double>(*bytes) / bytes_per_gib;
}

struct TextOfValue
{
    std::string operator()(std::monostate /*left out*/) const { return {}; }
    std::string operator()(bool on) const { return on ? "true" : "false"; }
    std::string operator()(std::int64_t count) const { return std::to_string(count); }
    std::string operator()(double number) const { return real_text(number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const std::vector<std::string>& items) const { return joined(items, ","); }
    std::string operator()(const std::vector<double>& numbers) const
    {
        std::string text;
        for (const double number : numbers)
            text += (text.empty() ? "" : ",") + real_text(number);
        return text;
    }
    std::string operator()(const std::vector<DeviceGroup>& groups) const { return devices_text(groups); }
};

} // namespace

std::string allowed_text(const ScenarioField& field)
{
    if (!field.choices.empty())
        return (field.choices.size() == 1 ? "" : "one of ") + joined(field.choices);
    const std::string least = formula_number(field.range.least);
    const std::string most = formula_number(field.range.most);
    switch (field.kind) {
    case OptionKind::flag:
        return "true or false";
    case OptionKind::whole:
        if (!field.word.empty())
            return std::string(field.word) + " or a whole number up to " + most;
        return least == most ? least : "a whole number from " + least + " to " + most;
    case OptionKind::real:
        return field.range.above_least ? "a number above " + least + ", at most " + most
                                       : "a number from " + least + " to " + most;
    case OptionKind::text:
        return "a name";
    case OptionKind::list:
        return "a list of names";
    case OptionKind::pair:
        return "a format, or two for keys and values";
    case OptionKind::numbers:
        return "a list of numbers from " + least + " to " + most;
    case OptionKind::devices:
        return "a list of 1 to 64 groups {\"accelerator\", \"count\", \"memory_gib\", \"memory_in_use_gib\"}";
    }
    return {};
}

Error field_error(const ScenarioField& field, std::string_view value)
{
    return {field.key, field.key + " is " + std::string(value) + "; it must be " + allowed_text(field)};
}

Outcome set_flag(Scenario& scenario, const ScenarioField& field, bool value)
{
    if (field.kind != OptionKind::flag)
        return field_error(field, value ? "true" : "false");
    choose(scenario, field, value);
    return {};
}

Outcome set_count(Scenario& scenario, const ScenarioField& field, double value)
{
    const OptionRange& range = field.range;
    const bool is_whole = std::floor(value) == value;
    const bool inside = value <= range.most && (range.above_least ? value > range.least : value >= range.least);
    const bool allowed = field.kind == OptionKind::real || (field.kind == OptionKind::whole && is_whole);
    if (!inside || !allowed) // large whole numbers are shown as such, fractions as they were typed
        return field_error(field, is_whole && std::abs(value) < 1e18 ? formula_number(value) : real_text(value));
    if (field.kind == OptionKind::whole)
        choose(scenario, field, static_cast<std::int64_t>(value));
    else
        choose(scenario, field, value);
    return {};
}

namespace {

/// "auto" of a format: as the engine or the checkpoint has it.
bool leaves_format_open(const ScenarioField& field, const std::vector<std::string>& texts)
{
    constexpr std::array formats = {NameTable::weights_format, NameTable::kv_cache_format,
                                    NameTable::activations_format};
    return texts.size() == 1 && equal_ignoring_case(texts.front(), "auto") &&
           std::find(formats.begin(), formats.end(), field.names) != formats.end();
}

/// "q8_0/q4_0" is keys and values.
void split_pair(const ScenarioField& field, std::vector<std::string>& texts)
{
    const std::size_t slash = texts.size() == 1 ? texts.front().find('/') : std::string::npos;
    if (field.kind != OptionKind::pair || slash == std::string::npos)
        return;
    texts.push_back(texts.front().substr(slash + 1));
    texts.front().resize(slash);
}

} // namespace

Outcome set_texts(Scenario& scenario, const ScenarioField& field, std::vector<std::string> texts)
{
    if (leaves_format_open(field, texts)) {
        unset_field(scenario, field);
        return {};
    }
    split_pair(field, texts);
    for (std::string& item : texts) {
        auto read = read_text(scenario, field, item);
        if (!read)
            return read.error();
        item = std::move(*read);
    }
    const bool one = field.kind == OptionKind::text && texts.size() == 1;
    const bool pair = field.kind == OptionKind::pair && (texts.size() == 1 || texts.size() == 2);
    if (!one && !pair && field.kind != OptionKind::list)
        return field_error(field, in_quotes(joined(texts, ",")));
    if (one)
        choose(scenario, field, std::move(texts.front()));
    else
        choose(scenario, field, std::move(texts));
    return {};
}

namespace {

/// '{"image": 0}' of a group of keys.
Outcome set_group(Scenario& scenario, std::string_view key, std::string_view text)
{
    const auto object = parse_json(text, std::string(key));
    if (!object)
        return object.error();
    for (const auto& [name, value] : object->items()) {
        const auto* words = value.get_ptr<const std::string*>();
        if (Outcome problem =
                set_field(scenario, std::string(key) + '.' + name, words != nullptr ? *words : value.dump()))
            return problem;
    }
    return {};
}

} // namespace

Outcome set_field(Scenario& scenario, std::string_view key, std::string_view text)
{
    if (text.starts_with('{') && is_group(key) && field_named(key) == nullptr)
        return set_group(scenario, key, text);
    const auto found = find_field(scenario, key);
    if (!found)
        return found.error();
    const ScenarioField& field = **found;
    const bool may_be_empty = field.optional || field.kind == OptionKind::numbers || field.kind == OptionKind::devices;
    if (may_be_empty && text.find_first_not_of(' ') == std::string_view::npos) {
        unset_field(scenario, field);
        return {};
    }
    switch (field.kind) {
    case OptionKind::flag:
        return set_switch(scenario, field, text);
    case OptionKind::whole:
        if (!field.word.empty() && equal_ignoring_case(text, field.word))
            return set_count(scenario, field, field.range.least);
        return set_parsed(scenario, field, parse_count(text, field.unit));
    case OptionKind::real:
        return set_parsed(scenario, field, real_in(field, text));
    case OptionKind::text:
        return set_texts(scenario, field, {std::string(text)});
    case OptionKind::numbers: {
        auto numbers = parse_numbers(field, text);
        return numbers ? set_numbers(scenario, field, std::move(*numbers)) : numbers.error();
    }
    case OptionKind::devices: {
        auto groups = parse_devices(text, field.key);
        return groups ? set_devices(scenario, field, std::move(*groups)) : groups.error();
    }
    case OptionKind::list:
    case OptionKind::pair:
        break;
    }
    if (field.kind == OptionKind::pair && text.find(',') != std::string_view::npos &&
        read_text(scenario, field, text)) // one format of keys and values with a comma in its name: "exl3:6,5"
        return set_texts(scenario, field, {std::string(text)});
    auto items = listed(field, text);
    if (!items)
        return items.error();
    return set_texts(scenario, field, std::move(*items));
}

void unset_field(Scenario& scenario, const ScenarioField& field)
{
    field.set(scenario, field.get(fresh_scenario()));
    scenario.chosen.reset(field.row);
    note_cache(scenario, field, false);
}

bool is_read(const Scenario& scenario, const ScenarioField& field)
{
    return (field.tasks.empty() || contains(field.tasks, scenario.task)) &&
           (field.engines.empty() || contains(field.engines, scenario.inference.engine));
}

bool concerns_task(const Scenario& scenario, const ScenarioField& field)
{
    return (field.tasks.empty() || contains(field.tasks, scenario.task)) &&
           (field.concerns == nullptr || field.concerns(scenario));
}

std::string owners_text(const ScenarioField& field)
{
    if (field.engines.empty())
        return (field.tasks.size() == 1 ? "task " : "tasks ") + joined(field.tasks);
    return (field.engines.size() == 1 ? "engine " : "engines ") + joined(field.engines);
}

bool is_default(const Scenario& scenario, const ScenarioField& field)
{
    return field.same(scenario, fresh_scenario());
}

bool is_chosen(const Scenario& scenario, const ScenarioField& field)
{
    return scenario.chosen.test(field.row) || !is_default(scenario, field);
}

bool stands_for_least(const ScenarioField& field, const OptionValue& value)
{
    const auto* count = std::get_if<std::int64_t>(&value);
    return !field.word.empty() && count != nullptr && static_cast<double>(*count) == field.range.least;
}

std::string field_text(const Scenario& scenario, const ScenarioField& field)
{
    const OptionValue value = field.get(scenario);
    if (stands_for_least(field, value))
        return std::string(field.word);
    return std::visit(TextOfValue{}, value);
}

} // namespace weighbridge
