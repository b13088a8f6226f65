#pragma once

#include "core/memory/inference.h"

namespace weighbridge {

/// Activation bytes on one GPU by the chosen method; `weights` are the weight bytes on that GPU.
double activation_bytes(const InferenceInputs& inputs, double weights);

/// The activations term.
Term activations_term(const InferenceInputs& inputs, const Term& weights);

} // namespace weighbridge
