#pragma once

#include "core/memory/inference.h"

namespace weighbridge {

/// Weight bytes on one GPU.
double weight_bytes(const InferenceInputs& inputs);

/// The weights term: one child per part of the network that has tensors.
Term weights_term(const InferenceInputs& inputs);

} // namespace weighbridge
