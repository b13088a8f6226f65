#pragma once

#include <cstdint>
#include <optional>

namespace weighbridge {

/// What llama.cpp is started with, by the names of llama_context_params and llama_model_params. What is left out takes
/// llama.cpp's own default.
struct LlamaCppOptions
{
    std::optional<std::int64_t> n_ctx; ///< of all sequences together
    std::optional<std::int64_t> n_batch;
    std::optional<std::int64_t> n_ubatch;
    std::optional<std::int64_t> n_seq_max;
    std::optional<bool> kv_unified;
    std::optional<bool> flash_attn; ///< left out: auto
    std::optional<bool> swa_full;
    std::optional<std::int64_t> n_gpu_layers; ///< -1: all
    std::optional<std::int64_t> n_cpu_moe;    ///< layers whose experts stay on the CPU
    std::optional<std::int64_t> mla;          ///< of ik_llama.cpp: 0 to 3

    bool operator==(const LlamaCppOptions&) const = default;
};

} // namespace weighbridge
