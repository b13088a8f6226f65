#include "core/engines/vllm/loaded_weights.h"

#include "core/engines/loaded_extra.h"
#include "core/engines/vllm/adapters.h"
#include "core/engines/vllm/buffers.h"
#include "core/engines/vllm/drafts.h"
#include "core/engines/vllm/rope_tables.h"
#include "core/memory/cuda_allocator.h"
#include "core/memory/weights.h"
#include "core/quantity/rounding.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weighbridge::vllm {

namespace {

/// One parameter as its tensors add up.
struct Fused
{
    const Tensor* first = nullptr;
    double bytes = 0;

    bool takes(const Tensor& tensor) const
    {
        return first->merged == tensor.merged && first->part == tensor.part &&
               first->layers_symbol == tensor.layers_symbol && first->columns.value == tensor.columns.value &&
               first->copies.value == tensor.copies.value;
    }
};

/// Scales lie in tensors of their own: what is rounded is the payload.
double payload_bytes_per_element(const InferenceInputs& inputs, const Tensor& tensor)
{
    const double bytes = bytes_per_element(inputs.weights, tensor);
    for (const double payload : {4.0, 2.0, 1.0, 0.5})
        if (bytes >= payload)
            return payload;
    return bytes;
}

double rank_bytes(const InferenceInputs& inputs, const Tensor& tensor)
{
    return static_cast<double>(tensor.elements_per_layer()) * payload_bytes_per_element(inputs, tensor) /
           static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
}

/// What the allocator adds to a parameter of so many bytes in each of its layers.
double added_by_allocator(double bytes, const Tensor& tensor)
{
    return (allocated_bytes(bytes) - bytes) * static_cast<double>(tensor.layers);
}

/// L · r_kv · a / tp · (d_nope + d_v), in the type that is computed in: of kv_b_proj where it is quantized, else they
/// are views of it.
double absorbed_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr double sixteen_bits = 2;
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        const bool up = tensor.name.find("kv_b_proj") != std::string::npos && !tensor.columns.symbol.empty();
        if (!up || bytes_per_element(inputs.weights, tensor) >= sixteen_bits)
            continue;
        bytes += static_cast<double>(tensor.elements()) * settings.model_bytes /
                 static_cast<double>(settings.tensor_parallel);
    }
    return bytes;
}

/// Bytes of one MXFP4 expert of so wide a share, as its kernels want it (fused_moe/oracle/mxfp4.py): Triton on Hopper
/// pads the width to 64 and swizzles the scales; Marlin, and TRT-LLM on 10.x, pad width and hidden size, scales and
/// biases with them.
double mxfp4_expert_bytes(std::int64_t hidden, std::int64_t inner, bool bias, const Settings& settings)
{
    constexpr std::int64_t per_scale = 32;
    const bool triton = settings.compute_capability == 90 && settings.version >= EngineVersion{0, 11};
    const std::int64_t width = rounded_up(inner, triton ? 64 : 128);
    const std::int64_t model = triton ? hidden : rounded_up(hidden, 256);
    const auto payload = static_cast<double>(3 * model * width) / 2;
    const auto plain_scales = static_cast<double>(3 * model * width) / per_scale;
    const auto biases = static_cast<double>(bias ? 2 * width + model : 0);
    if (!triton)
        return payload + plain_scales + 2 * biases;
    const std::int64_t up = rounded_up(hidden / per_scale, 4) * rounded_up(2 * width, 256);
    const std::int64_t down = rounded_up(width / per_scale, 4) * rounded_up(hidden, 256);
    const bool keeps_both = settings.version < EngineVersion{0, 24}; // the checkpoint's scales beside the swizzled ones
    return payload + static_cast<double>(up + down) + (keeps_both ? plain_scales : 0) + 4 * biases;
}

/// What padding adds to a network whose experts alone are in MXFP4 (gpt-oss), on cards whose kernels are known.
double expert_padding_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    if (!inputs.weights.experts_only || settings.compute_capability == 0)
        return 0;
    double held = 0;
    double padded = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.part != Part::experts)
            continue;
        const auto divisor = inputs.sharding.divisor(tensor, inputs.tensor_parallel);
        held += tensor_bytes(inputs, tensor);
        if (tensor.columns.symbol.empty() || tensor.rows.symbol != "h")
            continue; // the down projection stands for all of its expert
        const bool whole = inputs.sharding.whole_experts;
        const std::int64_t inner = tensor.columns.value / (whole ? 1 : divisor);
        const auto* experts = first_of<MixtureOfExperts>(inputs.model->architecture.kinds[tensor.kind].feed_forwards);
        padded += static_cast<double>(tensor.copies.value * tensor.layers) / static_cast<double>(whole ? divisor : 1) *
                  mxfp4_expert_bytes(tensor.rows.value, inner, experts != nullptr && experts->expert_bias, settings);
    }
    return std::max(0.0, std::round(padded - held));
}

} // namespace

double rounding_bytes(const InferenceInputs& inputs)
{
    std::vector<Fused> fused;
    fused.reserve(16);
    double sum = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.part == Part::vision)
            continue; // one row for many tensors
        const double bytes = rank_bytes(inputs, tensor);
        if (tensor.merged == Merged::none) {
            sum += added_by_allocator(bytes, tensor);
            continue;
        }
        const auto home =
            std::find_if(fused.begin(), fused.end(), [&](const Fused& other) { return other.takes(tensor); });
        if (home == fused.end())
            fused.push_back({&tensor, bytes});
        else
            home->bytes += bytes;
    }
    for (const Fused& parameter : fused)
        sum += added_by_allocator(parameter.bytes, *parameter.first);
    return sum;
}

double vocabulary_padding_bytes(const InferenceInputs& inputs)
{
    constexpr std::int64_t multiple = 64;
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.sharding != Sharding::vocabulary)
            continue;
        const std::int64_t missing = (multiple - tensor.rows.value % multiple) % multiple;
        bytes += static_cast<double>(missing * tensor.columns.value) * bytes_per_element(inputs.weights, tensor) /
                 static_cast<double>(inputs.tensor_parallel);
    }
    return bytes;
}

LoadedExtras loaded_extras(const InferenceInputs& inputs, const Settings& settings, bool last)
{
    LoadedExtras extras;
    extras.vocabulary_padding = vocabulary_padding_bytes(inputs);
    extras.rope_tables = rope_table_bytes(inputs, settings);
    extras.absorbed = absorbed_bytes(inputs, settings);
    extras.expert_padding = expert_padding_bytes(inputs, settings);
    extras.rounding = rounding_bytes(inputs);
    extras.buffers = buffer_bytes(inputs, settings) + wide_router_bytes(inputs) + second_value_bytes(inputs);
    extras.draft = last ? std::round(draft_bytes(inputs, settings)) : 0;
    extras.adapters = adapter_bytes(inputs, settings);
    extras.redundant = copied_expert_bytes(inputs, inputs.choice->vllm.num_redundant_experts,
                                           settings.tensor_parallel * settings.data_parallel);
    extras.offload = offloaded(inputs, settings);
    return extras;
}

double loaded_bytes(const InferenceInputs& inputs, const Settings& settings, bool last)
{
    return weight_bytes(inputs) + loaded_extras(inputs, settings, last).total();
}

} // namespace weighbridge::vllm
