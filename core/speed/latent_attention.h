#pragma once

#include "core/speed/attention_span.h"
#include "core/speed/indexer.h"
#include "core/speed/output_projection.h"

namespace weighbridge {

/// Multi-head latent attention (arXiv:2405.04434, section 2.1).
template<class Number>
class LatentAttentionCosts
{
public:
    LatentAttentionCosts(const Inputs<Number>& inputs, const LatentAttention& attention)
        : in_(inputs), attention_(attention)
    {
    }

    void append(std::vector<Operation>& operations) const
    {
        if (attention_.q_lora_rank > 0) {
            operations.push_back(to_operation(q_down_projection()));
            operations.push_back(to_operation(q_up_projection()));
        } else {
            operations.push_back(to_operation(q_projection()));
        }
        operations.push_back(to_operation(kv_down_projection()));
        if (attention_.indexer.cached())
            operations.push_back(
                to_operation(indexer(in_, attention_.indexer, indexer_inventory(attention_, in_.hidden_size),
                                     in_.decode() ? in_.s : causal_square(in_.s))));
        if (in_.decode() || sparse_)
            append_absorbed(operations);
        else
            append_expanded(operations);
        if (attention_.gate != OutputGate::none) {
            const Number width = attention_.gate == OutputGate::per_head ? a_ : a_ * d_v_;
            operations.push_back(to_operation(projection("output_gate", "Output gate", in_.h, in_.hidden_size, width)));
        }
        operations.push_back(to_operation(output_projection()));
    }

    /// The latents of one token, which have norms of their own; also how many weights those norms have.
    Number normalized_width() const { return attention_.q_lora_rank > 0 ? r_q_ + r_kv_ : r_kv_; }

private:
    /// Decode: queries are moved into the latent space, so that the cached latent is key and value for all heads.
    /// Sparse attention does so in prefill as well, because each query picks keys of its own (arXiv:2512.02556,
    /// section 2.1).
    void append_absorbed(std::vector<Operation>& operations) const
    {
        operations.push_back(to_operation(per_head_product("q_absorb", "Query absorption", d_nope_, r_kv_)));
        operations.push_back(to_operation(latent_scores()));
        operations.push_back(to_operation(latent_values()));
        operations.push_back(to_operation(per_head_product("v_up_projection", "Value up-projection", r_kv_, d_v_)));
    }

    /// Prefill: keys and values of every head are rebuilt from the latent, which costs fewer FLOPs than the absorbed
    /// way.
    void append_expanded(std::vector<Operation>& operations) const
    {
        operations.push_back(to_operation(kv_up_projection()));
        operations.push_back(to_operation(expanded_scores()));
        operations.push_back(to_operation(expanded_values()));
    }

    /// A product with a matrix of the first `rank` columns, divided over the GPUs.
    Cost<Number> projection(std::string_view id, std::string_view label, const Number& inputs, std::int64_t columns,
                            const Number& outputs) const
    {
        Cost<Number> cost{.id = id, .label = label, .compute = in_.matrix_compute()};
        cost.flops = in_.over_tokens(in_.two) * inputs * outputs / in_.tp;
        cost.weights = inputs * outputs * in_.matrix_bytes(columns) / in_.tp;
        cost.activations = in_.over_tokens(inputs + outputs / in_.tp) * in_.activation_bytes;
        return cost;
    }

    Cost<Number> q_down_projection() const
    {
        Cost<Number> cost = projection("q_down_projection", "Query down-projection", in_.h, in_.hidden_size, r_q_);
        if (attention_.bias)
            cost.weights = *cost.weights + r_q_ * in_.vector_bytes() / in_.tp;
        return cost;
    }

    Cost<Number> q_up_projection() const
    {
        return projection("q_up_projection", "Query up-projection", r_q_, attention_.q_lora_rank, a_ * query_dim());
    }

    Cost<Number> q_projection() const
    {
        return projection("q_projection", "Query projection", in_.h, in_.hidden_size, a_ * query_dim());
    }

    Cost<Number> kv_down_projection() const
    {
        Cost<Number> cost =
            projection("kv_down_projection", "KV down-projection", in_.h, in_.hidden_size, latent_width());
        if (attention_.bias)
            cost.weights = *cost.weights + latent_width() * in_.vector_bytes() / in_.tp;
        cost.cache = in_.over_tokens(latent_width()) * in_.key_bytes;
        return cost;
    }

    Cost<Number> kv_up_projection() const
    {
        return projection("kv_up_projection", "KV up-projection", r_kv_, attention_.kv_lora_rank,
                          a_ * (d_nope_ + d_v_));
    }

    /// A small matrix of each head's own: half of kv_b_proj.
    Cost<Number> per_head_product(std::string_view id, std::string_view label, const Number& inputs,
                                  const Number& outputs) const
    {
        Cost<Number> cost{.id = id, .label = label, .compute = in_.matrix_compute()};
        cost.flops = in_.over_tokens(in_.two) * a_ * inputs * outputs / in_.tp;
        cost.weights = a_ * inputs * outputs * in_.matrix_bytes(attention_.kv_lora_rank) / in_.tp;
        cost.activations = in_.over_tokens(a_) * (inputs + outputs) * in_.activation_bytes / in_.tp;
        return cost;
    }

    Cost<Number> latent_scores() const
    {
        Cost<Number> cost = attention("attention_scores", "Attention scores");
        cost.flops = in_.two * in_.b * pairs() * a_ * latent_width() / in_.tp;
        cost.cache = latent_read() * latent_width() / (in_.two * r_kv_ + d_rope_);
        cost.activations = in_.over_tokens(a_) * latent_width() * in_.activation_bytes / in_.tp;
        return cost;
    }

    Cost<Number> latent_values() const
    {
        Cost<Number> cost = attention("attention_values", "Attention values");
        cost.flops = in_.two * in_.b * pairs() * a_ * r_kv_ / in_.tp;
        cost.cache = latent_read() * r_kv_ / (in_.two * r_kv_ + d_rope_);
        cost.activations = in_.over_tokens(a_) * r_kv_ * in_.activation_bytes / in_.tp;
        return cost;
    }

    /// Queries of all heads, rebuilt keys of all heads, and the RoPE key that they share.
    Cost<Number> expanded_scores() const
    {
        Cost<Number> cost = attention("attention_scores", "Attention scores");
        cost.flops = in_.two * in_.b * causal_square(in_.s) * a_ * query_dim() / in_.tp;
        cost.activations =
            in_.over_tokens(a_ * query_dim() / in_.tp + a_ * d_nope_ / in_.tp + d_rope_) * in_.activation_bytes;
        return cost;
    }

    /// Rebuilt values in, outputs out.
    Cost<Number> expanded_values() const
    {
        Cost<Number> cost = attention("attention_values", "Attention values");
        cost.flops = in_.two * in_.b * causal_square(in_.s) * a_ * d_v_ / in_.tp;
        cost.activations = in_.over_tokens(in_.two) * a_ * d_v_ * in_.activation_bytes / in_.tp;
        return cost;
    }

    Cost<Number> output_projection() const
    {
        return output_projection_cost<Number>(in_, a_ * d_v_, attention_.heads * attention_.v_head_dim,
                                              attention_.bias);
    }

    Cost<Number> attention(std::string_view id, std::string_view label) const
    {
        return {.id = id, .label = label, .compute = in_.workload.activations.compute};
    }

    Number latent_width() const { return r_kv_ + d_rope_; }
    Number query_dim() const { return d_nope_ + d_rope_; }
    /// (query, key) pairs in the latent space.
    Number pairs() const { return sparse_ ? picked_pairs(in_, attention_.indexer, in_.s) : in_.s; }
    /// The latent cache, read once for all heads on every GPU: all of it, or what was picked. The picks of a prompt's
    /// tokens together meet everything.
    Number latent_read() const { return in_.b * (in_.decode() ? pairs() : in_.s) * latent_width() * in_.key_bytes; }

    const Inputs<Number>& in_;
    const LatentAttention& attention_;
    bool sparse_ = picks_some(in_, attention_.indexer);
    Number a_ = named<Number>("a", static_cast<double>(attention_.heads));
    Number r_q_ = named<Number>("r_q", static_cast<double>(attention_.q_lora_rank));
    Number r_kv_ = named<Number>("r_kv", static_cast<double>(attention_.kv_lora_rank));
    Number d_nope_ = named<Number>("d_nope", static_cast<double>(attention_.qk_nope_head_dim));
    Number d_rope_ = named<Number>("d_rope", static_cast<double>(attention_.qk_rope_head_dim));
    Number d_v_ = named<Number>("d_v", static_cast<double>(attention_.v_head_dim));
};

} // namespace weighbridge
