#pragma once

#include "core/files/model_path.h"

#include <string>
#include <vector>

namespace weighbridge {

/// Whether a path is that of a weights file by its name: .gguf, .safetensors, .safetensors.index.json.
bool is_weights_path(const std::string& path);

/// The weights file of a model folder: its index, its one safetensors file, or its one GGUF file (the first of a split
/// one); empty where there is none, or more than one could be meant.
std::string weights_in_folder(const std::string& folder);

/// The weights file that a path means: the path itself, or that of the folder there; empty where it means none.
std::string weights_at(const std::string& path);

/// Reads the headers of a weights file and of the files that belong to it: the parts of a split GGUF file, the shards
/// of an index. The network is that of the GGUF file's keys or of the config.json beside it. Nothing but headers is
/// read. `name` is what to call the model; empty: what the file or its folder is called. `watch`, where there is
/// one, is told of progress and can end it. The error names the file.
Result<ModelFile> read_weights_path(const std::string& path, const std::string& name, const ImportOptions& options,
                                    const ReadWatch& watch = {});

} // namespace weighbridge
