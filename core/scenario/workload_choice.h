#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weighbridge {

/// workload.*: what is asked of a server. Of speed alone, but that lengths and requests stand for
/// inference.sequence_length and .concurrent_sequences where these are left out.
struct WorkloadChoice
{
    std::optional<std::string> arrival;               ///< "closed", "open", "batch", "burst"; left out: by the load
    std::optional<std::int64_t> prompt_tokens;        ///< mean, cached ones included
    std::optional<std::int64_t> answer_tokens;        ///< mean
    std::optional<std::int64_t> prefix_cached_tokens; ///< of each prompt, in the cache when it arrives
    std::optional<std::int64_t> concurrent_requests;  ///< in flight, waiting ones included
    std::optional<double> requests_per_second;        ///< arrivals of all users
    std::optional<std::int64_t> requests;             ///< in all; left out: many
    std::string length_spread = "exact";              ///< "exact", "uniform:X", "wide"

    bool operator==(const WorkloadChoice&) const = default;
};

/// wanted.*: what an answer is held against.
struct WantedChoice
{
    std::optional<double> time_to_first_token_seconds;
    std::optional<double> time_per_output_token_seconds;
    std::optional<double> price_per_hour; ///< of all accelerators, at most
    std::optional<double> headroom;       ///< share of what may be used that stays free, at least

    bool operator==(const WantedChoice&) const = default;
};

/// Options of engines that decide speed alone.
struct PaceChoice
{
    std::optional<std::string> backend;          ///< what an engine for several kinds of devices runs on: "CUDA", "CPU"
    std::optional<std::int64_t> threads;         ///< of the CPU, while answers are written
    std::optional<std::int64_t> threads_batch;   ///< of the CPU, while prompts are read; left out: threads
    std::optional<std::int64_t> stream_interval; ///< tokens that are sent together
    std::optional<std::int64_t> scheduler_recv_interval;    ///< steps between looks for new requests
    std::optional<std::int64_t> attention_dp_timeout_iters; ///< steps that a rank waits for the others

    bool operator==(const PaceChoice&) const = default;
};

/// hardware.prefill_workers.*: prompts on workers of their own, each laid out like this.
struct PrefillWorkers
{
    std::optional<std::int64_t> count; ///< left out: none
    std::int64_t tensor_parallel = 1;
    std::int64_t pipeline_parallel = 1;
    std::int64_t data_parallel = 1;
    std::int64_t expert_parallel = 1;

    bool operator==(const PrefillWorkers&) const = default;
};

} // namespace weighbridge
