#pragma once

#include "core/model/model.h"
#include "core/quantity/result.h"
#include "core/sources/gguf.h"
#include "core/sources/hf_config.h"
#include "core/sources/safetensors.h"
#include "core/sources/stored_weights.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A model with the config it was read from.
struct ModelFile
{
    ModelPointer model;
    std::shared_ptr<const nlohmann::json> config;
};

/// One GGUF file: the only one, or a part of a split one.
struct GgufPart
{
    std::string file; ///< its name, without the folder
    GgufHeader header;
};

/// The model of a GGUF file, all parts in order: the network of the keys, the sizes of the tensors, and the rule of the
/// file's mix to compare them with. `name` is what to call it; empty: what the file calls itself, or else its own name.
/// `path` is what messages call the file.
Result<ModelFile> model_of_gguf(std::vector<GgufPart> parts, const std::string& name, const std::string& path,
                                const ImportOptions& options);

/// The tensors of the shards, in the order of the index, that the index names: engines load no others. The error says
/// that the shards do not hold all of them.
Result<std::vector<TensorFile>> tensors_of_index(const SafetensorsIndex& index, std::vector<SafetensorsHeader> shards,
                                                 const std::string& path);

/// A model read from its config.json, with the sizes that its safetensors files hold and the rule to compare them with:
/// the config's quantization, or its data type for every tensor. Files that don't match the config are said
/// (stored_weights()). The error: more elements than are computed.
Result<ModelPointer> with_safetensors(const Model& model, const std::vector<TensorFile>& files);

} // namespace weighbridge
