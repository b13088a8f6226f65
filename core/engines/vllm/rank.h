#pragma once

#include "core/engines/vllm/device_overhead.h"
#include "core/engines/vllm/kv_pool.h"
#include "core/engines/vllm/loaded_weights.h"
#include "core/engines/vllm/profile_run.h"

#include <vector>

namespace weighbridge::vllm {

/// One rank of one pipeline stage. Bytes.
struct Rank
{
    double loaded = 0;
    ProfileShapes shapes;
    double activations = 0;
    DeviceOverhead overhead;
    KvPool pool;

    double overhead_total() const
    {
        return overhead.cuda_context + overhead.non_torch + overhead.nccl + overhead.cuda_graphs;
    }
};

/// A rank of the whole network, or of the stage that `inputs.model` is.
Rank rank_of(const InferenceInputs& inputs, const Settings& settings, bool first, bool last);

/// A rank of each stage, first to last.
std::vector<Rank> ranks_of(const InferenceInputs& inputs, const Settings& settings);

/// Bytes of the budget: total memory times the utilization, rounded up.
double requested_bytes(const Settings& settings);

/// "Available KV cache memory", which may be negative.
double available_bytes(const InferenceInputs& inputs, const Settings& settings, const Rank& rank);

/// Blocks that one rank has room for, or that were asked for.
std::int64_t rank_blocks(const InferenceInputs& inputs, const Settings& settings, const Rank& rank);

/// "num_gpu_blocks": what the stage with the least room has.
std::int64_t block_count(const InferenceInputs& inputs, const Settings& settings, const std::vector<Rank>& ranks);

/// Sequences that one replica serves of so many in all.
double sequences_per_replica(std::int64_t sequences, const Settings& settings);

} // namespace weighbridge::vllm
