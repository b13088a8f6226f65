#include "core/sources/hf_config.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace weighbridge {

namespace {

template<class Part, class Member>
const Part* first_part(const Architecture& architecture, Member member)
{
    for (const Layer& layer : architecture.kinds)
        if (const auto* part = first_of<Part>(layer.*member))
            return part;
    return nullptr;
}

/// The attention whose sizes most layers have, the first of equals.
const Attention* usual_attention(const Architecture& architecture)
{
    const auto same = [](const Attention& a, const Attention& b) {
        return a.heads == b.heads && a.kv_heads == b.kv_heads && a.head_dim == b.head_dim;
    };
    std::vector<std::pair<const Attention*, std::int64_t>> counts;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        const auto* attention = first_of<Attention>(architecture.kinds[kind].mixers);
        if (attention == nullptr)
            continue;
        const auto known = std::find_if(counts.begin(), counts.end(),
                                        [&](const auto& count) { return same(*count.first, *attention); });
        if (known == counts.end())
            counts.emplace_back(attention, architecture.layers_of(kind));
        else
            known->second += architecture.layers_of(kind);
    }
    const auto usual = std::max_element(counts.begin(), counts.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
    return usual == counts.end() ? nullptr : usual->first;
}

/// Of networks that cache something else than keys and values.
std::optional<std::int64_t> first_heads(const Architecture& architecture)
{
    for (const Layer& layer : architecture.kinds)
        for (const Mixer& mixer : layer.mixers)
            if (const auto shared = attention_heads(mixer))
                return shared->heads;
    return std::nullopt;
}

std::optional<std::int64_t> attention_field(const Architecture& architecture, ArchitectureField field)
{
    const Attention* attention = usual_attention(architecture);
    if (attention == nullptr && field == ArchitectureField::num_attention_heads)
        return first_heads(architecture);
    if (attention == nullptr)
        return std::nullopt;
    switch (field) {
    case ArchitectureField::num_attention_heads:
        return attention->heads;
    case ArchitectureField::num_kv_heads:
        return attention->kv_heads;
    default:
        return attention->head_dim;
    }
}

/// The form's own decoder shows its expert fields even when it is dense: there they are how one makes it sparse.
std::optional<std::int64_t> dense_form_field(const Architecture& architecture, ArchitectureField field)
{
    if (architecture.family != generic_family)
        return std::nullopt;
    switch (field) {
    case ArchitectureField::num_shared_experts:
        return 0;
    case ArchitectureField::expert_ffn_size:
        return architecture_field(architecture, ArchitectureField::intermediate_size);
    default:
        return 1;
    }
}

std::optional<std::int64_t> expert_field(const Architecture& architecture, ArchitectureField field)
{
    const auto* experts = first_part<MixtureOfExperts>(architecture, &Layer::feed_forwards);
    if (experts == nullptr)
        return dense_form_field(architecture, field);
    switch (field) {
    case ArchitectureField::num_routed_experts:
        return experts->routed_experts;
    case ArchitectureField::num_shared_experts:
        return experts->shared_experts;
    case ArchitectureField::expert_ffn_size:
        return experts->expert_intermediate_size;
    default:
        return experts->experts_per_token;
    }
}

} // namespace

std::optional<std::int64_t> architecture_field(const Architecture& architecture, ArchitectureField field)
{
    switch (field) {
    case ArchitectureField::hidden_size:
        return architecture.hidden_size;
    case ArchitectureField::vocab_size:
        return architecture.vocab_size;
    case ArchitectureField::num_layers:
        return architecture.layers();
    case ArchitectureField::tie_word_embeddings:
        return architecture.tie_word_embeddings ? 1 : 0;
    case ArchitectureField::intermediate_size: {
        const auto* dense = first_part<DenseFeedForward>(architecture, &Layer::feed_forwards);
        return dense == nullptr ? std::nullopt : std::optional(dense->intermediate_size);
    }
    case ArchitectureField::num_attention_heads:
    case ArchitectureField::num_kv_heads:
    case ArchitectureField::head_dim:
        return attention_field(architecture, field);
    case ArchitectureField::num_routed_experts:
    case ArchitectureField::num_shared_experts:
    case ArchitectureField::expert_ffn_size:
    case ArchitectureField::experts_per_token:
        return expert_field(architecture, field);
    }
    return std::nullopt;
}

} // namespace weighbridge
