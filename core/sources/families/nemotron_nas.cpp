#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

Tensor linear_replacement(std::string_view name, Part part, Extent hidden)
{
    return matrix_tensor(name, part, hidden, hidden, Sharding::column);
}

/// ffn_mult · h · 2/3, rounded up to a multiple of 256 (modeling_decilm.py of the model's repository).
std::int64_t inner_size(double multiplier, std::int64_t hidden_size)
{
    const auto exact = static_cast<std::int64_t>(2 * multiplier * static_cast<double>(hidden_size) / 3);
    return std::max<std::int64_t>(1, (exact + 255) / 256) * 256;
}

/// What a search left of a layer's attention: heads in groups of its own size, one matrix, or nothing; each with its
/// norm.
void read_block_attention(ConfigReader block, const Attention& attention, Extent hidden, Layer& layer)
{
    if (block.flag("no_op"))
        return;
    layer.norms += 1;
    if (block.flag("replace_with_linear")) {
        layer.extras.push_back(linear_replacement("self_attn.linear_attn.weight", Part::attention, hidden));
        return;
    }
    Attention of_layer = attention;
    const std::int64_t group = block.integer("n_heads_in_group", ranges::heads);
    if (attention.heads % group != 0)
        block.refuse("n_heads_in_group", "it must divide the " + grouped(attention.heads) + " heads");
    of_layer.kv_heads = std::max<std::int64_t>(1, attention.heads / group);
    const auto window = block.optional_integer("window_length", ranges::tokens);
    layer.mixers.emplace_back(with_span(of_layer, AttentionSpan::sliding, window));
}

void read_block_network(ConfigReader block, bool bias, Extent hidden, Layer& layer)
{
    if (block.flag("no_op"))
        return;
    layer.norms += 1;
    if (block.flag("replace_with_linear")) {
        layer.extras.push_back(linear_replacement("mlp.linear_mlp.weight", Part::feed_forward, hidden));
        return;
    }
    const auto multiplier = block.real("ffn_mult", 0.001, 1000);
    if (!multiplier)
        block.refuse("ffn_mult", "it must be a number");
    layer.feed_forwards.emplace_back(
        DenseFeedForward{.intermediate_size = inner_size(multiplier.value_or(1), hidden.value), .bias = bias});
}

void read_nemotron_nas(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    config.ignore({"num_key_value_heads", "intermediate_size"}); // null: each block has its own
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    const bool mlp_bias = config.flag("mlp_bias");
    const Extent hidden{network.hidden_size, "h"};
    std::vector<ConfigReader> blocks = config.objects("block_configs");
    const std::int64_t layers = read_layer_count(config);
    if (blocks.size() != static_cast<std::size_t>(layers))
        config.fail("block_configs", "has " + std::to_string(blocks.size()) +
                                         " entries; it must have one for each of the " + grouped(layers) + " layers");
    for (ConfigReader& block : blocks) {
        Layer layer;
        layer.norms = 0;
        read_block_attention(block.nested("attention", ""), attention, hidden, layer);
        read_block_network(block.nested("ffn", ""), mlp_bias, hidden, layer);
        network.append(layer);
    }
}

} // namespace

std::span<const Family> nemotron_nas_families()
{
    static constexpr std::array rows = {
        Family{"nemotron-nas", "", "nemotron-nas", read_nemotron_nas, {.intermediate_size = {}, .num_kv_heads = {}}},
    };
    return rows;
}

} // namespace weighbridge
