#include "core/fields/devices_json.h"

#include "core/fields/accelerator_json.h"
#include "core/fields/fields.h"
#include "core/hardware/system.h"
#include "core/quantity/formula.h"
#include "core/quantity/text.h"
#include "core/scenario/scenario.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> group_keys = {"accelerator", "count", "memory_gib", "memory_in_use_gib",
                                                        "memory_free_gib"};

/// Early records have MiB here.
constexpr std::string_view free_in_mib = "memory_mib_free";

/// Reads one group, key by key.
class GroupReader
{
public:
    explicit GroupReader(std::string key) : key_(std::move(key)) {}

    Result<DeviceGroup> read(const json& object)
    {
        if (!object.is_object())
            return Error{key_, key_ + " is " + brief(object) + "; it must be an object with accelerator and count"};
        for (const auto& [name, value] : object.items())
            if (Outcome problem = read_key(name, value))
                return *problem;
        if (group_.memory_in_use_gib && group_.memory_free_gib)
            return Error{key_ + ".memory_free_gib", key_ + ".memory_free_gib stands beside memory_in_use_gib; each "
                                                           "says the other, so only one of them may"};
        return std::move(group_);
    }

private:
    Outcome read_key(const std::string& name, const json& value)
    {
        if (name == "accelerator")
            return read_accelerator(value);
        if (name == "count")
            return read_count(value);
        if (name == "memory_gib")
            return read_gib(name, value, group_.memory_gib, 1, true);
        if (name == "memory_in_use_gib")
            return read_gib(name, value, group_.memory_in_use_gib, 1, false);
        if (name == "memory_free_gib")
            return read_gib(name, value, group_.memory_free_gib, 1, true);
        if (name == free_in_mib)
            return read_gib(name, value, group_.memory_free_gib, 1024, true);
        std::vector<std::string> paths;
        paths.reserve(group_keys.size());
        for (const std::string_view known : group_keys)
            paths.push_back(key_ + "." + std::string(known));
        return unknown_key(key_ + "." + name, std::vector<std::string_view>(paths.begin(), paths.end()));
    }

    Outcome read_accelerator(const json& value)
    {
        const std::string key = key_ + ".accelerator";
        if (value.is_object()) {
            auto custom = read_custom_accelerator(value, key);
            if (!custom)
                return custom.error();
            group_.custom = std::move(*custom);
            group_.accelerator = "custom";
            return {};
        }
        const auto* id = value.get_ptr<const std::string*>();
        if (id == nullptr)
            return refuse("accelerator", value, "an id of the catalogue, or an object that describes it");
        auto found = Catalogue().find(*id);
        if (!found)
            return Error{key, key + ": " + found.error().message};
        group_.accelerator = std::move(found->id);
        return {};
    }

    Outcome read_count(const json& value)
    {
        const double count = value.is_number() ? value.get<double>() : 0;
        if (std::floor(count) != count || count < 1 || count > static_cast<double>(most_ranks))
            return refuse("count", value,
                          "a whole number from 1 to " + formula_number(static_cast<double>(most_ranks)));
        group_.count = static_cast<std::int64_t>(count);
        return {};
    }

    Outcome read_gib(const std::string& name, const json& value, std::optional<double>& slot, double per_gib,
                     bool above_zero)
    {
        constexpr double most = 1 << 20;
        const double number = value.is_number() ? value.get<double>() : -1;
        if (!(above_zero ? number > 0 : number >= 0) || number > most * per_gib)
            return refuse(name, value,
                          std::string(above_zero ? "a number above 0" : "a number from 0") + ", at most " +
                              formula_number(most * per_gib));
        slot = number / per_gib;
        return {};
    }

    Error refuse(const std::string& name, const json& value, const std::string& allowed) const
    {
        const std::string path = key_ + "." + name;
        return {path, path + " is " + brief(value) + "; it must be " + allowed};
    }

    std::string key_;
    DeviceGroup group_;
};

/// "2xrtx_3090" -> 2 and what is left; 1 and all of it where no count stands.
std::pair<std::int64_t, std::string_view> counted(std::string_view text)
{
    std::int64_t count = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    rest = trimmed(rest, " ");
    if (status != std::errc{} || rest.size() < 2 || (rest.front() != 'x' && rest.front() != 'X'))
        return {1, text};
    return {count, trimmed(rest.substr(1), " ")};
}

/// The devices of a system of the catalogue, which no accelerator is called like.
std::optional<System> named_system(std::string_view id)
{
    return Catalogue().find(id) ? std::nullopt : find_system(id);
}

} // namespace

Result<std::vector<DeviceGroup>> read_devices(const nlohmann::json& json, std::string_view key)
{
    const std::string name(key);
    if (!json.is_array() || json.empty() || json.size() > most_device_groups)
        return Error{name, name + " is " + brief(json) +
                               "; it must be a list of 1 to 64 groups, like [{\"accelerator\": \"rtx_3090\", "
                               "\"count\": 2}, {\"accelerator\": \"rtx_3060_12\"}]"};
    std::vector<DeviceGroup> groups;
    for (const auto& item : json) {
        auto group = GroupReader(name + "[" + std::to_string(groups.size()) + "]").read(item);
        if (!group)
            return group.error();
        groups.push_back(std::move(*group));
    }
    return groups;
}

nlohmann::ordered_json write_devices(const std::vector<DeviceGroup>& groups)
{
    ordered_json list = ordered_json::array();
    for (const DeviceGroup& group : groups) {
        ordered_json object = ordered_json::object();
        if (group.custom)
            object["accelerator"] = write_custom_accelerator(*group.custom);
        else if (!group.accelerator.empty())
            object["accelerator"] = group.accelerator;
        if (group.count != 1 || object.empty())
            object["count"] = group.count;
        for (const auto& [name, value] :
             {std::pair{"memory_gib", group.memory_gib}, std::pair{"memory_in_use_gib", group.memory_in_use_gib},
              std::pair{"memory_free_gib", group.memory_free_gib}})
            if (value)
                object[name] = *value;
        list.push_back(std::move(object));
    }
    return list;
}

bool is_device_list(std::string_view text)
{
    text = trimmed(text, " ");
    return text.starts_with('[') || text.find(',') != std::string_view::npos || counted(text).second != text ||
           named_system(text);
}

Result<std::vector<DeviceGroup>> parse_devices(std::string_view text, std::string_view key)
{
    text = trimmed(text, " ");
    if (text.starts_with('[')) {
        const auto json = parse_json(text, key);
        return json ? read_devices(*json, key) : json.error();
    }
    nlohmann::json list = nlohmann::json::array();
    while (true) {
        const std::size_t comma = text.find(',');
        const auto [count, id] = counted(trimmed(text.substr(0, comma), " "));
        const auto system = named_system(id);
        list.push_back({{"accelerator", system ? system->accelerator : std::string(id)},
                        {"count", system && count <= most_ranks ? count * system->packages : count}});
        if (comma == std::string_view::npos)
            return read_devices(list, key);
        text.remove_prefix(comma + 1);
    }
}

std::string devices_text(const std::vector<DeviceGroup>& groups)
{
    const bool plain = std::all_of(groups.begin(), groups.end(), [](const DeviceGroup& group) {
        return !group.custom && !group.accelerator.empty() && !group.memory_gib && !group.memory_in_use_gib &&
               !group.memory_free_gib;
    });
    if (!plain)
        return write_devices(groups).dump();
    std::string text;
    for (const DeviceGroup& group : groups)
        text +=
            (text.empty() ? "" : ",") + (group.count == 1 ? "" : std::to_string(group.count) + "x") + group.accelerator;
    return text;
}

} // namespace weighbridge
