#pragma once

#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace weighbridge {

/// Reads what the key `model` takes: a preset's name, or an object with one of path, hf, config and architecture.
Outcome read_model(ModelReference& model, const nlohmann::json& value);

/// The same, as it is read back.
nlohmann::ordered_json write_model(const ModelReference& model);

/// The preset of that name in its own spelling, as `model` in a scenario takes it: with or without its organisation,
/// but never a path that happens to end in a preset's name.
Result<std::string> canonical_preset(std::string_view name);

/// What other keys than `model` name a model by: a preset's name in its own spelling, or an object in JSON with one of
/// path, hf, config and architecture. A bare config.json is read as `config`, org/name that is no preset as `hf`.
Result<std::string> canonical_model(std::string_view text);

/// The reference that such a text is.
Result<ModelReference> model_reference(std::string_view text);

/// "KEY is VALUE; it must be ALLOWED".
Error wrong_type(const std::string& key, const nlohmann::json& value, const std::string& allowed);

} // namespace weighbridge
