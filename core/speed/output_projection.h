#pragma once

#include "core/speed/cost.h"

namespace weighbridge {

/// The product that brings what all heads give (`columns` = heads · width of a value, `outputs` the same with symbols)
/// back to the hidden size.
template<class Number>
Cost<Number> output_projection_cost(const Inputs<Number>& in, const Number& outputs, std::int64_t columns, bool bias)
{
    Cost<Number> cost{.id = "output_projection", .label = "Output projection", .compute = in.matrix_compute()};
    cost.flops = in.over_tokens(in.two) * outputs * in.h / in.tp;
    cost.weights = outputs * in.h * in.matrix_bytes(columns) / in.tp;
    if (bias)
        cost.weights = *cost.weights + in.h * in.vector_bytes();
    cost.activations = in.over_tokens(outputs / in.tp + in.h) * in.activation_bytes;
    return cost;
}

} // namespace weighbridge
