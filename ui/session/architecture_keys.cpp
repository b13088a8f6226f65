#include "ui/session/architecture_keys.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr std::array keys{
    ArchitectureKey{"model.hidden_size", ArchitectureField::hidden_size},
    ArchitectureKey{"model.intermediate_size", ArchitectureField::intermediate_size},
    ArchitectureKey{"model.num_layers", ArchitectureField::num_layers},
    ArchitectureKey{"model.num_attention_heads", ArchitectureField::num_attention_heads},
    ArchitectureKey{"model.num_kv_heads", ArchitectureField::num_kv_heads},
    ArchitectureKey{"model.head_dim", ArchitectureField::head_dim},
    ArchitectureKey{"model.vocab_size", ArchitectureField::vocab_size},
    ArchitectureKey{"model.tie_word_embeddings", ArchitectureField::tie_word_embeddings},
    ArchitectureKey{"model.num_routed_experts", ArchitectureField::num_routed_experts},
    ArchitectureKey{"model.num_shared_experts", ArchitectureField::num_shared_experts},
    ArchitectureKey{"model.expert_ffn_size", ArchitectureField::expert_ffn_size},
    ArchitectureKey{"model.experts_per_token", ArchitectureField::experts_per_token},
};

/// Other spellings of the same fields in config.json files.
constexpr std::array<ConfigSpelling, 10> spellings{{
    {"num_hidden_layers", "model.num_layers"},
    {"num_key_value_heads", "model.num_kv_heads"},
    {"n_routed_experts", "model.num_routed_experts"},
    {"num_local_experts", "model.num_routed_experts"},
    {"num_experts", "model.num_routed_experts"},
    {"n_shared_experts", "model.num_shared_experts"},
    {"moe_intermediate_size", "model.expert_ffn_size"},
    {"num_experts_per_tok", "model.experts_per_token"},
    {"intermediate_size_mlp", "model.intermediate_size"},
    {"shared_expert_intermediate_size", "model.num_shared_experts"},
}};

} // namespace

std::span<const ArchitectureKey> architectureKeys()
{
    return keys;
}

std::span<const ConfigSpelling> configSpellings()
{
    return spellings;
}

std::optional<ArchitectureField> findArchitectureField(std::string_view key)
{
    const auto* found =
        std::find_if(keys.begin(), keys.end(), [&](const ArchitectureKey& row) { return row.key == key; });
    if (found == keys.end())
        return std::nullopt;
    return found->field;
}

std::string_view formKeyOf(std::string_view issueField)
{
    const std::string_view name = issueField.substr(issueField.rfind('.') + 1);
    for (const auto& [spelling, key] : spellings)
        if (name == spelling)
            return key;
    for (const ArchitectureKey& row : keys)
        if (row.key.substr(architecturePrefix.size()) == name)
            return row.key;
    return issueField.find('.') == std::string_view::npos ? std::string_view{} : issueField;
}

} // namespace weighbridge
