#pragma once

#include "core/memory/inference.h"

#include <string>

namespace weighbridge {

/// Weight bytes on one GPU.
double weight_bytes(const InferenceInputs& inputs);

/// The weights term: one child per part of the network that has tensors.
Term weights_term(const InferenceInputs& inputs);

/// What the basis column says of a term: "exact (file)" or "derived (rule)" for weights that are one of these, else the
/// basis's name.
std::string basis_label(const Term& term);

} // namespace weighbridge
