#pragma once

#include "core/model/model.h"
#include "core/quantity/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What a person names to have an unknown model_type read as a plain decoder, without any class defaults.
inline constexpr std::string_view llama_like = "llama-like";

struct ImportOptions
{
    /// How the person chose to have an unknown model_type read: a known model_type, or llama_like; empty: not at all.
    /// The model then carries a warning that says so and names the keys that were not understood. For a known
    /// model_type it is not used, and a note says so.
    std::string read_as = {};
};

/// Reads a Hugging Face config.json (already parsed) into a model. `name` is what the model is called.
/// Keys that are missing take the class defaults of transformers (resources/config_defaults.json). Refused, naming key
/// and value: an unknown model_type (with the known ones), numbers that are not whole, out of range, zero or negative
/// where that can't be, heads that do not divide, lists of the wrong length. Never throws, whatever the value.
Result<ModelPointer> import_config(const nlohmann::json& config, const std::string& name,
                                   const ImportOptions& options = {});

/// The same from bytes.
Result<ModelPointer> import_config_text(std::string_view text, const std::string& name,
                                        const ImportOptions& options = {});

/// The model_types with a row in the table of families, in alphabetical order.
std::vector<std::string_view> known_families();

/// Whether an unknown model_type can be read as that: a known model_type but the form's own, or llama_like.
bool is_readable_as(std::string_view name);

/// The architecture fields of the form. Each family maps them to its own keys.
enum class ArchitectureField
{
    hidden_size,
    intermediate_size,
    num_layers,
    num_attention_heads,
    num_kv_heads,
    head_dim,
    vocab_size,
    tie_word_embeddings, ///< 0 or 1
    num_routed_experts,
    num_shared_experts,
    expert_ffn_size,
    experts_per_token,
};

/// What the form shows for a field; nothing where the architecture has no such thing (MLA has no head_dim, a dense
/// model no experts). For models with several kinds of layers: the attention that most of them have, the dense layers'
/// intermediate size.
std::optional<std::int64_t> architecture_field(const Architecture& architecture, ArchitectureField field);

/// Whether the config's family has a key for a field that it shows; without one the value follows from others
/// (head_dim of GPT-2), or each layer has its own (Nemotron-NAS).
bool has_architecture_key(const nlohmann::json& config, ArchitectureField field, const ImportOptions& options = {});

/// The config with one form field changed, under the key that this config's family reads it from (nested text_config
/// included; lists as long as the network, such as layer_types, are cut or repeated when the number of layers changes).
/// Where layers with a window have keys of their own, those that hold what the form shows are changed. The error says
/// that the family has no such field, or that another key decides here (multi_query of Falcon). The result still has to
/// be imported, with the same options.
Result<nlohmann::json> with_architecture_field(const nlohmann::json& config, ArchitectureField field,
                                               std::int64_t value, const ImportOptions& options = {});

/// The form's own decoder: equal layers, SwiGLU, RMSNorm, no biases, no QK norms. The object's keys are those of the
/// scenario's `model.architecture`. The same importer reads it: it is a config with model_type "generic" and those
/// keys. Missing keys: num_kv_heads = num_attention_heads, head_dim = hidden_size / num_attention_heads,
/// num_routed_experts 1 (dense), num_shared_experts 0, expert_ffn_size = intermediate_size, experts_per_token 1,
/// tie_word_embeddings false.
inline constexpr std::string_view generic_family = "generic";

} // namespace weighbridge
