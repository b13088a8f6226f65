#include "core/engines/transformers/activations.h"

#include <algorithm>

namespace weighbridge {

namespace {

template<class Number>
struct Symbols
{
    Number s, b, h, v, width;

    explicit Symbols(const TransformersRun& run)
        : s(named<Number>("s_in", static_cast<double>(run.input_tokens))),
          b(named<Number>("b", static_cast<double>(run.batch_size))),
          h(named<Number>("h", static_cast<double>(run.model->architecture.hidden_size))),
          v(named<Number>("v", static_cast<double>(run.model->architecture.vocab_size))),
          width(named<Number>("B_a", run.activations.bits / 8))
    {
    }
};

/// Gate, up and their product, and four vectors of the hidden size: residual, normed input, output and the sum. What
/// remains of the slope of Qwen2.5's published peaks over the prompt, once the cache is taken off, is this to 0.5 %.
template<class Number>
Number feed_forward(const TransformersRun& run, const LayerWidths& layer)
{
    const Symbols<Number> x(run);
    const bool dense = layer.feed_forward > 0;
    const auto inner = dense ? extent<Number>("h_ffn", layer.feed_forward) : extent<Number>("h_sh", layer.shared);
    const auto copies = constant<Number>(layer.gated ? 3 : 2);
    return x.s * x.b * (copies * inner + constant<Number>(4) * x.h) * x.width;
}

/// All experts' inner activations at once for each token's experts, since grouped products; fp32 router scores.
template<class Number>
Number grouped_experts(const TransformersRun& run, const LayerWidths& layer)
{
    const Symbols<Number> x(run);
    return x.s * x.b *
           (extent<Number>("top_k", layer.experts_per_token) *
                (constant<Number>(3) * extent<Number>("h_exp", layer.expert) + constant<Number>(2) * x.h) * x.width +
            constant<Number>(3) * x.h * x.width + constant<Number>(4) * extent<Number>("E", layer.routed_experts));
}

/// Queries before and after RoPE and the output, keys and values twice, residual and normed input.
template<class Number>
Number attention_vectors(const TransformersRun& run, const LayerWidths& layer)
{
    const Symbols<Number> x(run);
    return x.s * x.b *
           (constant<Number>(2) * extent<Number>("a·d", layer.queries) + extent<Number>("a·d_v", layer.outputs) +
            constant<Number>(2) * (extent<Number>("k·d_k", layer.keys) + extent<Number>("k·d_v", layer.values)) +
            constant<Number>(2) * x.h) *
           x.width;
}

/// repeat_kv(): keys and values copied for every query head; none where each has its own.
template<class Number>
Number repeated_heads(const TransformersRun& run, const LayerWidths& layer)
{
    const Symbols<Number> x(run);
    return x.s * x.b * (extent<Number>("a·d", layer.queries) + extent<Number>("a·d_v", layer.outputs)) * x.width;
}

/// eager_attention_forward(): scores, their fp32 softmax and its narrow copy.
template<class Number>
Number scores(const TransformersRun& run, const LayerWidths& layer)
{
    const Symbols<Number> x(run);
    return x.b * extent<Number>("a", layer.heads) * x.s * x.s * (constant<Number>(2) * x.width + constant<Number>(4));
}

template<class Number>
Number attention(const TransformersRun& run, const LayerWidths& layer)
{
    Number bytes = attention_vectors<Number>(run, layer);
    const bool repeats = layer.kv_heads < layer.heads;
    if (run.attention != AttentionImplementation::flash && repeats)
        bytes = bytes + repeated_heads<Number>(run, layer);
    if (run.attention == AttentionImplementation::eager)
        bytes = bytes + scores<Number>(run, layer);
    return bytes;
}

enum class LayerPart
{
    feed_forward,
    experts,
    attention,
};

template<class Number>
Number part_bytes(const TransformersRun& run, const LayerWidths& layer, LayerPart part)
{
    switch (part) {
    case LayerPart::feed_forward:
        return feed_forward<Number>(run, layer);
    case LayerPart::experts:
        return grouped_experts<Number>(run, layer);
    case LayerPart::attention:
        break;
    }
    return attention<Number>(run, layer);
}

struct Widest
{
    const LayerWidths* layer = nullptr;
    LayerPart part = LayerPart::feed_forward;
    double bytes = -1;
};

Widest widest(const TransformersRun& run)
{
    Widest most;
    const auto consider = [&](const LayerWidths& layer, LayerPart part) {
        const double bytes = part_bytes<double>(run, layer, part);
        if (bytes > most.bytes)
            most = {&layer, part, bytes};
    };
    for (const LayerWidths& layer : run.widths) {
        consider(layer, LayerPart::feed_forward);
        if (layer.heads > 0)
            consider(layer, LayerPart::attention);
        if (layer.routed_experts > 0 && run.release.groups_experts())
            consider(layer, LayerPart::experts);
    }
    return most;
}

template<class Number>
Number kept_rows(const TransformersRun& run)
{
    const Symbols<Number> x(run);
    if (run.logits_to_keep == 0)
        return x.b * x.s;
    return x.b * smaller_of(x.s, named<Number>("n_logits", static_cast<double>(run.logits_to_keep)));
}

} // namespace

template<class Number>
Number transformers_layer_bytes(const TransformersRun& run)
{
    const Widest most = widest(run);
    return most.layer == nullptr ? constant<Number>(0) : part_bytes<Number>(run, *most.layer, most.part);
}

template<class Number>
Number transformers_logits_bytes(const TransformersRun& run)
{
    const Symbols<Number> x(run);
    if (run.release.computes_prompt_logits())
        return x.s * x.b * (x.v * (x.width + constant<Number>(4)) + x.h * x.width);
    return kept_rows<Number>(run) * x.v * x.width + constant<Number>(2) * x.s * x.b * x.h * x.width;
}

template<class Number>
Number transformers_held_logits_bytes(const TransformersRun& run)
{
    const Symbols<Number> x(run);
    if (run.release.computes_prompt_logits())
        return x.s * x.b * x.v * constant<Number>(4);
    return kept_rows<Number>(run) * x.v * x.width;
}

template<class Number>
Number transformers_sampling_bytes(const TransformersRun& run)
{
    const Symbols<Number> x(run);
    return x.b * x.v * (x.width + constant<Number>(4));
}

template double transformers_layer_bytes<double>(const TransformersRun&);
template Traced transformers_layer_bytes<Traced>(const TransformersRun&);
template double transformers_logits_bytes<double>(const TransformersRun&);
template Traced transformers_logits_bytes<Traced>(const TransformersRun&);
template double transformers_held_logits_bytes<double>(const TransformersRun&);
template Traced transformers_held_logits_bytes<Traced>(const TransformersRun&);
template double transformers_sampling_bytes<double>(const TransformersRun&);
template Traced transformers_sampling_bytes<Traced>(const TransformersRun&);

} // namespace weighbridge
