#include "core/accuracy/record.h"

#include "resources/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace weighbridge {

using nlohmann::json;

Record::Record(json row) : row_(std::make_shared<const json>(std::move(row))) {}

const json& Record::value(const char* key) const
{
    static const json nothing;
    const auto found = row_->find(key);
    return found == row_->end() ? nothing : *found;
}

std::optional<double> Record::number(const char* key) const
{
    const json& found = value(key);
    return found.is_number() ? std::optional(found.get<double>()) : std::nullopt;
}

std::optional<std::int64_t> Record::whole(const char* key) const
{
    const json& found = value(key);
    return found.is_number_integer() ? std::optional(found.get<std::int64_t>()) : std::nullopt;
}

std::optional<bool> Record::flag(const char* key) const
{
    const json& found = value(key);
    return found.is_boolean() ? std::optional(found.get<bool>()) : std::nullopt;
}

std::string Record::text(const char* key) const
{
    const json& found = value(key);
    return found.is_string() ? found.get<std::string>() : std::string();
}

std::vector<Record> measured_records(std::string_view file)
{
    std::vector<Record> records;
    const resources::Entry* entry = resources::find(resources::measured(), file);
    std::string_view rest = entry == nullptr ? std::string_view() : entry->json;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (json row = json::parse(line, nullptr, false); row.is_object())
            records.emplace_back(std::move(row));
    }
    return records;
}

json measured_file(std::string_view file)
{
    const resources::Entry* entry = resources::find(resources::measured(), file);
    json value = entry == nullptr ? json() : json::parse(entry->json, nullptr, false);
    return value.is_discarded() ? json() : value;
}

} // namespace weighbridge
