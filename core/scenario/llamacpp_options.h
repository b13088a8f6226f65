#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// What llama.cpp is started with, by the names of llama_context_params and llama_model_params. What is left out takes
/// llama.cpp's own default.
struct LlamaCppOptions
{
    static constexpr std::string_view engine = "llama.cpp"; ///< whose they are

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
    std::optional<std::string> split_mode;    ///< "layer", "none"; left out: layer
    std::vector<double> tensor_split;         ///< shares of the devices; empty: by free memory
    std::optional<std::int64_t> main_gpu;     ///< with split_mode none: the device that holds all; left out: 0

    bool operator==(const LlamaCppOptions&) const = default;
};

inline constexpr std::array llama_cpp_options = {
    OptionRow<LlamaCppOptions>{.name = "n_ctx",
                               .also = {"ctx_size"},
                               .member = member<&LlamaCppOptions::n_ctx>,
                               .range = {1, most_tokens},
                               .help = "Tokens of the cache, of all sequences together",
                               .left_out = "the sequences' lengths together"},
    OptionRow<LlamaCppOptions>{.name = "n_batch",
                               .member = member<&LlamaCppOptions::n_batch>,
                               .range = {1, most_tokens},
                               .help = "Tokens that are handed in at once",
                               .left_out = "2,048"},
    OptionRow<LlamaCppOptions>{.name = "n_ubatch",
                               .also = {"ubatch_size"},
                               .member = member<&LlamaCppOptions::n_ubatch>,
                               .range = {1, most_tokens},
                               .help = "Tokens that are computed at once",
                               .left_out = "512"},
    OptionRow<LlamaCppOptions>{.name = "n_seq_max",
                               .also = {"parallel", "n_parallel"},
                               .member = member<&LlamaCppOptions::n_seq_max>,
                               .range = {1, most_sequences},
                               .help = "Sequences that share the cache",
                               .left_out = "inference.concurrent_sequences"},
    OptionRow<LlamaCppOptions>{.name = "kv_unified",
                               .member = member<&LlamaCppOptions::kv_unified>,
                               .help = "One cache for all sequences in place of one each",
                               .left_out = "llama.cpp's own"},
    OptionRow<LlamaCppOptions>{.name = "flash_attn",
                               .also = {"flash_attention"},
                               .member = member<&LlamaCppOptions::flash_attn>,
                               .help = "FlashAttention",
                               .left_out = "auto, by build"},
    OptionRow<LlamaCppOptions>{.name = "swa_full",
                               .member = member<&LlamaCppOptions::swa_full>,
                               .help = "Windowed layers keep every token",
                               .left_out = "by build"},
    OptionRow<LlamaCppOptions>{.name = "n_gpu_layers",
                               .also = {"gpu_layers"},
                               .member = member<&LlamaCppOptions::n_gpu_layers>,
                               .range = {-1, most_layers},
                               .help = "Layers on the GPU, the last ones; -1: all",
                               .left_out = "all"},
    OptionRow<LlamaCppOptions>{.name = "n_cpu_moe",
                               .member = member<&LlamaCppOptions::n_cpu_moe>,
                               .range = {0, most_layers},
                               .help = "Layers whose experts stay on the CPU",
                               .left_out = "0"},
    OptionRow<LlamaCppOptions>{.name = "mla",
                               .member = member<&LlamaCppOptions::mla>,
                               .range = {0, 3},
                               .help = "How ik_llama.cpp keeps a latent cache",
                               .left_out = "by build"},
    OptionRow<LlamaCppOptions>{.name = "split_mode",
                               .member = member<&LlamaCppOptions::split_mode>,
                               .choices = {"layer", "none"},
                               .help = "Whether GPUs hold layers one after the other, or one of them holds all",
                               .left_out = "layer"},
    OptionRow<LlamaCppOptions>{.name = "tensor_split",
                               .member = member<&LlamaCppOptions::tensor_split>,
                               .range = {0, 1e9},
                               .help = "Shares of the layers, a number for each GPU",
                               .left_out = "by free memory"},
    OptionRow<LlamaCppOptions>{.name = "main_gpu",
                               .member = member<&LlamaCppOptions::main_gpu>,
                               .range = {0, most_ranks},
                               .help = "The GPU that holds all, with split_mode none",
                               .left_out = "0"},
};

} // namespace weighbridge
