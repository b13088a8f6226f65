#include "core/model/inventory.h"

#include "core/model/layer_tensors.h"

#include <array>
#include <cmath>

namespace weighbridge {

namespace {

/// "self_attn", or "self_attn.0" and so on where a layer has several.
std::string numbered(std::string_view module, std::size_t index, std::size_t count)
{
    return count == 1 ? std::string(module) : std::string(module) + '.' + std::to_string(index);
}

void append_mixers(std::vector<Tensor>& tensors, const Layer& layer, Extent hidden)
{
    std::size_t count = 0;
    for (const Mixer& mixer : layer.mixers)
        count += std::holds_alternative<Recurrent>(mixer) ? 0U : 1U;
    std::size_t index = 0;
    for (const Mixer& mixer : layer.mixers) {
        append_tensors(tensors, mixer, hidden, numbered("self_attn", index, count));
        index += std::holds_alternative<Recurrent>(mixer) ? 0U : 1U;
    }
}

void append_feed_forwards(std::vector<Tensor>& tensors, const Layer& layer, Extent hidden)
{
    std::size_t dense_count = 0;
    for (const FeedForward& network : layer.feed_forwards)
        dense_count += std::holds_alternative<DenseFeedForward>(network) ? 1U : 0U;
    std::size_t index = 0;
    for (const FeedForward& network : layer.feed_forwards) {
        if (std::holds_alternative<DenseFeedForward>(network))
            append_tensors(tensors, network, hidden, numbered("mlp", index++, dense_count));
        else
            append_tensors(tensors, network, hidden, dense_count == 0 ? "mlp" : "moe");
    }
}

void append_norms(std::vector<Tensor>& tensors, const Layer& layer, Extent hidden)
{
    static constexpr std::array<std::string_view, 4> norm_names = {
        "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"};
    for (int norm = 0; norm < layer.norms; ++norm) {
        const std::string name(norm_names[static_cast<std::size_t>(norm) % norm_names.size()]);
        tensors.push_back(vector_tensor(name + ".weight", Part::norms, hidden, Sharding::replicated));
        if (layer.norm_bias)
            tensors.push_back(vector_tensor(name + ".bias", Part::norms, hidden, Sharding::replicated));
    }
}

Tensor vocabulary_matrix(std::string_view name, const Architecture& architecture)
{
    const bool own_width = architecture.embedding_size > 0;
    Tensor tensor = matrix_tensor(name, Part::embedding, {architecture.vocab_size, "v"},
                                  {architecture.embedding_width(), own_width ? "h_emb" : "h"}, Sharding::vocabulary);
    tensor.quantizable = false;
    return tensor;
}

std::int64_t prediction_parameters(const Architecture& architecture)
{
    std::int64_t parameters = 0;
    for (const PredictionLayers& layers : architecture.mtp)
        for (const Tensor& tensor : layer_inventory(architecture, layers.layer))
            parameters += layers.count * tensor.elements();
    return parameters;
}

} // namespace

/// Literals, because Tensor keeps a view: models have a handful of kinds of layers.
std::string_view layers_symbol(std::size_t kind, std::size_t kinds)
{
    static constexpr std::array<std::string_view, 8> symbols = {"L_1", "L_2", "L_3", "L_4", "L_5", "L_6", "L_7", "L_8"};
    if (kinds == 1)
        return "L";
    return kind < symbols.size() ? symbols[kind] : "L_i";
}

std::vector<Tensor> layer_inventory(const Architecture& architecture, const Layer& layer)
{
    const Extent hidden{architecture.hidden_size, "h"};
    std::vector<Tensor> tensors;
    append_mixers(tensors, layer, hidden);
    append_feed_forwards(tensors, layer, hidden);
    append_norms(tensors, layer, hidden);
    tensors.insert(tensors.end(), layer.extras.begin(), layer.extras.end());
    return tensors;
}

std::vector<Tensor> weight_inventory(const Architecture& architecture)
{
    const Extent hidden{architecture.hidden_size, "h"};
    std::vector<Tensor> tensors;
    tensors.push_back(vocabulary_matrix("model.embed_tokens.weight", architecture));
    tensors.back().end = architecture.tie_word_embeddings ? End::both : End::input;
    tensors.insert(tensors.end(), architecture.outer.begin(), architecture.outer.end());
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        for (Tensor& tensor : layer_inventory(architecture, architecture.kinds[kind])) {
            tensor.kind = kind;
            tensor.layers = architecture.layers_of(kind);
            tensor.layers_symbol = layers_symbol(kind, architecture.kinds.size());
            tensors.push_back(std::move(tensor));
        }
    }
    const auto add_output = [&](Tensor tensor) {
        tensor.end = End::output;
        tensors.push_back(std::move(tensor));
    };
    if (architecture.final_norm.weight)
        add_output(vector_tensor("model.norm.weight", Part::norms, hidden, Sharding::replicated));
    if (architecture.final_norm.bias)
        add_output(vector_tensor("model.norm.bias", Part::norms, hidden, Sharding::replicated));
    if (!architecture.tie_word_embeddings)
        add_output(vocabulary_matrix("lm_head.weight", architecture));
    for (const Tower& tower : architecture.towers) {
        Tensor tensor = vector_tensor(tower.name, Part::vision, {tower.parameters, "P_vision"}, Sharding::replicated);
        tensor.active_copies = 0;
        tensors.push_back(std::move(tensor));
    }
    for (std::size_t row = 0; row < tensors.size(); ++row)
        tensors[row].row = row;
    return tensors;
}

ParameterCounts count_parameters(const Architecture& architecture, const std::vector<Tensor>& inventory)
{
    ParameterCounts counts;
    double active = 0; // sums of whole numbers below 2^53, but for experts without weights
    for (const Tensor& tensor : inventory) {
        counts.total += tensor.elements();
        const std::int64_t one_copy = tensor.rows.value * tensor.columns.value * tensor.layers;
        active += static_cast<double>(one_copy) * tensor.active_copies;
        counts.vision += tensor.part == Part::vision ? tensor.elements() : 0;
    }
    counts.active = std::llround(active);
    counts.multi_token_prediction = prediction_parameters(architecture);
    return counts;
}

} // namespace weighbridge
