#pragma once

#include "core/engines/version.h"
#include "core/memory/load.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace weighbridge::tensorrt_llm {

/// The newest release whose rules are known here.
inline constexpr EngineVersion newest_release{1, 2};

/// A scenario's options with TensorRT-LLM's defaults for what was left out (llmapi/llm_args.py). Bytes where not said
/// otherwise.
struct Settings
{
    EngineVersion version;
    bool built_engine = false; ///< by trtllm-build; else the PyTorch runtime
    double total_memory = 0;   ///< as cudaMemGetInfo has it
    double in_use = 0;         ///< of it, by others
    double fraction = 0.9;     ///< free_gpu_memory_fraction
    std::int64_t max_batch_size = 2048;
    std::int64_t max_num_tokens = 8192;
    std::int64_t max_seq_len = 1;
    std::int64_t tokens_per_block = 32;
    std::int64_t graph_batch = 128; ///< the largest with a CUDA graph; 0: none
    std::int64_t beams = 1;
    std::int64_t drafted = 0;         ///< tokens ahead
    std::int64_t attention_ranks = 1; ///< that share a request's heads
    std::int64_t replicas = 1;        ///< of attention, with requests of their own
    std::optional<std::int64_t> max_tokens;
    std::optional<std::int64_t> max_bytes;
    std::vector<std::int64_t> windows; ///< tokens that layers keep, in order, repeated; empty: all
    double model_bytes = 2;            ///< per element of what is computed

    double memory_left() const { return total_memory - in_use; }
};

Settings settings_of(const InferenceInputs& load);

/// The load with tensors laid over ranks as TensorRT-LLM does: the embedding whole in each, with data-parallel
/// attention attention and head too.
InferenceInputs with_sharding(InferenceInputs load, const Settings& settings);

} // namespace weighbridge::tensorrt_llm
