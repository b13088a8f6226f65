#include "core/model/architecture.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

std::string summary_of(const Mixer& mixer)
{
    if (std::holds_alternative<LatentAttention>(mixer))
        return "MLA";
    if (std::holds_alternative<CompressedAttention>(mixer))
        return "MQA, compressed";
    const auto shared = attention_heads(mixer);
    if (!shared)
        return {};
    if (shared->kv_heads == shared->heads)
        return "MHA";
    if (shared->kv_heads == 1)
        return "MQA";
    return "GQA " + std::to_string(shared->heads / shared->kv_heads) + ":1";
}

} // namespace

std::optional<AttentionHeads> attention_heads(const Mixer& mixer)
{
    if (const auto* attention = std::get_if<Attention>(&mixer))
        return AttentionHeads{attention->heads, attention->kv_heads};
    if (const auto* latent = std::get_if<LatentAttention>(&mixer))
        return AttentionHeads{latent->heads, 0};
    if (const auto* compressed = std::get_if<CompressedAttention>(&mixer))
        return AttentionHeads{compressed->heads, 0};
    return std::nullopt;
}

std::string_view recurrent_name(RecurrentKind kind)
{
    static constexpr std::array<std::string_view, 8> names = {
        "Mamba", "Mamba-2", "Gated DeltaNet", "Kimi Delta Attention", "lightning attention", "short convolution",
        "RWKV",  "RG-LRU"};
    return names[static_cast<std::size_t>(kind)];
}

void Architecture::append(const Layer& layer)
{
    const auto known = std::find(kinds.begin(), kinds.end(), layer);
    const auto kind = static_cast<std::size_t>(known - kinds.begin());
    if (known == kinds.end())
        kinds.push_back(layer);
    if (!runs.empty() && runs.back().kind == kind)
        ++runs.back().count;
    else
        runs.push_back({kind, 1});
}

std::int64_t Architecture::layers() const
{
    std::int64_t sum = 0;
    for (const LayerRun& run : runs)
        sum += run.count;
    return sum;
}

std::int64_t Architecture::layers_of(std::size_t kind) const
{
    std::int64_t sum = 0;
    for (const LayerRun& run : runs)
        sum += run.kind == kind ? run.count : 0;
    return sum;
}

std::int64_t Architecture::mtp_layers() const
{
    std::int64_t sum = 0;
    for (const PredictionLayers& layers : mtp)
        sum += layers.count;
    return sum;
}

bool has_sparse_latent_attention(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) {
        const auto* latent = std::get_if<LatentAttention>(&mixer);
        return latent != nullptr && latent->indexer.heads > 0;
    });
}

std::string attention_summary(const Architecture& architecture)
{
    std::string attention;
    std::string recurrent;
    for (const Layer& layer : architecture.kinds) {
        for (const Mixer& mixer : layer.mixers) {
            if (attention.empty())
                attention = summary_of(mixer);
            const auto* state = std::get_if<Recurrent>(&mixer);
            if (recurrent.empty() && state != nullptr)
                recurrent = recurrent_name(state->kind);
        }
    }
    return attention + (attention.empty() || recurrent.empty() ? "" : " + ") + recurrent;
}

} // namespace weighbridge
