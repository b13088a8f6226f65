#include "core/engines/vllm/rank.h"

#include <algorithm>
#include <cmath>

namespace weighbridge::vllm {

Rank rank_of(const InferenceInputs& inputs, const Settings& settings, bool first, bool last)
{
    Rank rank;
    rank.loaded = loaded_bytes(inputs, settings, last);
    rank.shapes = profile_shapes(inputs, settings, first, last);
    rank.activations = activation_peak<double>(rank.shapes, settings.era);
    rank.overhead = device_overhead(inputs, settings);
    rank.pool = kv_pool(inputs, settings, last);
    return rank;
}

std::vector<Rank> ranks_of(const InferenceInputs& inputs, const Settings& settings)
{
    if (!inputs.stages)
        return {rank_of(inputs, settings, true, true)};
    std::vector<Rank> ranks;
    ranks.reserve(inputs.stages->size());
    for (std::size_t index = 0; index < inputs.stages->size(); ++index) {
        const PipelineStage& stage = (*inputs.stages)[index];
        ranks.push_back(rank_of(inputs_of_stage(inputs, index), settings, stage.first, stage.last));
    }
    return ranks;
}

double requested_bytes(const Settings& settings)
{
    return std::ceil(settings.total_memory * settings.gpu_memory_utilization);
}

double available_bytes(const InferenceInputs& inputs, const Settings& settings, const Rank& rank)
{
    if (inputs.choice->vllm.kv_cache_memory_bytes)
        return static_cast<double>(*inputs.choice->vllm.kv_cache_memory_bytes);
    const double graphs = settings.era == Era::from_0_21_on ? rank.overhead.cuda_graphs : 0;
    return requested_bytes(settings) - rank.loaded - rank.activations - rank.overhead.non_torch - rank.overhead.nccl -
           graphs;
}

std::int64_t rank_blocks(const InferenceInputs& inputs, const Settings& settings, const Rank& rank)
{
    if (const auto given = inputs.choice->vllm.num_gpu_blocks_override)
        return *given;
    return blocks_in(rank.pool, available_bytes(inputs, settings, rank));
}

std::int64_t block_count(const InferenceInputs& inputs, const Settings& settings, const std::vector<Rank>& ranks)
{
    std::int64_t fewest = -1;
    for (const Rank& rank : ranks) {
        if (rank.pool.block_bytes <= 0)
            continue;
        const std::int64_t blocks = rank_blocks(inputs, settings, rank);
        fewest = fewest < 0 ? blocks : std::min(fewest, blocks);
    }
    return std::max<std::int64_t>(0, fewest);
}

double sequences_per_replica(std::int64_t sequences, const Settings& settings)
{
    return std::ceil(static_cast<double>(sequences) / static_cast<double>(settings.data_parallel));
}

} // namespace weighbridge::vllm
