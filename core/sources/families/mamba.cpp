#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/recurrent.h"

#include <algorithm>
#include <array>
#include <utility>

// Networks of Mamba layers, alone or beside attention.

namespace weighbridge {

namespace {

constexpr ExpertKeys jamba_experts{"num_experts", "num_experts_per_tok", "intermediate_size"};
constexpr ExpertKeys granite_experts{"num_local_experts", "num_experts_per_tok", "intermediate_size"};

/// A whole number, or "auto" for what the configuration class works out.
std::int64_t integer_or_auto(ConfigReader& config, std::string_view key, IntegerRange range, std::int64_t automatic)
{
    if (config.is_text(key) && config.text(key) == "auto")
        return automatic;
    return config.optional_integer(key, range).value_or(automatic);
}

std::int64_t rank_for(const Architecture& network)
{
    return (network.hidden_size + 15) / 16;
}

/// modeling_mamba.py, modeling_falcon_mamba.py (whose norms have no weights).
void read_mamba(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Mamba1Sizes sizes;
    const std::int64_t expand = config.integer("expand", {1, 64});
    sizes.inner = config.optional_integer("intermediate_size", ranges::size).value_or(expand * network.hidden_size);
    sizes.state = config.integer("state_size", ranges::state);
    sizes.kernel = config.integer("conv_kernel", ranges::kernel);
    sizes.time_step_rank = integer_or_auto(config, "time_step_rank", ranges::state, rank_for(network));
    sizes.conv_bias = config.flag("use_conv_bias", true);
    sizes.projection_bias = config.flag("use_bias");
    Layer layer;
    layer.mixers = {mamba1(sizes, network.hidden_size, "mixer")};
    layer.norms = 1;
    append_equal_layers(network, read_layer_count(config), layer);
}

void read_mamba2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Mamba2Sizes sizes;
    sizes.head_dim = config.integer("head_dim", ranges::head_dim);
    const std::int64_t inner = config.integer("expand", {1, 64}) * network.hidden_size;
    sizes.heads = config.has("num_heads") ? config.integer("num_heads", ranges::heads)
                                          : std::max<std::int64_t>(1, inner / sizes.head_dim);
    config.ignore({"num_heads"});
    if (sizes.heads * sizes.head_dim != inner)
        config.fail("num_heads", "times head_dim is " + grouped(sizes.heads * sizes.head_dim) +
                                     "; it must be expand times hidden_size (" + grouped(inner) + ")");
    sizes.groups = config.integer("n_groups", ranges::heads);
    sizes.state = config.integer("state_size", ranges::state);
    sizes.kernel = config.integer("conv_kernel", ranges::kernel);
    sizes.conv_bias = config.flag("use_conv_bias", true);
    sizes.projection_bias = config.flag("use_bias");
    Layer layer;
    layer.mixers = {mamba2(sizes, network.hidden_size, "mixer")};
    layer.norms = 1;
    append_equal_layers(network, read_layer_count(config), layer);
}

/// The keys that Bamba, Granite 4 and Falcon-H1 share; `inner` is the width inside.
Mamba2Sizes read_hybrid_mamba2(ConfigReader& config, std::int64_t inner)
{
    Mamba2Sizes sizes;
    sizes.heads = config.integer("mamba_n_heads", ranges::heads);
    sizes.head_dim =
        integer_or_auto(config, "mamba_d_head", ranges::head_dim, std::max<std::int64_t>(1, inner / sizes.heads));
    sizes.groups = config.integer("mamba_n_groups", ranges::heads);
    sizes.state = config.integer("mamba_d_state", ranges::state);
    sizes.kernel = config.integer("mamba_d_conv", ranges::kernel);
    sizes.conv_bias = config.flag("mamba_conv_bias", true);
    sizes.projection_bias = config.flag("mamba_proj_bias");
    return sizes;
}

std::int64_t expanded(ConfigReader& config, const Architecture& network)
{
    return config.optional_integer("mamba_expand", {1, 64}).value_or(2) * network.hidden_size;
}

Attention read_biased_attention(ConfigReader& config)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    return attention;
}

Layer with_mixer(Mixer mixer, FeedForward feed_forward)
{
    return {std::move(mixer), feed_forward};
}

/// An attention layer in each period, experts in each other (modeling_jamba.py).
void read_jamba(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_attention(config);
    Mamba1Sizes sizes;
    sizes.inner = expanded(config, network);
    sizes.state = config.integer("mamba_d_state", ranges::state);
    sizes.kernel = config.integer("mamba_d_conv", ranges::kernel);
    sizes.time_step_rank = integer_or_auto(config, "mamba_dt_rank", ranges::state, rank_for(network));
    sizes.conv_bias = config.flag("mamba_conv_bias", true);
    sizes.projection_bias = config.flag("mamba_proj_bias");
    sizes.inner_norms = true;
    const Recurrent mamba = mamba1(sizes, network.hidden_size);

    const std::optional<MixtureOfExperts> experts = read_experts(config, jamba_experts);
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t attention_period = config.integer("attn_layer_period", ranges::layers);
    const std::int64_t attention_offset = config.integer("attn_layer_offset", ranges::layer_index);
    const std::int64_t expert_period = config.integer("expert_layer_period", ranges::layers);
    const std::int64_t expert_offset = config.integer("expert_layer_offset", ranges::layer_index);
    const std::int64_t layers = read_layer_count(config);
    const auto names = read_layer_names(
        config, "layers_block_type", layers, {"mamba", "attention", "linear_attention", "full_attention"},
        [&](std::int64_t i) { return i % attention_period == attention_offset ? "attention" : "mamba"; });
    for (std::int64_t i = 0; i < layers; ++i) {
        const std::string& name = names[static_cast<std::size_t>(i)];
        const bool attends = name == "attention" || name == "full_attention";
        const bool sparse = experts && experts->routed_experts > 1 && i % expert_period == expert_offset;
        network.append(
            with_mixer(attends ? Mixer{attention} : Mixer{mamba}, sparse ? FeedForward{*experts} : FeedForward{dense}));
    }
}

/// Layers in attn_layer_indices attend (modeling_bamba.py).
void read_bamba(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_biased_attention(config);
    const Recurrent mamba = mamba2(read_hybrid_mamba2(config, expanded(config, network)), network.hidden_size);
    DenseFeedForward dense = read_dense(config);
    dense.bias = config.flag("mlp_bias");
    const auto listed =
        config.integers("attn_layer_indices", ranges::layer_index).value_or(std::vector<std::int64_t>{});
    const std::int64_t layers = read_layer_count(config);
    for (std::int64_t i = 0; i < layers; ++i) {
        const bool attends = std::find(listed.begin(), listed.end(), i) != listed.end();
        network.append(with_mixer(attends ? Mixer{attention} : Mixer{mamba}, dense));
    }
}

/// A shared network in every layer, experts beside it where there are some (modeling_granitemoehybrid.py).
void read_granite_hybrid(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_biased_attention(config);
    const std::int64_t layers = read_layer_count(config);
    const auto names =
        read_layer_names(config, "layer_types", layers, {"mamba", "attention", "linear_attention", "full_attention"},
                         [](std::int64_t) { return "mamba"; });
    const Recurrent mamba = mamba2(read_hybrid_mamba2(config, expanded(config, network)), network.hidden_size);
    const std::int64_t shared = config.integer("shared_intermediate_size", ranges::size_or_none);
    std::optional<MixtureOfExperts> experts = read_experts(config, granite_experts);
    if (experts && shared > 0) {
        experts->shared_experts = 1;
        experts->shared_intermediate_size = shared;
    }
    if (!experts && shared == 0)
        config.refuse("shared_intermediate_size", "without experts it must be at least 1");
    for (const std::string& name : names) {
        const bool attends = name == "attention" || name == "full_attention";
        network.append(
            with_mixer(attends ? Mixer{attention} : Mixer{mamba},
                       experts ? FeedForward{*experts} : FeedForward{DenseFeedForward{.intermediate_size = shared}}));
    }
}

/// Attention and Mamba-2 side by side in every layer; the gated norm only where mamba_rms_norm says so
/// (modeling_falcon_h1.py).
void read_falcon_h1(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const std::int64_t inner = config.optional_integer("mamba_d_ssm", ranges::size).value_or(expanded(config, network));
    Mamba2Sizes sizes = read_hybrid_mamba2(config, inner);
    sizes.gated_norm = config.flag("mamba_rms_norm");
    DenseFeedForward dense = read_dense(config);
    dense.bias = config.flag("mlp_bias");
    config.ignore({"mamba_expand", "layer_types", "layers_block_type"});
    Layer layer(read_biased_attention(config), dense);
    layer.mixers.emplace_back(mamba2(sizes, network.hidden_size));
    if (config.flag("projectors_bias") && !sizes.projection_bias)
        layer.extras.push_back(
            vector_tensor("mamba.out_proj.bias", Part::attention, {network.hidden_size, "h"}, Sharding::replicated));
    append_equal_layers(network, read_layer_count(config), layer);
}

constexpr FamilyKeys mamba_keys{.intermediate_size = {}, .num_attention_heads = {}, .num_kv_heads = {}, .head_dim = {}};

constexpr FamilyKeys expert_keys(const ExpertKeys& experts)
{
    return {.intermediate_size = {},
            .num_routed_experts = experts.routed,
            .expert_ffn_size = experts.size,
            .experts_per_token = experts.per_token};
}

} // namespace

std::span<const Family> mamba_families()
{
    static constexpr std::array rows = {
        Family{"bamba", "", "bamba", read_bamba},
        Family{"falcon_h1", "", "falcon_h1", read_falcon_h1},
        Family{"falcon_mamba", "", "falcon_mamba", read_mamba, mamba_keys},
        Family{"granitemoehybrid", "", "granitemoehybrid", read_granite_hybrid, expert_keys(granite_experts)},
        // one size for dense networks and experts
        Family{"jamba",
               "",
               "jamba",
               read_jamba,
               {.num_routed_experts = jamba_experts.routed,
                .expert_ffn_size = jamba_experts.size,
                .experts_per_token = jamba_experts.per_token}},
        Family{"mamba", "", "mamba", read_mamba, mamba_keys},
        Family{"mamba2", "", "mamba2", read_mamba2, mamba_keys},
    };
    return rows;
}

} // namespace weighbridge
