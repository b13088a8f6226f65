#pragma once

#include "core/estimate/estimate.h"

namespace weighbridge::sample {

/// Llama-3.1-70B on four H100, 12 sequences of 32,768 tokens: the figures of the design picture, typed in rather than
/// computed, so that tests of views do not hang on the core's formulas.
Estimate llama70b();

/// A mixture of experts with latent attention, two kinds of layers, long formulas, eight H200.
Estimate mixtureWithLatentCache();

/// 212 GiB on one H100: over by more than the capacity.
Estimate exceeding();

/// Terms near 2^53 bytes on 1,024 GPUs, and names longer than any line.
Estimate huge();

/// Every term zero.
Estimate nothing();

/// A training step over two pipeline stages, the second the fuller; it peaks at 70 GiB at the end of the forward pass.
Estimate training();

EstimatePointer shared(Estimate estimate);

} // namespace weighbridge::sample
