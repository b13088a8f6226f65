#pragma once

#include "core/scenario/option.h"

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// What TabbyAPI starts exllamav3 with, by the names of its config.yml (common/config_models.py). What is left out
/// takes TabbyAPI's own default.
struct ExLlamaV3Options
{
    static constexpr std::string_view engine = "exllamav3"; ///< whose they are

    std::optional<std::int64_t> cache_size;             ///< tokens of all requests together
    std::optional<std::int64_t> chunk_size;             ///< tokens of a prompt that are computed at once
    std::vector<double> gpu_split;                      ///< GiB by GPU for weights, cache and work
    std::vector<double> autosplit_reserve;              ///< MiB by GPU that stay free
    std::optional<std::int64_t> cpu_moe_offload_layers; ///< whose routed experts lie in system memory
    std::string draft_mode = "disabled";                ///< disabled, model, mtp, ngram
    std::optional<std::int64_t> draft_num_tokens;       ///< drafted ahead
    std::optional<std::string> draft_model;             ///< its name

    bool operator==(const ExLlamaV3Options&) const = default;
};

inline constexpr std::array exllamav3_options = {
    OptionRow<ExLlamaV3Options>{.name = "cache_size",
                                .member = member<&ExLlamaV3Options::cache_size>,
                                .range = {256, most_tokens},
                                .help = "Tokens of the cache that all requests share, in pages of 256",
                                .left_out = "max_seq_len, else what the sequences take"},
    OptionRow<ExLlamaV3Options>{.name = "chunk_size",
                                .member = member<&ExLlamaV3Options::chunk_size>,
                                .range = {256, most_tokens},
                                .help = "Tokens of a prompt that are computed at once",
                                .left_out = "2,048"},
    OptionRow<ExLlamaV3Options>{.name = "gpu_split",
                                .member = member<&ExLlamaV3Options::gpu_split>,
                                .range = {0, 4096},
                                .help = "GiB of each GPU for weights, cache and work, in order",
                                .left_out = "all that is free but autosplit_reserve"},
    OptionRow<ExLlamaV3Options>{.name = "autosplit_reserve",
                                .member = member<&ExLlamaV3Options::autosplit_reserve>,
                                .range = {0, 1048576},
                                .help = "MiB of each GPU that the loader leaves free",
                                .left_out = "96 of the first GPU, 512 of the others"},
    OptionRow<ExLlamaV3Options>{.name = "cpu_moe_offload_layers",
                                .member = member<&ExLlamaV3Options::cpu_moe_offload_layers>,
                                .range = {0, most_layers},
                                .help = "The first so many layers with experts keep these in system memory; 999: all",
                                .left_out = "0"},
    OptionRow<ExLlamaV3Options>{.name = "draft_mode",
                                .member = member<&ExLlamaV3Options::draft_mode>,
                                .choices = {"disabled", "model", "mtp", "ngram"},
                                .help = "What drafts tokens: a model, the network's own prediction layers, n-grams"},
    OptionRow<ExLlamaV3Options>{.name = "draft_num_tokens",
                                .member = member<&ExLlamaV3Options::draft_num_tokens>,
                                .range = {1, 1024},
                                .help = "Tokens that are drafted ahead: states keep as many steps back",
                                .left_out = "4 for models, 1 for prediction layers"},
    OptionRow<ExLlamaV3Options>{.name = "draft_model",
                                .also = {"draft_model_name"},
                                .member = member<&ExLlamaV3Options::draft_model>,
                                .names = NameTable::short_text,
                                .help = "The model that drafts; its memory is not counted here",
                                .left_out = "none"},
};

} // namespace weighbridge
