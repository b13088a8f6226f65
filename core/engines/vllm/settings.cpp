#include "core/engines/vllm/settings.h"

#include "core/engines/inference.h"
#include "core/engines/vllm/backends.h"

#include <algorithm>

namespace weighbridge::vllm {

namespace {

Era era_of(EngineVersion version)
{
    if (version < EngineVersion{0, 17})
        return Era::up_to_0_16;
    return version < EngineVersion{0, 21} ? Era::from_0_17 : Era::from_0_21_on;
}

struct BatchDefaults
{
    std::int64_t batched_tokens;
    std::int64_t sequences;
};

/// The V0 engine: versions before 0.8, and any before 0.11 on devices before Ampere, which V1 never ran on.
bool is_first_engine(const InferenceInputs& inputs, EngineVersion version)
{
    const bool old_device = compute_capability(inputs.accelerator) / 10 == 7;
    return version < EngineVersion{0, 8} || (old_device && version < EngineVersion{0, 11});
}

/// Of the API server, by the device's memory. V0 profiled a whole prompt, or chunks of 512 tokens where prompts may be
/// longer than 32,768.
BatchDefaults batch_defaults(const InferenceInputs& inputs, EngineVersion version, std::int64_t max_model_len)
{
    const double gib = inputs.device_memory / bytes_per_gib;
    const bool a100 = inputs.accelerator != nullptr && inputs.accelerator->id.find("a100") != std::string::npos;
    if (is_first_engine(inputs, version))
        return {max_model_len > 32768 ? 512 : max_model_len, 256};
    if (gib >= 160 && version >= EngineVersion{0, 17})
        return {16384, 1024};
    if (gib >= 70 && !a100)
        return {8192, version < EngineVersion{0, 9} ? 256 : 1024};
    return {2048, 256};
}

/// Gemma 4 attends to a whole image or video both ways, so that a step must have room for the largest: 32 frames of 70
/// tokens and 8 for each one's time (v1/core/encoder_cache_manager.py, models/gemma4_mm.py).
std::int64_t largest_item(const Model& model)
{
    constexpr std::int64_t frames = 32;
    constexpr std::int64_t video = frames * (70 + 8);
    const Architecture& architecture = model.architecture;
    return architecture.family == "gemma4" && !architecture.towers.empty() ? video : 0;
}

bool has_states(const Model& model)
{
    return std::any_of(model.cache.begin(), model.cache.end(),
                       [](const CacheRun& run) { return run.kind == CacheKind::state; });
}

/// Hybrids had none unless it was asked for (engine/arg_utils.py, default_prefix_caching).
bool default_prefix_caching(const Model& model, EngineVersion version)
{
    return version >= EngineVersion{0, 28} || !has_states(model);
}

} // namespace

Settings settings_of(const InferenceInputs& inputs)
{
    const VllmOptions& options = inputs.choice->vllm;
    Settings settings;
    settings.version = version_of(inputs);
    settings.era = era_of(settings.version);
    const std::int64_t trained = inputs.model->architecture.max_position_embeddings;
    settings.max_model_len = options.max_model_len.value_or(trained > 0 ? trained : inputs.sequence_length);
    const BatchDefaults defaults = batch_defaults(inputs, settings.version, settings.max_model_len);
    settings.max_num_batched_tokens =
        options.max_num_batched_tokens.value_or(std::max(defaults.batched_tokens, largest_item(*inputs.model)));
    settings.max_num_seqs =
        options.max_num_seqs.value_or(std::min(defaults.sequences, settings.max_num_batched_tokens));
    settings.gpu_memory_utilization =
        options.gpu_memory_utilization.value_or(settings.era == Era::from_0_21_on ? 0.92 : 0.9);
    settings.block_size = options.block_size.value_or(default_block_size(inputs));
    settings.enable_prefix_caching =
        options.enable_prefix_caching.value_or(default_prefix_caching(*inputs.model, settings.version));
    settings.tokens_in_flight = concurrent_batches(inputs) * settings.max_num_batched_tokens;
    settings.hybrid_manager = !options.disable_hybrid_kv_cache_manager;
    settings.compute_capability = compute_capability(inputs.accelerator);
    settings.total_memory = reported_memory(inputs);
    settings.enforce_eager = options.enforce_eager;
    settings.tensor_parallel = inputs.tensor_parallel;
    settings.pipeline_parallel = inputs.pipeline_parallel;
    settings.data_parallel = options.data_parallel_size.value_or(inputs.hardware->data_parallel);
    settings.decode_context_parallel = options.decode_context_parallel_size;
    settings.speculative_tokens = options.num_speculative_tokens;
    settings.expert_parallel = options.enable_expert_parallel.value_or(inputs.hardware->expert_parallel > 1);
    if (options.enable_lora) {
        settings.adapters = options.max_loras;
        settings.adapter_rank = options.max_lora_rank;
        settings.adapters_sharded = options.fully_sharded_loras;
    }
    const bool full_precision = inputs.weights.takes_all_tensors && inputs.weights.bits == 32;
    settings.model_bytes = full_precision ? 4 : inputs.activations.bits / 8;
    return settings;
}

} // namespace weighbridge::vllm
