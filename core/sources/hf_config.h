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

struct ImportOptions
{
    /// The person chose to read an unknown model_type as a Llama-like decoder; the model then carries a warning that
    /// says so.
    bool read_unknown_as_llama = false;
};

/// Reads a Hugging Face config.json (already parsed) into a model. `name` is what the model is called.
/// Keys that are missing take the class defaults of transformers (resources/config_defaults.json). Refused, naming key
/// and value: an unknown model_type (with the known ones), numbers that are not whole, out of range, zero or negative
/// where that can't be, heads that do not divide, lists of the wrong length. Never throws, whatever the value.
Result<ModelPointer> import_config(const nlohmann::json& config, std::string name, const ImportOptions& options = {});

/// The same from bytes.
Result<ModelPointer> import_config_text(std::string_view text, std::string name, const ImportOptions& options = {});

/// The model_types with a row in the table of families, in alphabetical order.
std::vector<std::string_view> known_families();

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
/// model no experts). For models with several kinds of layers: the widest attention, the dense layers' intermediate
/// size.
std::optional<std::int64_t> architecture_field(const Architecture& architecture, ArchitectureField field);

/// The config with one form field changed, under the key that this config's family reads it from (nested text_config
/// included; lists as long as the network, such as layer_types, are cut or repeated when the number of layers changes).
/// The error says that the family has no such field. The result still has to be imported.
Result<nlohmann::json> with_architecture_field(const nlohmann::json& config, ArchitectureField field,
                                               std::int64_t value);

/// The form's own decoder: equal layers, SwiGLU, RMSNorm, no biases, no QK norms. The object's keys are those of the
/// scenario's `model.architecture`. The same importer reads it: it is a config with model_type "generic" and those
/// keys. Missing keys: num_kv_heads = num_attention_heads, head_dim = hidden_size / num_attention_heads,
/// num_routed_experts 1 (dense), num_shared_experts 0, expert_ffn_size = intermediate_size, experts_per_token 1,
/// tie_word_embeddings false.
inline constexpr std::string_view generic_family = "generic";

} // namespace weighbridge
