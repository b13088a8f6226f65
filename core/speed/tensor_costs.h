#pragma once

#include "core/memory/sharding.h"
#include "core/speed/cost.h"

#include <span>

namespace weighbridge {

/// Products with tensors that come as data: projections of recurrent layers, adapters, learned scalars. Each token
/// meets every element once; tables of which it takes one row cost nothing.
template<class Number>
Cost<Number> tensor_cost(const Inputs<Number>& in, std::string_view id, std::string_view label,
                         std::span<const Tensor> tensors)
{
    struct Sum
    {
        double elements = 0; ///< of matrices, which are what a token is multiplied with
        double bytes = 0;
        double features = 0; ///< in and out of the matrices, for one token
    };
    Sum divided;
    Sum whole;
    for (const Tensor& tensor : tensors) {
        const bool shares = generic_sharding.divisor(tensor, 2) > 1;
        Sum& sum = shares ? divided : whole;
        const double elements = static_cast<double>(tensor.elements_per_layer()) * tensor.active_copies;
        sum.bytes += elements * bytes_per_element(in.workload.weights, tensor);
        if (tensor.columns.value > 1) {
            sum.elements += elements;
            sum.features += static_cast<double>(tensor.rows.value + tensor.columns.value) * tensor.active_copies;
        }
    }
    Cost<Number> cost{.id = id, .label = label, .compute = in.matrix_compute()};
    const auto both = [&](std::string_view symbol, double Sum::*member) {
        const std::string all = std::string(symbol) + "_all";
        if (whole.*member == 0)
            return named<Number>(symbol, divided.*member) / in.tp;
        if (divided.*member == 0)
            return named<Number>(symbol, whole.*member);
        return named<Number>(symbol, divided.*member) / in.tp + named<Number>(all, whole.*member);
    };
    cost.flops = in.over_tokens(in.two) * both("P_x", &Sum::elements);
    cost.weights = both("M_x", &Sum::bytes);
    cost.activations = in.over_tokens(both("n_x", &Sum::features)) * in.activation_bytes;
    return cost;
}

} // namespace weighbridge
