#pragma once

#include "core/scenario/option.h"

#include <optional>

namespace weighbridge {

/// What LMDeploy's engines are started with, by the names of TurbomindEngineConfig and PytorchEngineConfig
/// (lmdeploy/messages.py). What is left out takes LMDeploy's own default.
struct LmDeployOptions
{
    static constexpr std::string_view engine = "lmdeploy"; ///< whose they are

    std::optional<double> cache_max_entry_count;       ///< share of free memory; above 1: blocks
    std::optional<std::int64_t> cache_block_seq_len;   ///< tokens of a block
    std::optional<std::int64_t> max_prefill_token_num; ///< tokens of one step of prompts
    std::optional<std::int64_t> session_len;           ///< tokens of one request

    bool operator==(const LmDeployOptions&) const = default;
};

inline constexpr std::array lmdeploy_options = {
    OptionRow<LmDeployOptions>{.name = "cache_max_entry_count",
                               .member = member<&LmDeployOptions::cache_max_entry_count>,
                               .range = {0, static_cast<double>(most_tokens), true},
                               .help = "Share of the memory free after loading that the cache takes; a whole number "
                                       "above 1: its blocks",
                               .left_out = "0.8; 0.5 of the whole memory up to 0.2"},
    OptionRow<LmDeployOptions>{.name = "cache_block_seq_len",
                               .member = member<&LmDeployOptions::cache_block_seq_len>,
                               .range = {1, 65536},
                               .help = "Tokens of a block of the cache",
                               .left_out = "64; 128 up to 0.2"},
    OptionRow<LmDeployOptions>{.name = "max_prefill_token_num",
                               .member = member<&LmDeployOptions::max_prefill_token_num>,
                               .range = {1, most_tokens},
                               .help = "Tokens of prompts in one step",
                               .left_out = "8,192"},
    OptionRow<LmDeployOptions>{.name = "session_len",
                               .member = member<&LmDeployOptions::session_len>,
                               .range = {1, most_tokens},
                               .help = "Tokens of one request, prompt and answer",
                               .left_out = "the network's"},
};

} // namespace weighbridge
