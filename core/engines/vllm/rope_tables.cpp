#include "core/engines/vllm/rope_tables.h"

#include "core/memory/cuda_allocator.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace weighbridge::vllm {

namespace {

/// Whose tables cover several times the positions, since images count in three dimensions (mrope.py).
enum class Multimodal
{
    no,
    four_times,
    four_times_at_first, ///< up to 0.27: interleaved sections got a table of plain length in between
};

/// What a family's class in vLLM does beside what a config says.
struct FamilyRope
{
    std::string_view family;
    bool none = false;         ///< learned positions, or none at all
    double fraction = 0;       ///< rotated share of a head where the config has none
    bool own_base = false;     ///< layers with a window have a base frequency of their own
    bool windows_only = false; ///< where some layers have a window, the others have no positions
    bool full_precision = false;
    Multimodal multimodal = Multimodal::no;
};

constexpr FamilyRope families[] = {
    {.family = "nemotron_h", .none = true},
    {.family = "jamba", .none = true},
    {.family = "granitemoehybrid", .none = true},
    {.family = "gpt2", .none = true},
    {.family = "gpt_bigcode", .none = true},
    {.family = "opt", .none = true},
    {.family = "bloom", .none = true},
    {.family = "mpt", .none = true},
    {.family = "qwen3_next", .fraction = 0.25},
    {.family = "qwen3_5", .fraction = 0.25, .multimodal = Multimodal::four_times_at_first},
    {.family = "qwen3_5_moe", .fraction = 0.25, .multimodal = Multimodal::four_times_at_first},
    {.family = "qwen3_5_text", .fraction = 0.25, .multimodal = Multimodal::four_times_at_first},
    {.family = "qwen3_5_moe_text", .fraction = 0.25, .multimodal = Multimodal::four_times_at_first},
    {.family = "qwen3_vl", .multimodal = Multimodal::four_times_at_first},
    {.family = "qwen3_vl_moe", .multimodal = Multimodal::four_times_at_first},
    {.family = "qwen2_vl", .multimodal = Multimodal::four_times},
    {.family = "qwen2_5_vl", .multimodal = Multimodal::four_times},
    {.family = "glm4", .fraction = 0.5},
    {.family = "glm4_moe", .fraction = 0.5},
    {.family = "exaone4", .windows_only = true},
    {.family = "exaone_moe", .windows_only = true},
    {.family = "cohere2", .windows_only = true},
    {.family = "mimo_v2_flash", .own_base = true},
    {.family = "olmo3", .own_base = true},
    {.family = "gemma3", .own_base = true},
    {.family = "gemma3_text", .own_base = true},
    {.family = "gemma3n", .own_base = true},
    {.family = "gemma3n_text", .own_base = true},
    {.family = "gemma4", .own_base = true},
    {.family = "gemma4_text", .own_base = true},
    {.family = "gpt_oss", .full_precision = true},
};

const FamilyRope& family_of(const Architecture& architecture)
{
    static constexpr FamilyRope usual;
    const auto found = std::find_if(std::begin(families), std::end(families),
                                    [&](const FamilyRope& row) { return row.family == architecture.family; });
    return found == std::end(families) ? usual : *found;
}

bool has_windows(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) {
        const auto* attention = std::get_if<Attention>(&mixer);
        return attention != nullptr && attention->span == AttentionSpan::sliding;
    });
}

struct Rope
{
    std::int64_t width = 0;
    bool own_base = false;
    bool full_precision = false;
    double stretch = 1; ///< of the positions

    bool operator==(const Rope&) const = default;
};

Rope rope_of(const Mixer& mixer, const Architecture& architecture, const FamilyRope& family)
{
    if (const auto* latent = std::get_if<LatentAttention>(&mixer))
        return {.width = latent->qk_rope_head_dim};
    if (const auto* compressed = std::get_if<CompressedAttention>(&mixer)) {
        constexpr std::int64_t rotated = 64; // layers with entries behind the window have a base of their own
        return {.width = rotated, .own_base = compressed->compress_ratio > 0, .full_precision = true};
    }
    const auto* attention = std::get_if<Attention>(&mixer);
    const bool slides = attention != nullptr && attention->span == AttentionSpan::sliding;
    if (attention == nullptr || attention->cross || (family.windows_only && !slides && has_windows(architecture)))
        return {};
    const bool own_base = slides && family.own_base;
    const double fraction =
        architecture.rotary_fraction == 1 && family.fraction > 0 ? family.fraction : architecture.rotary_fraction;
    // Gemma 4 rotates a quarter of its wide heads and keeps the table as wide as they are.
    const bool as_wide = architecture.family.starts_with("gemma4");
    const double width = static_cast<double>(attention->head_dim) * (as_wide ? 1 : fraction);
    return {.width = static_cast<std::int64_t>(width) / 2 * 2,
            .own_base = own_base,
            .full_precision = family.full_precision,
            .stretch = own_base ? 1 : architecture.rope_stretch};
}

double times(Multimodal multimodal, EngineVersion version)
{
    const bool four = multimodal == Multimodal::four_times ||
                      (multimodal == Multimodal::four_times_at_first && version < EngineVersion{0, 28});
    return four ? 4 : 1;
}

} // namespace

double rope_table_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = inputs.model->architecture;
    const FamilyRope& family = family_of(architecture);
    if (family.none)
        return 0;
    const double positions =
        static_cast<double>(architecture.max_position_embeddings > 0 ? architecture.max_position_embeddings
                                                                     : settings.max_model_len) *
        times(family.multimodal, settings.version);
    double bytes = 0;
    std::vector<Rope> seen;
    for (const Layer& layer : architecture.kinds)
        for (const Mixer& mixer : layer.mixers) {
            const Rope rope = rope_of(mixer, architecture, family);
            if (rope.width == 0 || std::find(seen.begin(), seen.end(), rope) != seen.end())
                continue;
            seen.push_back(rope);
            bytes += allocated_bytes(positions * rope.stretch * static_cast<double>(rope.width) *
                                     (rope.full_precision ? 4 : settings.model_bytes));
        }
    return bytes;
}

} // namespace weighbridge::vllm
