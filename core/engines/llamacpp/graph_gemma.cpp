#include "core/engines/llamacpp/graph_layers.h"

namespace weighbridge {

namespace {

/// What per-layer embeddings and a projection of the embedding make together, once for all layers.
GgmlId joined_embeddings(GraphBuilder& b)
{
    GgmlId& known = b.carried().per_layer;
    if (known != no_tensor)
        return known;
    const std::int64_t all = b.width(b.carried().per_layer_rows);
    const GraphPlace layer = b.place();
    b.enter(b.outside_at_first());
    const GgmlId projected = b.product("per_layer_model_proj", b.carried().embedding, all, Part::embedding);
    const GgmlId normed = b.norm(b.view(b.scale(projected)));
    const GgmlId sum = b.in_place("per-layer embeddings", all, {normed, b.carried().per_layer_rows});
    known = b.cont(b.view(b.scale(sum)));
    b.enter(layer);
    return known;
}

/// Of a predicted hidden state, what is gated by this layer's embedding.
GgmlId gated_by_embedding(GraphBuilder& b, GgmlId x, std::int64_t width)
{
    const GgmlId gate = b.unary(b.product("inp_gate", x, width, Part::feed_forward));
    const GgmlId joined = joined_embeddings(b);
    const GgmlId own = b.view_of_bytes(joined, width * b.tokens() * 4); // lies in one piece
    const GgmlId gated = b.in_place("gated", width, {gate, own});
    return b.norm(b.product("proj", gated, b.hidden(), Part::feed_forward));
}

/// The threshold that leaves the largest entries of a gate (build_gaussian_topk).
GgmlId largest_entries(GraphBuilder& b, GgmlId gate)
{
    const std::int64_t width = b.width(gate);
    const GgmlId mean = b.fresh("mean", 1, {gate});
    const GgmlId squares = b.unary(b.in_place("deviations", width, {gate, mean}));
    const GgmlId spread = b.unary(b.fresh("deviation", 1, {squares}));
    const GgmlId threshold = b.in_place("threshold", 1, {mean, b.scale(spread)});
    return b.unary(b.in_place("largest entries", width, {gate, threshold}));
}

/// Streams lie one behind the other.
GgmlId stream(GraphBuilder& b, GgmlId of, std::int64_t width)
{
    return b.view_of_bytes(of, width * b.tokens() * 4);
}

constexpr std::int32_t sparse_layers = 10; ///< of Gemma 3n: activation_sparsity_pattern

} // namespace

std::int64_t rows_of(const std::vector<Tensor>& tensors, std::string_view name)
{
    for (const Tensor& tensor : tensors)
        if (tensor.name.ends_with(name))
            return tensor.rows.value;
    return 0;
}

std::int64_t per_layer_width(const Layer& layer)
{
    return rows_of(layer.extras, "per_layer_input_gate.weight");
}

GgmlId with_per_layer_embedding(GraphBuilder& b, const Layer& layer, GgmlId x)
{
    const std::int64_t width = per_layer_width(layer);
    if (width > 0)
        x = b.add(x, gated_by_embedding(b, x, width));
    return rows_of(layer.extras, "layer_scalar") > 0 ? b.in_place("scaled", b.width(x), {x, b.vector_weight(1)}) : x;
}

GgmlId altup_start(GraphBuilder& b, GgmlId x)
{
    b.enter(b.outside());
    const std::int64_t h = b.hidden();
    const std::int64_t others = altup_streams - 1;
    const GgmlId repeated = b.fresh("streams", others * h, {x});
    const GgmlId projected =
        b.fresh("streams", others * h, {b.weight("altup_proj", others * h * h, Part::embedding), repeated});
    const GgmlId magnitude = b.unary(b.fresh("magnitude", 1, {b.in_place("squares", h, {x})}));
    const GgmlId sized = b.in_place("streams", others * h, {projected, magnitude});
    const GgmlId own = b.unary(b.fresh("magnitude", others, {b.in_place("squares", others * h, {projected})}));
    const GgmlId scaled = b.in_place("streams", others * h, {sized, own});
    return b.fresh("streams", altup_streams * h, {x, scaled});
}

GgmlId altup_layer(GraphBuilder& b, const Layer& layer, GgmlId x)
{
    const std::int64_t h = b.hidden();
    const std::int64_t streams = altup_streams * h;
    const GgmlId turned = b.cont(b.view(x));
    // the same tensors twice
    const GgmlId router_norm = b.vector_weight(h);
    const GgmlId router = b.weight("altup_router", h * altup_streams, Part::router);
    const auto modalities = [&](GgmlId of) {
        const GgmlId normed = b.in_place("norm", h, {b.norm(of, false), router_norm});
        return b.unary(b.fresh("altup_router", altup_streams, {router, b.scale(normed)}));
    };
    const GgmlId factors =
        b.product("altup_predict_coef", modalities(stream(b, x, h)), altup_streams * altup_streams, Part::router);
    const GgmlId predicted = b.fresh("predictions", streams, {turned, b.view(factors)});
    const GgmlId predictions = b.in_place("predictions", streams, {b.cont(b.view(predicted)), x});
    const GgmlId active = stream(b, predictions, h);
    const GgmlId normed = b.norm(active);
    const std::int64_t rank = rows_of(layer.extras, "laurel.linear_left.weight");
    const GgmlId laurel_out =
        b.product("laurel_r", b.product("laurel_l", normed, rank, Part::feed_forward), h, Part::feed_forward);
    const GgmlId laurel = b.add(b.norm(laurel_out), normed);
    const auto* attention = first_of<Attention>(layer.mixers);
    const GgmlId out = b.norm(attention_output(b, *attention, attention_graph(b, *attention, normed)));
    const GgmlId both = b.scale(b.add(b.add(out, active), laurel));
    const auto* dense = first_of<DenseFeedForward>(layer.feed_forwards);
    const GgmlId in = b.norm(both);
    const std::int64_t width = dense->intermediate_size;
    const GgmlId up = b.product("ffn_up", in, width, Part::feed_forward);
    const GgmlId gate = b.product("ffn_gate", in, width, Part::feed_forward);
    const GgmlId active_gate = b.unary(b.place().layer < sparse_layers ? largest_entries(b, gate) : gate);
    const GgmlId product = b.in_place("ffn_up", width, {up, active_gate});
    const GgmlId fed = b.add(b.norm(b.product("ffn_down", product, h, Part::feed_forward)), both);
    const GgmlId innovation = b.fresh("innovation", streams, {b.in_place("innovation", h, {fed, active})});
    const GgmlId weights = b.scale(b.product("altup_correct_coef", modalities(fed), altup_streams, Part::router));
    const GgmlId weighted = b.in_place("innovation", streams, {innovation, b.cont(b.view(weights))});
    const GgmlId corrected = b.add(weighted, predictions);
    const GgmlId first = b.in_place("corrected", h, {stream(b, corrected, h), b.vector_weight(h)});
    const GgmlId gated = gated_by_embedding(b, first, per_layer_width(layer));
    const GgmlId others = b.fresh("streams", streams - h, {stream(b, corrected, streams - h), gated});
    return b.fresh("streams", streams, {stream(b, corrected, h), others});
}

GgmlId altup_end(GraphBuilder& b, GgmlId x)
{
    b.enter(b.outside());
    const std::int64_t h = b.hidden();
    const std::int64_t others = altup_streams - 1;
    const GgmlId turned = b.cont(b.view(x));
    const GgmlId first = stream(b, turned, h);
    const GgmlId projected =
        b.fresh("streams", others * h,
                {b.weight("altup_unembd_proj", others * h * h, Part::embedding), stream(b, turned, others * h)});
    const GgmlId magnitude = b.unary(b.fresh("magnitude", 1, {b.in_place("squares", h, {first})}));
    const GgmlId sized = b.in_place("streams", others * h, {projected, magnitude});
    const GgmlId own = b.unary(b.fresh("magnitude", others, {b.in_place("squares", others * h, {projected})}));
    const GgmlId scaled = b.in_place("streams", others * h, {sized, own});
    GgmlId sum = first;
    for (std::int64_t i = 0; i < others; ++i)
        sum = b.in_place("sum", h, {sum, stream(b, scaled, h)});
    return b.scale(sum);
}

} // namespace weighbridge
