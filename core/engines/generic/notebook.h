#pragma once

#include "core/engines/inference.h"

#include <vector>

namespace weighbridge {

/// What the notebook "Estimating Memory Usage for LLMs During Inference (V2)" prints, in its order and rounded as it
/// rounds, in 10^9 bytes of the whole model: the model, inference plain, with GQA and with FlashAttention, the KV cache
/// unless it is switched off, and their total by the method that is chosen. Empty where that is none of the notebook's.
/// The KV cache is the architecture's own; see notebook_issues().
std::vector<EnginePrint> notebook_prints(const InferenceInputs& inputs);

/// A note where the notebook itself would print another KV cache: it has h / k where k · d belongs, and knows no
/// windows, latents or states.
std::vector<Issue> notebook_issues(const InferenceInputs& inputs);

} // namespace weighbridge
