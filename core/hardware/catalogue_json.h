#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

/// Values of a catalogue's entry; what is missing or of another type is nothing.
namespace weighbridge::catalogue_json {

inline std::optional<double> number(const nlohmann::json& entry, const char* key)
{
    const auto found = entry.find(key);
    if (found == entry.end() || !found->is_number())
        return std::nullopt;
    return found->get<double>();
}

inline std::string text(const nlohmann::json& entry, const char* key)
{
    const auto found = entry.find(key);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

inline bool flag(const nlohmann::json& entry, const char* key)
{
    const auto found = entry.find(key);
    return found != entry.end() && found->is_boolean() && found->get<bool>();
}

inline std::vector<std::string> texts(const nlohmann::json& entry, const char* key)
{
    std::vector<std::string> list;
    const auto found = entry.find(key);
    if (found != entry.end() && found->is_array())
        for (const nlohmann::json& item : *found)
            if (item.is_string())
                list.push_back(item.get<std::string>());
    return list;
}

} // namespace weighbridge::catalogue_json
