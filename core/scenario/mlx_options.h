#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// What mlx-lm is started with, by the names of its command lines (mlx_lm/generate.py, server.py). What is left out
/// takes mlx-lm's own default.
struct MlxOptions
{
    static constexpr std::string_view engine = "mlx"; ///< whose they are

    std::optional<std::int64_t> max_kv_size; ///< tokens; of networks that leave their caches to mlx-lm
    std::optional<std::int64_t> kv_bits;     ///< 16 where left out
    std::optional<std::int64_t> kv_group_size;
    std::optional<std::int64_t> quantized_kv_start; ///< tokens from which on the cache is quantized
    std::optional<std::int64_t> prefill_step_size;  ///< tokens of a prompt chunk
    std::optional<std::int64_t> prompt_cache_size;  ///< caches that the server keeps of earlier prompts
    std::optional<std::int64_t> prompt_cache_bytes; ///< that they may have together
    bool vision = false;                            ///< run by mlx-vlm, which keeps the towers

    bool operator==(const MlxOptions&) const = default;
};

inline constexpr std::array mlx_options = {
    OptionRow<MlxOptions>{.name = "max_kv_size",
                          .member = member<&MlxOptions::max_kv_size>,
                          .range = {1, most_tokens},
                          .help = "Tokens of a rotating cache, where the network leaves its caches to mlx-lm",
                          .left_out = "no limit"},
    OptionRow<MlxOptions>{.name = "kv_bits",
                          .member = member<&MlxOptions::kv_bits>,
                          .range = {2, 8},
                          .help = "Bits of cached keys and values: 2, 3, 4, 5, 6 or 8",
                          .left_out = "16"},
    OptionRow<MlxOptions>{.name = "kv_group_size",
                          .member = member<&MlxOptions::kv_group_size>,
                          .range = {16, 128},
                          .help = "Cached numbers that share a scale and a bias: 32, 64 or 128",
                          .left_out = "64"},
    OptionRow<MlxOptions>{.name = "quantized_kv_start",
                          .member = member<&MlxOptions::quantized_kv_start>,
                          .range = {0, most_tokens},
                          .help = "Tokens in the cache from which on it is quantized",
                          .left_out = "5,000"},
    OptionRow<MlxOptions>{.name = "prefill_step_size",
                          .member = member<&MlxOptions::prefill_step_size>,
                          .range = {1, most_tokens},
                          .help = "Tokens of a prompt that are computed at once",
                          .left_out = "2,048, by version"},
    OptionRow<MlxOptions>{.name = "prompt_cache_size",
                          .member = member<&MlxOptions::prompt_cache_size>,
                          .range = {0, most_sequences},
                          .help = "Caches of earlier prompts that the server keeps; they are counted where it is given",
                          .left_out = "10, of the server alone: not counted"},
    OptionRow<MlxOptions>{.name = "prompt_cache_bytes",
                          .member = member<&MlxOptions::prompt_cache_bytes>,
                          .range = {0, most_bytes},
                          .unit = CountUnit::bytes,
                          .help = "What these caches may have together",
                          .left_out = "no limit"},
    OptionRow<MlxOptions>{.name = "vision",
                          .member = member<&MlxOptions::vision>,
                          .help = "mlx-vlm runs the network and keeps its towers, in 16 bits; exllamav3 keeps them too",
                          .engines = {MlxOptions::engine, "exllamav3"}},
};

} // namespace weighbridge
