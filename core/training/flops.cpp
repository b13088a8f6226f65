#include "core/training/flops.h"

#include "core/memory/layer_widths.h"
#include "core/training/saved_tensors.h"

namespace weighbridge {

namespace {

/// Parameters in matrix products that one token passes, of layers and head: an embedding is looked up.
struct ActiveParameters
{
    double all = 0;
    double trained = 0;
    double layers = 0;
};

ActiveParameters active_parameters(const TrainingInputs& in)
{
    ActiveParameters active;
    for (const Tensor& tensor : in.model->tensors) {
        const bool lookup = tensor.part == Part::embedding && tensor.name.find("lm_head") == std::string::npos &&
                            !in.model->architecture.tie_word_embeddings;
        if (tensor.columns.value == 1 || tensor.part == Part::vision || lookup)
            continue;
        const double copies = static_cast<double>(tensor.rows.value * tensor.columns.value) *
                              static_cast<double>(tensor.layers) * tensor.active_copies;
        active.all += copies;
        active.trained += trains_weights(in, tensor) ? copies : 0;
        active.layers += tensor.layers_symbol.empty() ? 0 : copies;
    }
    return active;
}

/// Width of scores and values, over all layers: the sum of a·d and a·d_v.
double attention_width(const Model& model)
{
    double width = 0;
    for (const LayerWidths& layer : layer_widths(model.architecture))
        width += static_cast<double>(layer.layers) * static_cast<double>(layer.queries + layer.outputs);
    return width;
}

} // namespace

double recomputed_share(const TrainingInputs& in)
{
    const auto layers = static_cast<double>(in.model->architecture.layers());
    return layers > 0 ? in.recompute.recomputed(layers) / layers : 0;
}

Traced step_flops(const TrainingInputs& in)
{
    const ActiveParameters active = active_parameters(in);
    const double sequences =
        in.sequences * static_cast<double>(in.microbatches) * static_cast<double>(in.hardware->data_parallel);
    const double again = recomputed_share(in);
    const auto s = static_cast<double>(in.sequence_length);
    const Traced tokens = named<Traced>("n_seq", sequences) * named<Traced>("s", s);
    const Traced two = constant<Traced>(2);
    Traced products =
        constant<Traced>(4) * named<Traced>("P_active", active.all) + two * named<Traced>("P_trained", active.trained);
    if (again > 0)
        products = products + two * named<Traced>("P_recomputed", again * active.layers);
    // Causal: half of s² per head and direction; forward 2 products, backward 4.
    const Traced attention = named<Traced>("n_pass", 3 + again) * named<Traced>("s", s) *
                             named<Traced>("w_attn", attention_width(*in.model));
    return tokens * (products + attention);
}

} // namespace weighbridge
