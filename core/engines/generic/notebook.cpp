#include "core/engines/generic/notebook.h"

#include "core/memory/activations.h"
#include "core/memory/cache.h"
#include "core/memory/weights.h"
#include "core/quantity/display.h"

#include <cmath>

namespace weighbridge {

namespace {

constexpr int printed_decimals = 2;

/// Hundredths of a gigabyte, as every figure of the notebook is rounded before it is added.
double printed(double bytes)
{
    constexpr double hundredth = bytes_per_gb / 100;
    return std::round(bytes / hundredth) / 100;
}

double activations_by(InferenceInputs inputs, ActivationMethod method)
{
    inputs.activation_method = method;
    return printed(activation_bytes(inputs, 0));
}

/// The notebook's kv_cache_gqa(), or kv_cache() where each query head has its own keys: 16 bits, h / k per key.
double cache_by_its_formula(const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    const NotebookHeads heads = notebook_heads(architecture);
    const auto hidden = static_cast<double>(architecture.hidden_size);
    const double width = heads.keys < heads.queries ? hidden / static_cast<double>(heads.keys) : hidden;
    return 2 * static_cast<double>(architecture.layers()) * static_cast<double>(inputs.sequence_length) *
           static_cast<double>(inputs.concurrent_sequences) * width * 2;
}

} // namespace

std::vector<EnginePrint> notebook_prints(const InferenceInputs& inputs)
{
    if (!is_of_notebook(inputs.activation_method))
        return {};
    const InferenceInputs whole = with_tensor_parallel(inputs, 1);
    const double model = printed(weight_bytes(whole));
    const double cache = printed(cache_bytes(whole));
    std::vector<EnginePrint> prints = {
        {"model_gb", "Model (GB)", model, printed_decimals},
        {"inference_vanilla_gb", "Inference, vanilla (GB)", activations_by(whole, ActivationMethod::vanilla),
         printed_decimals},
        {"inference_gqa_gb", "Inference with GQA (GB)", activations_by(whole, ActivationMethod::gqa), printed_decimals},
        {"inference_flash_attention_gb", "Inference with FlashAttention (GB)",
         activations_by(whole, ActivationMethod::flash), printed_decimals}};
    if (inputs.use_kv_cache)
        prints.push_back({"kv_cache_gb", "KV cache (GB)", cache, printed_decimals});
    const double sum = model + cache + activations_by(whole, inputs.activation_method);
    prints.push_back({"total_gb", "Total as configured (GB)", printed(sum * bytes_per_gb), printed_decimals});
    return prints;
}

std::vector<Issue> notebook_issues(const InferenceInputs& inputs)
{
    if (!is_of_notebook(inputs.activation_method) || !inputs.use_kv_cache)
        return {};
    const double own = printed(cache_bytes(with_tensor_parallel(inputs, 1)));
    const double its = printed(cache_by_its_formula(inputs));
    if (own == its || !(its * bytes_per_gb <= largest_exact))
        return {};
    return {{"inference.activation_method", Severity::note,
             "the notebook itself prints " + decimal_text(its, printed_decimals) + " GB for the KV cache, from " +
                 "h / k in 16 bits in every layer; this network keeps " + decimal_text(own, printed_decimals) +
                 " GB, which is what counts here"}};
}

} // namespace weighbridge
