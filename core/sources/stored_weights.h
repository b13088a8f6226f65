#pragma once

#include "core/model/model.h"
#include "core/sources/weights_header.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// The tensors of one weights file.
struct TensorFile
{
    std::string name;
    std::vector<StoredTensor> tensors;
};

/// The part of the network that a tensor belongs to, by its name in a safetensors or GGUF file.
Part part_of_tensor(std::string_view name);

/// What the files hold of a model: by part and type, and by row of its inventory. A tensor whose name is that of a row
/// counts there; others are spread over the rows of their part. Left out, as engines do: layers for multi-token
/// prediction, a second copy of tied embeddings, frequencies of RoPE in checkpoints. Adds a warning where the files
/// hold another number of elements than the architecture has, or parts that it has not.
StoredWeights stored_weights(const std::vector<TensorFile>& files, const Model& model, std::vector<Issue>& issues);

/// The model with what its files hold. `label` says how ("GGUF Q4_K_M"); the rule, where there is one, is kept for
/// comparison.
ModelPointer with_stored_weights(const Model& model, StoredWeights stored, std::string label, ComputeType compute,
                                 std::shared_ptr<const WeightColumn> rule, std::vector<Issue> issues);

} // namespace weighbridge
