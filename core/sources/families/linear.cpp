#include "core/model/tensor_rows.h"
#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/recurrent.h"

#include <algorithm>
#include <array>
#include <utility>

// Networks whose recurrent layers are lightning attention, short convolutions, RWKV or RG-LRU.

namespace weighbridge {

namespace {

constexpr ExpertKeys minimax_experts{"num_local_experts", "num_experts_per_tok", "intermediate_size"};
constexpr ExpertKeys lfm2_experts{"num_experts", "num_experts_per_tok", "moe_intermediate_size"};

/// Layers of attn_type_list with 1 attend to everything, those with 0 are lightning attention (MiniMax-Text-01); newer
/// files have layer_types (configuration_minimax.py).
void read_minimax(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_attention(config);
    const Recurrent lightning = lightning_attention(attention.heads, attention.head_dim, network.hidden_size);
    const std::optional<MixtureOfExperts> experts = read_experts(config, minimax_experts);
    if (!experts)
        config.refuse("num_local_experts", "a minimax model has at least one expert");
    const MixtureOfExperts feed_forward = experts.value_or(MixtureOfExperts{});
    const std::int64_t layers = read_layer_count(config);
    const auto legacy = config.integer_per_layer("attn_type_list", {0, 1}, layers);
    const auto names =
        read_layer_names(config, "layer_types", layers, {"full_attention", "linear_attention"}, [&](std::int64_t i) {
            const bool full = legacy ? (*legacy)[static_cast<std::size_t>(i)] == 1 : i % 2 == 0;
            return full ? "full_attention" : "linear_attention";
        });
    for (const std::string& name : names)
        network.append({name == "full_attention" ? Mixer{attention} : Mixer{lightning}, feed_forward});
}

/// Two thirds of the size, times a multiplier, rounded up (modeling_lfm2.py, Lfm2MLP). block_ff_dim is the older key.
std::int64_t read_lfm2_inner(ConfigReader& config)
{
    const auto own = config.optional_integer("block_ff_dim", ranges::size);
    const std::int64_t size = own ? *own : config.integer("intermediate_size", ranges::size);
    config.ignore({"intermediate_size"});
    const double multiplier = config.real("block_ffn_dim_multiplier", 0.01, 100).value_or(1);
    const std::int64_t multiple = config.integer("block_multiple_of", ranges::size);
    if (!config.flag("block_auto_adjust_ff_dim", true))
        return size;
    const std::int64_t two_thirds = 2 * size / 3;
    const auto adjusted = static_cast<std::int64_t>(multiplier * static_cast<double>(two_thirds));
    return std::max<std::int64_t>(1, (adjusted + multiple - 1) / multiple) * multiple;
}

struct Lfm2Mixers
{
    Attention attention;
    Recurrent convolution;
    std::vector<std::string> names;

    Mixer of_layer(std::size_t i) const { return names[i] == "full_attention" ? Mixer{attention} : Mixer{convolution}; }
};

Lfm2Mixers read_lfm2_mixers(ConfigReader& config, Architecture& network)
{
    if (config.has("tie_embedding")) // the older key, which wins in the class
        network.tie_word_embeddings = config.flag("tie_embedding");
    Attention attention = read_attention(config);
    attention.qk_norm = QkNorm::per_head;
    Recurrent convolution = short_convolution(config.integer("conv_L_cache", ranges::kernel), config.flag("conv_bias"),
                                              network.hidden_size);
    const auto full = config.integers("full_attn_idxs", ranges::layer_index);
    const auto rule = [&](std::int64_t i) {
        return !full || std::find(full->begin(), full->end(), i) != full->end() ? "full_attention" : "conv";
    };
    return {attention, std::move(convolution),
            read_layer_names(config, "layer_types", read_layer_count(config), {"conv", "full_attention"}, rule)};
}

void read_lfm2(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Lfm2Mixers mixers = read_lfm2_mixers(config, network);
    const DenseFeedForward dense{.intermediate_size = read_lfm2_inner(config)};
    for (std::size_t i = 0; i < mixers.names.size(); ++i)
        network.append({mixers.of_layer(i), dense});
}

/// Dense layers first; a bias per expert where use_expert_bias says so (modeling_lfm2_moe.py).
void read_lfm2_moe(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Lfm2Mixers mixers = read_lfm2_mixers(config, network);
    std::optional<MixtureOfExperts> experts = read_experts(config, lfm2_experts);
    if (experts)
        experts->router_bias = config.flag("use_expert_bias", true);
    const DenseFeedForward dense = read_dense(config);
    const std::int64_t dense_first = config.integer("num_dense_layers", ranges::layer_index);
    for (std::size_t i = 0; i < mixers.names.size(); ++i) {
        const bool sparse = experts && static_cast<std::int64_t>(i) >= dense_first;
        network.append({mixers.of_layer(i), sparse ? FeedForward{*experts} : FeedForward{dense}});
    }
}

/// RWKV-4: time mixing keeps the last hidden state and three vectors, channel mixing the last hidden state
/// (modeling_rwkv.py).
Recurrent rwkv_mixer(std::int64_t hidden_size, std::int64_t width)
{
    Recurrent mixer{.kind = RecurrentKind::rwkv,
                    .heads = width,
                    .key_heads = width,
                    .key_dim = 1,
                    .value_dim = 1,
                    .state_elements = 2 * hidden_size + 3 * width};
    TensorRows rows(mixer.weights, "attention");
    const Extent hidden{hidden_size, "h"};
    const Extent inner{width, "h_att"};
    for (const char* name : {"time_decay", "time_first"})
        rows.vector(name, Part::attention, inner, Sharding::column);
    for (const char* name : {"time_mix_key", "time_mix_value", "time_mix_receptance"})
        rows.vector(name, Part::attention, hidden, Sharding::replicated);
    for (const char* name : {"key.weight", "value.weight", "receptance.weight"})
        rows.matrix(name, Part::attention, inner, hidden, Sharding::column);
    rows.matrix("output.weight", Part::attention, hidden, inner, Sharding::row);
    return mixer;
}

void read_rwkv(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Extent hidden{network.hidden_size, "h"};
    const std::int64_t width =
        config.optional_integer("attention_hidden_size", ranges::size).value_or(network.hidden_size);
    const std::int64_t inner =
        config.optional_integer("intermediate_size", ranges::size).value_or(4 * network.hidden_size);
    Layer layer(rwkv_mixer(network.hidden_size, width), DenseFeedForward{.intermediate_size = inner, .gated = false});
    layer.norm_bias = true;
    TensorRows extras(layer.extras, "feed_forward");
    extras.vector("time_mix_key", Part::feed_forward, hidden, Sharding::replicated);
    extras.vector("time_mix_receptance", Part::feed_forward, hidden, Sharding::replicated);
    extras.matrix("receptance.weight", Part::feed_forward, hidden, hidden, Sharding::latent);
    append_equal_layers(network, read_layer_count(config), layer);
    for (const char* name : {"rwkv.blocks.0.pre_ln.weight", "rwkv.blocks.0.pre_ln.bias"})
        network.outer.push_back(vector_tensor(name, Part::norms, hidden, Sharding::replicated));
    network.final_norm.bias = true;
}

/// Two linear branches, a convolution of four tokens and the gated recurrence with block-diagonal gates
/// (modeling_recurrent_gemma.py).
Recurrent rg_lru(std::int64_t hidden_size, std::int64_t width, std::int64_t heads, std::int64_t kernel)
{
    Recurrent mixer{.kind = RecurrentKind::rg_lru,
                    .heads = heads,
                    .key_heads = heads,
                    .key_dim = 1,
                    .value_dim = width / heads,
                    .conv_channels = width,
                    .conv_kernel = kernel,
                    .state_elements = width};
    TensorRows rows(mixer.weights, "temporal_block");
    const Extent hidden{hidden_size, "h"};
    const Extent inner{width, "h_lru"};
    for (const std::string name : {"linear_y", "linear_x"}) {
        rows.matrix(name + ".weight", Part::attention, inner, hidden, Sharding::column);
        rows.vector(name + ".bias", Part::attention, inner, Sharding::column);
    }
    rows.matrix("linear_out.weight", Part::attention, hidden, inner, Sharding::row);
    rows.vector("linear_out.bias", Part::attention, hidden, Sharding::replicated);
    rows.vector("conv_1d.weight", Part::attention, {width * kernel, "h_lru·w"}, Sharding::column);
    rows.vector("conv_1d.bias", Part::attention, inner, Sharding::column);
    for (const std::string name : {"rg_lru.input_gate", "rg_lru.recurrent_gate"}) {
        rows.matrix(name + "_weight", Part::attention, inner, {width / heads, "h_lru / a"}, Sharding::column);
        rows.vector(name + "_bias", Part::attention, inner, Sharding::column);
    }
    rows.vector("rg_lru.recurrent_param", Part::attention, inner, Sharding::column);
    return mixer;
}

void read_recurrent_gemma(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = config.flag("attention_bias");
    attention.output_bias = true;
    attention.span = AttentionSpan::sliding;
    attention.window = config.integer("attention_window_size", ranges::tokens);
    const std::int64_t width = config.optional_integer("lru_width", ranges::size).value_or(network.hidden_size);
    if (width % attention.heads != 0)
        config.refuse("lru_width", "it must be a multiple of num_attention_heads");
    const Recurrent recurrent =
        rg_lru(network.hidden_size, width, attention.heads, config.integer("conv1d_width", ranges::kernel));
    const std::int64_t both = config.integer("intermediate_size", ranges::size);
    const DenseFeedForward dense{.intermediate_size = std::max<std::int64_t>(1, both / 2), .bias = true};
    const auto types = config.texts("block_types").value_or(std::vector<std::string>{});
    if (types.empty())
        config.fail("block_types", "must name at least one block");
    const std::int64_t layers = read_layer_count(config);
    for (std::int64_t i = 0; i < layers && !types.empty(); ++i) {
        const bool attends = types[static_cast<std::size_t>(i) % types.size()] == "attention";
        network.append({attends ? Mixer{attention} : Mixer{recurrent}, dense});
    }
}

constexpr FamilyKeys minimax_text_keys{.intermediate_size = {},
                                       .num_routed_experts = minimax_experts.routed,
                                       .expert_ffn_size = minimax_experts.size,
                                       .experts_per_token = minimax_experts.per_token};
constexpr FamilyKeys lfm2_keys{.num_routed_experts = lfm2_experts.routed,
                               .expert_ffn_size = lfm2_experts.size,
                               .experts_per_token = lfm2_experts.per_token};

} // namespace

std::span<const Family> linear_families()
{
    static constexpr std::array rows = {
        Family{"lfm2", "", "lfm2", read_lfm2},
        Family{"lfm2_moe", "", "lfm2_moe", read_lfm2_moe, lfm2_keys},
        Family{"minimax", "", "minimax", read_minimax, minimax_text_keys},
        Family{"minimax_m1", "", "minimax", read_minimax, minimax_text_keys},
        Family{"minimax_text_01", "", "minimax", read_minimax, minimax_text_keys},
        Family{"recurrent_gemma", "", "recurrent_gemma", read_recurrent_gemma, {.head_dim = {}}},
        Family{"rwkv", "", "rwkv", read_rwkv, {.num_attention_heads = {}, .num_kv_heads = {}, .head_dim = {}}},
    };
    return rows;
}

} // namespace weighbridge
