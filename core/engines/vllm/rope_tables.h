#pragma once

#include "core/engines/vllm/settings.h"

namespace weighbridge::vllm {

/// Bytes of cos_sin_cache, one table per distinct RoPE (rotary_embedding/__init__.py keeps them by their parameters):
/// positions x rotated width, on every rank. Positions are the config's, whatever max_model_len is.
double rope_table_bytes(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
