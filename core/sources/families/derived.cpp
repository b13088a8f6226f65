#include "core/model/inventory.h"
#include "core/sources/derived_network.h"
#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

// A network that is known by its tensors alone (derived_network.h): each layer is what it caches and multiplies, with
// whatever else it holds beside.

namespace weighbridge {

namespace {

constexpr IntegerRange amount{0, std::int64_t{1} << 50};

Attention read_derived_attention(ConfigReader config)
{
    Attention attention;
    attention.heads = config.integer("heads", ranges::heads);
    attention.kv_heads = config.integer("kv_heads", ranges::heads);
    attention.head_dim = config.integer("head_dim", ranges::head_dim);
    attention.value_head_dim = config.integer("v_head_dim", ranges::head_dim);
    attention.stores_cache = config.flag("stores_cache", true);
    attention.holds_weights = false; // they are among the layer's own
    if (attention.kv_heads > attention.heads || attention.heads % attention.kv_heads != 0)
        config.fail("kv_heads", "must divide heads");
    return with_span(attention, config.has("sliding_window") ? AttentionSpan::sliding : AttentionSpan::full,
                     config.optional_integer("sliding_window", ranges::tokens));
}

LatentAttention read_derived_latent(ConfigReader config)
{
    LatentAttention latent;
    latent.heads = config.integer("heads", ranges::heads);
    latent.kv_lora_rank = config.integer("kv_lora_rank", ranges::size);
    latent.q_lora_rank = config.integer("q_lora_rank", ranges::size_or_none);
    latent.qk_rope_head_dim = config.integer("qk_rope_head_dim", ranges::head_dim);
    latent.qk_nope_head_dim = config.integer("qk_nope_head_dim", ranges::head_dim);
    latent.v_head_dim = config.integer("v_head_dim", ranges::head_dim);
    return latent;
}

Recurrent read_derived_state(ConfigReader config)
{
    Recurrent state;
    state.conv_kernel = config.integer("conv_kernel", ranges::tower_ratio);
    state.conv_channels = config.integer("conv_channels", ranges::size);
    state.state_elements = config.integer("elements", amount);
    state.kind = state.state_elements == 0 ? RecurrentKind::short_convolution : RecurrentKind::mamba2;
    return state;
}

MixtureOfExperts read_derived_experts(ConfigReader config)
{
    MixtureOfExperts experts;
    experts.routed_experts = config.integer("count", ranges::experts);
    experts.experts_per_token = std::min(config.integer("per_token", ranges::experts), experts.routed_experts);
    experts.expert_intermediate_size = config.integer("intermediate_size", ranges::size);
    experts.gated = config.flag("gated", true);
    experts.latent_size = config.integer("latent_size", ranges::size_or_none);
    experts.shared_intermediate_size = config.integer("shared_intermediate_size", ranges::size_or_none);
    experts.shared_experts = experts.shared_intermediate_size > 0 ? 1 : 0;
    return experts;
}

std::int64_t parameters_of(const Architecture& network, const Layer& layer)
{
    std::int64_t sum = 0;
    for (const Tensor& tensor : layer_inventory(network, layer))
        sum += tensor.elements();
    return sum;
}

Layer read_derived_layer(ConfigReader kind, const Architecture& network)
{
    Layer layer;
    layer.norms = 0;
    if (kind.has("attention"))
        layer.mixers.emplace_back(read_derived_attention(kind.nested("attention", "")));
    if (kind.has("latent"))
        layer.mixers.emplace_back(read_derived_latent(kind.nested("latent", "")));
    if (kind.has("state"))
        layer.mixers.emplace_back(read_derived_state(kind.nested("state", "")));
    if (kind.has("experts"))
        layer.feed_forwards.emplace_back(read_derived_experts(kind.nested("experts", "")));
    if (kind.has("feed_forward")) {
        ConfigReader dense = kind.nested("feed_forward", "");
        layer.feed_forwards.emplace_back(DenseFeedForward{
            .intermediate_size = dense.integer("intermediate_size", ranges::size), .gated = dense.flag("gated", true)});
    }
    const std::int64_t whole = kind.integer("parameters", amount);
    const std::int64_t known = parameters_of(network, layer);
    if (whole > known)
        layer.extras.push_back(
            vector_tensor("other_tensors", Part::attention, {whole - known, "n_other"}, Sharding::replicated));
    return layer;
}

void read_derived(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"derived_from", "num_hidden_layers"});
    network.final_norm = {config.flag("final_norm", true), false};
    const std::int64_t outer = config.integer("outer_parameters", amount);
    if (outer > 0) {
        network.outer.push_back(
            vector_tensor("outer_tensors", Part::embedding, {outer, "n_outer"}, Sharding::replicated));
        network.outer.back().active_copies = 0;
    }
    std::int64_t layers = 0;
    for (ConfigReader& run : config.objects("layers")) {
        const std::int64_t count = run.integer("count", ranges::layers);
        const Layer layer = read_derived_layer(run.nested("kind", ""), network);
        layers += count;
        if (layers > ranges::layers.maximum)
            break;
        append_equal_layers(network, count, layer);
    }
    if (layers == 0 || layers > ranges::layers.maximum)
        config.fail("layers", "must list 1 to 10,000 layers");
    config.warn("model_type", "The network is derived from the file's tensors, for its architecture (" +
                                  config.text("derived_from").value_or("not named") +
                                  ") has no rule here: weights are the file's own; cache and operations follow from "
                                  "names and shapes, and may be wrong.");
}

} // namespace

std::span<const Family> derived_families()
{
    static constexpr std::array families = {
        Family{
            derived_family,
            "",
            "",
            read_derived,
            {.intermediate_size = {}, .num_layers = {}, .num_attention_heads = {}, .num_kv_heads = {}, .head_dim = {}}},
    };
    return families;
}

} // namespace weighbridge
