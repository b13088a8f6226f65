#include "core/engines/vllm/drafts.h"

#include "core/engines/vllm/buffers.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace weighbridge::vllm {

namespace {

/// All of the checkpoint's: DeepSeek and most others have one, Step-3.5 three, Nemotron-H a sequence of blocks.
std::vector<Layer> module_of(const Architecture& architecture)
{
    std::vector<Layer> layers;
    for (const PredictionLayers& prediction : architecture.mtp)
        layers.insert(layers.end(), static_cast<std::size_t>(prediction.count), prediction.layer);
    return layers;
}

/// Qwen3-Next's class drafts with a layer of full attention where a config names none.
std::vector<Layer> drafting(const InferenceInputs& inputs, const Settings& settings)
{
    if (settings.speculative_tokens == 0)
        return {};
    const Architecture& architecture = inputs.model->architecture;
    std::vector<Layer> layers = module_of(architecture);
    if (!layers.empty() || architecture.family != "qwen3_next")
        return layers;
    const auto full = std::find_if(architecture.kinds.begin(), architecture.kinds.end(),
                                   [](const Layer& layer) { return first_of<Attention>(layer.mixers) != nullptr; });
    if (full != architecture.kinds.end())
        layers.push_back(*full);
    return layers;
}

/// Of one layer: models/step3p5_mtp.py.
double own_head_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr std::array<std::string_view, 1> families = {"step3p5"};
    const Architecture& architecture = inputs.model->architecture;
    if (std::find(families.begin(), families.end(), architecture.family) == families.end())
        return 0;
    return static_cast<double>(architecture.vocab_size * architecture.hidden_size) * settings.model_bytes /
           static_cast<double>(settings.tensor_parallel);
}

} // namespace

std::int64_t drafted_layers(const InferenceInputs& inputs, const Settings& settings)
{
    return static_cast<std::int64_t>(drafting(inputs, settings).size());
}

std::vector<CacheRun> drafted_cache(const InferenceInputs& inputs, const Settings& settings)
{
    Architecture draft;
    for (const Layer& layer : drafting(inputs, settings))
        draft.append(layer);
    return cache_layout(draft);
}

double draft_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const std::vector<Layer> layers = drafting(inputs, settings);
    if (layers.empty())
        return 0;
    double bytes =
        own_head_bytes(inputs, settings) * static_cast<double>(layers.size()) + picked_bytes(layers, settings);
    for (const Layer& layer : layers)
        for (const Tensor& tensor : layer_inventory(inputs.model->architecture, layer))
            bytes += tensor_bytes(inputs, tensor);
    return bytes;
}

} // namespace weighbridge::vllm
