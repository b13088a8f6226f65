#include "core/engines/llamacpp/graph_layers.h"

namespace weighbridge {

namespace {

/// Columns of dt_proj.
std::int64_t time_step_rank(const Recurrent& mixer)
{
    return rows_of(mixer.weights, "x_proj.weight") - 2 * mixer.key_dim;
}

bool has_inner_norms(const Recurrent& mixer)
{
    return rows_of(mixer.weights, "b_layernorm.weight") > 0;
}

bool has_gated_norm(const Recurrent& mixer)
{
    return rows_of(mixer.weights, ".norm.weight") > 0;
}

/// A state is cleared before states are read, and those that no sequence of this ubatch has are copied within the cache
/// afterwards: both write nothing, but lie where the cache does (llama-graph.cpp, build_rs).
void cleared(GraphBuilder& b, std::string_view name, GgmlId cache)
{
    b.store(name, cache, {cache});
}

void copied(GraphBuilder& b, std::string_view name, GgmlId cache)
{
    b.store(name, cache, {b.sized(name, 0, {cache, b.other_state_places()}), cache});
}

/// States of all sequences, read from their cache.
GgmlId states(GraphBuilder& b, std::string_view name, GgmlId cache, std::int64_t elements)
{
    cleared(b, name, cache);
    const GgmlId rows = b.sized(name, elements * b.sequences() * 4, {cache, b.state_places()});
    b.graph().expand(rows);
    copied(b, name, cache);
    return rows;
}

/// The last tokens before this ubatch and the ubatch itself, which the convolution slides over.
GgmlId convolved_input(GraphBuilder& b, const Recurrent& mixer, GgmlId cache, GgmlId before, GgmlId x)
{
    const std::int64_t bytes = (mixer.conv_elements() * b.sequences() + mixer.conv_channels * b.rows(x)) * 4;
    const GgmlId joined = b.sized("convolution's input", bytes, {b.view(before), b.view(x)});
    b.store("convolution's state", cache, {b.view(joined), cache});
    return joined;
}

GgmlId convolution(GraphBuilder& b, const Recurrent& mixer, GgmlId joined, bool bias)
{
    const GgmlId out =
        b.fresh("convolution", mixer.conv_channels, {joined, b.vector_weight(mixer.conv_channels * mixer.conv_kernel)});
    return b.with_bias(out, bias);
}

/// llama-graph: build_mamba_layer and build_mamba2_layer.
GgmlId mamba(GraphBuilder& b, const Recurrent& mixer, GgmlId x)
{
    const bool second = mixer.kind == RecurrentKind::mamba2;
    const std::int64_t inner = mixer.heads * mixer.value_dim;
    const std::int64_t state = mixer.key_dim;
    const GgmlId conv_cache = b.cache_tensor("convolution's state");
    const GgmlId before = states(b, "convolution's state", conv_cache, mixer.conv_elements());
    const std::int64_t projected = second ? inner + mixer.conv_channels + mixer.heads : 2 * inner;
    const GgmlId in = b.product("ssm_in", b.view(x), projected);
    const GgmlId joined = convolved_input(b, mixer, conv_cache, before, b.view(in, mixer.conv_channels));
    const GgmlId conv = b.unary(convolution(b, mixer, joined, true));
    GgmlId step = no_tensor;
    GgmlId keys = b.view(conv);
    GgmlId queries = b.view(conv);
    if (second) {
        step = b.with_bias(b.cont(b.view(in, mixer.heads)), true);
    } else {
        const std::int64_t rank = time_step_rank(mixer);
        const GgmlId low = b.product("ssm_x", conv, rank + 2 * state);
        const bool norms = has_inner_norms(mixer);
        const auto part = [&](std::int64_t width) { return norms ? b.norm(b.view(low, width)) : b.view(low, width); };
        GgmlId narrow = part(rank);
        if (!norms)
            narrow = b.cont(narrow);
        step = b.with_bias(b.product("ssm_dt", narrow, inner), true);
        keys = part(state);
        queries = part(state);
    }
    const GgmlId cache = b.cache_tensor("state");
    const std::int64_t scanned = (inner * b.rows(x) + mixer.state_elements * b.sequences()) * 4;
    cleared(b, "state", cache);
    const GgmlId decay = b.vector_weight(second ? mixer.heads : mixer.state_elements);
    const GgmlId scan =
        b.sized("scan", scanned, {cache, b.view(conv), step, decay, keys, queries, b.state_places()}, GgmlOp::scan);
    b.graph().expand(scan);
    copied(b, "state", cache);
    b.store("state", cache, {b.view(scan), cache});
    const GgmlId y = b.view(scan, inner);
    const GgmlId skipped =
        b.in_place("skipped", inner, {second ? b.view(conv, inner) : conv, b.vector_weight(mixer.heads)});
    const GgmlId sum = b.in_place("skipped", inner, {y, skipped});
    GgmlId gated = b.fresh("gated", inner, {b.cont(b.view(in, inner)), sum});
    if (second) {
        gated = b.view(gated);
        if (has_gated_norm(mixer))
            gated = b.view(b.norm(gated, true, false));
    }
    const GgmlId out = b.product("ssm_out", gated, b.hidden());
    return second ? out : b.view(out);
}

/// src/models/delta-net-base.cpp, qwen3next.cpp, qwen35.cpp.
GgmlId delta_net(GraphBuilder& b, const Recurrent& mixer, GgmlId x)
{
    const std::int64_t keys = mixer.key_heads * mixer.key_dim;
    const std::int64_t values = mixer.heads * mixer.value_dim;
    const bool mixed = b.rules().mixed_gates;
    b.graph().expand(x);
    const GgmlId conv_cache = b.cache_tensor("convolution's state");
    const GgmlId before = states(b, "convolution's state", conv_cache, mixer.conv_elements());
    const GgmlId in = b.product("attn_qkv", x, mixer.conv_channels);
    const GgmlId joined = convolved_input(b, mixer, conv_cache, before, b.view(in));
    const GgmlId cache = b.cache_tensor("state");
    const GgmlId state = states(b, "state", cache, mixer.state_elements);
    const GgmlId conv = b.unary(convolution(b, mixer, joined, false));
    const auto unit = [&](std::int64_t width) {
        const GgmlId normed = b.scale(b.in_place("normed", width, {b.view(conv, width)}));
        if (!mixed || mixer.heads == mixer.key_heads)
            return normed;
        return b.view(b.fresh("repeated", mixer.heads * mixer.key_dim, {b.view(normed)}));
    };
    const GgmlId q = unit(keys);
    const GgmlId k = unit(keys);
    const GgmlId v = b.view(conv, values);
    GgmlId gate = no_tensor;
    GgmlId beta = no_tensor;
    const auto finished = [&](GgmlId alpha) {
        const GgmlId shifted = b.in_place("decay", mixer.heads, {alpha, b.vector_weight(mixer.heads)});
        return b.view(b.in_place("decay", mixer.heads, {b.unary(shifted), b.vector_weight(mixer.heads)}));
    };
    if (mixed) {
        const GgmlId both = b.product("ssm_ba", x, 2 * mixer.heads);
        gate = finished(b.cont(b.view(both, mixer.heads)));
        beta = b.view(b.unary(b.cont(b.view(both, mixer.heads))));
    } else {
        gate = finished(b.view(b.product("ssm_alpha", x, mixer.heads)));
        beta = b.unary(b.view(b.product("ssm_beta", x, mixer.heads)));
    }
    const std::int64_t kept =
        b.sequences() * (1 + b.run().drafted); // states, one for each token that may be taken back
    const std::int64_t bytes = (values * b.rows(x) + mixer.state_elements * kept) * 4;
    const GgmlId result = b.sized("delta rule", bytes, {q, k, v, gate, beta, b.view(state)});
    b.store("state", cache, {b.view(result), cache});
    const GgmlId normed = b.norm(b.view(result, values), true, false);
    const GgmlId z = b.in_place("gate", values, {b.view(b.product("attn_gate", x, values))});
    const GgmlId gated = b.in_place("gated", values, {normed, z});
    return b.view(b.product("ssm_out", b.view(gated), b.hidden()));
}

/// src/models/lfm2.cpp.
GgmlId short_convolution(GraphBuilder& b, const Recurrent& mixer, GgmlId x)
{
    const std::int64_t h = mixer.conv_channels;
    const GgmlId in = b.product("shortconv.in_proj", b.view(x), 3 * h);
    const GgmlId product = b.in_place("gated", h, {b.view(in, h), b.view(in, h)});
    const GgmlId cache = b.cache_tensor("convolution's state");
    const GgmlId before = states(b, "convolution's state", cache, mixer.conv_elements());
    const GgmlId joined = convolved_input(b, mixer, cache, before, product);
    const GgmlId conv = convolution(b, mixer, joined, false);
    const GgmlId gated = b.in_place("gated", h, {conv, b.view(in, h)});
    return b.view(b.product("shortconv.out_proj", gated, b.hidden()));
}

} // namespace

GgmlId recurrent_graph(GraphBuilder& b, const Recurrent& mixer, GgmlId x)
{
    switch (mixer.kind) {
    case RecurrentKind::mamba1:
    case RecurrentKind::mamba2:
        return mamba(b, mixer, x);
    case RecurrentKind::gated_delta_net:
        return delta_net(b, mixer, x);
    case RecurrentKind::short_convolution:
        return short_convolution(b, mixer, x);
    default:
        break;
    }
    return x;
}

} // namespace weighbridge
