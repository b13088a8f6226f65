#include "core/memory/layers.h"

#include "core/model/layer_label.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

/// Figures before they are rounded: a total is rounded once.
struct Figures
{
    std::int64_t parameters = 0;
    double weights = 0;
    double cache_per_token = 0;
    double cache_per_sequence = 0;

    /// One layer's share of a tensor, all of it outside the layers.
    void add(const NumberFormat& format, const Tensor& tensor)
    {
        parameters += tensor.elements_per_layer();
        weights += static_cast<double>(tensor.elements_per_layer()) * bytes_per_element(format, tensor);
    }

    Figures& operator+=(const Figures& other)
    {
        parameters += other.parameters;
        weights += other.weights;
        cache_per_token += other.cache_per_token;
        cache_per_sequence += other.cache_per_sequence;
        return *this;
    }

    Figures times(std::int64_t count) const
    {
        const auto factor = static_cast<double>(count);
        return {parameters * count, weights * factor, cache_per_token * factor, cache_per_sequence * factor};
    }
};

/// The cache of one layer by the formulas of the whole network's, on a network of that layer alone.
void add_cache(Figures& figures, const InferenceInputs& inputs, const Layer& layer)
{
    if (!inputs.use_kv_cache)
        return;
    Architecture one;
    one.append(layer);
    Model model;
    model.cache = cache_layout(one);
    model.architecture = std::move(one);
    InferenceInputs alone = inputs;
    alone.model = &model;
    figures.cache_per_token = cache_bytes_per_token(alone).value();
    figures.cache_per_sequence = fixed_cache_bytes(alone);
}

/// One layer of a kind, worked out once for all runs of the kind.
struct LayerKind
{
    std::string label;
    std::string shape;
    bool averaged = false;
    Figures figures;
};

LayerKind described(const InferenceInputs& inputs, const Layer& layer, bool averaged)
{
    LayerKind kind{layer_label(layer), layer_shape(layer), averaged, {}};
    add_cache(kind.figures, inputs, layer);
    return kind;
}

std::vector<LayerKind> kinds_of(const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    std::vector<int> runs(architecture.kinds.size());
    for (const LayerRun& run : architecture.runs)
        ++runs[run.kind];
    std::vector<LayerKind> kinds;
    kinds.reserve(architecture.kinds.size());
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        kinds.push_back(described(inputs, architecture.kinds[kind], inputs.weights.column && runs[kind] > 1));
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.kind != Tensor::no_index)
            kinds[tensor.kind].figures.add(inputs.weights, tensor);
    return kinds;
}

class Rows
{
public:
    LayerRow& add(LayerRowKind kind, std::string label, const Figures& figures)
    {
        LayerRow& row = rows_.emplace_back();
        row.kind = kind;
        row.label = std::move(label);
        row.parameters = figures.parameters;
        row.weights = {std::llround(figures.weights)};
        row.cache_per_token = figures.cache_per_token;
        row.cache_per_sequence = figures.cache_per_sequence;
        if (kind != LayerRowKind::prediction)
            total_ += figures;
        return row;
    }

    void add_run(LayerRowKind row_kind, const LayerKind& layer, std::int64_t first, std::int64_t count)
    {
        LayerRow& row = add(row_kind, layer.label, layer.figures.times(count));
        row.first = first;
        row.count = count;
        row.shape = layer.shape;
        row.weights_averaged = layer.averaged;
    }

    void add_total(std::int64_t layers)
    {
        const Figures all = total_;
        add(LayerRowKind::total, "Total", all).count = layers;
    }

    std::vector<LayerRow> take() && { return std::move(rows_); }

private:
    std::vector<LayerRow> rows_;
    Figures total_;
};

Figures of_part(const InferenceInputs& inputs, const std::vector<const Tensor*>& tensors)
{
    Figures figures;
    for (const Tensor* tensor : tensors)
        figures.add(inputs.weights, *tensor);
    return figures;
}

/// The names of the first few tensors.
std::string names_of(const std::vector<const Tensor*>& tensors)
{
    constexpr std::size_t most = 4;
    std::string names;
    for (std::size_t i = 0; i < std::min(most, tensors.size()); ++i)
        names += (i == 0 ? "" : ", ") + tensors[i]->name;
    return tensors.size() > most ? names + " and others" : names;
}

/// What the inventory holds outside the layers, told apart by where it stands in the network.
struct Surroundings
{
    std::vector<const Tensor*> embedding;
    std::vector<const Tensor*> outer;
    std::vector<const Tensor*> norm;
    std::vector<const Tensor*> head;
    std::vector<const Tensor*> towers;
};

/// By the inventory's documented order: embedding, outer, layers, final norm, head, towers.
Surroundings surroundings_of(const Model& model)
{
    Surroundings found;
    const std::size_t outer = model.architecture.outer.size();
    for (std::size_t i = 0; i < model.tensors.size(); ++i) {
        const Tensor& tensor = model.tensors[i];
        if (i == 0)
            found.embedding.push_back(&tensor);
        else if (i <= outer)
            found.outer.push_back(&tensor);
        else if (tensor.kind != Tensor::no_index)
            continue;
        else if (tensor.part == Part::vision)
            found.towers.push_back(&tensor);
        else if (tensor.part == Part::embedding)
            found.head.push_back(&tensor);
        else
            found.norm.push_back(&tensor);
    }
    return found;
}

void add_layers(Rows& rows, const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    const std::vector<LayerKind> kinds = kinds_of(inputs);
    std::int64_t first = 0;
    for (const LayerRun& run : architecture.runs) {
        rows.add_run(LayerRowKind::layers, kinds[run.kind], first, run.count);
        first += run.count;
    }
}

void add_prediction(Rows& rows, const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    std::int64_t first = architecture.layers();
    for (const PredictionLayers& run : architecture.mtp) {
        LayerKind kind = described(inputs, run.layer, inputs.weights.column != nullptr);
        for (const Tensor& tensor : layer_inventory(architecture, run.layer))
            kind.figures.add(inputs.weights, tensor);
        rows.add_run(LayerRowKind::prediction, kind, first, run.count);
        first += run.count;
    }
}

} // namespace

std::string_view layer_row_name(LayerRowKind kind)
{
    static constexpr std::array<std::string_view, 8> names = {"embedding", "outer", "layers", "norm",
                                                              "head",      "tower", "total",  "prediction"};
    return names[static_cast<std::size_t>(kind)];
}

std::vector<LayerRow> layer_rows(const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    const Surroundings around = surroundings_of(*inputs.model);
    Rows rows;
    rows.add(LayerRowKind::embedding, architecture.tie_word_embeddings ? "Embedding and LM head" : "Embedding",
             of_part(inputs, around.embedding));
    if (!around.outer.empty())
        rows.add(LayerRowKind::outer, "Outside the layers", of_part(inputs, around.outer)).shape =
            names_of(around.outer);
    add_layers(rows, inputs);
    if (!around.norm.empty())
        rows.add(LayerRowKind::norm, "Final norm", of_part(inputs, around.norm));
    if (!around.head.empty())
        rows.add(LayerRowKind::head, "LM head", of_part(inputs, around.head));
    for (const Tensor* tower : around.towers)
        rows.add(LayerRowKind::tower, tower->name, of_part(inputs, {tower}));
    rows.add_total(architecture.layers());
    add_prediction(rows, inputs);
    return std::move(rows).take();
}

} // namespace weighbridge
