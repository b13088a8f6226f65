#pragma once

#include "core/engines/vllm/settings.h"

namespace weighbridge::vllm {

/// Bytes of the buffers for adapters (lora/layers): of max_loras slots of max_lora_rank in 16 bits at every matrix of
/// the layers, at embedding and head, whether an adapter touches them or not. 0 without enable_lora.
double adapter_bytes(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
