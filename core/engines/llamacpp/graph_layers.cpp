#include "core/engines/llamacpp/graph_layers.h"

namespace weighbridge {

namespace {

/// Mixers of one layer, of its norm; of two mixers the results are summed.
GgmlId mixed(GraphBuilder& b, const Layer& layer, GgmlId x, bool normed)
{
    GgmlId sum = no_tensor;
    for (const Mixer& mixer : layer.mixers) {
        const GgmlId in = normed ? b.norm(x) : x;
        GgmlId out = no_tensor;
        if (const auto* attention = std::get_if<Attention>(&mixer))
            out = attention_output(b, *attention, attention_graph(b, *attention, in));
        else if (const auto* latent = std::get_if<LatentAttention>(&mixer))
            out = b.product("attn_output",
                            b.rules().expanded_latent ? expanded_latent_graph(b, *latent, in)
                                                      : latent_graph(b, *latent, in),
                            b.hidden());
        else if (const auto* recurrent = std::get_if<Recurrent>(&mixer))
            out = recurrent_graph(b, *recurrent, in);
        sum = sum == no_tensor ? out : b.add(sum, out);
    }
    return sum;
}

GgmlId serial(GraphBuilder& b, const Layer& layer, GgmlId x, bool last)
{
    const Block block = b.rules().block;
    const bool before = block == Block::pre_norm;
    const bool behind = block == Block::post_norm || (before && layer.norms >= 4);
    if (!layer.mixers.empty()) {
        GgmlId out = mixed(b, layer, x, before);
        if (last && b.rules().rows == Rows::in_last_layer) {
            out = b.wanted_rows(out);
            x = b.wanted_rows(x);
        }
        if (behind)
            out = b.norm(out);
        x = b.rules().residual_first ? b.add(x, out) : b.add(out, x);
        if (last && b.rules().rows == Rows::behind_mixers)
            x = b.wanted_rows(x);
        if (block == Block::after_sum)
            x = b.norm(x);
    }
    for (const FeedForward& part : layer.feed_forwards) {
        GgmlId out = feed_forward_graph(b, part, before ? b.norm(x) : x);
        if (behind)
            out = b.norm(out);
        x = b.rules().fed_residual_first ? b.add(x, out) : b.add(out, x);
        if (block == Block::after_sum)
            x = b.norm(x);
    }
    return x;
}

/// Attention and feed-forward of the same input.
GgmlId parallel(GraphBuilder& b, const Layer& layer, GgmlId x, bool last)
{
    const Block block = b.rules().block;
    const auto* attention = first_of<Attention>(layer.mixers);
    const auto wanted = [&](GgmlId id) { return last ? b.wanted_rows(id) : id; };
    const GgmlId normed = b.norm(x);
    const GgmlId attended = wanted(attention_output(b, *attention, attention_graph(b, *attention, normed)));
    GgmlId residual = wanted(x);
    GgmlId in = no_tensor;
    if (block == Block::parallel_norms)
        in = b.norm(residual);
    else
        in = wanted(block == Block::parallel_sum && layer.norms > 1 ? b.norm(x) : normed);
    const GgmlId fed = feed_forward_graph(b, layer.feed_forwards.front(), in);
    if (block == Block::parallel_attention)
        return b.add(b.add(attended, fed), residual);
    if (block == Block::parallel_sum)
        return b.add(b.add(fed, attended), residual);
    return b.add(b.add(fed, residual), attended);
}

} // namespace

namespace {

/// Arctic: experts read the layer's input, a dense network what attention adds to.
GgmlId beside_experts(GraphBuilder& b, const Layer& layer, GgmlId x, bool last)
{
    const auto* attention = first_of<Attention>(layer.mixers);
    const auto* dense = first_of<DenseFeedForward>(layer.feed_forwards);
    const auto* experts = first_of<MixtureOfExperts>(layer.feed_forwards);
    const auto wanted = [&](GgmlId id) { return last ? b.wanted_rows(id) : id; };
    const GgmlId attended = wanted(attention_output(b, *attention, attention_graph(b, *attention, b.norm(x))));
    const GgmlId residual = wanted(x);
    const GgmlId sum = b.add(attended, residual);
    const GgmlId fed = b.add(feed_forward_graph(b, *dense, b.norm(sum)), sum);
    return b.add(feed_forward_graph(b, *experts, b.norm(residual)), fed);
}

/// Layers that take features of an image from the embedding (Qwen3-VL).
constexpr std::int32_t deep_layers = 3;

} // namespace

GgmlId layer_graph(GraphBuilder& b, const Layer& layer, GgmlId x, bool last)
{
    b.carried().layer_input = x;
    switch (b.rules().block) {
    case Block::pre_norm:
    case Block::post_norm:
    case Block::after_sum:
        x = with_per_layer_embedding(b, layer, serial(b, layer, x, last));
        if (b.carried().deep != no_tensor && b.place().layer < deep_layers)
            x = b.add(x, b.view(b.carried().deep, b.hidden()));
        return x;
    case Block::beside_experts:
        return beside_experts(b, layer, x, last);
    case Block::altup:
        return altup_layer(b, layer, x);
    case Block::streams:
        return streams_layer(b, layer, x);
    default:
        break;
    }
    return parallel(b, layer, x, last);
}

} // namespace weighbridge
