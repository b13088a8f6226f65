#include "core/report/scenario_value.h"

#include "core/fields/scenario_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weighbridge {

nlohmann::ordered_json value_at(const nlohmann::ordered_json& scenario, std::string_view key)
{
    const nlohmann::ordered_json* place = &scenario;
    for (std::size_t begin = 0; begin <= key.size();) {
        const std::size_t end = std::min(key.find('.', begin), key.size());
        const auto found = place->find(std::string(key.substr(begin, end - begin)));
        if (found == place->end())
            return nullptr;
        place = &*found;
        begin = end + 1;
    }
    return *place;
}

nlohmann::ordered_json used_value(const Estimate& estimate, std::string_view key)
{
    nlohmann::ordered_json chosen = value_at(write_scenario(estimate.asked), key);
    return chosen.is_null() ? value_at(write_filled_in(estimate.asked, estimate.scenario), key) : chosen;
}

} // namespace weighbridge
