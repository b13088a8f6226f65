#pragma once

#include "core/memory/load.h"

#include <string>
#include <vector>

namespace weighbridge {

/// Weight bytes on one GPU.
double weight_bytes(const InferenceInputs& inputs);

/// Bytes on one GPU of one of the model's tensors, or of one like them.
double tensor_bytes(const InferenceInputs& inputs, const Tensor& tensor);

/// What it takes beyond them where it is kept in so many bytes per element; 0 where that is no more.
double widened_bytes(const InferenceInputs& inputs, const Tensor& tensor, double bytes);

/// The weights term: one child per part of the network that has tensors.
Term weights_term(const InferenceInputs& inputs);

/// For a model whose family is assumed: what would follow from its shape is assumed with it, unlike what a file
/// holds and a count that was typed in.
void assume_shape(std::vector<Term>& terms);

/// What the basis column says of a term: "exact (file)" or "derived (rule)" for weights that are one of these, else the
/// basis's name.
std::string basis_label(const Term& term);

} // namespace weighbridge
