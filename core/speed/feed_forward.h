#pragma once

#include "core/speed/cost.h"

namespace weighbridge {

/// Dense networks, routed experts, shared experts and the router.
template<class Number>
class FeedForwardCosts
{
public:
    /// `experts` are the inputs of routed experts, which may be on other ranks and serve more sequences.
    FeedForwardCosts(const Inputs<Number>& inputs, const Inputs<Number>& experts) : in_(inputs), experts_(experts) {}

    void append(const DenseFeedForward& dense, std::vector<Operation>& operations) const
    {
        const Number inner = named<Number>("h_ffn", static_cast<double>(dense.intermediate_size));
        const int matrices = dense.gated ? 3 : 2;
        Cost<Number> cost = network("ffn", "FFN", Part::feed_forward);
        cost.flops = in_.over_tokens(constant<Number>(2.0 * matrices)) * in_.h * inner / in_.tp;
        cost.weights = weights(matrices, inner, dense.intermediate_size, Part::feed_forward) / in_.tp;
        if (dense.bias)
            cost.weights =
                *cost.weights + (constant<Number>(matrices - 1) * inner / in_.tp + in_.h) * in_.vector_bytes();
        operations.push_back(to_operation(std::move(cost)));
    }

    void append(const MixtureOfExperts& moe, std::vector<Operation>& operations) const
    {
        operations.push_back(to_operation(router(moe)));
        if (moe.latent_size > 0)
            operations.push_back(to_operation(latent_projections(moe)));
        operations.push_back(to_operation(routed_experts(moe)));
        if (moe.shared_intermediate_size > 0)
            operations.push_back(to_operation(shared_experts(moe)));
    }

private:
    /// Reads the hidden state and writes it back; what lies between stays on the chip.
    Cost<Number> network(std::string_view id, std::string_view label, Part part) const
    {
        Cost<Number> cost{.id = id, .label = label, .compute = in_.matrix_compute(part)};
        cost.activations = in_.over_tokens(in_.two) * in_.h * in_.activation_bytes;
        return cost;
    }

    /// Bytes of one gated (3) or plain (2) network of that inner width. Per-channel scales weigh less on the wider
    /// rows, so the down-projection then has bytes of its own.
    Number weights(int matrices, const Number& inner, std::int64_t inner_size, Part part) const
    {
        return weights(matrices, inner, inner_size, part, in_.h, in_.hidden_size);
    }

    /// The same from another width than the hidden state's.
    Number weights(int matrices, const Number& inner, std::int64_t inner_size, Part part, const Number& width,
                   std::int64_t width_size) const
    {
        if (in_.workload.weights.bits_per_row == 0)
            return constant<Number>(matrices) * width * inner * in_.matrix_bytes(width_size, part);
        const Number up = constant<Number>(matrices - 1) * in_.matrix_bytes(width_size, part);
        return width * inner * (up + in_.matrix_bytes(inner_size, part));
    }

    /// Scores every expert for every token.
    Cost<Number> router(const MixtureOfExperts& moe) const
    {
        const bool some_do_nothing = moe.zero_experts > 0;
        const Number experts = named<Number>(some_do_nothing ? "E + E_0" : "E",
                                             static_cast<double>(moe.routed_experts + moe.zero_experts));
        Cost<Number> cost{.id = "router", .label = "Router", .compute = in_.vector_compute()};
        cost.flops = in_.over_tokens(in_.two) * in_.h * experts / in_.tp;
        cost.weights = in_.h * experts * in_.vector_bytes() / in_.tp;
        if (moe.router_bias)
            cost.weights = *cost.weights + experts * in_.vector_bytes() / in_.tp;
        cost.activations = in_.over_tokens(in_.h + experts / in_.tp) * in_.activation_bytes;
        return cost;
    }

    Cost<Number> routed_experts(const MixtureOfExperts& moe) const
    {
        const auto choices = static_cast<double>(moe.routed_experts + moe.zero_experts);
        const auto share = static_cast<double>(moe.routed_experts) / choices;
        const auto chosen = static_cast<double>(moe.experts_per_token);
        const int matrices = moe.gated ? 3 : 2;
        const bool narrow = moe.latent_size > 0;
        const std::int64_t width_size = narrow ? moe.latent_size : in_.hidden_size;
        const Number width = narrow ? named<Number>("h_lat", static_cast<double>(moe.latent_size)) : in_.h;
        const Number inner = named<Number>("h_exp", static_cast<double>(moe.expert_intermediate_size));
        const Number active = named<Number>("k_exp", moe.active_experts());
        const Number reached = named<Number>("E_act", distinct_experts(choices, chosen, experts_.tokens()) * share);
        Cost<Number> cost{
            .id = "ffn", .label = "FFN, routed experts", .compute = experts_.matrix_compute(Part::experts)};
        cost.activations = experts_.over_tokens(in_.two) * in_.h * in_.activation_bytes;
        if (in_.workload.experts && in_.workload.experts->whole_experts)
            cost.activations = *cost.activations * smaller_of(constant<Number>(1), active / experts_.tp);
        cost.flops = experts_.over_tokens(constant<Number>(2.0 * matrices)) * width * active * inner / experts_.tp;
        cost.weights = reached *
                       weights(matrices, inner, moe.expert_intermediate_size, Part::experts, width, width_size) /
                       experts_.tp;
        if (moe.expert_bias)
            cost.weights = *cost.weights + reached * (constant<Number>(matrices - 1) * inner / experts_.tp + width) *
                                               in_.vector_bytes();
        return cost;
    }

    /// Into the width of the routed experts and back (Nemotron-3 Super).
    Cost<Number> latent_projections(const MixtureOfExperts& moe) const
    {
        const Number width = named<Number>("h_lat", static_cast<double>(moe.latent_size));
        Cost<Number> cost = network("latent_projections", "Latent projections", Part::shared_experts);
        cost.flops = in_.over_tokens(constant<Number>(4)) * in_.h * width / in_.tp;
        cost.weights = in_.h * width *
                       (in_.matrix_bytes(in_.hidden_size, Part::shared_experts) +
                        in_.matrix_bytes(moe.latent_size, Part::shared_experts)) /
                       in_.tp;
        return cost;
    }

    Cost<Number> shared_experts(const MixtureOfExperts& moe) const
    {
        const Number inner = named<Number>("h_sh", static_cast<double>(moe.shared_intermediate_size));
        const int matrices = moe.gated ? 3 : 2;
        Cost<Number> cost = network("shared_experts", "FFN, shared experts", Part::shared_experts);
        cost.flops = in_.over_tokens(constant<Number>(2.0 * matrices)) * in_.h * inner / in_.tp;
        cost.weights = weights(matrices, inner, moe.shared_intermediate_size, Part::shared_experts) / in_.tp;
        if (moe.shared_gate) {
            cost.flops = cost.flops + in_.over_tokens(in_.two) * in_.h;
            cost.weights = *cost.weights + in_.h * in_.vector_bytes();
        }
        return cost;
    }

    const Inputs<Number>& in_;
    const Inputs<Number>& experts_;
};

} // namespace weighbridge
