#include "core/model/layer_tensors.h"
#include "core/model/tensor_rows.h"
#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/recurrent.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// Attention and network of one shared block work on hidden state and embedding side by side, so their input is twice
/// as wide (modeling_zamba2.py).
struct SharedBlock
{
    Attention attention;
    DenseFeedForward dense;
};

SharedBlock read_block(ConfigReader& config, const Architecture& network)
{
    SharedBlock block;
    Attention& attention = block.attention;
    attention.heads = config.integer("num_attention_heads", ranges::heads);
    attention.kv_heads = config.optional_integer("num_key_value_heads", ranges::heads).value_or(attention.heads);
    attention.input_size = 2 * network.hidden_size;
    if (attention.input_size % attention.heads != 0 || attention.heads % attention.kv_heads != 0)
        config.refuse("num_attention_heads", "it must divide twice hidden_size (" + grouped(attention.input_size) +
                                                 ") and be a multiple of num_key_value_heads");
    attention.head_dim = attention.value_head_dim = std::max<std::int64_t>(1, attention.input_size / attention.heads);
    const auto own = config.optional_integer("ffn_hidden_size", ranges::size);
    block.dense.intermediate_size =
        own ? *own : config.optional_integer("intermediate_size", ranges::size).value_or(4 * network.hidden_size);
    config.ignore({"intermediate_size", "attention_head_dim"});
    block.dense.bias = config.flag("add_bias_linear");
    return block;
}

/// The blocks' tensors, each held once however many layers call it.
void append_blocks(const SharedBlock& block, std::int64_t blocks, Architecture& network)
{
    const Extent hidden{network.hidden_size, "h"};
    std::vector<Tensor> tensors;
    append_tensors(tensors, block.attention, hidden, "shared_transformer.self_attn");
    append_tensors(tensors, block.dense, hidden, "shared_transformer.feed_forward");
    TensorRows rows(tensors, "shared_transformer");
    rows.vector("input_layernorm.weight", Part::norms, {2 * network.hidden_size, "h_in"}, Sharding::replicated);
    rows.vector("pre_ff_layernorm.weight", Part::norms, hidden, Sharding::replicated);
    for (Tensor& tensor : tensors)
        tensor.end = End::throughout;
    for (std::int64_t i = 0; i < blocks; ++i)
        network.outer.insert(network.outer.end(), tensors.begin(), tensors.end());
}

/// What a layer that calls a block has of its own: low-rank adapters and a projection of the block's output.
std::vector<Tensor> adapters(ConfigReader& config, const SharedBlock& block, std::int64_t hidden_size)
{
    const Extent hidden{hidden_size, "h"};
    const Extent rank{config.integer("adapter_rank", ranges::size), "r"};
    const Extent inner{2 * block.dense.intermediate_size, "2·h_ffn"};
    const Extent doubled{2 * hidden_size, "h_in"};
    std::vector<Tensor> tensors;
    TensorRows rows(tensors, "");
    rows.matrix("shared_transformer.feed_forward.adapter.0.weight", Part::feed_forward, rank, hidden, Sharding::latent);
    rows.matrix("shared_transformer.feed_forward.adapter.1.weight", Part::feed_forward, inner, rank, Sharding::column);
    if (config.flag("use_shared_attention_adapter")) {
        for (const std::string name : {"q", "k", "v"}) {
            rows.matrix("shared_transformer.self_attn." + name + "_adapter.0.weight", Part::attention, rank, doubled,
                        Sharding::latent);
            rows.matrix("shared_transformer.self_attn." + name + "_adapter.1.weight", Part::attention, doubled, rank,
                        Sharding::column);
        }
    }
    rows.matrix("linear.weight", Part::attention, hidden, hidden, Sharding::latent);
    return tensors;
}

/// The class default: six Mamba layers, then a hybrid one in each six or so (configuration_zamba2.py).
std::string_view default_name(std::int64_t i)
{
    const bool regular = i >= 6 && i <= 42 && i % 6 == 0;
    return regular || i == 47 || i == 51 ? "hybrid" : "mamba";
}

void read_zamba2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Mamba2Sizes sizes;
    sizes.heads = config.integer("n_mamba_heads", ranges::heads);
    const std::int64_t inner = config.integer("mamba_expand", {1, 64}) * network.hidden_size;
    if (inner % sizes.heads != 0)
        config.refuse("n_mamba_heads", "it must divide mamba_expand times hidden_size (" + grouped(inner) + ")");
    sizes.head_dim = std::max<std::int64_t>(1, inner / sizes.heads);
    sizes.groups = config.integer("mamba_ngroups", ranges::heads);
    sizes.state = config.integer("mamba_d_state", ranges::state);
    sizes.kernel = config.integer("mamba_d_conv", ranges::kernel);
    sizes.conv_bias = config.flag("use_conv_bias", true);
    sizes.projection_bias = config.flag("add_bias_linear");
    Layer mamba;
    mamba.mixers = {mamba2(sizes, network.hidden_size)};
    mamba.norms = 1;

    SharedBlock block = read_block(config, network);
    append_blocks(block, config.integer("num_mem_blocks", {1, 64}), network);
    block.attention.holds_weights = block.dense.holds_weights = false;
    Layer hybrid = mamba;
    hybrid.mixers.insert(hybrid.mixers.begin(), block.attention);
    hybrid.feed_forwards = {block.dense};
    hybrid.extras = adapters(config, block, network.hidden_size);

    const std::int64_t layers = read_layer_count(config);
    for (const std::string& name :
         read_layer_names(config, "layers_block_type", layers, {"mamba", "hybrid", "linear_attention"}, default_name))
        network.append(name == "hybrid" ? hybrid : mamba);
}

} // namespace

std::span<const Family> zamba_families()
{
    static constexpr std::array rows = {
        Family{"zamba2", "", "zamba2", read_zamba2, {.head_dim = {}}},
    };
    return rows;
}

} // namespace weighbridge
