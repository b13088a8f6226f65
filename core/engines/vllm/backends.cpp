#include "core/engines/vllm/backends.h"

#include <algorithm>
#include <charconv>

namespace weighbridge::vllm {

namespace {

constexpr EngineVersion newest{1, 0};

template<class Matches>
bool any_mixer(const Architecture& architecture, const Matches& matches)
{
    return std::any_of(architecture.kinds.begin(), architecture.kinds.end(), [&](const Layer& layer) {
        return std::any_of(layer.mixers.begin(), layer.mixers.end(), matches);
    });
}

bool has_latent_attention(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) { return std::holds_alternative<LatentAttention>(mixer); });
}

bool has_sparse_attention(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) {
        const auto* latent = std::get_if<LatentAttention>(&mixer);
        return latent != nullptr && latent->indexer.heads > 0;
    });
}

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

std::int64_t compute_capability(const Accelerator* accelerator)
{
    if (accelerator == nullptr)
        return 0;
    const std::string& target = accelerator->compute_target;
    const std::size_t point = target.find('.');
    if (point == std::string::npos)
        return 0;
    std::int64_t major = 0;
    std::int64_t minor = 0;
    const auto read = [&](std::size_t from, std::size_t to, std::int64_t& number) {
        return std::from_chars(target.data() + from, target.data() + to, number).ec == std::errc{};
    };
    return read(0, point, major) && read(point + 1, target.size(), minor) ? 10 * major + minor : 0;
}

EngineVersion version_of(const InferenceInputs& inputs)
{
    return read_version(inputs.choice->engine_version, newest);
}

bool has_compressed_attention(const Architecture& architecture)
{
    return any_mixer(architecture,
                     [](const Mixer& mixer) { return std::holds_alternative<CompressedAttention>(mixer); });
}

/// Hopper has FlashMLA for fp8. From 0.33 on fp8 is FlashInfer's on 10.x, where GLM-5 takes it by itself
/// (models/config.py); 12.x has a sparse kernel for fp8_ds_mla only.
SparseEntry sparse_entry(const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    if (!has_sparse_attention(architecture))
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
    if (has_compressed_attention(architecture))
        return deepseek_v4;
    if (has_sparse_attention(architecture))
        return flash_mla;
    if (has_latent_attention(architecture)) {
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
