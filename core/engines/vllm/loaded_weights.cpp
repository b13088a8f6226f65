#include "core/engines/vllm/loaded_weights.h"

#include "core/engines/vllm/rounding.h"
#include "core/memory/cuda_allocator.h"
#include "core/memory/weights.h"

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

double vocabulary_padding_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr std::int64_t multiple = 64;
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.sharding != Sharding::vocabulary)
            continue;
        const std::int64_t missing = (multiple - tensor.rows.value % multiple) % multiple;
        bytes += static_cast<double>(missing * tensor.columns.value) * bytes_per_element(inputs.weights, tensor) /
                 static_cast<double>(settings.tensor_parallel);
    }
    return bytes;
}

/// A table of cosines and sines: its width, whether layers with a window have a base of their own, and whether it
/// stays in fp32.
struct Rope
{
    std::int64_t width = 0;
    bool own_base = false;
    bool full_precision = false;
    double stretch = 1; ///< of the positions

    bool operator==(const Rope&) const = default;
};

Rope rope_of(const Mixer& mixer, const Architecture& architecture)
{
    if (const auto* latent = std::get_if<LatentAttention>(&mixer))
        return {.width = latent->qk_rope_head_dim, .full_precision = true}; // DeepseekScalingRotaryEmbedding
    const auto* attention = std::get_if<Attention>(&mixer);
    if (attention == nullptr)
        return {};
    const bool own_base = attention->span == AttentionSpan::sliding && attention->qk_norm == QkNorm::per_head;
    const double width = std::floor(static_cast<double>(attention->head_dim) * architecture.rotary_fraction);
    return {.width = static_cast<std::int64_t>(width),
            .own_base = own_base,
            .stretch = own_base ? 1 : architecture.rope_stretch};
}

/// One table per distinct RoPE (rotary_embedding/__init__.py keeps them by their parameters). Layers with a window have
/// a base frequency of their own where the network mixes both (Gemma 3 and later).
double rope_table_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = inputs.model->architecture;
    const auto positions = static_cast<double>(
        architecture.max_position_embeddings > 0 ? architecture.max_position_embeddings : settings.max_model_len);
    double bytes = 0;
    std::vector<Rope> seen;
    for (const Layer& layer : architecture.kinds)
        for (const Mixer& mixer : layer.mixers) {
            const Rope rope = rope_of(mixer, architecture);
            if (rope.width == 0 || std::find(seen.begin(), seen.end(), rope) != seen.end())
                continue;
            seen.push_back(rope);
            bytes += allocated_bytes(positions * rope.stretch * static_cast<double>(rope.width) *
                                     (rope.full_precision ? 4 : settings.model_bytes));
        }
    return bytes;
}

/// L · r_kv · a / tp · (d_nope + d_v), in the type that is computed in.
double absorbed_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = inputs.model->architecture;
    double elements = 0;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        for (const Mixer& mixer : architecture.kinds[kind].mixers)
            if (const auto* latent = std::get_if<LatentAttention>(&mixer))
                elements += static_cast<double>(architecture.layers_of(kind) * latent->kv_lora_rank * latent->heads *
                                                (latent->qk_nope_head_dim + latent->v_head_dim));
    return elements * settings.model_bytes / static_cast<double>(settings.tensor_parallel);
}

/// MXFP4 experts are laid out anew for the kernels that run them (quantization/mxfp4.py, fused_moe/oracle/mxfp4.py).
/// Triton on Hopper, from 0.11 on, pads the packed values' inner dimension to 256; Marlin pads an expert's width to 128
/// and the hidden size to 256, scales and all.
double expert_padding_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    if (!inputs.weights.experts_only)
        return 0;
    constexpr double bytes_per_value = 0.5;
    const bool triton = settings.compute_capability == 90 && settings.version >= EngineVersion{0, 11};
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.part != Part::experts || tensor.columns.symbol.empty())
            continue;
        const std::int64_t ranks =
            inputs.sharding.whole_experts ? 1 : inputs.sharding.divisor(tensor, inputs.tensor_parallel);
        const bool down = tensor.rows.symbol == "h";
        const std::int64_t hidden = down ? tensor.rows.value : tensor.columns.value;
        const std::int64_t inner = (down ? tensor.columns.value : tensor.rows.value) / ranks;
        const std::int64_t contracted = down ? inner : hidden;
        const double grown = triton ? static_cast<double>(rounded_up(contracted, 256)) / static_cast<double>(contracted)
                                    : static_cast<double>(rounded_up(hidden, 256) * rounded_up(inner, 128)) /
                                          static_cast<double>(hidden * inner);
        const double width = triton ? bytes_per_value : bytes_per_element(inputs.weights, tensor);
        bytes += static_cast<double>(tensor.elements()) * width * (grown - 1) /
                 static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
    }
    return std::round(bytes); // shares of whole bytes
}

} // namespace

LoadedExtras loaded_extras(const InferenceInputs& inputs, const Settings& settings)
{
    LoadedExtras extras;
    extras.vocabulary_padding = vocabulary_padding_bytes(inputs, settings);
    extras.rope_tables = rope_table_bytes(inputs, settings);
    extras.absorbed = absorbed_bytes(inputs, settings);
    extras.expert_padding = expert_padding_bytes(inputs, settings);
    extras.rounding = rounding_bytes(inputs);
    return extras;
}

double loaded_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    return weight_bytes(inputs) + loaded_extras(inputs, settings).total();
}

} // namespace weighbridge::vllm
