#pragma once

#include "core/model/model.h"
#include "core/sources/quantization_scheme.h"

#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

/// How each row of a model's inventory is stored under a scheme: which modules the rules name is decided layer by
/// layer, with the names that checkpoints have for them.
std::shared_ptr<const WeightColumn> scheme_column(const QuantizationScheme& scheme, const Architecture& architecture,
                                                  const std::vector<Tensor>& tensors);

} // namespace weighbridge
