#include "core/engines/vllm/backends.h"

#include <algorithm>

namespace weighbridge::vllm {

namespace {

constexpr EngineVersion newest{1, 0};

/// Heads that only few kernels take (Gemma 4's of 512).
bool has_wide_heads(const Architecture& architecture)
{
    constexpr std::int64_t widest_of_all = 256;
    return any_mixer(architecture, [](const Mixer& mixer) {
        const auto* attention = std::get_if<Attention>(&mixer);
        return attention != nullptr && attention->head_dim > widest_of_all;
    });
}

bool in_8_bits(const InferenceInputs& inputs)
{
    return inputs.kv_k.bits == 8;
}

} // namespace

EngineVersion version_of(const InferenceInputs& inputs)
{
    return read_version(inputs.choice->engine_version, newest);
}

/// Hopper has FlashMLA for fp8. From 0.33 on fp8 is FlashInfer's on 10.x, where GLM-5 takes it by itself
/// (models/config.py); 12.x has a sparse kernel for fp8_ds_mla only.
SparseEntry sparse_entry(const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    if (!has_sparse_latent_attention(architecture))
        return SparseEntry::none;
    const std::int64_t capability = compute_capability(inputs.accelerator);
    const bool newer = version_of(inputs) >= EngineVersion{0, 33};
    const bool datacenter_blackwell = capability / 10 == 10;
    if (newer && capability / 10 == 12)
        return SparseEntry::ds_mla;
    if (newer && datacenter_blackwell && (in_8_bits(inputs) || architecture.family.starts_with("glm")))
        return SparseEntry::fp8;
    return in_8_bits(inputs) ? SparseEntry::ds_mla : SparseEntry::computed;
}

std::int64_t default_block_size(const InferenceInputs& inputs)
{
    constexpr std::int64_t usual = 16;
    constexpr std::int64_t flash_mla = 64; // sparse MLA everywhere, and any MLA in fp8 on Hopper
    constexpr std::int64_t flashinfer_mla = 32;
    constexpr std::int64_t wide_heads = 64;
    constexpr std::int64_t deepseek_v4 = 256;
    const Architecture& architecture = inputs.model->architecture;
    const std::int64_t generation = compute_capability(inputs.accelerator) / 10;
    if (has_mixer<CompressedAttention>(architecture))
        return deepseek_v4;
    if (has_sparse_latent_attention(architecture))
        return flash_mla;
    if (has_mixer<LatentAttention>(architecture)) {
        if (generation == 9)
            return in_8_bits(inputs) ? flash_mla : usual;
        return generation == 10 ? flashinfer_mla : usual;
    }
    if (has_wide_heads(architecture) && (generation == 10 || (generation == 9 && in_8_bits(inputs))))
        return wide_heads;
    return usual;
}

/// Up to 0.25 one. Later asynchronous scheduling, on by default, keeps one batch more in flight than there are stages;
/// up to 0.32 only without stages, as far as is known.
std::int64_t concurrent_batches(const InferenceInputs& inputs)
{
    const EngineVersion version = version_of(inputs);
    if (version < EngineVersion{0, 26})
        return 1;
    const bool overlaps = inputs.choice->vllm.async_scheduling.value_or(true) &&
                          (version >= EngineVersion{0, 33} || inputs.pipeline_parallel == 1);
    return inputs.pipeline_parallel + (overlaps ? 1 : 0);
}

} // namespace weighbridge::vllm
