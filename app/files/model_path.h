#pragma once

#include "core/model/model.h"
#include "core/quantity/result.h"
#include "core/sources/hf_config.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>

namespace weighbridge {

/// A model with the config it was read from.
struct ModelFile
{
    ModelPointer model;
    std::shared_ptr<const nlohmann::json> config;
};

/// The config.json that a path means: the file itself, or the one in a model folder. Weights files (.gguf, .safetensors
/// and their index) are refused by name: reading them is not built yet. The error names the path.
Result<std::string> config_path(const std::string& path);

/// What to call the model of a config.json: the name of its folder, or of the repository where the folder is a snapshot
/// in the Hugging Face cache; the file's own name where it is not called config.json.
std::string model_name_of(const std::string& config_path);

/// Reads and imports the model at a path. `name` is what to call it; empty: model_name_of().
Result<ModelFile> read_model_path(const std::string& path, const std::string& name = {},
                                  const ImportOptions& options = {});

} // namespace weighbridge
