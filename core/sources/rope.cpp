#include "core/sources/rope.h"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <optional>
#include <string_view>

namespace weighbridge {

namespace {

using nlohmann::json;

std::optional<double> number_in(const json& object, std::string_view key, double most)
{
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number())
        return std::nullopt;
    const auto value = found->get<double>();
    return value > 0 && value <= most ? std::optional(value) : std::nullopt;
}

bool is_linear(const json& scaling)
{
    for (const std::string_view key : {"rope_type", "type"}) {
        const auto found = scaling.find(key);
        if (found != scaling.end() && found->is_string())
            return *found == "linear";
    }
    return false;
}

} // namespace

void read_rope(Architecture& architecture, const json& config)
{
    constexpr double most_stretched = 1024;
    if (!config.is_object())
        return;
    for (const std::string_view key : {"partial_rotary_factor", "rotary_pct"})
        if (const auto share = number_in(config, key, 1))
            architecture.rotary_fraction = *share;
    const auto rotated = number_in(config, "rotary_dim", 65'536), of = number_in(config, "head_dim", 65'536);
    if (rotated && of && *rotated <= *of)
        architecture.rotary_fraction = *rotated / *of;
    for (const std::string_view key : {"rope_scaling", "rope_parameters"}) {
        const auto found = config.find(key);
        if (found == config.end() || !found->is_object())
            continue;
        // Either the parameters themselves, or one object per kind of layer (Gemma 3 in transformers 5).
        const auto nested = found->find("full_attention");
        const json& scaling = nested != found->end() && nested->is_object() ? *nested : *found;
        if (const auto share = number_in(scaling, "partial_rotary_factor", 1); share && nested == found->end())
            architecture.rotary_fraction = *share;
        if (is_linear(scaling))
            architecture.rope_stretch = number_in(scaling, "factor", most_stretched).value_or(1);
    }
}

} // namespace weighbridge
