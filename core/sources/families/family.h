#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

#include <span>
#include <string_view>

namespace weighbridge {

/// Which keys of a family's config hold the form's fields; empty where the family has no such field.
struct FamilyKeys
{
    std::string_view hidden_size = "hidden_size";
    std::string_view intermediate_size = "intermediate_size"; ///< of dense layers
    std::string_view num_layers = "num_hidden_layers";
    std::string_view num_attention_heads = "num_attention_heads";
    std::string_view num_kv_heads = "num_key_value_heads";
    std::string_view head_dim = "head_dim";
    std::string_view vocab_size = "vocab_size";
    std::string_view tie_word_embeddings = "tie_word_embeddings";
    std::string_view num_routed_experts = {};
    std::string_view num_shared_experts = {};
    std::string_view expert_ffn_size = {};
    std::string_view experts_per_token = {};
};

/// Reads a family's layers (and towers, and multi-token prediction) into the network. Hidden size, vocabulary, tying,
/// context and data type are there already. `config` holds the network's keys; `outer` is the whole file, the same
/// object unless it is nested.
using FamilyReader = void (*)(ConfigReader& config, ConfigReader& outer, Architecture& network);

/// One row of the table: what one model_type means. Everything else about a family is in its reader.
struct Family
{
    std::string_view model_type;
    std::string_view nested;   ///< "text_config" where the network's keys are inside that object
    std::string_view defaults; ///< the entry of config_defaults.json for the network's keys
    FamilyReader read = nullptr;
    FamilyKeys keys = {};
};

/// All rows, in alphabetical order of model_type.
std::span<const Family* const> families();
/// The row of a model_type, or nothing.
const Family* find_family(std::string_view model_type);

extern const Family deepseek_v2_family;
extern const Family deepseek_v3_family;
extern const Family gemma2_family;
extern const Family gemma3_family;
extern const Family gemma3_text_family;
extern const Family form_family; ///< model_type "generic"
extern const Family gpt_oss_family;
extern const Family llama_family;
extern const Family llama4_family;
extern const Family llama4_text_family;
extern const Family mistral_family;
extern const Family mixtral_family;
extern const Family phi3_family;
extern const Family qwen2_family;
extern const Family qwen2_moe_family;
extern const Family qwen3_family;
extern const Family qwen3_moe_family;
/// Not in the table: how an unknown model_type is read when a person asks for it. It has no class defaults.
extern const Family assumed_llama_family;

} // namespace weighbridge
