#pragma once

#include "core/training/training.h"

namespace weighbridge {

/// Bytes per logit of the loss that is used, as in Loss.
struct LossBytes
{
    double kept = 0;
    double forward = 0;
    double working = 0;
    double left_over = 0;
    std::string_view source;
};
LossBytes loss_bytes(const TrainingInputs& inputs);

/// Parts that a chunked loss is computed in; 1 for others.
double loss_chunks(const TrainingInputs& inputs, const Architecture& architecture);

} // namespace weighbridge
