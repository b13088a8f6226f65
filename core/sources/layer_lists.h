#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>

namespace weighbridge {

/// How many layers the lists of a config go through.
struct ListedLayers
{
    std::int64_t network = 0;
    std::int64_t predictions = 0; ///< multi-token-prediction layers, which some lists name behind the network's
};

/// Makes the lists of a config with an entry per layer those of another number of layers: they are cut, or go on with
/// their pattern. Also texts with a letter per layer, and lists of layers' indices. Entries for prediction layers stay
/// the last ones. Lists of any other length are left alone.
void fit_layer_lists(nlohmann::json& keys, const ListedLayers& before, std::int64_t layers);

} // namespace weighbridge
