#pragma once

#include "core/scenario/option.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// What trtllm-serve and LLM(...) are started with, by the names of llmapi/llm_args.py (KvCacheConfig's among them).
/// What is left out takes TensorRT-LLM's own default.
struct TensorRtLlmOptions
{
    static constexpr std::string_view engine = "tensorrt-llm"; ///< whose they are

    std::optional<std::int64_t> max_num_tokens; ///< of one step
    double free_gpu_memory_fraction = 0.9;      ///< of what is free beside weights and the trial run
    std::optional<std::int64_t> max_tokens;     ///< of the pool at most
    std::optional<std::int64_t> max_gpu_total_bytes;
    std::int64_t host_cache_size = 0;         ///< bytes of host memory for blocks that leave the GPU
    std::vector<double> max_attention_window; ///< tokens by layer, repeated
    std::optional<std::int64_t> tokens_per_block;
    bool enable_attention_dp = false;
    std::int64_t max_beam_width = 1;
    std::optional<std::int64_t> max_input_len;
    std::optional<std::int64_t> cuda_graph_max_batch_size;
    std::int64_t max_draft_len = 0; ///< tokens that are drafted ahead

    bool operator==(const TensorRtLlmOptions&) const = default;
};

inline constexpr std::array tensorrt_llm_options = {
    OptionRow<TensorRtLlmOptions>{.name = "max_num_tokens",
                                  .member = member<&TensorRtLlmOptions::max_num_tokens>,
                                  .range = {1, most_tokens},
                                  .help = "Tokens of one step, of all requests",
                                  .left_out = "8,192"},
    OptionRow<TensorRtLlmOptions>{.name = "free_gpu_memory_fraction",
                                  .also = {"kv_cache_free_gpu_memory_fraction", "kv_cache_free_gpu_mem_fraction"},
                                  .member = member<&TensorRtLlmOptions::free_gpu_memory_fraction>,
                                  .range = {0, 1, true},
                                  .help = "Share of what is free after weights and a trial run that the cache takes"},
    OptionRow<TensorRtLlmOptions>{.name = "max_tokens",
                                  .member = member<&TensorRtLlmOptions::max_tokens>,
                                  .range = {1, most_tokens},
                                  .help = "Tokens that the cache holds at most",
                                  .left_out = "what the share holds"},
    OptionRow<TensorRtLlmOptions>{.name = "max_gpu_total_bytes",
                                  .member = member<&TensorRtLlmOptions::max_gpu_total_bytes>,
                                  .range = {1, most_bytes},
                                  .unit = CountUnit::bytes,
                                  .help = "Bytes of the cache on one GPU at most",
                                  .left_out = "the share"},
    OptionRow<TensorRtLlmOptions>{.name = "host_cache_size",
                                  .member = member<&TensorRtLlmOptions::host_cache_size>,
                                  .range = {0, most_bytes},
                                  .unit = CountUnit::bytes,
                                  .help = "Host memory of each rank for blocks that leave the GPU"},
    OptionRow<TensorRtLlmOptions>{.name = "max_attention_window",
                                  .member = member<&TensorRtLlmOptions::max_attention_window>,
                                  .range = {1, static_cast<double>(most_tokens)},
                                  .help = "Tokens that each layer keeps, in order, repeated over the layers",
                                  .left_out = "every layer keeps all, whatever its own window"},
    OptionRow<TensorRtLlmOptions>{.name = "tokens_per_block",
                                  .member = member<&TensorRtLlmOptions::tokens_per_block>,
                                  .range = {1, 65536},
                                  .help = "Tokens of a block of the cache",
                                  .left_out = "32; built engines before 1.0: 64"},
    OptionRow<TensorRtLlmOptions>{.name = "enable_attention_dp",
                                  .member = member<&TensorRtLlmOptions::enable_attention_dp>,
                                  .help = "Every tensor-parallel rank has whole attention and requests of its own"},
    OptionRow<TensorRtLlmOptions>{.name = "max_beam_width",
                                  .member = member<&TensorRtLlmOptions::max_beam_width>,
                                  .range = {1, 1024},
                                  .help = "Beams of a request"},
    OptionRow<TensorRtLlmOptions>{.name = "max_input_len",
                                  .member = member<&TensorRtLlmOptions::max_input_len>,
                                  .range = {1, most_tokens},
                                  .help = "Tokens of a prompt at most",
                                  .left_out = "1,024, with the PyTorch runtime what max_seq_len allows"},
    OptionRow<TensorRtLlmOptions>{.name = "cuda_graph_max_batch_size",
                                  .member = member<&TensorRtLlmOptions::cuda_graph_max_batch_size>,
                                  .range = {0, most_sequences},
                                  .help = "The largest batch with a CUDA graph; 0: none",
                                  .left_out = "128"},
    OptionRow<TensorRtLlmOptions>{.name = "max_draft_len",
                                  .also = {"num_nextn_predict_layers"},
                                  .member = member<&TensorRtLlmOptions::max_draft_len>,
                                  .range = {0, 1024},
                                  .help = "Tokens that are drafted ahead by the network's own prediction layers"},
};

} // namespace weighbridge
