#pragma once

#include "core/speed/attention_span.h"
#include "core/speed/indexer.h"

namespace weighbridge {

/// Attention to a window and to compressed entries behind it (DeepSeek-V4).
template<class Number>
class CompressedAttentionCosts
{
public:
    CompressedAttentionCosts(const Inputs<Number>& inputs, const CompressedAttention& attention)
        : in_(inputs), attention_(attention)
    {
    }

    void append(std::vector<Operation>& operations) const
    {
        std::vector<Tensor> tensors = mixer_inventory(attention_, in_.hidden_size);
        std::erase_if(tensors, [](const Tensor& tensor) { return tensor.name.find("indexer.") != std::string::npos; });
        operations.push_back(
            to_operation(tensor_cost<Number>(in_, "attention_projections", "Projections and compressors", tensors)));
        if (attention_.indexer.cached())
            operations.push_back(to_operation(scored()));
        operations.push_back(to_operation(scores_and_values()));
    }

private:
    Cost<Number> scored() const
    {
        Cost<Number> cost = indexer(in_, attention_.indexer, indexer_inventory(attention_, in_.hidden_size),
                                    (in_.decode() ? in_.s : causal_square(in_.s)) / ratio());
        cost.cache = *cost.cache / ratio();
        return cost;
    }

    /// One vector is key and value: it is read once for both, by every GPU.
    Cost<Number> scores_and_values() const
    {
        const Number heads = named<Number>("a", static_cast<double>(attention_.heads));
        const Number width = named<Number>("d", static_cast<double>(attention_.head_dim));
        const Number near = in_.decode() ? tokens_in_span(in_, AttentionSpan::sliding, attention_.window)
                                         : causal_pairs(in_, AttentionSpan::sliding, attention_.window);
        const Number kept = in_.decode() ? near : in_.s;
        const bool far = attention_.compress_ratio > 0;
        const Number pairs = far ? near + far_pairs() : near;
        const Number entries = far ? kept + far_read() : kept;
        Cost<Number> cost{.id = "attention_scores",
                          .label = "Attention scores and values",
                          .compute = in_.workload.activations.compute};
        cost.flops = constant<Number>(4) * in_.b * pairs * heads * width / in_.tp;
        cost.cache = in_.b * entries * width * in_.key_bytes;
        cost.activations = in_.over_tokens(in_.two) * heads * width * in_.activation_bytes / in_.tp;
        return cost;
    }

    bool picks() const { return picks_some(in_, attention_.indexer, attention_.compress_ratio); }

    /// (query, entry) pairs behind the window: all entries, or those that the indexer picks. A query sees an entry once
    /// all its tokens are there.
    Number far_pairs() const
    {
        if (picks()) {
            const Number pairs = picked_pairs(in_, attention_.indexer, in_.s / ratio());
            return in_.decode() ? pairs : pairs * ratio();
        }
        return (in_.decode() ? in_.s : causal_square(in_.s)) / ratio();
    }

    /// Entries behind the window that are read; the picks of a prompt's tokens together meet all of them.
    Number far_read() const
    {
        if (picks() && in_.decode())
            return far_pairs();
        return in_.s / ratio();
    }

    Number ratio() const { return named<Number>("m", static_cast<double>(attention_.compress_ratio)); }

    const Inputs<Number>& in_;
    const CompressedAttention& attention_;
};

} // namespace weighbridge
