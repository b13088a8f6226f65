#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What a config of an unknown model_type would be as a model of a known family.
struct Resemblance
{
    std::string_view family; ///< a known model_type
    std::vector<std::string> understood;
    /// Keys that its reader did not ask for and that may decide weights or caches: without those that hold "none" and
    /// those that decide neither in any published file.
    std::vector<std::string> not_understood;
    double likeness = 0; ///< from 0 to 2: share of the keys that are understood, and of letters that the names share
};

/// The families that a config of an unknown model_type may be read as without being refused, best first; two at most,
/// none where nothing resembles it. A family resembles a config by name (more than half of the letters stay) and keys
/// (at least half of those that matter are understood, and no fewer than by a Llama-like decoder), or by keys alone
/// (three quarters, and more than a Llama-like decoder understands). Sizes that the file leaves to the family's class
/// defaults count as not understood.
std::vector<Resemblance> resembled_families(const nlohmann::json& config);

/// "As a qwen3 model it is understood in hidden_size, …, not in mixing_rank."
std::string sentence(const Resemblance& resemblance);

/// "a, b and 3 more", printable whatever the keys are.
std::string listed_keys(const std::vector<std::string>& keys);

} // namespace weighbridge
