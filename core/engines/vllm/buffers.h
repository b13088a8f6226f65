#pragma once

#include "core/engines/vllm/settings.h"

#include <vector>

namespace weighbridge::vllm {

/// topk_indices_buffer, one for all layers: an int32 for each of the entries that a token of the batch may pick.
double picked_bytes(const std::vector<Layer>& kinds, const Settings& settings);

/// Bytes that a network's class sets aside when it is made, beside its weights: what an indexer picks, features of
/// images for the first layers, embeddings per layer.
double buffer_bytes(const InferenceInputs& inputs, const Settings& settings);

/// Bytes by which routers are wider that a class keeps in fp32.
double wide_router_bytes(const InferenceInputs& inputs);

/// Bytes of key projections that a class holds as values once more (Gemma 4, attention_k_eq_v).
double second_value_bytes(const InferenceInputs& inputs);

} // namespace weighbridge::vllm
