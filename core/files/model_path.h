#pragma once

#include "core/files/read_watch.h"
#include "core/quantity/result.h"
#include "core/sources/weights_model.h"

#include <string>

namespace weighbridge {

/// The config.json that a path means: the file itself, or the one in a model folder. Pickled weights (.bin, .pt, .pth)
/// are refused by name. The error names the path.
Result<std::string> config_path(const std::string& path);

/// What to call the model of a config.json: the name of its folder, or of the repository where the folder is a snapshot
/// in the Hugging Face cache; the file's own name where it is not called config.json.
std::string model_name_of(const std::string& config_path);

/// Reads and imports a config.json. `name` is what to call the model; empty: model_name_of().
Result<ModelFile> read_config_file(const std::string& file, const std::string& name, const ImportOptions& options);

/// Reads and imports the model at a path: a config.json, a weights file (files/weights_path.h), or a folder. A
/// folder with weights is read as those, so that their sizes are known. `name` is what to call it; empty: what it is
/// called. `watch`, where there is one, is told of progress in weights files and can end it.
Result<ModelFile> read_model_path(const std::string& path, const std::string& name = {},
                                  const ImportOptions& options = {}, const ReadWatch& watch = {});

} // namespace weighbridge
