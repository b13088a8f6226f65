#pragma once

#include "core/engines/engine.h"
#include "core/engines/transformers/run.h"

namespace weighbridge {

struct InferenceInputs;

/// Hugging Face transformers: generate() on torch's caching allocator.
extern const Engine transformers_rules;

/// The scenario as a call of generate(): the whole sequence is prompt unless input_tokens or output_tokens say
/// otherwise.
TransformersRun transformers_run(const InferenceInputs& inputs);

} // namespace weighbridge
