#include "core/answers/deployments.h"
#include "core/fields/fields.h"
#include "core/quantity/nearest.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

using nlohmann::json;

/// A group of keys without those that are null, which are left out.
std::string group_text(const json& group)
{
    json kept = json::object();
    for (const auto& [key, value] : group.items())
        if (!value.is_null())
            kept[key] = value;
    return kept.dump();
}

Outcome unknown_keys(const json& object, std::string_view where, const std::vector<std::string_view>& known)
{
    for (const auto& [key, value] : object.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            return Error{std::string(where) + key,
                         "there is no key " + std::string(where) + key + " in a plan" + nearest_clause(key, known)};
    return {};
}

Outcome read_names(const json& object, const char* key, std::vector<std::string>& names)
{
    const auto found = object.find(key);
    if (found == object.end() || found->is_null())
        return {};
    const std::string where = std::string("candidates.") + key;
    if (!found->is_array() || found->empty())
        return Error{where, where + " must be a list of names"};
    for (const json& name : *found) {
        if (!name.is_string())
            return Error{where, where + " must be a list of names"};
        names.push_back(name.get<std::string>());
    }
    return {};
}

Outcome read_numbers(const json& object, const char* key, std::vector<std::int64_t>& numbers)
{
    const auto found = object.find(key);
    if (found == object.end() || found->is_null())
        return {};
    const std::string where = std::string("candidates.") + key;
    std::vector<std::int64_t> read;
    if (found->is_array())
        for (const json& number : *found)
            if (number.is_number_integer() && number.get<std::int64_t>() >= 1 &&
                number.get<std::int64_t>() <= most_ranks)
                read.push_back(number.get<std::int64_t>());
    if (read.empty() || read.size() != found->size())
        return Error{where, where + " must be a list of whole numbers from 1 to 4,096"};
    numbers = std::move(read);
    return {};
}

/// "tensor_parallel" is of hardware, what an engine spells in its own way of inference.
Outcome read_layouts(const json& object, DeploymentRange& range)
{
    constexpr std::string_view wrong = "candidates.layouts must be \"all\" or a list of objects as "
                                       "{\"tensor_parallel\": 2, \"pipeline_parallel\": 1}";
    const auto found = object.find("layouts");
    if (found == object.end() || found->is_null())
        return {};
    range.all_layouts = found->is_string() && found->get<std::string>() == "all";
    if (range.all_layouts)
        return {};
    if (!found->is_array() || found->empty())
        return Error{"candidates.layouts", std::string(wrong)};
    for (const json& layout : *found) {
        if (!layout.is_object())
            return Error{"candidates.layouts", std::string(wrong)};
        LayoutKeys keys;
        for (const auto& [key, value] : layout.items()) {
            const ScenarioField* field = field_named("hardware." + key);
            if (field == nullptr)
                field = field_named("inference." + key);
            if (field == nullptr)
                return Error{"candidates.layouts", "candidates.layouts names " + key + ", which is no key of a layout"};
            keys.emplace_back(field->key, value.is_string() ? value.get<std::string>() : value.dump());
        }
        range.layouts.push_back(std::move(keys));
    }
    return {};
}

Outcome read_candidates(const json& object, DeploymentRange& range)
{
    if (Outcome problem = unknown_keys(
            object, "candidates.",
            {"accelerators", "systems", "counts", "engines", "weights", "kv_cache", "layouts", "replicas"}))
        return problem;
    for (const Outcome& problem :
         {read_names(object, "accelerators", range.accelerators), read_names(object, "systems", range.systems),
          read_names(object, "engines", range.engines), read_names(object, "weights", range.weights),
          read_names(object, "kv_cache", range.kv_cache), read_numbers(object, "counts", range.counts),
          read_numbers(object, "replicas", range.replicas), read_layouts(object, range)})
        if (problem)
            return problem;
    return {};
}

Outcome read_prices(const json& plan, DeploymentRange& range)
{
    const auto found = plan.find("prices");
    if (found == plan.end() || found->is_null())
        return {};
    if (!found->is_object())
        return Error{"prices", "prices must be an object of accelerators, each with its price"};
    for (const auto& [accelerator, price] : found->items()) {
        if (!price.is_object())
            return Error{"prices." + accelerator, "prices." + accelerator + " must be an object as price is"};
        Scenario scratch;
        range.prices[accelerator] = group_text(price);
        if (Outcome problem = set_field(scratch, "price", range.prices[accelerator]))
            return Error{"prices." + accelerator, "prices." + accelerator + ": " + problem->message};
    }
    return {};
}

Outcome read_order(const json& plan, DeploymentRange& range)
{
    if (const auto sort = plan.find("sort"); sort != plan.end() && !sort->is_null()) {
        if (!sort->is_string())
            return Error{"sort", "sort must be the name of a figure"};
        range.sort = sort->get<std::string>();
    }
    if (const auto limit = plan.find("limit"); limit != plan.end() && !limit->is_null()) {
        if (!limit->is_number_integer() || limit->get<std::int64_t>() < 1)
            return Error{"limit", "limit must be a whole number from 1"};
        range.limit = static_cast<std::size_t>(limit->get<std::int64_t>());
    }
    return {};
}

} // namespace

Result<DeploymentRange> read_plan(std::string_view text, std::string_view name, Scenario& scenario)
{
    const auto plan = parse_json(text, name);
    if (!plan)
        return plan.error();
    if (!plan->is_object() || !plan->contains("candidates") || !plan->at("candidates").is_object())
        return Error{"candidates", std::string(name) + " must be an object with candidates"};
    if (Outcome problem = unknown_keys(
            *plan, "", {"version", "workload", "wanted", "candidates", "prices", "owned", "sort", "limit"}))
        return *problem;
    for (const char* group : {"workload", "wanted", "owned"}) {
        const auto found = plan->find(group);
        if (found == plan->end() || found->is_null())
            continue;
        if (!found->is_object())
            return Error{group, std::string(group) + " must be an object"};
        if (Outcome problem = set_field(scenario, group, group_text(*found)))
            return *problem;
    }
    DeploymentRange range;
    for (const Outcome& problem :
         {read_candidates(plan->at("candidates"), range), read_prices(*plan, range), read_order(*plan, range)})
        if (problem)
            return *problem;
    return range;
}

} // namespace weighbridge
