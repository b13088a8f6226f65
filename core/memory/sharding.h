#pragma once

#include "core/memory/stages.h"
#include "core/model/inventory.h"

#include <cstdint>
#include <limits>

namespace weighbridge {

/// How an engine lays tensors over the ranks of a tensor-parallel group: for each kind of sharding, whether it divides
/// at all.
struct ShardingRules
{
    bool router_divided = false;
    bool latent_divided = false;
    /// Ranks that share out the routed experts, where they are not those of the tensor parallelism; 0: they are.
    std::int64_t expert_ranks = 0;
    bool whole_experts = false;  ///< expert parallelism: a rank holds some experts whole, rounded up
    bool vision_divided = false; ///< towers are divided as attention and FFN are
    TowerStages tower_stages = TowerStages::first;
    bool even_stages = true; ///< GPUs in a row hold the stages of memory/stages.h; else the engine places layers itself
    std::int64_t replicas = 1;        ///< of the attention, among which sequences are shared out
    std::int64_t attention_ranks = 0; ///< of attention, where data-parallel attention leaves it fewer; 0: all
    std::int64_t embedding_ranks = 0; ///< that share the rows of the embedding; 0: all
    std::int64_t head_ranks = 0;      ///< the same of the head
    std::int64_t tower_ranks = 0;     ///< of towers that are divided; 0: all
    static constexpr std::int64_t nowhere = std::numeric_limits<std::int64_t>::max(); ///< ranks of what isn't loaded

    /// By how much a tensor's bytes are divided on each of `tensor_parallel` ranks; 1 where every rank holds a copy.
    std::int64_t divisor(const Tensor& tensor, std::int64_t tensor_parallel) const;
    /// The same of one matrix: experts that are held whole are shared out, not divided.
    std::int64_t matrix_divisor(const Tensor& tensor, std::int64_t tensor_parallel) const
    {
        return whole_experts && tensor.part == Part::experts ? 1 : divisor(tensor, tensor_parallel);
    }
};

/// Whether ranks share out a matrix's columns, its inputs: output and down projections. Of others it is the rows.
inline bool divides_columns(const Tensor& tensor)
{
    return tensor.sharding == Sharding::row || (tensor.part == Part::experts && tensor.rows.symbol == "h");
}

/// The web form's rule: attention, FFN, router, embedding and head are divided by the tensor parallelism, norms are
/// not; key and value heads are held in copies once there are more ranks than heads.
inline constexpr ShardingRules generic_sharding{.router_divided = true, .latent_divided = true};

} // namespace weighbridge
