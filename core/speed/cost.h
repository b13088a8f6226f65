#pragma once

#include "core/speed/operations.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// One operation while it is being worked out, over `double` or `Traced` (core/quantity/formula.h). Parts that do not
/// occur stay empty.
template<class Number>
struct Cost
{
    std::string_view id;
    std::string_view label;
    ComputeType compute = ComputeType::bf16;
    Number flops{};
    std::optional<Number> weights{};
    std::optional<Number> cache{};
    std::optional<Number> activations{};
};

template<class Number>
Operation to_operation(Cost<Number> cost)
{
    Operation operation;
    operation.id = cost.id;
    operation.label = cost.label;
    operation.compute = cost.compute;
    operation.flops = value_of(cost.flops);
    std::optional<Number> bytes;
    const auto account = [&](const std::optional<Number>& part, double& member) {
        if (!part)
            return;
        member = value_of(*part);
        bytes = bytes ? *bytes + *part : *part;
    };
    account(cost.weights, operation.weight_bytes);
    account(cost.cache, operation.cache_bytes);
    account(cost.activations, operation.activation_bytes);
    operation.flops_formula = formula_of(std::move(cost.flops));
    if (bytes)
        operation.bytes_formula = formula_of(std::move(*bytes));
    return operation;
}

/// The inputs that every operation shares, with their symbols.
template<class Number>
struct Inputs
{
    const Workload& workload;
    std::int64_t hidden_size = 0;
    Number h = named<Number>("h", static_cast<double>(hidden_size));
    Number b = named<Number>("b", static_cast<double>(workload.sequences));
    Number s = named<Number>("s", static_cast<double>(workload.context));
    Number tp = named<Number>("tp", static_cast<double>(workload.tensor_parallel));
    Number activation_bytes = named<Number>("B_a", workload.activations.bits / 8);
    Number key_bytes = named<Number>("B_k", workload.kv_k.bits / 8);
    Number value_bytes = named<Number>("B_v", workload.kv_v.bits / 8);
    Number two = constant<Number>(2);

    bool decode() const { return workload.phase == Phase::decode; }

    /// What one token costs, times the tokens that run: one per sequence in decode, whole prompts in prefill.
    Number over_tokens(const Number& each) const { return decode() ? each * b : each * b * s; }

    double tokens() const
    {
        const auto sequences = static_cast<double>(workload.sequences);
        return decode() ? sequences : sequences * static_cast<double>(workload.context);
    }

    /// Bytes per element of a matrix with that many input columns.
    Number matrix_bytes(std::int64_t columns, Part part = Part::attention) const
    {
        return bytes_of(matrix(columns, part));
    }

    /// Bytes per element of what quantization leaves alone: biases, norms, routers.
    Number vector_bytes() const { return bytes_of({}); }

    /// The arithmetic of a product with a matrix of that part: the weights' if their format takes it, else the
    /// activations'.
    ComputeType matrix_compute(Part part = Part::attention) const
    {
        return takes(workload.weights, matrix(1, part)) ? workload.weights.compute : workload.activations.compute;
    }

    ComputeType vector_compute() const
    {
        return takes(workload.weights, {}) ? workload.weights.compute : workload.activations.compute;
    }

private:
    static Tensor matrix(std::int64_t columns, Part part)
    {
        Tensor tensor;
        tensor.part = part;
        tensor.columns.value = columns;
        tensor.quantizable = true;
        return tensor;
    }

    Number bytes_of(const Tensor& tensor) const
    {
        return named<Number>(takes(workload.weights, tensor) ? "B_w" : "B_16",
                             bytes_per_element(workload.weights, tensor));
    }
};

} // namespace weighbridge
