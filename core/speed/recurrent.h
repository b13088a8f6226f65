#pragma once

#include "core/speed/tensor_costs.h"

namespace weighbridge {

/// Layers with a state of constant size: projections, the convolution over the last few tokens, the state's update.
template<class Number>
class RecurrentCosts
{
public:
    RecurrentCosts(const Inputs<Number>& inputs, const Recurrent& recurrent) : in_(inputs), recurrent_(recurrent) {}

    void append(std::vector<Operation>& operations) const
    {
        operations.push_back(to_operation(tensor_cost<Number>(
            in_, "recurrent_projections", "Projections of the recurrent layer", recurrent_.weights)));
        if (recurrent_.conv_channels > 0)
            operations.push_back(to_operation(convolution()));
        if (recurrent_.state_elements > 0)
            operations.push_back(to_operation(state_update()));
    }

private:
    /// Decode reads what is kept and writes it anew; prefill only leaves it behind.
    Number passes() const { return constant<Number>(in_.decode() ? 2 : 1); }

    Cost<Number> convolution() const
    {
        const Number channels = named<Number>("n_conv", static_cast<double>(recurrent_.conv_channels));
        const Number kernel = named<Number>("w", static_cast<double>(recurrent_.conv_kernel));
        Cost<Number> cost{.id = "convolution", .label = "Convolution", .compute = ComputeType::fp32};
        cost.flops = in_.over_tokens(in_.two) * kernel * channels / in_.tp;
        cost.cache = passes() * in_.b * channels * (kernel - constant<Number>(1)) * in_.activation_bytes / in_.tp;
        cost.activations = in_.over_tokens(in_.two) * channels * in_.activation_bytes / in_.tp;
        return cost;
    }

    /// Every element is decayed and added to, then read: two multiply-adds. The delta rule first reads what a key
    /// holds: one more (arXiv:2412.06464, equation 10).
    Cost<Number> state_update() const
    {
        const bool delta =
            recurrent_.kind == RecurrentKind::gated_delta_net || recurrent_.kind == RecurrentKind::kimi_delta;
        const Number state = named<Number>("n_state", static_cast<double>(recurrent_.state_elements));
        const Number width =
            recurrent_.state_bytes > 0 ? named<Number>("B_state", recurrent_.state_bytes) : in_.activation_bytes;
        Cost<Number> cost{.id = "state_update", .label = "State update", .compute = ComputeType::fp32};
        cost.flops = in_.over_tokens(constant<Number>(delta ? 6 : 4)) * state / in_.tp;
        cost.cache = passes() * in_.b * state * width / in_.tp;
        return cost;
    }

    const Inputs<Number>& in_;
    const Recurrent& recurrent_;
};

} // namespace weighbridge
