#include "core/engines/vllm/adapters.h"

#include <algorithm>

namespace weighbridge::vllm {

namespace {

/// Whether lora_target_modules names the matrix: "q_proj" of "self_attn.q_proj.weight".
bool is_target(const std::vector<std::string>& names, const Tensor& tensor)
{
    return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
               return name == "all" || name == "all-linear" || tensor.name.find(name) != std::string::npos;
           });
}

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

double slot_bytes(const InferenceInputs& inputs, const AdapterSlots& slots)
{
    double elements = 0;
    double tables = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.columns.symbol.empty() || tensor.part == Part::vision || tensor.part == Part::router ||
            (tensor.part == Part::experts && !slots.experts) || !is_target(slots.targets, tensor))
            continue;
        if (tensor.sharding == Sharding::vocabulary) {
            if (!slots.tables)
                continue;
            elements += static_cast<double>(tensor.rows.value + tensor.columns.value);
            tables +=
                inputs.tensor_parallel > 1 && tensor.end != End::input ? 8 * static_cast<double>(tensor.rows.value) : 0;
        } else if (tensor.kind != Tensor::no_index && tensor.quantizable) {
            elements += sides(inputs, tensor, slots.sharded);
        }
    }
    return slots.width * static_cast<double>(slots.slots * slots.rank) * elements + tables;
}

double adapter_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    if (settings.adapters == 0)
        return 0;
    return slot_bytes(inputs, {.slots = settings.adapters,
                               .rank = settings.adapter_rank,
                               .sharded = settings.adapters_sharded,
                               .targets = inputs.choice->served.lora_target_modules});
}

} // namespace weighbridge::vllm
