#pragma once

#include "core/model/model.h"
#include "core/quantity/result.h"
#include "core/sources/gguf.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The keys of a GGUF file as the config.json that the importer reads: the same network under the names of
/// transformers. Notes say what the file leaves open and was assumed. An architecture that
/// has no row here is derived from the tensors (derived_network.h). The error names the key: a size that is missing or
/// no whole number.
Result<nlohmann::json> config_of_gguf(const GgufHeader& header, std::string_view name, std::vector<Issue>& notes);

/// What the file calls its model (general.name), or empty.
std::string gguf_model_name(const GgufHeader& header);

} // namespace weighbridge
