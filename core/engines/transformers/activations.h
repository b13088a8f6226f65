#pragma once

#include "core/engines/transformers/run.h"
#include "core/quantity/formula.h"

namespace weighbridge {

/// Intermediate tensors of the kind of layer that needs most while `input_tokens` of every sequence pass through it at
/// once: feed-forward, attention or experts, whichever is larger. Instantiated for double and Traced.
template<class Number>
Number transformers_layer_bytes(const TransformersRun& run);

/// The head's logits after the prompt: of every token with an fp32 copy in old releases, of `logits_to_keep` tokens
/// since.
template<class Number>
Number transformers_logits_bytes(const TransformersRun& run);

/// What the first decoding step finds of the prompt's: in old releases the fp32 logits of every token, which
/// generate() still holds.
template<class Number>
Number transformers_held_logits_bytes(const TransformersRun& run);

/// Logits of one step and their fp32 copy for sampling.
template<class Number>
Number transformers_sampling_bytes(const TransformersRun& run);

} // namespace weighbridge
