#include "core/sources/config_reader.h"

#include "core/quantity/formula.h"
#include "core/sources/json_text.h"
#include "resources/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

using nlohmann::json;

/// {"defaults": {...}, "attribute_map": {...}} of a model_type, or an empty object.
json class_defaults(std::string_view model_type)
{
    if (const resources::Entry* entry = resources::find(resources::config_defaults(), model_type))
        if (Result<json> parsed = parse_json(entry->json, "config_defaults.json"))
            return std::move(*parsed);
    return json::object();
}

const json* member(const json* object, std::string_view key)
{
    if (object == nullptr || !object->is_object())
        return nullptr;
    const auto found = object->find(key);
    return found == object->end() ? nullptr : &*found;
}

/// The attribute_map of a class gives second names to its keys; a file may use either.
std::vector<std::string> spellings_of(const json& class_entry, std::string_view key)
{
    std::vector<std::string> names = {std::string(key)};
    const json* map = member(&class_entry, "attribute_map");
    if (map == nullptr || !map->is_object())
        return names;
    for (const auto& [alias, target] : map->items()) {
        if (target == key)
            names.push_back(alias);
        else if (alias == key && target.is_string())
            names.push_back(target.get<std::string>());
    }
    return names;
}

std::string allowed(IntegerRange range)
{
    return "a whole number from " + grouped(range.minimum) + " to " + grouped(range.maximum);
}

} // namespace

std::vector<std::string> key_spellings(std::string_view defaults, std::string_view key)
{
    return spellings_of(class_defaults(defaults), key);
}

ConfigReader::ConfigReader(const nlohmann::json* object, std::string_view defaults, ReadLog& log, std::string path)
    : object_(object), defaults_(std::make_shared<const json>(class_defaults(defaults))), log_(&log),
      path_(std::move(path))
{
    if (object_ == nullptr || object_->is_object())
        return;
    if (!object_->is_null() && !log_->error)
        log_->error =
            Error{path_, (path_.empty() ? "The text" : path_) + " is " + brief(*object_) + "; it must be an object"};
    object_ = nullptr;
}

std::string ConfigReader::dotted(std::string_view key) const
{
    return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

std::vector<std::string> ConfigReader::spellings(std::string_view key) const
{
    return spellings_of(*defaults_, key);
}

void ConfigReader::fail(std::string_view key, std::string_view what)
{
    if (!log_->error)
        log_->error = Error{dotted(key), dotted(key) + ' ' + std::string(what)};
}

void ConfigReader::refuse(std::string_view key, std::string_view what)
{
    const Found found = find(key);
    const std::string value = found.value == nullptr ? "missing" : brief(*found.value);
    fail(found.key, "is " + value + "; " + std::string(what));
}

void ConfigReader::warn(std::string_view key, std::string message)
{
    log_->issues.push_back({dotted(key), Severity::warning, std::move(message)});
}

ConfigReader::Found ConfigReader::find(std::string_view key)
{
    Found found{std::string(key)};
    const std::vector<std::string> names = spellings(key);
    log_->asked.insert(names.begin(), names.end());
    for (const std::string& name : names) {
        const json* value = member(object_, name);
        if (value == nullptr)
            continue;
        // A file may carry both names; when one is null the other speaks.
        if (found.value == nullptr || found.value->is_null())
            found = {name, value};
        else if (!value->is_null() && *value != *found.value)
            fail(name, "is " + brief(*value) + " but " + dotted(found.key) + " is " + brief(*found.value) +
                           "; they are two names of one setting");
    }
    if (found.value != nullptr)
        return found;
    const json* defaults = member(defaults_.get(), "defaults");
    for (const std::string& name : names)
        if (const json* value = member(defaults, name))
            return {std::string(key), value, true};
    return found;
}

std::optional<std::int64_t> ConfigReader::whole(const std::string& key, const json& value, IntegerRange range)
{
    std::optional<std::int64_t> number;
    if (value.is_number_float()) {
        // 4096.0 is harmless; beyond 2^53 a double no longer tells whole numbers apart.
        const double real = value.get<double>();
        if (std::abs(real) < 9007199254740992.0 && std::trunc(real) == real)
            number = static_cast<std::int64_t>(real);
    } else if (value.is_number_unsigned()) {
        const auto natural = value.get<std::uint64_t>();
        if (natural <= static_cast<std::uint64_t>(range.maximum))
            number = static_cast<std::int64_t>(natural);
    } else if (value.is_number_integer()) {
        number = value.get<std::int64_t>();
    }
    if (number && *number >= range.minimum && *number <= range.maximum)
        return number;
    fail(key, "is " + brief(value) + "; it must be " + allowed(range) + (value.is_string() ? ", without quotes" : ""));
    return std::nullopt;
}

void ConfigReader::record_default(const Found& found)
{
    if (!found.defaulted)
        return;
    std::string line = dotted(found.key) + " = " + brief(*found.value);
    if (std::find(log_->defaulted.begin(), log_->defaulted.end(), line) == log_->defaulted.end())
        log_->defaulted.push_back(std::move(line));
}

std::int64_t ConfigReader::integer(std::string_view key, IntegerRange range)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null()) {
        fail(found.key,
             (found.value == nullptr || found.defaulted ? "is missing; it must be " : "is null; it must be ") +
                 allowed(range));
        return range.minimum;
    }
    record_default(found);
    return whole(found.key, *found.value, range).value_or(range.minimum);
}

std::optional<std::int64_t> ConfigReader::optional_integer(std::string_view key, IntegerRange range)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return std::nullopt;
    record_default(found);
    return whole(found.key, *found.value, range);
}

bool ConfigReader::flag(std::string_view key, bool fallback)
{
    Found found = find(key);
    if (found.value != nullptr && found.value->is_null() && !found.defaulted) {
        const json* standard = member(member(defaults_.get(), "defaults"), key);
        found.value = standard;
    }
    if (found.value == nullptr || found.value->is_null())
        return fallback;
    if (found.value->is_boolean())
        return found.value->get<bool>();
    const std::int64_t number = found.value->is_number_integer() ? found.value->get<std::int64_t>() : -1;
    if (number == 0 || number == 1)
        return number == 1;
    fail(found.key, "is " + brief(*found.value) + "; it must be true or false");
    return fallback;
}

std::optional<std::string> ConfigReader::text(std::string_view key)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return std::nullopt;
    if (found.value->is_string())
        return found.value->get<std::string>();
    fail(found.key, "is " + brief(*found.value) + "; it must be a text");
    return std::nullopt;
}

std::optional<std::vector<std::string>> ConfigReader::texts(std::string_view key)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return std::nullopt;
    std::vector<std::string> list;
    if (!found.value->is_array()) {
        fail(found.key, "is " + brief(*found.value) + "; it must be a list of texts");
        return std::nullopt;
    }
    for (const json& entry : *found.value) {
        if (!entry.is_string()) {
            fail(found.key + '[' + std::to_string(list.size()) + ']', "is " + brief(entry) + "; it must be a text");
            return std::nullopt;
        }
        list.push_back(entry.get<std::string>());
    }
    return list;
}

std::optional<std::vector<std::int64_t>> ConfigReader::integers(std::string_view key, IntegerRange range)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return std::nullopt;
    if (!found.value->is_array()) {
        fail(found.key, "is " + brief(*found.value) + "; it must be a list of whole numbers");
        return std::nullopt;
    }
    std::vector<std::int64_t> list;
    for (const json& entry : *found.value) {
        const auto number = whole(found.key + '[' + std::to_string(list.size()) + ']', entry, range);
        if (!number)
            return std::nullopt;
        list.push_back(*number);
    }
    return list;
}

std::optional<std::vector<std::int64_t>> ConfigReader::integer_per_layer(std::string_view key, IntegerRange range,
                                                                         std::int64_t count)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return std::nullopt;
    const auto layers = static_cast<std::size_t>(count);
    if (!found.value->is_array()) {
        const auto number = whole(found.key, *found.value, range);
        return number ? std::optional(std::vector<std::int64_t>(layers, *number)) : std::nullopt;
    }
    auto list = integers(key, range);
    if (list && list->size() < layers) {
        fail(found.key, "has " + std::to_string(list->size()) + " entries; it must have one for each of the " +
                            grouped(count) + " layers");
        return std::nullopt;
    }
    if (list)
        list->resize(layers);
    return list;
}

std::optional<double> ConfigReader::real(std::string_view key, double least, double most)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return std::nullopt;
    const double number = found.value->is_number() ? found.value->get<double>() : std::nan("");
    if (number >= least && number <= most)
        return number;
    fail(found.key, "is " + brief(*found.value) + "; it must be a number from " + formula_number(least) + " to " +
                        formula_number(most));
    return std::nullopt;
}

std::optional<double> ConfigReader::amount(std::string_view key)
{
    constexpr double most = 9007199254740992.0; // 2^53
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return std::nullopt;
    record_default(found);
    if (found.value->is_boolean())
        return found.value->get<bool>() ? 1 : 0;
    const double number = found.value->is_number() ? found.value->get<double>() : std::nan("");
    if (number >= 0 && number <= most)
        return number;
    fail(found.key, "is " + brief(*found.value) + "; it must be a number from 0 to 2^53");
    return std::nullopt;
}

std::size_t ConfigReader::length(std::string_view key)
{
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return 0;
    return found.value->is_array() ? found.value->size() : 1;
}

bool ConfigReader::is_list(std::string_view key)
{
    const Found found = find(key);
    return found.value != nullptr && found.value->is_array();
}

bool ConfigReader::is_text(std::string_view key)
{
    const Found found = find(key);
    return found.value != nullptr && found.value->is_string();
}

std::vector<ConfigReader> ConfigReader::objects(std::string_view key)
{
    std::vector<ConfigReader> readers;
    const Found found = find(key);
    if (found.value == nullptr || found.value->is_null())
        return readers;
    if (!found.value->is_array()) {
        fail(found.key, "is " + brief(*found.value) + "; it must be a list of objects");
        return readers;
    }
    for (const json& entry : *found.value) {
        const std::string path = dotted(found.key) + '[' + std::to_string(readers.size()) + ']';
        readers.emplace_back(&entry, "", *log_, path);
    }
    return readers;
}

ConfigReader ConfigReader::nested(std::string_view key, std::string_view defaults)
{
    log_->asked.emplace(key);
    return {member(object_, key), defaults, *log_, dotted(key)};
}

const nlohmann::json* ConfigReader::own(std::string_view key) const
{
    const json* value = nullptr;
    for (const std::string& name : spellings(key))
        if (value == nullptr || value->is_null())
            if (const json* other = member(object_, name))
                value = other;
    return value;
}

bool ConfigReader::has(std::string_view key) const
{
    const json* value = own(key);
    return value != nullptr && !value->is_null();
}

bool ConfigReader::states(std::string_view key) const
{
    return own(key) != nullptr;
}

void ConfigReader::ignore(std::initializer_list<std::string_view> keys)
{
    log_->asked.insert(keys.begin(), keys.end());
}

} // namespace weighbridge
