#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"

#include <array>

namespace weighbridge {

namespace {

constexpr ExpertKeys v4_experts{"n_routed_experts", "num_experts_per_tok", "moe_intermediate_size", "n_shared_experts"};

/// Several copies of the hidden state run through the network; each block mixes them before and after with matrices
/// predicted from all copies (hyper-connections). `outputs` numbers, one scale each for three groups of them.
Tensor hyper_connection(const std::string& name, std::int64_t copies, std::int64_t outputs, std::int64_t scales,
                        std::int64_t hidden_size)
{
    return vector_tensor(name, Part::feed_forward, {outputs * copies * hidden_size + outputs + scales, "P_hc"},
                         Sharding::replicated);
}

CompressedAttention read_compressed_attention(ConfigReader& config)
{
    CompressedAttention attention;
    attention.heads = config.integer("num_attention_heads", ranges::heads);
    attention.head_dim = config.integer("head_dim", ranges::head_dim);
    attention.q_lora_rank = config.integer("q_lora_rank", ranges::size);
    attention.output_groups = config.integer("o_groups", ranges::heads);
    attention.output_rank = config.integer("o_lora_rank", ranges::size);
    attention.window = config.integer("sliding_window", ranges::tokens);
    if (attention.heads % attention.output_groups != 0)
        config.refuse("o_groups", "it must divide num_attention_heads");
    config.ignore({"num_key_value_heads", "qk_rope_head_dim"});
    return attention;
}

/// The compression of each layer: 0 none, else tokens per entry. `compress_ratios` may go on for prediction layers;
/// newer files have layer_types and compress_rates (configuration_deepseek_v4.py).
std::vector<std::int64_t> read_ratios(ConfigReader& config, std::int64_t layers)
{
    constexpr IntegerRange ratio{0, 1 << 20};
    if (const auto listed = config.integers("compress_ratios", ratio)) {
        if (static_cast<std::int64_t>(listed->size()) < layers)
            config.fail("compress_ratios", "has " + std::to_string(listed->size()) +
                                               " entries; it must have one for each of the " + grouped(layers) +
                                               " layers");
        constexpr std::int64_t most_prediction_layers = 16; // the models have one
        if (static_cast<std::int64_t>(listed->size()) > layers + most_prediction_layers)
            config.fail("compress_ratios", "has " + grouped(static_cast<std::int64_t>(listed->size())) +
                                               " entries; it must have one for each of the " + grouped(layers) +
                                               " layers, and at most a few for prediction");
        config.ignore({"layer_types", "compress_rates"});
        return *listed;
    }
    ConfigReader rates = config.nested("compress_rates", "");
    const std::int64_t light = rates.optional_integer("compressed_sparse_attention", ratio).value_or(4);
    const std::int64_t heavy = rates.optional_integer("heavily_compressed_attention", ratio).value_or(128);
    const auto names = read_layer_names(
        config, "layer_types", layers,
        {"heavily_compressed_attention", "compressed_sparse_attention", "sliding_attention"}, [](std::int64_t i) {
            return i >= 2 && i % 2 == 1 ? "compressed_sparse_attention" : "heavily_compressed_attention";
        });
    std::vector<std::int64_t> ratios;
    ratios.reserve(names.size());
    for (const std::string& name : names)
        ratios.push_back(name == "sliding_attention" ? 0 : name == "compressed_sparse_attention" ? light : heavy);
    return ratios;
}

/// A ratio of 4 comes with an indexer and entries that overlap; larger ones have neither.
CompressedAttention with_ratio(CompressedAttention attention, std::int64_t ratio, const Indexer& indexer)
{
    constexpr std::int64_t sparse_ratio = 4;
    attention.compress_ratio = ratio > 1 ? ratio : 0;
    attention.overlapping = ratio == sparse_ratio;
    if (attention.overlapping)
        attention.indexer = indexer;
    return attention;
}

/// Attention, experts and two hyper-connections. Layers with a hash router look experts up in a table with a row per
/// token of the vocabulary instead of correcting scores.
struct V4Layers
{
    CompressedAttention attention;
    Indexer indexer;
    MixtureOfExperts experts;
    std::int64_t copies = 1;
    std::int64_t hidden_size = 0;
    std::int64_t vocab_size = 0;

    Layer layer(std::int64_t ratio, bool hashed) const
    {
        MixtureOfExperts of_layer = experts;
        of_layer.router_bias = !hashed;
        Layer layer(with_ratio(attention, ratio, indexer), of_layer);
        const std::int64_t mixed = (2 + copies) * copies;
        for (const char* name : {"attn_hc", "ffn_hc"})
            layer.extras.push_back(hyper_connection(name, copies, mixed, 3, hidden_size));
        if (hashed) {
            Tensor table = vector_tensor("mlp.gate.tid2eid", Part::router,
                                         {vocab_size * experts.experts_per_token, "v·k_exp"}, Sharding::replicated);
            table.active_copies = 0;
            layer.extras.push_back(table);
        }
        return layer;
    }
};

V4Layers read_v4_layers(ConfigReader& config, const Architecture& network)
{
    V4Layers layers;
    layers.attention = read_compressed_attention(config);
    layers.indexer = {.heads = config.integer("index_n_heads", ranges::heads),
                      .head_dim = config.integer("index_head_dim", ranges::head_dim),
                      .top_k = config.optional_integer("index_topk", ranges::tokens_or_none).value_or(0)};
    const auto experts = read_experts(config, v4_experts);
    if (!experts)
        config.refuse("n_routed_experts", "a deepseek_v4 model has at least one expert");
    layers.experts = experts.value_or(MixtureOfExperts{});
    layers.copies = config.integer("hc_mult", {1, 64});
    layers.hidden_size = network.hidden_size;
    layers.vocab_size = network.vocab_size;
    return layers;
}

void read_deepseek_v4(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const V4Layers parts = read_v4_layers(config, network);
    const std::int64_t layers = read_layer_count(config);
    const std::vector<std::int64_t> ratios = read_ratios(config, layers);
    const std::int64_t hashed = config.optional_integer("num_hash_layers", ranges::layer_index).value_or(3);
    const auto routers = read_layer_names(config, "mlp_layer_types", layers, {"moe", "hash_moe"},
                                          [&](std::int64_t i) { return i < hashed ? "hash_moe" : "moe"; });
    const auto ratio_of = [&](std::int64_t i) {
        const auto at = static_cast<std::size_t>(i);
        return at < ratios.size() ? ratios[at] : 0;
    };
    for (std::int64_t i = 0; i < layers; ++i)
        network.append(parts.layer(ratio_of(i), routers[static_cast<std::size_t>(i)] == "hash_moe"));
    Tensor head = hyper_connection("hc_head", parts.copies, parts.copies, 1, network.hidden_size);
    head.end = End::output;
    network.outer.push_back(head);

    if (!config.has("num_nextn_predict_layers"))
        return;
    const std::int64_t count = config.optional_integer("num_nextn_predict_layers", ranges::layer_index).value_or(0);
    Layer prediction = prediction_layer(parts.layer(ratio_of(layers), false), network.hidden_size);
    prediction.extras.push_back(head);
    if (count > 0)
        network.mtp.push_back({prediction, count});
}

} // namespace

std::span<const Family> deepseek_v4_families()
{
    static constexpr std::array rows = {
        Family{"deepseek_v4",
               "",
               "deepseek_v4",
               read_deepseek_v4,
               {.intermediate_size = {},
                .num_kv_heads = {},
                .num_routed_experts = v4_experts.routed,
                .num_shared_experts = v4_experts.shared,
                .expert_ffn_size = v4_experts.size,
                .experts_per_token = v4_experts.per_token}},
    };
    return rows;
}

} // namespace weighbridge
