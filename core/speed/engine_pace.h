#pragma once

#include "core/hardware/accelerator.h"
#include "core/scenario/inference_choice.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weighbridge {

/// Constants of one generation of an engine, fitted on measured runs of all models and devices together; effective
/// figures, never of a model. Times are those of one counted kernel, step, sequence or request.
struct EnginePace
{
    std::string_view id;           ///< "vllm", "vllm-v0"
    double kernel_us = 0;          ///< on Hopper, of each kernel that a step launches, besides its work
    double plain_kernels = 1;      ///< factor of layers of plain attention and a dense network, which fuse more
    double step_us = 0;            ///< of a step: scheduling, sampling
    double sequence_us = 0;        ///< of each sequence in a step
    double api_us = 0;             ///< of each token that is handed out, over all ranks
    double eager_us = 0;           ///< of a kernel that the host launches by itself, in steps with prompt tokens
    double request_ms = 0;         ///< of a request, before its first step
    double compute = 1;            ///< factor on the share of the peak that matrix products reach
    double handover_ms = 100;      ///< of a request, from a worker for prompts to one that writes, cache and all
    double stream_hold = 0;        ///< share of a stream interval that holds the first token back
    double waves = 0;              ///< share of requests of equal lengths that start and end together
    bool mixes_prompts = true;     ///< prompts share steps with decoding; else they have steps of their own
    bool slow_attention = false;   ///< attention is no better than its matrix products: plain kernels
    bool launches_experts = false; ///< each expert that is hit is launched by itself
    bool pipelines_batches = true; ///< stages work on micro batches at the same time
    bool attention_inside = false; ///< replicas of attention are made of the tensor-parallel ranks
    bool shares_limit = false;     ///< the limit of running requests is that of all replicas together
    double cdna_bandwidth = 1;     ///< factor on AMD's data-centre parts
    bool whole_prompts = false;    ///< a step takes a whole prompt, however long
    /// What its options say, as used; nothing where they don't. Tokens of a step, and sequences that run.
    std::optional<std::int64_t> (*token_budget)(const InferenceChoice&) = nullptr;
    std::optional<std::int64_t> (*running_limit)(const InferenceChoice&) = nullptr;
    int records = 0; ///< that it was fitted on
};

/// Constants of a class of accelerators: form factor and generation.
struct DevicePace
{
    std::string_view id;     ///< "hopper"
    double kernels = 1;      ///< factor on an engine's kernel time
    double bandwidth = 1;    ///< share of the data sheet's that reading weights reaches
    double cache = 1;        ///< the same of reading the cache
    double compute = 1;      ///< factor on the share of the peak that matrix products reach
    double attention = 1;    ///< the same of attention
    double allreduce_us = 0; ///< of one all-reduce over its own fast links
};

/// The class of an engine of that version; null where no constants are known. `assumed` is set where they are those of
/// a neighbour.
const EnginePace* engine_pace(std::string_view engine, std::string_view version, const Accelerator& accelerator,
                              bool prefill_apart, bool& assumed);

/// The class of an accelerator for servers; null where none is known (Apple, Arc, consumer AMD, TPUs).
const DevicePace* device_pace(const Accelerator& accelerator, bool& assumed);

/// Shares of peaks and links that hold for all.
struct CommonPace
{
    double gemm_16 = 0.451;          ///< of the 16-bit peak
    double gemm_8 = 0.343;           ///< FP8 and INT8, scales of a tensor or a channel, of that peak
    double gemm_8_blocks = 0.2;      ///< FP8 in blocks of 128 x 128
    double gemm_4 = 0.2;             ///< NVFP4, of the FP4 peak
    double gemm_weight_only = 0.348; ///< narrow weights that are widened, of the 16-bit peak
    double expert_compute = 0.398;   ///< factor of experts' products
    double expert_bandwidth = 0.977;
    double gemm_most = 0.92; ///< whatever the factors
    double expert_most = 0.9;
    double attention_prefill = 0.737; ///< of the 16-bit peak
    double attention_decode = 0.282;
    double elementwise_bandwidth = 0.9;
    double pcie_allreduce_us = 30;
    double fast_link = 0.658; ///< share of a link in one direction
    double pcie_link = 0.5;
    double pcie_bytes = 32e9; ///< per second and direction, where nobody says
    double alltoall_us = 70.5;
    double alltoall_link = 0.754;
    double dp_wait = 0.559; ///< share of the steps that a rank with replicated attention may wait
};

inline constexpr CommonPace common_pace{};

/// When the tables were fitted, and on what.
inline constexpr std::string_view pace_date = "2026-11";

} // namespace weighbridge
