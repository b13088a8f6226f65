#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// What `sglang.launch_server` is started with, by the names of its arguments. What is left out takes SGLang's own
/// default, which depends on the device.
struct SglangOptions
{
    static constexpr std::string_view engine = "sglang"; ///< whose they are

    std::optional<double> mem_fraction_static;
    std::optional<std::int64_t> context_length;
    std::optional<std::int64_t> chunked_prefill_size;
    std::optional<std::int64_t> cuda_graph_max_bs;
    bool enable_dp_attention = false;

    bool operator==(const SglangOptions&) const = default;
};

inline constexpr std::array sglang_options = {
    OptionRow<SglangOptions>{.name = "mem_fraction_static",
                             .member = member<&SglangOptions::mem_fraction_static>,
                             .range = {0, 1, true},
                             .help = "The share of the device for weights and cache",
                             .left_out = "by version and device"},
    OptionRow<SglangOptions>{.name = "context_length",
                             .member = member<&SglangOptions::context_length>,
                             .range = {1, most_tokens},
                             .help = "Tokens of the longest request that is admitted",
                             .left_out = "as long as the network was made for"},
    OptionRow<SglangOptions>{.name = "chunked_prefill_size",
                             .member = member<&SglangOptions::chunked_prefill_size>,
                             .range = {-1, most_tokens},
                             .help = "Tokens of a piece of a prompt; -1: prompts are not cut",
                             .left_out = "by device"},
    OptionRow<SglangOptions>{.name = "cuda_graph_max_bs",
                             .member = member<&SglangOptions::cuda_graph_max_bs>,
                             .range = {0, most_sequences},
                             .help = "The largest batch with a CUDA graph",
                             .left_out = "by device"},
    OptionRow<SglangOptions>{.name = "enable_dp_attention",
                             .member = member<&SglangOptions::enable_dp_attention>,
                             .help = "Tensor-parallel ranks hold whole attention, each for requests of its own"},
};

} // namespace weighbridge
