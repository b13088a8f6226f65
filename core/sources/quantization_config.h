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
/// method that is not known. Adds what a person should know.
/// `expert_type` is the file's expert_dtype: DeepSeek-V4 has routed experts in FP4 beside what the method says.
std::optional<PublishedWeights> read_published_weights(const nlohmann::json* quantization_config, const Model& model,
                                                       std::vector<Issue>& issues, std::string_view expert_type = {});

} // namespace weighbridge
