#pragma once

#include "core/engines/vllm/kv_pool.h"

namespace weighbridge::vllm {

/// The pool of DeepSeek-V4, whose blocks are of other lengths in each kind of cache (v1/core/kv_cache_utils.py,
/// _get_kv_cache_config_deepseek_v4, from 0.24 on _get_kv_cache_config_packed; models/deepseek_v4.py). Layers of a
/// multi-token prediction keep a window and nothing behind it.
void make_compressed_pool(KvPool& pool, const InferenceInputs& inputs, const Settings& settings, bool last);

} // namespace weighbridge::vllm
