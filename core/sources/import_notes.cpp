#include "core/sources/import_notes.h"

#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

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
