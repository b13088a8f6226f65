#include "core/model/tensor_rows.h"
#include "core/sources/families/audio.h"
#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/vision.h"

#include <array>

// Gemma 3n and Gemma 4: layers that read another layer's cache, tables of embeddings for each layer.

namespace weighbridge {

namespace {

/// Per-layer embeddings: a table of vectors for each layer and token, of which a token takes one row per layer.
struct PerLayerEmbedding
{
    std::int64_t width = 0; ///< of one layer's vector; 0: none
    std::int64_t rows = 0;
};

PerLayerEmbedding read_per_layer_embedding(ConfigReader& config, const Architecture& network)
{
    PerLayerEmbedding embedding;
    embedding.width = config.optional_integer("hidden_size_per_layer_input", ranges::size_or_none).value_or(0);
    embedding.rows =
        config.optional_integer("vocab_size_per_layer_input", ranges::vocabulary).value_or(network.vocab_size);
    return embedding;
}

/// The table, a projection of the hidden state to all layers' vectors, and a norm.
void append_table(const PerLayerEmbedding& embedding, std::int64_t layers, Architecture& network)
{
    const Extent all{layers * embedding.width, "L·h_ple"};
    Tensor table = matrix_tensor("model.embed_tokens_per_layer.weight", Part::embedding, {embedding.rows, "v_ple"}, all,
                                 Sharding::vocabulary);
    table.quantizable = false;
    table.active_copies = 0;
    network.outer.push_back(table);
    network.outer.push_back(matrix_tensor("model.per_layer_model_projection.weight", Part::embedding, all,
                                          {network.hidden_size, "h"}, Sharding::column));
    network.outer.push_back(vector_tensor("model.per_layer_projection_norm.weight", Part::norms,
                                          {embedding.width, "h_ple"}, Sharding::replicated));
}

/// What each layer does with its vector: a gate, a projection back and a norm.
void append_gate(const PerLayerEmbedding& embedding, Extent hidden, std::vector<Tensor>& extras)
{
    TensorRows rows(extras, "");
    const Extent width{embedding.width, "h_ple"};
    rows.matrix("per_layer_input_gate.weight", Part::feed_forward, width, hidden, Sharding::latent);
    rows.matrix("per_layer_projection.weight", Part::feed_forward, hidden, width, Sharding::latent);
    rows.vector("post_per_layer_input_norm.weight", Part::norms, hidden, Sharding::replicated);
}

/// Gemma 3n: a low-rank residual (LAuReL), and the mixing of several copies of the hidden state (AltUp)
/// (modeling_gemma3n.py).
std::vector<Tensor> gemma3n_extras(ConfigReader& config, const PerLayerEmbedding& embedding, Extent hidden)
{
    const Extent rank{config.integer("laurel_rank", ranges::size), "r"};
    const std::int64_t n = config.integer("altup_num_inputs", {1, 64});
    const Extent inputs{n, "n"};
    std::vector<Tensor> extras;
    if (embedding.width > 0)
        append_gate(embedding, hidden, extras);
    TensorRows laurel(extras, "laurel");
    laurel.matrix("linear_left.weight", Part::feed_forward, rank, hidden, Sharding::latent);
    laurel.matrix("linear_right.weight", Part::feed_forward, hidden, rank, Sharding::latent);
    laurel.vector("post_laurel_norm.weight", Part::norms, hidden, Sharding::replicated);
    TensorRows altup(extras, "altup");
    altup.vector("correct_output_scale", Part::feed_forward, hidden, Sharding::replicated);
    altup.vector("correction_coefs.weight", Part::feed_forward, {n * n, "n·n"}, Sharding::replicated);
    altup.vector("prediction_coefs.weight", Part::feed_forward, {n * n * n, "n·n·n"}, Sharding::replicated);
    altup.matrix("modality_router.weight", Part::feed_forward, inputs, hidden, Sharding::latent);
    altup.vector("router_norm.weight", Part::norms, hidden, Sharding::replicated);
    return extras;
}

/// Copies of the hidden state are made and joined by a matrix each.
void append_altup_projections(ConfigReader& config, Architecture& network)
{
    const Extent hidden{network.hidden_size, "h"};
    const std::int64_t copies = config.integer("altup_num_inputs", {1, 64}) - 1;
    for (const char* name : {"model.altup_projections.weight", "model.altup_unembed_projections.weight"}) {
        if (copies == 0)
            continue;
        Tensor tensor = matrix_tensor(name, Part::embedding, hidden, hidden, Sharding::latent);
        tensor.copies = {copies, "(n - 1)"};
        tensor.active_copies = static_cast<double>(copies);
        tensor.end = tensor.name.find("unembed") == std::string::npos ? End::input : End::output;
        network.outer.push_back(tensor);
    }
}

/// The last num_kv_shared_layers layers read the cache of an earlier one; their own projections are in the checkpoint.
void read_gemma3n_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    attention.qk_norm = QkNorm::per_head;
    const std::int64_t layers = read_layer_count(config);
    const auto inner = config.integer_per_layer("intermediate_size", ranges::size, layers);
    const std::int64_t shared = config.optional_integer("num_kv_shared_layers", ranges::layer_index).value_or(0);
    const auto window = config.optional_integer("sliding_window", ranges::tokens);
    const auto spans =
        read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding}, [](std::int64_t i) {
            return (i + 1) % 5 == 0 ? AttentionSpan::full : AttentionSpan::sliding;
        });
    const PerLayerEmbedding embedding = read_per_layer_embedding(config, network);
    const std::vector<Tensor> extras = gemma3n_extras(config, embedding, {network.hidden_size, "h"});
    for (std::size_t i = 0; i < spans.size(); ++i) {
        Attention of_layer = with_span(attention, spans[i], window);
        of_layer.stores_cache = static_cast<std::int64_t>(i) < layers - shared;
        Layer layer(of_layer, DenseFeedForward{.intermediate_size = inner ? (*inner)[i] : 1}, 4);
        layer.extras = extras;
        network.append(layer);
    }
    if (!inner)
        config.refuse("intermediate_size", "it must be a size, or one for each layer");
    if (embedding.width > 0)
        append_table(embedding, layers, network);
    append_altup_projections(config, network);
}

void warn_of_towers(ConfigReader& outer, std::initializer_list<std::string_view> keys)
{
    outer.ignore(keys);
    for (const std::string_view key : keys)
        if (outer.has(key))
            outer.warn(key, "The tower of " + std::string(key) + " is not counted.");
}

void read_gemma3n(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_gemma3n_text(config, outer, network);
    warn_of_towers(outer, {"vision_config"}); // MobileNet-V5, which no config describes
    read_gemma3n_audio(outer, network);
}

/// Full layers of Gemma 4 have heads of another width, and may take values from the keys; layers that read another's
/// cache have no key and value projections at all (modeling_gemma4.py).
struct Gemma4Attention
{
    Attention sliding;
    Attention full;
};

Gemma4Attention read_gemma4_attention(ConfigReader& config)
{
    Gemma4Attention kinds;
    kinds.sliding = read_attention(config);
    kinds.sliding.qkv_bias = kinds.sliding.output_bias = config.flag("attention_bias");
    kinds.sliding.qk_norm = QkNorm::per_head;
    kinds.full = kinds.sliding;
    kinds.full.head_dim = kinds.full.value_head_dim =
        config.optional_integer("global_head_dim", ranges::head_dim).value_or(512);
    const auto kv_heads = config.optional_integer("num_global_key_value_heads", ranges::heads);
    if (config.flag("attention_k_eq_v")) {
        kinds.full.value_projection = false;
        kinds.full.kv_heads = kv_heads.value_or(kinds.full.kv_heads);
    }
    if (kinds.full.heads % kinds.full.kv_heads != 0)
        config.refuse("num_global_key_value_heads", "it must divide num_attention_heads");
    return kinds;
}

/// Experts run beside the dense network, with three norms more, a scale of the router's input and one per expert.
void append_gemma4_experts(ConfigReader& config, Layer& layer, Extent hidden)
{
    if (!config.flag("enable_moe_block"))
        return;
    const auto experts = read_experts(config, {"num_experts", "top_k_experts", "moe_intermediate_size"});
    if (!experts) {
        config.refuse("num_experts", "enable_moe_block needs at least one expert");
        return;
    }
    layer.feed_forwards.emplace_back(*experts);
    layer.norms += 3;
    layer.extras.push_back(vector_tensor("router.scale", Part::router, hidden, Sharding::replicated));
    layer.extras.push_back(
        vector_tensor("router.per_expert_scale", Part::router, {experts->routed_experts, "E"}, Sharding::replicated));
}

void read_gemma4_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Extent hidden{network.hidden_size, "h"};
    const Gemma4Attention kinds = read_gemma4_attention(config);
    const DenseFeedForward dense = read_dense(config);
    const bool doubled = config.flag("use_double_wide_mlp");
    const std::int64_t layers = read_layer_count(config);
    const std::int64_t shared = config.optional_integer("num_kv_shared_layers", ranges::layer_index).value_or(0);
    auto window = config.optional_integer("sliding_window", ranges::tokens);
    if (window && config.is_text("use_bidirectional_attention") && config.text("use_bidirectional_attention") == "all")
        window = *window / 2 + 1;
    config.ignore({"use_bidirectional_attention", "num_experts", "top_k_experts", "moe_intermediate_size"});
    auto spans = read_layer_spans(config, layers, {AttentionSpan::full, AttentionSpan::sliding}, [](std::int64_t i) {
        return (i + 1) % 6 == 0 ? AttentionSpan::full : AttentionSpan::sliding;
    });
    spans.back() = AttentionSpan::full; // forced by the class
    require_window(config, "sliding_window", spans, window);

    const PerLayerEmbedding embedding = read_per_layer_embedding(config, network);
    for (std::size_t i = 0; i < spans.size(); ++i) {
        Attention attention = with_span(spans[i] == AttentionSpan::full ? kinds.full : kinds.sliding, spans[i], window);
        const bool borrows = static_cast<std::int64_t>(i) >= layers - shared && shared > 0;
        attention.stores_cache = attention.key_projection = !borrows;
        DenseFeedForward network_of_layer = dense;
        if (doubled && borrows)
            network_of_layer.intermediate_size *= 2;
        Layer layer(attention, network_of_layer, 4);
        layer.extras.push_back(vector_tensor("layer_scalar", Part::norms, {1, "1"}, Sharding::replicated));
        if (embedding.width > 0)
            append_gate(embedding, hidden, layer.extras);
        append_gemma4_experts(config, layer, hidden);
        network.append(layer);
    }
    if (embedding.width > 0)
        append_table(embedding, layers, network);
}

void read_gemma4(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_gemma4_text(config, outer, network);
    read_gemma4_vision(outer, network);
    read_gemma4_audio(outer, network);
}

constexpr FamilyKeys gemma4_keys{.num_routed_experts = "num_experts",
                                 .expert_ffn_size = "moe_intermediate_size",
                                 .experts_per_token = "top_k_experts",
                                 .other_kv_heads = "num_global_key_value_heads",
                                 .other_head_dim = "global_head_dim"};

} // namespace

std::span<const Family> gemma_layers_families()
{
    static constexpr std::array rows = {
        Family{"gemma3n", "text_config", "gemma3n_text", read_gemma3n},
        Family{"gemma3n_text", "", "gemma3n_text", read_gemma3n_text},
        Family{"gemma4", "text_config", "gemma4_text", read_gemma4, gemma4_keys},
        Family{"gemma4_unified_text", "", "gemma4_unified_text", read_gemma4_text},
        Family{"gemma4_text", "", "gemma4_text", read_gemma4_text, gemma4_keys},
    };
    return rows;
}

} // namespace weighbridge
