#include "core/engines/vllm/buffers.h"

#include "core/memory/cuda_allocator.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace weighbridge::vllm {

namespace {

/// deepstack_input_embeds of Qwen3-VL: one for each of the tower's layers whose features go to the first layers of the
/// network, three in all that were published (models/qwen3_vl.py).
double deepstack_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr double levels = 3;
    const Architecture& architecture = inputs.model->architecture;
    if (!architecture.family.starts_with("qwen3_vl") || architecture.towers.empty())
        return 0;
    return levels * allocated_bytes(static_cast<double>(settings.max_num_batched_tokens * architecture.hidden_size) *
                                    settings.model_bytes);
}

/// per_layer_embeddings of Gemma 3n and 4: what every layer adds for each token of a batch (models/gemma3n_mm.py,
/// gemma4_mm.py). The table has a column for each.
double per_layer_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    if (inputs.model->architecture.towers.empty())
        return 0;
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.name.find("embed_tokens_per_layer") != std::string::npos)
            bytes += allocated_bytes(static_cast<double>(settings.max_num_batched_tokens * tensor.columns.value) *
                                     settings.model_bytes);
    return bytes;
}

} // namespace

double picked_bytes(const std::vector<Layer>& kinds, const Settings& settings)
{
    std::int64_t most = 0;
    for (const Layer& layer : kinds)
        for (const Mixer& mixer : layer.mixers)
            std::visit(
                [&](const auto& known) {
                    if constexpr (requires { known.indexer; })
                        if (known.indexer.heads > 0)
                            most = std::max(most, known.indexer.top_k);
                },
                mixer);
    return allocated_bytes(static_cast<double>(settings.max_num_batched_tokens * most) * 4);
}

double buffer_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    return picked_bytes(inputs.model->architecture.kinds, settings) + deepstack_bytes(inputs, settings) +
           per_layer_bytes(inputs, settings);
}

double wide_router_bytes(const InferenceInputs& inputs)
{
    constexpr std::array<std::string_view, 5> families = {"minimax_m2", "mimo_v2_flash", "step3p5", "glm4_moe",
                                                          "glm4_moe_lite"};
    if (std::find(families.begin(), families.end(), inputs.model->architecture.family) == families.end())
        return 0;
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.part == Part::router && tensor.sharding == Sharding::router && !tensor.columns.symbol.empty())
            bytes += widened_bytes(inputs, tensor, 4);
    return bytes;
}

double second_value_bytes(const InferenceInputs& inputs)
{
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors) {
        if (tensor.kind == Tensor::no_index || tensor.sharding != Sharding::kv_heads || tensor.columns.symbol.empty())
            continue;
        const Layer& layer = inputs.model->architecture.kinds[tensor.kind];
        const auto* attention = first_of<Attention>(layer.mixers);
        if (attention != nullptr && attention->key_projection && !attention->value_projection)
            bytes += tensor_bytes(inputs, tensor);
    }
    return bytes;
}

} // namespace weighbridge::vllm
