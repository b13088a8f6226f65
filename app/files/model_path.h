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

/// The config.json that a path means: the file itself, or the one in a model folder. Pickled weights (.bin, .pt, .pth)
/// are refused by name. The error names the path.
Result<std::string> config_path(const std::string& path);

/// What to call the model of a config.json: the name of its folder, or of the repository where the folder is a snapshot
/// in the Hugging Face cache; the file's own name where it is not called config.json.
std::string model_name_of(const std::string& config_path);

/// Reads and imports a config.json. `name` is what to call the model; empty: model_name_of().
Result<ModelFile> read_config_file(const std::string& file, const std::string& name, const ImportOptions& options);

/// Reads and imports the model at a path: a config.json, a weights file (app/files/weights_path.h), or a folder. A
/// folder with weights is read as those, so that their sizes are known. `name` is what to call it; empty: what it is
/// called.
Result<ModelFile> read_model_path(const std::string& path, const std::string& name = {},
                                  const ImportOptions& options = {});

} // namespace weighbridge
