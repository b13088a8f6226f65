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

/// What the files hold of a model: by part and type, and by row of its inventory. A tensor whose name is that of a row
/// counts there; others are spread over the rows of their part. Left out: is_left_out(). Adds a warning for parts that
/// the architecture has not. GGUF files: a network read from their keys can be wrong, their tensors can't.
StoredWeights stored_weights(const std::vector<TensorFile>& files, const Model& model, std::vector<Issue>& issues);

/// The same of files whose network is that of a config.json, which a partial download, a cut index or another model's
/// config contradicts: what is missing is counted by `rule` and marked as such (StoredMismatch), with a warning that
/// gives numbers and names.
StoredWeights stored_weights(const std::vector<TensorFile>& files, const Model& model, const WeightColumn& rule,
                             std::vector<Issue>& issues);

/// The model with what its files hold. `published` says how; its rule, where there is one, is kept for comparison.
ModelPointer with_stored_weights(const Model& model, StoredWeights stored, PublishedWeights published,
                                 std::vector<Issue> issues);

} // namespace weighbridge
