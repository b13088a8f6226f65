#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

#include <span>
#include <string_view>

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
};

/// All rows, in alphabetical order of model_type.
std::span<const Family* const> families();
/// The row of a model_type, or nothing.
const Family* find_family(std::string_view model_type);

extern const Family afmoe_family;
extern const Family apertus_family;
extern const Family arcee_family;
extern const Family arctic_family;
extern const Family baichuan_family;
extern const Family bailing_hybrid_family;
extern const Family bailing_moe_family;
extern const Family bailing_moe_linear_family;
extern const Family bailing_moe_v2_family;
extern const Family bamba_family;
extern const Family bert_family;
extern const Family bitnet_family;
extern const Family bloom_family;
extern const Family chameleon_family;
extern const Family chatglm_family;
extern const Family codellama_family;
extern const Family codeshell_family;
extern const Family cohere_family;
extern const Family cohere2_family;
extern const Family cohere2_moe_family;
extern const Family dbrx_family;
extern const Family deepseek_family;
extern const Family deepseek_ocr_text_family;
extern const Family deepseek_v2_family;
extern const Family deepseek_v3_family;
extern const Family deepseek_v32_family;
extern const Family deepseek_v4_family;
extern const Family dots1_family;
extern const Family dream_family;
extern const Family ernie4_5_family;
extern const Family ernie4_5_moe_family;
extern const Family eurobert_family;
extern const Family exaone_family;
extern const Family exaone4_family;
extern const Family exaone_moe_family;
extern const Family exaone_text_family;
extern const Family falcon_family;
extern const Family falcon_h1_family;
extern const Family falcon_mamba_family;
extern const Family flex_olmo_family;
extern const Family gemma_family;
extern const Family gemma2_family;
extern const Family gemma3_family;
extern const Family gemma3_text_family;
extern const Family gemma3n_family;
extern const Family gemma3n_text_family;
extern const Family gemma4_family;
extern const Family gemma4_text_family;
extern const Family form_family; ///< the form's own decoder
extern const Family glm_family;
extern const Family glm4_family;
extern const Family glm4_moe_family;
extern const Family glm4_moe_lite_family;
extern const Family glm_moe_dsa_family;
extern const Family gpt2_family;
extern const Family gpt_bigcode_family;
extern const Family gpt_neox_family;
extern const Family gpt_oss_family;
extern const Family gptj_family;
extern const Family granite_family;
extern const Family granitemoe_family;
extern const Family granitemoehybrid_family;
extern const Family granitemoeshared_family;
extern const Family grok1_family;
extern const Family grove_moe_family;
extern const Family hunyuan_v1_dense_family;
extern const Family hunyuan_v1_moe_family;
extern const Family hunyuan_vl_text_family;
extern const Family hy_v3_family;
extern const Family internlm_family;
extern const Family internlm2_family;
extern const Family internlm3_family;
extern const Family jais2_family;
extern const Family jamba_family;
extern const Family jina_bert_v3_family;
extern const Family kimi_k2_family;
extern const Family kimi_k25_family;
extern const Family kimi_k3_family;
extern const Family kimi_linear_family;
extern const Family kimi_vl_family;
extern const Family laguna_family;
extern const Family lfm2_family;
extern const Family lfm2_moe_family;
extern const Family llada_family;
extern const Family llada_moe_family;
extern const Family llama_embed_family;
extern const Family llama_family;
extern const Family llama4_family;
extern const Family llama4_text_family;
extern const Family longcat_flash_family;
extern const Family maincoder_family;
extern const Family mamba_family;
extern const Family mamba2_family;
extern const Family mimo_family;
extern const Family mimo_v2_family;
extern const Family mimo_v2_flash_family;
extern const Family minicpm_family;
extern const Family minicpm3_family;
extern const Family minimax_family;
extern const Family minimax_m1_family;
extern const Family minimax_m2_family;
extern const Family minimax_m3_family;
extern const Family minimax_m3_vl_family;
extern const Family minimax_m3_vl_text_family;
extern const Family minimax_text_01_family;
extern const Family ministral_family;
extern const Family ministral3_family;
extern const Family mistral_family;
extern const Family mistral3_family;
extern const Family mistral4_family;
extern const Family mixtral_family;
extern const Family mllama_family;
extern const Family mllama_text_family;
extern const Family moonlight_family;
extern const Family mpt_family;
extern const Family nemotron_family;
extern const Family nemotron_nas_family;
extern const Family nemotron_h_family;
extern const Family neobert_family;
extern const Family nomic_bert_family;
extern const Family olmo_family;
extern const Family olmo2_family;
extern const Family olmo3_family;
extern const Family olmo_hybrid_family;
extern const Family olmoe_family;
extern const Family opt_family;
extern const Family paddleocr_family;
extern const Family pangu_embedded_family;
extern const Family phi_family;
extern const Family phi3_family;
extern const Family phi3small_family;
extern const Family phi4_family;
extern const Family phimoe_family;
extern const Family plamo_family;
extern const Family qwen_family;
extern const Family qwen2_family;
extern const Family qwen2_5_vl_family;
extern const Family qwen2_moe_family;
extern const Family qwen2_vl_family;
extern const Family qwen3_family;
extern const Family qwen3_5_family;
extern const Family qwen3_5_moe_family;
extern const Family qwen3_5_moe_text_family;
extern const Family qwen3_5_text_family;
extern const Family qwen3_moe_family;
extern const Family qwen3_next_family;
extern const Family qwen3_vl_family;
extern const Family qwen3_vl_moe_family;
extern const Family qwen3_vl_moe_text_family;
extern const Family qwen3_vl_text_family;
extern const Family recurrent_gemma_family;
extern const Family refact_family;
extern const Family rnd1_family;
extern const Family rwkv_family;
extern const Family seed_oss_family;
extern const Family smallthinker_family;
extern const Family smollm3_family;
extern const Family solar_open_family;
extern const Family stablelm_family;
extern const Family starcoder2_family;
extern const Family step3p5_family;
extern const Family step3p7_family;
extern const Family vaultgemma_family;
extern const Family xlm_roberta_family;
extern const Family xverse_family;
extern const Family yi_family;
extern const Family zamba2_family;
/// Not in the table: how an unknown model_type is read when nothing is nearer (llama_like). It has no class defaults,
/// only other spellings of its keys.
extern const Family assumed_llama_family;

} // namespace weighbridge
