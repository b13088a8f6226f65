#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/recurrent.h"
#include "core/sources/families/vision.h"

#include <algorithm>
#include <array>
#include <utility>

// Networks of delta-rule layers with full attention between them.

namespace weighbridge {

namespace {

constexpr ExpertKeys kimi_experts{"num_experts", "num_experts_per_tok", "moe_intermediate_size", "num_shared_experts"};

DeltaSizes read_delta_sizes(ConfigReader& config)
{
    DeltaSizes sizes;
    sizes.key_heads = config.integer("linear_num_key_heads", ranges::heads);
    sizes.value_heads = config.integer("linear_num_value_heads", ranges::heads);
    sizes.key_dim = config.integer("linear_key_head_dim", ranges::head_dim);
    sizes.value_dim = config.integer("linear_value_head_dim", ranges::head_dim);
    sizes.kernel = config.integer("linear_conv_kernel_dim", ranges::kernel);
    if (sizes.value_heads % sizes.key_heads != 0)
        config.refuse("linear_num_value_heads", "it must be a multiple of linear_num_key_heads");
    return sizes;
}

/// "linear_attention" but for each full_attention_interval-th layer.
std::vector<std::string> read_kinds(ConfigReader& config, std::int64_t layers)
{
    const std::int64_t interval = config.optional_integer("full_attention_interval", ranges::layers).value_or(4);
    return read_layer_names(config, "layer_types", layers, {"linear_attention", "full_attention"}, [&](std::int64_t i) {
        return (i + 1) % interval == 0 ? "full_attention" : "linear_attention";
    });
}

/// q_proj holds queries and their gate; norms on queries and keys (modeling_qwen3_next.py, modeling_qwen3_5.py).
Attention read_gated_attention(ConfigReader& config)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    attention.qk_norm = QkNorm::per_head;
    config.ignore({"output_gate_type"}); // "swish": the activation
    if (config.flag("attn_output_gate", true))
        attention.gate = OutputGate::doubled_query;
    return attention;
}

std::optional<MixtureOfExperts> read_gated_experts(ConfigReader& config)
{
    std::optional<MixtureOfExperts> experts = read_experts(config, qwen_experts);
    if (experts) {
        experts->shared_intermediate_size = config.integer("shared_expert_intermediate_size", ranges::size_or_none);
        experts->shared_experts = experts->shared_intermediate_size > 0 ? 1 : 0;
        experts->shared_gate = true;
    }
    return experts;
}

/// The checkpoint's prediction layer is one with full attention.
void read_qwen_prediction(ConfigReader& config, const Layer& layer, Architecture& network)
{
    for (const std::string_view key : {"mtp_num_hidden_layers", "num_nextn_predict_layers"}) {
        if (!config.has(key))
            continue;
        const std::int64_t count = config.optional_integer(key, ranges::layer_index).value_or(0);
        if (count > 0)
            network.mtp.push_back({prediction_layer(layer, network.hidden_size), count});
        return;
    }
}

void read_qwen3_next(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    constexpr double usual_rotary_fraction = 0.25; // configuration_qwen3_next.py, partial_rotary_factor
    if (network.rotary_fraction == 1)
        network.rotary_fraction = usual_rotary_fraction;
    const Attention attention = read_gated_attention(config);
    Recurrent delta = gated_delta_net(read_delta_sizes(config), network.hidden_size);
    delta.state_bytes = read_state_bytes(config, "mamba_ssm_dtype");
    const std::optional<MixtureOfExperts> experts = read_gated_experts(config);
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t step = config.optional_integer("decoder_sparse_step", ranges::layers).value_or(1);
    const auto dense_only =
        config.integers("mlp_only_layers", ranges::layer_index).value_or(std::vector<std::int64_t>{});
    const auto is_sparse = [&](std::int64_t i) {
        const bool named_dense = std::find(dense_only.begin(), dense_only.end(), i) != dense_only.end();
        return experts.has_value() && !named_dense && (i + 1) % step == 0;
    };
    bool any_dense = false;
    for (std::int64_t i = 0; i < layers; ++i)
        any_dense = any_dense || !is_sparse(i);
    const DenseFeedForward dense = any_dense ? read_dense(config) : DenseFeedForward{};
    config.ignore({"intermediate_size", "use_sliding_window", "sliding_window"});

    const auto names = read_kinds(config, layers);
    for (std::int64_t i = 0; i < layers; ++i) {
        const bool attends = names[static_cast<std::size_t>(i)] == "full_attention";
        network.append(
            {attends ? Mixer{attention} : Mixer{delta}, is_sparse(i) ? FeedForward{*experts} : FeedForward{dense}});
    }
    read_qwen_prediction(config, {attention, experts ? FeedForward{*experts} : FeedForward{dense}}, network);
}

void read_qwen3_5(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_qwen3_next(config, outer, network);
    read_qwen3_vision(outer, network);
}

/// Separate projections and convolutions for queries, keys and values; one gate (modeling_olmo_hybrid.py). Sizes follow
/// from the attention's where the file has none (configuration_olmo_hybrid.py).
DeltaSizes read_olmo_sizes(ConfigReader& config, const Attention& attention, std::int64_t hidden_size)
{
    DeltaSizes sizes;
    sizes.key_heads = config.optional_integer("linear_num_key_heads", ranges::heads).value_or(attention.heads);
    sizes.value_heads = config.optional_integer("linear_num_value_heads", ranges::heads).value_or(attention.heads);
    sizes.key_dim = config.optional_integer("linear_key_head_dim", ranges::head_dim)
                        .value_or(std::max<std::int64_t>(1, hidden_size * 3 / (4 * sizes.key_heads)));
    sizes.value_dim = config.optional_integer("linear_value_head_dim", ranges::head_dim).value_or(2 * sizes.key_dim);
    sizes.kernel = config.integer("linear_conv_kernel_dim", ranges::kernel);
    return sizes;
}

void read_olmo_hybrid(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    attention.qk_norm = QkNorm::full_width;
    const Recurrent delta =
        gated_delta_net(read_olmo_sizes(config, attention, network.hidden_size), network.hidden_size);
    const DenseFeedForward dense = read_dense(config);
    for (const std::string& name : read_kinds(config, read_layer_count(config)))
        network.append({name == "full_attention" ? Mixer{attention} : Mixer{delta}, dense});
}

/// Experts of Kimi-K3 work in a narrower width, with a norm of it (latent_moe_use_norm).
std::vector<Tensor> latent_norm(ConfigReader& config, const std::optional<MixtureOfExperts>& experts)
{
    if (!experts || experts->latent_size == 0 || !config.flag("latent_moe_use_norm"))
        return {};
    return {vector_tensor("block_sparse_moe.latent_norm.weight", Part::norms, {experts->latent_size, "h_lat"},
                          Sharding::replicated)};
}

Recurrent read_kimi_delta(ConfigReader& config, std::int64_t hidden_size)
{
    if (config.has("linear_num_heads")) // as transformers 5 writes it
        return kimi_delta({.heads = config.integer("linear_num_heads", ranges::heads),
                           .head_dim = config.integer("linear_head_dim", ranges::head_dim),
                           .kernel = config.integer("linear_conv_kernel_dim", ranges::kernel)},
                          hidden_size);
    ConfigReader details = config.nested("linear_attn_config", "");
    return kimi_delta({.heads = details.integer("num_heads", ranges::heads),
                       .head_dim = details.integer("head_dim", ranges::head_dim),
                       .kernel = details.integer("short_conv_kernel_size", ranges::kernel),
                       .full_output_gate = details.flag("use_full_rank_gate")},
                      hidden_size);
}

/// layer_types as transformers 5 writes them, or full_attn_layers, counted from 1.
std::vector<bool> read_full_layers(ConfigReader& config, std::int64_t layers)
{
    std::vector<bool> full(static_cast<std::size_t>(layers), false);
    if (config.has("layer_types")) {
        const auto names = read_layer_names(config, "layer_types", layers, {"linear_attention", "full_attention"},
                                            [](std::int64_t) { return "linear_attention"; });
        for (std::size_t i = 0; i < full.size(); ++i)
            full[i] = names[i] == "full_attention";
        return full;
    }
    const auto listed = config.nested("linear_attn_config", "").integers("full_attn_layers", ranges::layer_index);
    if (!listed)
        config.fail("linear_attn_config.full_attn_layers", "is missing; it must list the layers with full attention");
    for (const std::int64_t layer : listed.value_or(std::vector<std::int64_t>{}))
        if (layer >= 1 && layer <= layers)
            full[static_cast<std::size_t>(layer - 1)] = true;
    return full;
}

/// Layers in full_attn_layers, counted from 1, have latent attention (modeling_kimi.py of the model's repository).
void read_kimi_linear(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    LatentAttention latent = read_latent_attention(config);
    if (config.flag("mla_use_output_gate"))
        latent.gate = OutputGate::full_width;
    const Recurrent delta = read_kimi_delta(config, network.hidden_size);
    const std::int64_t layers = read_layer_count(config);
    const std::vector<bool> full = read_full_layers(config, layers);

    std::optional<MixtureOfExperts> experts = read_experts(config, kimi_experts);
    if (experts) {
        experts->router_bias = true;
        experts->latent_size = config.optional_integer("routed_expert_hidden_size", ranges::size_or_none).value_or(0);
    }
    const std::vector<Tensor> norm = latent_norm(config, experts);
    const DenseFeedForward dense = read_dense(config);
    const std::vector<bool> sparse_layers =
        read_sparse_layers(config, layers, config.integer("first_k_dense_replace", ranges::layer_index),
                           config.integer("moe_layer_freq", ranges::layers));
    for (std::size_t i = 0; i < full.size(); ++i) {
        const bool sparse = experts && sparse_layers[i];
        Layer layer(full[i] ? Mixer{latent} : Mixer{delta}, sparse ? FeedForward{*experts} : FeedForward{dense});
        if (sparse)
            layer.extras = norm;
        network.append(layer);
    }
    read_prediction_layers(config, network, "num_nextn_predict_layers");
}

void read_kimi_k3(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_kimi_linear(config, outer, network);
    read_kimi_vision(outer, network);
}

constexpr FamilyKeys qwen_keys{.num_routed_experts = qwen_experts.routed,
                               .expert_ffn_size = qwen_experts.size,
                               .experts_per_token = qwen_experts.per_token};
constexpr FamilyKeys kimi_keys{.num_kv_heads = {},
                               .head_dim = {},
                               .num_routed_experts = kimi_experts.routed,
                               .num_shared_experts = kimi_experts.shared,
                               .expert_ffn_size = kimi_experts.size,
                               .experts_per_token = kimi_experts.per_token};

} // namespace

std::span<const Family> delta_families()
{
    static constexpr std::array rows = {
        Family{"kimi_k3", "text_config", "kimi_linear", read_kimi_k3, kimi_keys},
        Family{"kimi_linear", "", "kimi_linear", read_kimi_linear, kimi_keys},
        Family{"olmo_hybrid", "", "olmo_hybrid", read_olmo_hybrid},
        Family{"qwen3_5", "text_config", "qwen3_5_text", read_qwen3_5},
        Family{"qwen3_5_moe", "text_config", "qwen3_5_moe_text", read_qwen3_5, qwen_keys},
        Family{"qwen3_5_moe_text", "", "qwen3_5_moe_text", read_qwen3_next, qwen_keys},
        Family{"qwen3_5_text", "", "qwen3_5_text", read_qwen3_next},
        Family{"qwen3_next", "", "qwen3_next", read_qwen3_next, qwen_keys},
    };
    return rows;
}

} // namespace weighbridge
