#pragma once

#include "core/model/model.h"
#include "core/quantity/result.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Names of the bundled models, in alphabetical order; costs nothing.
std::vector<std::string_view> preset_names();

/// The bundled config.json of a preset. Names are matched without regard to case, and with the organisation left off or
/// on
/// ("meta-llama/Llama-3.1-8B"). The error names the nearest preset.
Result<nlohmann::json> preset_config(std::string_view name);

/// The preset through the importer; `name` in the model is the preset's own spelling.
Result<ModelPointer> preset_model(std::string_view name);

/// Where a preset's config.json came from, or empty.
std::string preset_source(std::string_view name);

} // namespace weighbridge
