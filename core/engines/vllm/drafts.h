#pragma once

#include "core/engines/vllm/settings.h"

#include <vector>

namespace weighbridge::vllm {

/// Layers that draft with the checkpoint's own multi-token prediction, whatever the number of drafted tokens; 0 where
/// something else drafts, or the checkpoint has none (models/deepseek_mtp.py and the like make
/// num_nextn_predict_layers).
std::int64_t predicting_layers(const InferenceInputs& inputs, const Settings& settings);

/// What the draft's layers keep in the cache: they join the network's own pool.
std::vector<CacheRun> drafted_cache(const InferenceInputs& inputs, const Settings& settings);

/// Bytes of the draft's weights on one rank, what it sets aside included. Embedding and head are the network's, but
/// for classes that load a head of their own, EAGLE-3 over fewer tokens among them (models/llama_eagle3.py,
/// v1/spec_decode/llm_base_proposer.py), and for a draft that is a network of its own.
double draft_bytes(const InferenceInputs& inputs, const Settings& settings);

/// Why vLLM refuses the draft (errors), and what is assumed of it.
std::vector<Issue> draft_issues(const InferenceInputs& inputs, const Settings& settings);

} // namespace weighbridge::vllm
