#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/recurrent.h"

#include <array>
#include <utility>

namespace weighbridge {

namespace {

constexpr ExpertKeys nemotron_experts{"n_routed_experts", "num_experts_per_tok", "moe_intermediate_size",
                                      "n_shared_experts"};

/// What each kind of block is; a layer is one block with one norm (modeling_nemotron_h.py).
struct Blocks
{
    Layer mamba;
    Layer attention;
    Layer dense;
    Layer experts;
};

Layer block(std::vector<Mixer> mixers, std::vector<FeedForward> feed_forwards)
{
    Layer layer;
    layer.mixers = std::move(mixers);
    layer.feed_forwards = std::move(feed_forwards);
    layer.norms = 1;
    return layer;
}

Recurrent read_mixer(ConfigReader& config, std::int64_t hidden_size)
{
    Mamba2Sizes sizes;
    sizes.heads = config.integer("mamba_num_heads", ranges::heads);
    sizes.head_dim = config.integer("mamba_head_dim", ranges::head_dim);
    const auto groups = config.optional_integer("mamba_n_groups", ranges::heads); // legacy names win in the class
    const auto kernel = config.optional_integer("mamba_d_conv", ranges::kernel);
    sizes.groups = groups ? *groups : config.integer("n_groups", ranges::heads);
    sizes.kernel = kernel ? *kernel : config.integer("conv_kernel", ranges::kernel);
    sizes.state = config.integer("ssm_state_size", ranges::state);
    sizes.conv_bias =
        config.has("mamba_conv_bias") ? config.flag("mamba_conv_bias") : config.flag("use_conv_bias", true);
    sizes.projection_bias = config.flag("mamba_proj_bias") || config.flag("use_bias");
    Recurrent mixer = mamba2(sizes, hidden_size, "mixer");
    mixer.state_bytes = read_state_bytes(config, "mamba_ssm_cache_dtype");
    return mixer;
}

/// Two matrices per expert; routed experts may work in a narrower latent width.
MixtureOfExperts read_latent_mixture(ConfigReader& config)
{
    MixtureOfExperts moe = read_experts(config, nemotron_experts).value_or(MixtureOfExperts{});
    moe.gated = false;
    moe.router_bias = true;
    moe.latent_size = config.optional_integer("moe_latent_size", ranges::size_or_none).value_or(0);
    moe.shared_intermediate_size =
        moe.shared_experts * config.integer("moe_shared_expert_intermediate_size", ranges::size_or_none);
    return moe;
}

Blocks read_blocks(ConfigReader& config, const Architecture& network)
{
    // Files since Nemotron-3 call it head_dim, earlier ones attention_head_dim.
    Attention attention = read_attention(config);
    if (!config.has("head_dim"))
        if (const auto width = config.optional_integer("attention_head_dim", ranges::head_dim))
            attention.head_dim = attention.value_head_dim = *width;
    config.ignore({"attention_head_dim"});
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    const DenseFeedForward dense{.intermediate_size = config.integer("intermediate_size", ranges::size),
                                 .gated = false,
                                 .bias = config.flag("mlp_bias")};
    return {block({read_mixer(config, network.hidden_size)}, {}), block({attention}, {}), block({}, {dense}),
            block({}, {read_latent_mixture(config)})};
}

/// Nothing where the letter or name is none.
const Layer* block_named(const Blocks& blocks, std::string_view name)
{
    if (name == "M" || name == "mamba" || name == "linear_attention")
        return &blocks.mamba;
    if (name == "*" || name == "attention" || name == "full_attention")
        return &blocks.attention;
    if (name == "-" || name == "mlp")
        return &blocks.dense;
    return name == "E" || name == "moe" ? &blocks.experts : nullptr;
}

/// Names of blocks, from a list or from a pattern with one character each.
std::vector<std::string> read_names(ConfigReader& config, std::string_view list, std::string_view pattern,
                                    std::vector<std::string> otherwise)
{
    if (auto listed = config.texts(list))
        return std::move(*listed);
    const auto letters = config.text(pattern);
    if (!letters)
        return otherwise;
    std::vector<std::string> names;
    for (const char letter : *letters)
        names.emplace_back(1, letter);
    return names;
}

std::vector<Layer> read_sequence(ConfigReader& config, const Blocks& blocks, const std::vector<std::string>& names,
                                 std::string_view key)
{
    std::vector<Layer> layers;
    if (names.size() > static_cast<std::size_t>(ranges::layers.maximum)) {
        config.fail(key, "has more than " + grouped(ranges::layers.maximum) + " entries");
        return layers;
    }
    for (const std::string& name : names) {
        const Layer* known = block_named(blocks, name);
        if (known == nullptr)
            config.refuse(key, "blocks are M (mamba), * (attention), - (mlp) and E (moe)");
        layers.push_back(known != nullptr ? *known : blocks.dense);
    }
    return layers;
}

/// One prediction layer is a sequence of blocks; the first joins hidden state and embedding.
void read_predictions(ConfigReader& config, const Blocks& blocks, Architecture& network)
{
    const std::int64_t count = config.optional_integer("num_nextn_predict_layers", ranges::layer_index).value_or(0);
    const auto names = read_names(config, "mtp_layers_block_type", "mtp_hybrid_override_pattern", {"attention", "moe"});
    if (!config.has("num_nextn_predict_layers") || count == 0)
        return;
    std::vector<Layer> sequence = read_sequence(config, blocks, names, "mtp_layers_block_type");
    for (std::size_t i = 0; i < sequence.size(); ++i)
        network.mtp.push_back(
            {i == 0 ? prediction_layer(sequence[i], network.hidden_size) : std::move(sequence[i]), count});
}

void read_nemotron_h(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Blocks blocks = read_blocks(config, network);
    const std::vector<std::string> names =
        read_names(config, "layers_block_type", "hybrid_override_pattern", {"mamba", "moe", "attention", "mlp"});
    const std::vector<Layer> layers = read_sequence(config, blocks, names, "hybrid_override_pattern");
    if (layers.empty())
        config.fail("hybrid_override_pattern", "must name at least one block");
    for (const Layer& layer : layers)
        network.append(layer);
    config.ignore({"num_hidden_layers", "expand", "chunk_size"}); // the pattern decides, and the heads do
    read_predictions(config, blocks, network);
}

} // namespace

std::span<const Family> nemotron_h_families()
{
    static constexpr std::array rows = {
        Family{"nemotron_h",
               "",
               "nemotron_h",
               read_nemotron_h,
               {.num_routed_experts = nemotron_experts.routed,
                .num_shared_experts = nemotron_experts.shared,
                .expert_ffn_size = nemotron_experts.size,
                .experts_per_token = nemotron_experts.per_token}},
    };
    return rows;
}

} // namespace weighbridge
