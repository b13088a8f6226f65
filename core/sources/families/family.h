#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Which keys of a family's config hold the form's fields, dotted where they are in an object of their own; empty where
/// the family has no such field.
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
    /// Where layers with a window (or those without, Gemma 4) have keys of their own.
    std::string_view other_attention_heads = {};
    std::string_view other_kv_heads = {};
    std::string_view other_head_dim = {};
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
    bool own_heads = false; ///< the reader gives the network the head of its class (encoders)
};

/// All rows, in alphabetical order of model_type.
std::vector<const Family*> families();
/// The row of a model_type, or nothing.
const Family* find_family(std::string_view model_type);

// The rows of each file beside this one, which is all that a file says of itself to the others.
std::span<const Family> bailing_hybrid_families();
std::span<const Family> bert_families();
std::span<const Family> classic_families();
std::span<const Family> deepseek_families();
std::span<const Family> deepseek_v4_families();
std::span<const Family> delta_families();
std::span<const Family> dense_variants_families();
std::span<const Family> derived_families();
std::span<const Family> encoders_families();
std::span<const Family> expert_windows_families();
std::span<const Family> experts_families();
std::span<const Family> gemma_families();
std::span<const Family> gemma_layers_families();
std::span<const Family> gpt_oss_families();
std::span<const Family> linear_families();
std::span<const Family> llama_families();
std::span<const Family> llama4_families();
std::span<const Family> local_families();
std::span<const Family> mamba_families();
std::span<const Family> nemotron_h_families();
std::span<const Family> nemotron_nas_families();
std::span<const Family> plain_families();
std::span<const Family> qwen_families();
std::span<const Family> zamba_families();

extern const Family form_family; ///< the form's own decoder
/// Not in the table: how an unknown model_type is read when nothing is nearer (llama_like). It has no class defaults,
/// only other spellings of its keys.
extern const Family assumed_llama_family;

} // namespace weighbridge
