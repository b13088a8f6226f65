#pragma once

#include "core/engines/vllm/settings.h"

#include <vector>

namespace weighbridge::vllm {

/// Layers that draft with the checkpoint's own multi-token prediction, whatever the number of drafted tokens; 0 without
/// speculation, or where the checkpoint has none (models/deepseek_mtp.py and the like make num_nextn_predict_layers).
std::int64_t drafted_layers(const InferenceInputs& inputs, const Settings& settings);

/// What those layers keep in the cache.
std::vector<CacheRun> drafted_cache(const InferenceInputs& inputs, const Settings& settings);

/// Bytes of their weights on one rank, what they set aside included. Embedding and head are the network's, but for
/// classes that load a head of their own.
double draft_bytes(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
