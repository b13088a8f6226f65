#pragma once

#include "core/model/mixer.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace weighbridge {

struct DenseFeedForward
{
    std::int64_t intermediate_size = 0;
    bool gated = true; ///< three matrices (SwiGLU, GeGLU) or two
    bool bias = false;
    bool holds_weights = true; ///< false: its matrices are shared, among Architecture::outer (Zamba2)

    bool operator==(const DenseFeedForward&) const = default;
};

struct MixtureOfExperts
{
    std::int64_t routed_experts = 0;
    std::int64_t experts_per_token = 0;
    std::int64_t expert_intermediate_size = 0;
    std::int64_t shared_experts = 0;           ///< how many run for every token
    std::int64_t shared_intermediate_size = 0; ///< of all shared experts together
    bool shared_gate = false;                  ///< a sigmoid gate of one row (Qwen2-MoE)
    bool router_bias = false;                  ///< one number per expert: a bias or a score correction
    bool expert_bias = false;                  ///< on every expert projection (gpt-oss)
    bool gated = true;                         ///< three matrices per expert, or two (Nemotron-H)
    std::int64_t latent_size = 0;  ///< routed experts work in this width, between two projections (Nemotron-3 Super)
    std::int64_t zero_experts = 0; ///< experts without weights that the router may choose as well (LongCat)

    /// Experts with weights that one token visits, on average: the router also chooses among the zero experts.
    double active_experts() const
    {
        if (zero_experts == 0)
            return static_cast<double>(experts_per_token);
        return static_cast<double>(experts_per_token) * static_cast<double>(routed_experts) /
               static_cast<double>(routed_experts + zero_experts);
    }

    bool operator==(const MixtureOfExperts&) const = default;
};

using FeedForward = std::variant<DenseFeedForward, MixtureOfExperts>;

/// One kind of decoder layer. Most have one mixer and one feed-forward; blocks of Nemotron-H have one of the two,
/// layers of Falcon-H1 two mixers, of LongCat two of everything.
struct Layer
{
    std::vector<Mixer> mixers;
    std::vector<FeedForward> feed_forwards;
    int norms = 2;          ///< weight vectors of hidden_size: 2 pre-norms, or 4 with post-norms (Gemma 2 and 3)
    bool norm_bias = false; ///< LayerNorm: a bias beside each of them
    /// Tensors that belong to none of these: adapters, hyper-connections, norms of other widths, learned scalars.
    std::vector<Tensor> extras;

    Layer() = default;
    /// The usual one.
    Layer(Mixer mixer, FeedForward feed_forward, int norm_vectors = 2)
        : mixers{std::move(mixer)}, feed_forwards{std::move(feed_forward)}, norms(norm_vectors)
    {
    }

    bool operator==(const Layer&) const = default;
};

/// How a mixer shares keys among queries; nothing where it does not attend.
struct AttentionHeads
{
    std::int64_t heads = 0;
    std::int64_t kv_heads = 0; ///< 0 where no head has a cache of its own (MLA)

    bool operator==(const AttentionHeads&) const = default;
};

std::optional<AttentionHeads> attention_heads(const Mixer& mixer);

/// The first mixer (or feed-forward) of a type, or nothing.
template<class Type, class Choice>
const Type* first_of(const std::vector<Choice>& choices)
{
    for (const Choice& choice : choices)
        if (const auto* found = std::get_if<Type>(&choice))
            return found;
    return nullptr;
}

} // namespace weighbridge
