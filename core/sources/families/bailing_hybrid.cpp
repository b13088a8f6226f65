#include "core/model/tensor_rows.h"
#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/recurrent.h"

#include <array>
#include <utility>

// Ring 2.0, Ling 2.5 and Ling 3.0: linear attention, with a layer of full attention at the end of each group
// (modeling_bailing_moe_linear_v2.py, ..._v2_5.py and ..._v3.py of the models' repositories; vLLM's
// bailing_moe_linear.py).

namespace weighbridge {

namespace {

/// Shared experts may have a size of their own.
std::optional<MixtureOfExperts> read_bailing_mixture(ConfigReader& config)
{
    auto experts = read_experts(config, bailing_experts);
    const auto shared = config.optional_integer("moe_shared_expert_intermediate_size", ranges::size);
    if (!experts)
        return experts;
    if (shared)
        experts->shared_intermediate_size = experts->shared_experts * *shared;
    experts->router_bias = config.flag("moe_router_enable_expert_bias");
    return experts;
}

/// Every query head has a key head of its own here; norms on queries and keys where the file says so.
Recurrent read_lightning(ConfigReader& config, const Attention& attention, std::int64_t hidden_size)
{
    Recurrent mixer = lightning_attention(attention.heads, attention.head_dim, hidden_size);
    TensorRows rows(mixer.weights, "self_attn");
    if (attention.qk_norm == QkNorm::per_head)
        for (const char* name : {"query_layernorm.weight", "key_layernorm.weight"})
            rows.vector(name, Part::norms, {attention.head_dim, "d"}, Sharding::replicated);
    if (attention.qkv_bias)
        rows.vector("qkv_proj.bias", Part::attention, {3 * attention.heads * attention.head_dim, "3·n·d"},
                    Sharding::column);
    config.ignore({"group_norm_size", "linear_silu", "use_linear_silu", "linear_rope"});
    return mixer;
}

/// Ling 3.0 names the convolution of its delta attention; the others have none.
Recurrent read_linear(ConfigReader& config, const Attention& attention, std::int64_t hidden_size)
{
    if (config.has("linear_num_heads")) // as transformers 5 writes it (modeling_bailing_hybrid.py)
        return kimi_delta({.heads = config.integer("linear_num_heads", ranges::heads),
                           .head_dim = config.integer("linear_head_dim", ranges::head_dim),
                           .kernel = config.integer("linear_conv_kernel_dim", ranges::kernel),
                           .full_output_gate = true,
                           .full_forget_gate = true},
                          hidden_size);
    if (!config.has("short_conv_kernel_size"))
        return read_lightning(config, attention, hidden_size);
    const bool full_gates = config.flag("no_kda_lora");
    return kimi_delta({.heads = attention.heads,
                       .head_dim = attention.head_dim,
                       .kernel = config.integer("short_conv_kernel_size", ranges::kernel),
                       .full_output_gate = full_gates,
                       .full_forget_gate = full_gates},
                      hidden_size);
}

Attention read_grouped(ConfigReader& config)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = config.flag("use_qkv_bias") || config.flag("use_bias");
    attention.output_bias = config.flag("use_bias");
    attention.qk_norm = config.flag("use_qk_norm") ? QkNorm::per_head : QkNorm::none;
    return attention;
}

/// A sigmoid gate on the output with a number per head, or per output.
OutputGate read_gate(ConfigReader& config)
{
    constexpr std::string_view key = "gated_attention_proj_granularity_type";
    const auto kind = config.text(key);
    if (!kind)
        return config.has("linear_num_heads") ? OutputGate::per_head : OutputGate::none;
    if (*kind != "head_wise" && *kind != "element_wise")
        config.refuse(key, "it must be head_wise or element_wise");
    return *kind == "head_wise" ? OutputGate::per_head : OutputGate::full_width;
}

Mixer read_latent(ConfigReader& config)
{
    LatentAttention attention = read_latent_attention(config);
    attention.gate = read_gate(config);
    return attention;
}

/// The last layer of each group has full attention, and so have all of a last group that is not whole.
void read_hybrid(ConfigReader& config, Architecture& network, const Mixer& full, const Recurrent& linear)
{
    const auto experts = read_bailing_mixture(config);
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t group = config.integer("layer_group_size", ranges::layers);
    const std::int64_t grouped_layers = layers / group * group;
    const std::vector<bool> sparse =
        read_sparse_layers(config, layers, config.integer("first_k_dense_replace", ranges::layer_index));
    const auto feed_forward = [&](bool has_experts) {
        return has_experts ? FeedForward{*experts} : FeedForward{dense};
    };
    for (std::int64_t i = 0; i < layers; ++i) {
        const bool attends = (i + 1) % group == 0 || i >= grouped_layers;
        const bool has_experts = experts && sparse[static_cast<std::size_t>(i)];
        network.append({attends ? full : Mixer{linear}, feed_forward(has_experts)});
    }
    const auto predictions = config.optional_integer("num_nextn_predict_layers", ranges::layer_index).value_or(0);
    if (config.has("num_nextn_predict_layers") && predictions > 0)
        network.mtp.push_back(
            {prediction_layer({full, feed_forward(experts.has_value())}, network.hidden_size), predictions});
}

void read_bailing_moe_linear(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_grouped(config);
    read_hybrid(config, network, attention, read_lightning(config, attention, network.hidden_size));
}

void read_bailing_hybrid(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_grouped(config);
    const bool latent = config.text("full_attention_type").value_or("mla") == "mla";
    const Mixer full = latent ? read_latent(config) : Mixer{attention};
    read_hybrid(config, network, full, read_linear(config, attention, network.hidden_size));
}

constexpr FamilyKeys linear_keys{.num_routed_experts = bailing_experts.routed,
                                 .num_shared_experts = bailing_experts.shared,
                                 .expert_ffn_size = bailing_experts.size,
                                 .experts_per_token = bailing_experts.per_token};
constexpr FamilyKeys hybrid_keys{.num_kv_heads = {},
                                 .head_dim = {},
                                 .num_routed_experts = bailing_experts.routed,
                                 .num_shared_experts = bailing_experts.shared,
                                 .expert_ffn_size = bailing_experts.size,
                                 .experts_per_token = bailing_experts.per_token};

} // namespace

std::span<const Family> bailing_hybrid_families()
{
    static constexpr std::array rows = {
        Family{"bailing_hybrid", "", "bailing_moe", read_bailing_hybrid, hybrid_keys},
        Family{"bailing_moe_linear", "", "bailing_moe", read_bailing_moe_linear, linear_keys},
    };
    return rows;
}

} // namespace weighbridge
