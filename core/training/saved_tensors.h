#pragma once

#include "core/training/training.h"

#include <string>
#include <vector>

namespace weighbridge {

/// A tensor that one layer keeps for its backward pass; a row of the table of saved activations.
struct SavedTensor
{
    std::string_view id; ///< "queries"
    std::string_view label;
    std::string symbol;        ///< of the width: "a·d"
    double width = 0;          ///< elements per token
    double bytes = 2;          ///< per element
    bool sharded = false;      ///< divided by the tensor parallelism even without sequence parallelism
    bool feed_forward = false; ///< is done when the attention goes back
};

/// What one layer of a kind keeps, after the recompute policy's "selective" took its share. Sources: the tensors that
/// autograd saves for each operation of transformers' modeling files (eager), the tables of arXiv:2205.05198 section 4
/// and arXiv:2411.06465 (fused).
std::vector<SavedTensor> saved_tensors(const TrainingInputs& inputs, const Model& stage, std::size_t kind);

/// What the backward pass of one layer needs beside them at its feed-forward or at its attention: gradients of the
/// widest operation there.
std::vector<SavedTensor> working_tensors(const TrainingInputs& inputs, const Model& stage, std::size_t kind,
                                         bool attention = false);

/// Elements of keys and values that a token has in all layers.
double cache_width(const Architecture& architecture);

/// Elements of the largest matrix that has to be widened from a quantized base; 0 where there is none.
double largest_quantized_matrix(const TrainingInputs& inputs, const Model& stage);

/// Whether a matrix's weights get a gradient.
bool trains_weights(const TrainingInputs& inputs, const Tensor& tensor);
/// Whether an adapter stands beside it.
bool has_adapter(const TrainingInputs& inputs, const Tensor& tensor);

} // namespace weighbridge
