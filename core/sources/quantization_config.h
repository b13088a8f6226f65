#pragma once

#include "core/model/model.h"
#include "core/sources/quantization_scheme.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace weighbridge {

/// How each row of a model's inventory is stored under a scheme: which modules the rules name is decided layer by
/// layer, with the names that checkpoints have for them.
std::shared_ptr<const WeightColumn> scheme_column(const QuantizationScheme& scheme, const Architecture& architecture,
                                                  const std::vector<Tensor>& tensors);

/// The quantization_config of a config.json, from the network's own object or from the whole file; null where there is
/// none. compressed-tensors called it compression_config once.
const nlohmann::json* find_quantization_config(const nlohmann::json& config, const nlohmann::json* network);

/// How the checkpoint of a config.json holds its weights; nothing where it says no more than a data type, or names a
/// method that is not known. `expert_dtype` is the config's own key of that name (DeepSeek-V4: "fp4"), or empty. Adds
/// what a person should know.
std::optional<PublishedWeights> read_published_weights(const nlohmann::json* quantization_config,
                                                       std::string_view expert_dtype, const Model& model,
                                                       std::vector<Issue>& issues);

/// The key expert_dtype of a network's config; empty where there is none.
std::string_view expert_dtype_of(const nlohmann::json* network);

} // namespace weighbridge
