#pragma once

#include "core/model/model.h"
#include "core/quantity/result.h"
#include "core/sources/gguf.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>
#include <vector>

namespace weighbridge {

/// The model_type of a network that is known only by its tensors.
inline constexpr std::string_view derived_family = "derived";

/// A network of an architecture that has no row, from its tensors' names and shapes and the keys that llama.cpp spells
/// alike for every architecture (gguf-py constants.py): heads of queries, keys and values layer by layer, latent
/// attention, recurrent states, feed-forward and experts. Its config has model_type "derived" and one entry per run of
/// equal layers, each with all its parameters, so weights are those of the file whatever the layers are. Notes say what
/// could not be told (windows that no key describes). The error: a size without which there is no network.
Result<nlohmann::json> derived_config(const GgufHeader& header, std::string_view architecture, std::string_view name,
                                      std::vector<Issue>& notes);

} // namespace weighbridge
