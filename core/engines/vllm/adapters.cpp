#include "core/engines/vllm/adapters.h"

namespace weighbridge::vllm {

namespace {

/// Matrices that the inventory has as one and that get an A each (MergedColumnParallelLinearWithLoRA).
double slices_of(const Tensor& tensor)
{
    if (tensor.name.find("in_proj_qkvz") != std::string::npos)
        return 4;
    return tensor.name.find("in_proj_ba") != std::string::npos ? 2 : 1;
}

/// A takes the inputs, B gives the outputs: what the matrix divides over ranks is divided, the other side is whole, or
/// divided too with fully sharded ones.
double sides(const InferenceInputs& inputs, const Tensor& tensor, bool fully_sharded)
{
    const auto divisor = static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
    const auto split = static_cast<double>(inputs.sharding.matrix_divisor(tensor, inputs.tensor_parallel));
    const bool by_columns = divides_columns(tensor);
    const double other = fully_sharded ? split : 1;
    const double copies = static_cast<double>(tensor.copies.value) / (divisor / split);
    return copies * static_cast<double>(tensor.layers) *
           (slices_of(tensor) * static_cast<double>(tensor.columns.value) / (by_columns ? split : other) +
            static_cast<double>(tensor.rows.value) / (by_columns ? other : split));
}

} // namespace

double adapter_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    if (settings.adapters == 0)
        return 0;
    constexpr double width = 2;
    const auto slots = static_cast<double>(settings.adapters * settings.adapter_rank);
    double elements = 0;
    double tables = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.columns.symbol.empty() || tensor.part == Part::vision || tensor.part == Part::router)
            continue;
        if (tensor.sharding == Sharding::vocabulary) {
            elements += static_cast<double>(tensor.rows.value + tensor.columns.value);
            tables += settings.tensor_parallel > 1 && tensor.end != End::input
                          ? 8 * static_cast<double>(tensor.rows.value)
                          : 0;
        } else if (tensor.kind != Tensor::no_index && tensor.quantizable) {
            elements += sides(inputs, tensor, settings.adapters_sharded);
        }
    }
    return width * slots * elements + tables;
}

} // namespace weighbridge::vllm
