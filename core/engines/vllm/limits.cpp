#include "core/engines/vllm/limits.h"

#include "core/engines/vllm/backends.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

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
    if (has_mixer<CompressedAttention>(inputs.model->architecture) && !eight && settings.version < EngineVersion{0, 28})
        return refused("kv_cache", "up to 0.27 DeepSeek-V4 takes an FP8 cache only: precision.kv_cache fp8",
                       "precision.kv_cache", "models/deepseek_v4.py");
    const SparseEntry entry = sparse_entry(inputs);
    if (entry == SparseEntry::none && !has_mixer<CompressedAttention>(inputs.model->architecture))
        return std::nullopt;
    if (settings.compute_capability > 0 && settings.compute_capability < 90)
        return refused("attention", "sparse MLA has no attention backend below compute capability 9.0",
                       "hardware.accelerator", "platforms/cuda.py, get_attn_backend_cls");
    if (entry == SparseEntry::computed && settings.decode_context_parallel > 1)
        return refused("kv_cache", "decode context parallelism of sparse MLA needs an FP8 cache",
                       "inference.decode_context_parallel_size", "v1/attention/backends/mla/flashmla_sparse.py");
    return std::nullopt;
}

/// A quantized matrix of the checkpoint, and its width on a rank.
struct Cut
{
    const Tensor* tensor = nullptr;
    StoredLayout layout;
    std::int64_t rows = 0;
    std::int64_t columns = 0;
};

std::vector<Cut> cuts_of(const InferenceInputs& inputs)
{
    std::vector<Cut> cuts;
    if (!inputs.weights.column)
        return cuts;
    for (const Tensor& tensor : inputs.model->tensors)
        for (const StoredShare& share : inputs.weights.column->rows().at(tensor.row)) {
            if (share.layout.group <= 0 || tensor.columns.symbol.empty())
                continue;
            const std::int64_t divisor = inputs.sharding.matrix_divisor(tensor, inputs.tensor_parallel);
            const bool by_columns = divides_columns(tensor);
            cuts.push_back({&tensor, share.layout, tensor.rows.value / (by_columns ? 1 : divisor),
                            tensor.columns.value / (by_columns ? divisor : 1)});
            break;
        }
    return cuts;
}

/// Whether experts whose share is no multiple of what has one scale end it: in groups of compressed-tensors always
/// (from 0.27 on, as far as is known), in fp8 blocks until Triton runs them, which needs a card with fp8.
bool refuses_cut_experts(bool packed, bool blocks, const Settings& settings)
{
    if (packed)
        return settings.version >= EngineVersion{0, 27};
    const bool without_fp8 = settings.compute_capability > 0 && settings.compute_capability < 89;
    return blocks && (settings.version < EngineVersion{0, 28} || without_fp8);
}

/// What has one scale must not be cut by a rank's share of a layer.
std::optional<Refusal> widths(const InferenceInputs& inputs, const Settings& settings)
{
    const auto& published = inputs.model->published;
    const bool packed =
        inputs.weights.id.starts_with("w4a16") || (inputs.weights.id == checkpoint_format && published &&
                                                   published->method == "compressed-tensors/pack-quantized");
    for (const Cut& cut : cuts_of(inputs)) {
        const bool blocks = cut.layout.block_rows > 1;
        const bool down = cut.tensor->rows.symbol == "h";
        const bool expert = cut.tensor->part == Part::experts;
        const bool dense = cut.tensor->part == Part::feed_forward || cut.tensor->part == Part::shared_experts;
        const std::int64_t width = down ? cut.columns : cut.rows;
        const auto step = static_cast<std::int64_t>(blocks && !down ? cut.layout.block_rows : cut.layout.group);
        if (inputs.tensor_parallel == 1 || width % step == 0)
            continue;
        if ((expert && refuses_cut_experts(packed, blocks, settings)) || (dense && blocks))
            return refused("weights",
                           std::string(expert ? "an expert" : "a layer") + " is " + grouped(width) +
                               " wide on each rank, no multiple of the " + grouped(step) + " that share a scale",
                           "hardware.tensor_parallel", "quantization/utils/fp8_utils.py, compressed_tensors_moe.py");
    }
    return std::nullopt;
}

} // namespace

std::optional<Refusal> unsupported(const InferenceInputs& inputs, const Settings& settings)
{
    if (auto refusal = removed_network(inputs, settings))
        return refusal;
    if (auto refusal = cache_type(inputs, settings))
        return refusal;
    return widths(inputs, settings);
}

} // namespace weighbridge::vllm
