#pragma once

#include "core/engines/vllm/settings.h"

#include <string>
#include <vector>

namespace weighbridge::vllm {

/// Buffers for adapters, as vLLM and SGLang make them at every matrix that they may touch.
struct AdapterSlots
{
    std::int64_t slots = 0; ///< adapters at a time
    std::int64_t rank = 0;
    double width = 2;                      ///< bytes of an element
    bool sharded = false;                  ///< both halves are divided over the ranks
    bool tables = true;                    ///< at embedding and head as well, never divided
    bool experts = true;                   ///< at routed experts as well
    std::vector<std::string> targets = {}; ///< names of matrices; empty: all
};

/// Bytes on one rank.
double slot_bytes(const InferenceInputs& inputs, const AdapterSlots& slots);

/// Bytes of the buffers for adapters (lora/layers): of max_loras slots of max_lora_rank in 16 bits at every matrix of
/// the layers, at embedding and head, whether an adapter touches them or not. 0 without enable_lora.
double adapter_bytes(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
