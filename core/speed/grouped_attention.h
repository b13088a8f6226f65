#pragma once

#include "core/speed/attention_span.h"
#include "core/speed/indexer.h"
#include "core/speed/output_projection.h"

namespace weighbridge {

/// Multi-head, grouped-query and multi-query attention.
template<class Number>
class GroupedAttentionCosts
{
public:
    GroupedAttentionCosts(const Inputs<Number>& inputs, const Attention& attention) : in_(inputs), attention_(attention)
    {
    }

    void append(std::vector<Operation>& operations) const
    {
        operations.push_back(to_operation(qkv_projection()));
        if (attention_.indexer.cached())
            operations.push_back(to_operation(
                indexer(in_, attention_.indexer, indexer_tensors(), in_.decode() ? in_.s : causal_square(in_.s))));
        operations.push_back(to_operation(scores()));
        operations.push_back(to_operation(values()));
        if (attention_.gate == OutputGate::per_head || attention_.gate == OutputGate::full_width)
            operations.push_back(to_operation(gate()));
        operations.push_back(to_operation(output_projection()));
    }

    /// Queries and keys of one token, which QK norms run over.
    Number normalized_width() const { return attention_.key_projection ? (a_ / in_.tp + kv_) * d_ : a_ * d_ / in_.tp; }
    /// Weights of the QK norms: a vector per head dimension each, or as wide as the projections.
    Number norm_weights() const
    {
        if (attention_.qk_norm == QkNorm::per_head)
            return attention_.key_projection ? in_.two * d_ : d_;
        return attention_.key_projection ? (a_ + k_) * d_ : a_ * d_;
    }

private:
    Cost<Number> qkv_projection() const
    {
        const Number width = projected_width();
        const Number written = in_.decode() ? in_.b : in_.b * tokens_in_span(in_, attention_.span, attention_.window);
        Cost<Number> cost{.id = "qkv_projection", .label = "QKV projection", .compute = in_.matrix_compute()};
        cost.flops = in_.over_tokens(in_.two) * input_ * width;
        cost.weights = input_ * width * in_.matrix_bytes(input_size());
        if (attention_.qkv_bias)
            cost.weights = *cost.weights + width * in_.vector_bytes();
        if (attention_.stores_cache && !attention_.cross)
            cost.cache = written * kv_ * (d_ * in_.key_bytes + d_v_ * in_.value_bytes);
        cost.activations = in_.over_tokens(input_ + width) * in_.activation_bytes;
        return cost;
    }

    Cost<Number> scores() const
    {
        Cost<Number> cost{
            .id = "attention_scores", .label = "Attention scores", .compute = in_.workload.activations.compute};
        cost.flops = in_.two * in_.b * pairs() * a_ * d_ / in_.tp;
        if (attention_.sinks)
            cost.weights = a_ * in_.vector_bytes() / in_.tp;
        cost.cache = in_.b * tokens_read() * kv_ * d_ * in_.key_bytes;
        cost.activations = in_.over_tokens(a_) * d_ * in_.activation_bytes / in_.tp;
        return cost;
    }

    Cost<Number> values() const
    {
        Cost<Number> cost{
            .id = "attention_values", .label = "Attention values", .compute = in_.workload.activations.compute};
        cost.flops = in_.two * in_.b * pairs() * a_ * d_v_ / in_.tp;
        cost.cache = in_.b * tokens_read() * kv_ * d_v_ * in_.value_bytes;
        cost.activations = in_.over_tokens(a_) * d_v_ * in_.activation_bytes / in_.tp;
        return cost;
    }

    Cost<Number> output_projection() const
    {
        return output_projection_cost<Number>(in_, a_ * d_v_, attention_.heads * attention_.value_head_dim,
                                              attention_.output_bias);
    }

    /// One number per head, or per output.
    Cost<Number> gate() const
    {
        const Number width = attention_.gate == OutputGate::per_head ? a_ : a_ * d_v_;
        Cost<Number> cost{.id = "output_gate", .label = "Output gate", .compute = in_.matrix_compute()};
        cost.flops = in_.over_tokens(in_.two) * in_.h * width / in_.tp;
        cost.weights = in_.h * width * in_.matrix_bytes(in_.hidden_size) / in_.tp;
        cost.activations = in_.over_tokens(in_.h + width / in_.tp) * in_.activation_bytes;
        return cost;
    }

    std::vector<Tensor> indexer_tensors() const { return indexer_inventory(attention_, in_.hidden_size); }

    std::int64_t input_size() const { return attention_.input_size > 0 ? attention_.input_size : in_.hidden_size; }

    /// Queries, keys and values of one token on one GPU.
    Number projected_width() const
    {
        if (attention_.gate == OutputGate::doubled_query)
            return (in_.two * a_ / in_.tp + in_.two * kv_) * d_;
        if (!attention_.key_projection)
            return a_ * d_ / in_.tp;
        if (!attention_.value_projection)
            return (a_ / in_.tp + kv_) * d_;
        if (attention_.head_dim == attention_.value_head_dim)
            return (a_ / in_.tp + in_.two * kv_) * d_;
        return a_ * d_ / in_.tp + kv_ * (d_ + d_v_);
    }

    Number pairs() const
    {
        if (sparse_)
            return picked_pairs(in_, attention_.indexer, in_.s);
        return in_.decode() ? tokens_in_span(in_, attention_.span, attention_.window)
                            : causal_pairs(in_, attention_.span, attention_.window);
    }

    /// Prefill meets every key once, however small the window.
    Number tokens_read() const
    {
        if (sparse_ && in_.decode())
            return pairs();
        return in_.decode() ? tokens_in_span(in_, attention_.span, attention_.window) : in_.s;
    }

    const Inputs<Number>& in_;
    const Attention& attention_;
    bool sparse_ = picks_some(in_, attention_.indexer);
    Number input_ = attention_.input_size > 0 ? named<Number>("h_in", static_cast<double>(attention_.input_size))
                                              : in_.h;
    Number a_ = named<Number>("a", static_cast<double>(attention_.heads));
    Number k_ = named<Number>("k", static_cast<double>(attention_.kv_heads));
    Number d_ = named<Number>("d", static_cast<double>(attention_.head_dim));
    Number d_v_ = attention_.value_head_dim == attention_.head_dim
                      ? d_
                      : named<Number>("d_v", static_cast<double>(attention_.value_head_dim));
    Number kv_ = larger_of(constant<Number>(1), k_ / in_.tp); ///< key-value heads on one GPU
};

} // namespace weighbridge
