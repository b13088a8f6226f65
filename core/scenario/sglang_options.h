#pragma once

#include <cstdint>
#include <optional>

namespace weighbridge {

/// What `sglang.launch_server` is started with, by the names of its arguments. What is left out takes SGLang's own
/// default, which depends on the device.
struct SglangOptions
{
    std::optional<double> mem_fraction_static;
    std::optional<std::int64_t> context_length;
    std::optional<std::int64_t> chunked_prefill_size;
    std::optional<std::int64_t> cuda_graph_max_bs;
    bool enable_dp_attention = false;

    bool operator==(const SglangOptions&) const = default;
};

} // namespace weighbridge
