#include "core/sources/import_notes.h"

#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace weighbridge {

namespace {

using nlohmann::json;

/// Names under which published configs of any family hold what changes weights or caches. Values that mean "none" are
/// silent.
constexpr std::array weight_keys = {
    "add_qkv_bias",
    "adapter_rank",
    "altup_num_inputs",
    "attention_bias",
    "attention_chunk_size",
    "attn_config",
    "audio_config",
    "block_configs",
    "conv_L_cache",
    "cross_attention_layers",
    "decoder_sparse_step",
    "expert_ffn_hidden_size",
    "ffn_config",
    "ffn_dim",
    "ffn_hidden_size",
    "first_k_dense_replace",
    "full_attention_interval",
    "head_dim",
    "hidden_size_per_layer_input",
    "hybrid_layer_pattern",
    "hybrid_override_pattern",
    "index_head_dim",
    "index_n_heads",
    "interleave_moe_layer_step",
    "intermediate_size_mlp",
    "is_encoder_decoder",
    "kv_lora_rank",
    "laurel_rank",
    "layer_types",
    "layers_block_type",
    "linear_attn_config",
    "linear_num_key_heads",
    "linear_num_value_heads",
    "mamba_d_state",
    "mamba_n_heads",
    "mamba_num_heads",
    "mlp_bias",
    "mlp_only_layers",
    "moe_intermediate_size",
    "moe_k",
    "moe_latent_size",
    "moe_layer_freq",
    "moe_layers",
    "moe_num_experts",
    "moe_topk",
    "mtp_num_hidden_layers",
    "multi_query_group_num",
    "n_routed_experts",
    "n_shared_experts",
    "num_attention_groups",
    "num_experts",
    "num_experts_per_tok",
    "num_global_key_value_heads",
    "num_key_value_heads",
    "num_kv_heads",
    "num_kv_shared_layers",
    "num_local_experts",
    "num_mtp_layers",
    "num_nextn_predict_layers",
    "num_shared_expert",
    "num_shared_experts",
    "o_lora_rank",
    "perception_config",
    "q_lora_rank",
    "qk_layernorm",
    "qk_norm",
    "qk_rope_head_dim",
    "qkv_bias",
    "shared_expert_intermediate_size",
    "shared_intermediate_size",
    "sliding_window",
    "sliding_window_pattern",
    "ssm_state_size",
    "text_config",
    "use_bias",
    "use_qk_norm",
    "use_qkv_bias",
    "v_head_dim",
    "vision_config",
    "vocab_size_per_layer_input",
    "zero_expert_num",
};

/// Parts of the names of keys that decide neither weights nor caches in any published file: numerics, training, tokens,
/// generation, and what names classes and versions. A key of weight_keys is none of them.
constexpr std::array<std::string_view, 50> harmless_parts = {
    "_alpha",         "_class",       "_coef",        "_drop",      "_eps",       "_fp32",      "_id",
    "_impl",          "_iters",       "_norm_type",   "_prob",      "_temp",      "activation", "alibi",
    "architectures",  "auto_map",     "autoset",      "dropout",    "dtype",      "ep_size",    "epsilon",
    "hidden_act",     "id2label",     "ignore_index", "init_",      "initial",    "jitter",     "label2id",
    "limit",          "loss",         "mm_tokens",    "n_group",    "noise",      "original_",  "placeholder",
    "pretraining_tp", "quantization", "query_pre",    "rope_inter", "rope_local", "rope_theta", "rotary",
    "scaling",        "scoring",      "soft_tokens",  "softcap",    "time_step",  "tokenizer",  "topk_",
    "transformers"};

/// The same, as whole names.
constexpr std::array<std::string_view, 34> harmless_names = {"altup_correct_scale",
                                                             "attention_multiplier",
                                                             "attention_value_scale",
                                                             "dim_model_base",
                                                             "embedding_multiplier",
                                                             "for_llm_compressor",
                                                             "index_share_for_mtp_iteration",
                                                             "is_llama_config",
                                                             "mla_use_nope",
                                                             "model_max_length",
                                                             "moe_renormalize",
                                                             "nope_layer_interval",
                                                             "num_expert_group",
                                                             "num_logits_to_keep",
                                                             "output_attentions",
                                                             "output_hidden_states",
                                                             "qk_head_dim",
                                                             "rescale_prenorm_residual",
                                                             "residual_multiplier",
                                                             "return_dict",
                                                             "rope_parameters",
                                                             "scale_attn_weights",
                                                             "scale_depth",
                                                             "scale_emb",
                                                             "seq_aux",
                                                             "task_specific_params",
                                                             "use_cache",
                                                             "use_gemma_norm",
                                                             "use_grouped_topk",
                                                             "use_mamba_kernels",
                                                             "use_mrope",
                                                             "use_parallel_residual",
                                                             "use_unified_vision_chunk",
                                                             "vision_feature_layer"};

bool decides_weights(std::string_view key)
{
    return std::find(weight_keys.begin(), weight_keys.end(), key) != weight_keys.end();
}

bool is_harmless(std::string_view key)
{
    const auto is_part = [&](std::string_view part) { return key.find(part) != std::string_view::npos; };
    return key.starts_with('_') || std::any_of(harmless_parts.begin(), harmless_parts.end(), is_part) ||
           std::find(harmless_names.begin(), harmless_names.end(), key) != harmless_names.end();
}

bool means_none(const json& value)
{
    if (value.is_number())
        return value == 0;
    if (value.is_boolean())
        return !value.get<bool>();
    return value.is_null() || value.empty();
}

} // namespace

void note_defaults(const ReadLog& log, std::vector<Issue>& issues)
{
    if (log.defaulted.empty())
        return;
    std::string list;
    for (const std::string& line : log.defaulted)
        list += (list.empty() ? "" : ", ") + line;
    issues.push_back(
        {"config.json", Severity::note, "config.json leaves out what transformers fills in as " + list + '.'});
}

std::vector<std::string> keys_not_understood(const nlohmann::json& object, const ReadLog& log)
{
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items())
        if (key != "model_type" && !means_none(value) && !log.asked.contains(key) &&
            (decides_weights(key) || !is_harmless(key)))
            keys.push_back(key);
    return keys;
}

void warn_unread_keys(const nlohmann::json& object, const ReadLog& log, std::string_view family,
                      std::vector<Issue>& issues)
{
    for (const char* key : weight_keys) {
        const auto found = object.find(key);
        if (found == object.end() || means_none(*found) || log.asked.contains(key))
            continue;
        issues.push_back({key, Severity::warning,
                          std::string(key) + " is " + brief(*found) + "; a " + std::string(family) +
                              " model is read without it, so weights or cache may be counted wrong."});
    }
}

} // namespace weighbridge
