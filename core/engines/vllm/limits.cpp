#include "core/engines/vllm/limits.h"

#include "core/engines/vllm/backends.h"

namespace weighbridge::vllm {

namespace {

Refusal refused(std::string_view rule, std::string why, std::string_view key, std::string_view source)
{
    return {.rule = rule, .text = "vLLM would not start: " + std::move(why), .keys = {key}, .source = source};
}

/// Classes that a version no longer has (model_executor/models/registry.py, _PREVIOUSLY_SUPPORTED_MODELS).
struct Removed
{
    std::string_view family;
    EngineVersion from;
};
constexpr Removed removed[] = {{"minimax_text_01", {0, 24}}, {"minimax", {0, 24}}};

std::optional<Refusal> removed_network(const InferenceInputs& inputs, const Settings& settings)
{
    for (const Removed& network : removed)
        if (inputs.model->architecture.family == network.family && settings.version >= network.from)
            return refused("family", "it has no class for this network from version 0.24 on",
                           "inference.engine_version", "model_executor/models/registry.py");
    return std::nullopt;
}

std::optional<Refusal> cache_type(const InferenceInputs& inputs, const Settings& settings)
{
    const bool eight = inputs.kv_k.bits == 8;
    if (has_compressed_attention(inputs.model->architecture) && !eight && settings.version < EngineVersion{0, 28})
        return refused("kv_cache", "up to 0.27 DeepSeek-V4 takes an FP8 cache only: precision.kv_cache fp8",
                       "precision.kv_cache", "models/deepseek_v4.py");
    const SparseEntry entry = sparse_entry(inputs);
    if (entry == SparseEntry::none)
        return std::nullopt;
    if (settings.compute_capability > 0 && settings.compute_capability < 90)
        return refused("attention", "sparse MLA has no attention backend below compute capability 9.0",
                       "hardware.accelerator", "platforms/cuda.py, get_attn_backend_cls");
    if (entry == SparseEntry::computed && settings.decode_context_parallel > 1)
        return refused("kv_cache", "decode context parallelism of sparse MLA needs an FP8 cache",
                       "inference.decode_context_parallel_size", "v1/attention/backends/mla/flashmla_sparse.py");
    return std::nullopt;
}

} // namespace

std::optional<Refusal> unsupported(const InferenceInputs& inputs, const Settings& settings)
{
    if (auto refusal = removed_network(inputs, settings))
        return refusal;
    return cache_type(inputs, settings);
}

} // namespace weighbridge::vllm
