#include "core/engines/vllm/backends.h"

#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>

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

/// The smallest block that each takes (v1/attention/backends, get_supported_kernel_block_sizes).
constexpr std::array backends = {
    AttentionBackend{"FLASH_ATTN", 16},
    AttentionBackend{"FLASHINFER", 16},
    AttentionBackend{"TRITON_ATTN", 16},
    AttentionBackend{"FLEX_ATTENTION", 16},
    AttentionBackend{"XFORMERS", 16},
    AttentionBackend{"TORCH_SDPA", 16},
    AttentionBackend{"TREE_ATTN", 16},
    AttentionBackend{"ROCM_ATTN", 16},
    AttentionBackend{"ROCM_AITER_FA", 16},
    AttentionBackend{"FLASH_ATTN_MLA", 16},
    AttentionBackend{"TRITON_MLA", 16},
    AttentionBackend{"FLASHINFER_MLA", 32},
    AttentionBackend{"FLASHMLA", 64},
    AttentionBackend{"FLASHMLA_SPARSE", 64},
    AttentionBackend{"FLASHINFER_MLA_SPARSE", 64},
    AttentionBackend{"CUTLASS_MLA", 128},
};

bool in_8_bits(const InferenceInputs& inputs)
{
    return inputs.kv_k.bits == 8;
}

} // namespace

const AttentionBackend* named_backend(const InferenceInputs& inputs)
{
    const auto& name = inputs.choice->served.attention_backend;
    if (!name)
        return nullptr;
    const auto found = std::find_if(backends.begin(), backends.end(), [&](const AttentionBackend& backend) {
        return equal_ignoring_case(backend.name, *name);
    });
    return found == backends.end() ? nullptr : &*found;
}

std::string known_backends()
{
    std::vector<std::string_view> names;
    names.reserve(backends.size());
    for (const AttentionBackend& backend : backends)
        names.push_back(backend.name);
    return joined(names);
}

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
    constexpr double nvfp4_bits = 4.5;
    if (inputs.kv_k.bits == nvfp4_bits)
        return SparseEntry::nvfp4;
    const std::int64_t capability = compute_capability(inputs.accelerator);
    const bool newer = version_of(inputs) >= EngineVersion{0, 33};
    if (const AttentionBackend* named = named_backend(inputs); named != nullptr && in_8_bits(inputs))
        return named->name == "FLASHINFER_MLA_SPARSE" ? SparseEntry::fp8 : SparseEntry::ds_mla;
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
    if (const AttentionBackend* named = named_backend(inputs))
        return named->block_size;
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
