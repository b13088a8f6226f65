#include "core/sources/families/decoder.h"
#include "core/sources/families/family.h"
#include "core/sources/families/vision.h"
#include "core/sources/hf_config.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// modeling_llama.py: attention_bias is on all four projections, mlp_bias on all three matrices.
void read_llama(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    Attention attention = read_attention(config);
    attention.qkv_bias = attention.output_bias = config.flag("attention_bias");
    DenseFeedForward dense = read_dense(config);
    dense.bias = config.flag("mlp_bias");
    append_equal_layers(network, read_layer_count(config), {attention, dense});
}

/// Every layer slides when there is a window (modeling_mistral.py, modeling_phi3.py: one mask for all layers). No
/// biases. A window as long as the context never hides a token (Phi-3.5-mini: 262,144 of 131,072).
Attention read_windowed_attention(ConfigReader& config, Architecture& network)
{
    auto window = config.optional_integer("sliding_window", ranges::tokens);
    const auto context = config.optional_integer("max_position_embeddings", ranges::tokens);
    if (window && context && config.has("max_position_embeddings") && *window >= *context) {
        network.idle_window = *window;
        window = std::nullopt;
    }
    return with_span(read_attention(config), AttentionSpan::sliding, window);
}

void read_mistral(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    // Published files write null where attention is full, so transformers and engines take a missing key at its
    // default: a window. A shortened or hand-written file may not mean that, so the reading is said aloud.
    const std::optional<std::int64_t> window = config.optional_integer("sliding_window", ranges::tokens);
    if (window && !config.states("sliding_window"))
        config.warn("sliding_window",
                    "config.json does not say sliding_window; transformers then lets every layer slide over " +
                        grouped(*window) + " tokens. Write null where attention is full.");
    append_equal_layers(network, read_layer_count(config),
                        {read_windowed_attention(config, network), read_dense(config)});
}

void read_phi3(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    // The checkpoint fuses q, k, v and gate, up (modeling_phi3.py); the elements are the same.
    append_equal_layers(network, read_layer_count(config),
                        {read_windowed_attention(config, network), read_dense(config)});
}

constexpr ExpertKeys mixtral_experts{"num_local_experts", "num_experts_per_tok", "intermediate_size"};

void read_mixtral(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_windowed_attention(config, network);
    const std::optional<MixtureOfExperts> experts = read_experts(config, mixtral_experts);
    if (!experts)
        config.refuse("num_local_experts", "a mixtral model has at least one expert");
    append_equal_layers(network, read_layer_count(config), {attention, experts.value_or(MixtureOfExperts{})});
}

/// The text network is what its own model_type says; a window that the file does not mention is none
/// (configuration_mistral3.py).
void read_mistral3(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    if (config.text("model_type") == "mistral4") {
        const Family& mistral4 = *find_family("mistral4");
        ConfigReader text = outer.nested("text_config", mistral4.defaults);
        mistral4.read(text, outer, network);
    } else {
        append_equal_layers(network, read_layer_count(config),
                            {read_windowed_attention(config, network), read_dense(config)});
    }
    read_pixtral_vision(outer, network);
}

/// Layers in cross_attention_layers attend to images instead of text: with norms on queries and keys, and two gates.
/// The embedding has eight more rows than the head (modeling_mllama.py).
void read_mllama_text(ConfigReader& config, ConfigReader& /*outer*/, Architecture& network)
{
    const Attention attention = read_attention(config);
    const DenseFeedForward dense = read_dense(config);
    Layer crossing(attention, dense);
    auto& cross = std::get<Attention>(crossing.mixers.front());
    cross.cross = true;
    cross.qk_norm = QkNorm::per_head;
    for (const char* name : {"cross_attn_attn_gate", "cross_attn_mlp_gate"})
        crossing.extras.push_back(vector_tensor(name, Part::attention, {1, "1"}, Sharding::replicated));
    const auto listed = config.integers("cross_attention_layers", ranges::layer_index)
                            .value_or(std::vector<std::int64_t>{3, 8, 13, 18, 23, 28, 33, 38}); // class default
    const std::int64_t layers = read_layer_count(config);
    for (std::int64_t i = 0; i < layers; ++i) {
        const bool crosses = std::find(listed.begin(), listed.end(), i) != listed.end();
        network.append(crosses ? crossing : Layer(attention, dense));
    }
    Tensor rows = matrix_tensor("model.embed_tokens.image_rows", Part::embedding, {8, "8"}, {network.hidden_size, "h"},
                                Sharding::vocabulary);
    rows.quantizable = false;
    network.outer.push_back(rows);
}

void read_mllama(ConfigReader& config, ConfigReader& outer, Architecture& network)
{
    read_mllama_text(config, outer, network);
    read_mllama_vision(outer, network);
}

} // namespace

const Family assumed_llama_family{"", "", llama_like, read_llama};

std::span<const Family> llama_families()
{
    static constexpr std::array rows = {
        Family{"mistral3", "text_config", "mistral3_text", read_mistral3},
        Family{"mllama", "text_config", "mllama_text_model", read_mllama},
        Family{"mllama_text_model", "", "mllama_text_model", read_mllama_text},
        Family{"llama", "", "llama", read_llama},
        Family{"mistral", "", "mistral", read_mistral},
        Family{"phi3", "", "phi3", read_phi3},
        Family{"mixtral",
               "",
               "mixtral",
               read_mixtral,
               {.intermediate_size = {},
                .num_routed_experts = mixtral_experts.routed,
                .expert_ffn_size = mixtral_experts.size,
                .experts_per_token = mixtral_experts.per_token}},
    };
    return rows;
}

} // namespace weighbridge
