#pragma once

#include "app/files/model_path.h"

#include <string>
#include <vector>

namespace weighbridge {

/// Whether a path is that of a weights file by its name: .gguf, .safetensors, .safetensors.index.json.
bool is_weights_path(const std::string& path);

/// The weights file of a model folder: its index, its one safetensors file, or its one GGUF file (the first of a split
/// one); empty where there is none, or more than one could be meant.
std::string weights_in_folder(const std::string& folder);

/// Reads the headers of a weights file and of the files that belong to it: the parts of a split GGUF file, the shards
/// of an index. The network is that of the GGUF file's keys or of the config.json beside it. Nothing but headers is
/// read. `name` is what to call the model; empty: what the file or its folder is called. The error names the file.
Result<ModelFile> read_weights_path(const std::string& path, const std::string& name, const ImportOptions& options);

} // namespace weighbridge
