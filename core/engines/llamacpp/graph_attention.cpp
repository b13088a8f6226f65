#include "core/engines/llamacpp/graph_layers.h"

#include <algorithm>

namespace weighbridge {

namespace {

GraphCache cache_of(const GraphBuilder& b, const Attention& attention)
{
    return attention.span != AttentionSpan::full && b.has_windows() ? GraphCache::sliding : GraphCache::full;
}

std::int64_t cells_of(const GraphBuilder& b, GraphCache cache)
{
    return (cache == GraphCache::sliding ? b.cells().sliding : b.cells().full) * b.cells().streams;
}

bool rotates(const GraphBuilder& b, const Attention& attention)
{
    switch (b.rules().rotation) {
    case Rotation::nowhere:
        return false;
    case Rotation::in_windows:
        return attention.span != AttentionSpan::full;
    case Rotation::everywhere:
        break;
    }
    return true;
}

/// Norm and rotation of queries or keys, from a part of a projection.
GgmlId finished(GraphBuilder& b, const Attention& attention, GgmlId projected, std::int64_t width)
{
    const GraphRules& rules = b.rules();
    const bool rotated = rotates(b, attention);
    const bool normed = attention.qk_norm != QkNorm::none;
    GgmlId x = projected;
    if (normed && rules.flat_query_norm)
        x = b.norm(x);
    x = b.view(x, width);
    const auto of_heads = [&](GgmlId of) { return b.norm(of, attention.head_dim, rules.layer_norm); };
    if (normed && !rules.flat_query_norm && !rules.norm_after_rotation)
        x = of_heads(x);
    const bool factored = rules.full_frequencies && attention.span == AttentionSpan::full;
    if (rotated)
        x = b.rope("rotated", x, factored ? b.rope_frequencies(attention.head_dim / 2) : no_tensor);
    return normed && rules.norm_after_rotation ? of_heads(x) : x;
}

GgmlId gate_of(GraphBuilder& b, const Attention& attention, GgmlId x, GgmlId projected_query)
{
    const std::int64_t width = attention.heads * attention.value_head_dim;
    switch (attention.gate) {
    case OutputGate::doubled_query:
        return b.unary(b.cont(b.view(projected_query, width)));
    case OutputGate::full_width:
        return b.unary(b.product("attn_gate", x, width));
    case OutputGate::per_head:
        return b.unary(b.product("attn_gate", x, attention.heads));
    case OutputGate::none:
        break;
    }
    return no_tensor;
}

constexpr std::string_view f16 = "fp16"; ///< what CUDA's flash attention reads as it is

bool is_quantized(const NumberFormat& format)
{
    return format.bits < 16;
}

/// Keys of a quantized cache are turned by the largest power of two that divides a head, values by 64; heads that 64
/// does not divide are left alone (llama-kv-cache.cpp, build_input_k_rot).
GgmlId turned(GraphBuilder& b, GraphCache cache, bool of_keys, std::int64_t head_dim, GgmlId x)
{
    constexpr std::int64_t least = 64;
    const NumberFormat& format = of_keys ? b.run().kv_k : b.run().kv_v;
    if (!b.rules().causal || !is_quantized(format) || head_dim % least != 0 || x == no_tensor ||
        !b.run().build.turns_caches())
        return x;
    std::int64_t side = least;
    while (of_keys && head_dim % (2 * side) == 0)
        side *= 2;
    const bool part = b.graph()[x].spanned > 0; // of a wider projection: made contiguous first
    if (part)
        x = b.sized("turned", b.graph()[x].bytes, {x});
    return b.view(b.fresh("turned", b.width(x), {b.rotation(cache, of_keys, side), b.view(x)}));
}

std::int64_t cache_bytes(const NumberFormat& format, std::int64_t elements)
{
    return static_cast<std::int64_t>(static_cast<double>(elements) * format.bits / 8);
}

/// FLASH_ATTN_EXT with what CUDA keeps behind its result: fp16 copies of keys and values of another type, for more than
/// two rows (fattn.cu; llama.cpp#23907).
GgmlId flash(GraphBuilder& b, const AttentionShape& shape, GgmlId query, GgmlId k, GgmlId v, GgmlId mask,
             std::int64_t cells, GgmlId sinks)
{
    const GgmlId result = b.fresh("attention result", shape.output, {query, k, v, mask, sinks});
    GgmlTensor& node = b.graph()[result];
    node.op = GgmlOp::attention;
    const LlamaCppRun& run = b.run();
    if (b.rows(query) / b.cells().streams <= 2 || !b.rules().causal || !run.build.copies_quantized_caches())
        return result;
    const auto padded = [](std::int64_t bytes) { return (bytes + 127) / 128 * 128; };
    std::int64_t end = node.bytes;
    if (run.kv_k.id != f16)
        end = padded(end) + cells * shape.keys * 2;
    if (run.kv_v.id != f16 && !shape.values_in_keys)
        end = padded(end) + cells * shape.values * 2;
    node.bytes_on_gpu = end - node.bytes;
    return result;
}

/// The latent part of every cell's keys: a view of its own, which is copied beside them to another device.
GgmlId values_in_keys(GraphBuilder& b, const AttentionShape& shape, GgmlId keys, std::int64_t cells)
{
    const std::int64_t latent = shape.output / shape.heads;
    const GgmlId values = b.view_of_bytes(keys, cache_bytes(b.run().kv_k, cells * latent));
    b.graph()[values].spanned = cache_bytes(b.run().kv_k, (cells - 1) * shape.keys + latent);
    return values;
}

} // namespace

GgmlId attend(GraphBuilder& b, const AttentionShape& shape, GgmlId q, GgmlId keys, GgmlId values, GgmlId mask,
              GraphCache cache, GgmlId sinks)
{
    const LlamaCppRun& run = b.run();
    const bool causal = b.rules().causal;
    GgmlId k = keys;
    GgmlId v = values;
    const std::int64_t cells = causal ? cells_of(b, cache) : b.rows(q);
    if (causal) {
        k = b.view_of_bytes(keys, cache_bytes(run.kv_k, cells * shape.keys));
        v = shape.values_in_keys ? values_in_keys(b, shape, keys, cells)
                                 : b.view_of_bytes(values, cache_bytes(run.kv_v, cells * shape.values));
    }
    const GgmlId query = b.view(q);
    GgmlId result = no_tensor;
    if (run.flash_attn) {
        if (!causal) {
            k = b.sized("keys in fp16", shape.keys * b.rows(q) * 2, {b.view(k)});
            v = b.sized("values in fp16", shape.values * b.rows(q) * 2, {b.view(v)});
        }
        result = flash(b, shape, query, k, v, mask, cells, sinks);
        if (shape.up_values > 0) {
            result = b.fresh(
                "attention result", shape.up_values,
                {b.weight("attn_v_b", shape.output * shape.up_values / shape.heads, Part::attention), b.view(result)});
            result = b.cont(b.view(result));
        } else {
            result = b.view(result);
        }
    } else {
        const std::int64_t seen = causal ? cells / b.cells().streams : b.rows(q);
        const GgmlId scores = b.fresh("attention scores", shape.heads * seen, {k, query});
        const GgmlId weights = b.in_place("attention scores", shape.heads * seen, {scores, mask, sinks});
        if (shape.values_in_keys)
            v = b.sized("values transposed", cache_bytes(run.kv_k, cells * (shape.output / shape.heads)), {v});
        else if (!causal)
            v = b.cont(b.view(v));
        result = b.fresh("attention result", shape.output, {v, weights});
        if (shape.up_values > 0)
            result =
                b.fresh("attention result", shape.up_values,
                        {b.weight("attn_v_b", shape.output * shape.up_values / shape.heads, Part::attention), result});
        result = b.cont(b.view(result));
        if (!run.kv_offload) // llama-graph.cpp, build_attn_mha: up to here all of it stays where the cache is
            b.graph()[result].device = b.place().host;
    }
    b.graph().expand(result);
    return result;
}

GgmlId attention_graph(GraphBuilder& b, const Attention& a, GgmlId x)
{
    const GraphRules& rules = b.rules();
    GgmlGraph& graph = b.graph();
    const std::int64_t q_width = a.heads * a.head_dim;
    const std::int64_t k_width = a.kv_heads * a.head_dim;
    const std::int64_t v_width = a.kv_heads * a.value_head_dim;
    const GraphCache cache = cache_of(b, a);
    GgmlId k = no_tensor;
    GgmlId v = no_tensor;
    GgmlId projected = no_tensor;
    if (rules.fused_projections) {
        projected = b.with_bias(b.product("attn_qkv", x, q_width + k_width + v_width), a.qkv_bias);
        k = finished(b, a, projected, k_width);
        v = b.view(projected, v_width);
    } else {
        const std::int64_t parts = a.gate == OutputGate::doubled_query ? 2 : 1;
        projected = b.with_bias(b.product("attn_q", x, q_width * parts), a.qkv_bias);
        if (a.key_projection && (a.stores_cache || !rules.causal)) {
            const GgmlId own = b.with_bias(b.product("attn_k", x, k_width), a.qkv_bias);
            k = finished(b, a, own, k_width);
            v = b.view(a.value_projection ? b.with_bias(b.product("attn_v", x, v_width), a.qkv_bias) : own);
            if (rules.values_normed)
                v = b.norm(v, false);
        }
    }
    GgmlId q = finished(b, a, projected, q_width);
    if (rules.scaled_without_rotation && !rotates(b, a))
        q = b.fresh("scaled queries", q_width, {q, b.attention_scale()});
    q = turned(b, cache, true, a.head_dim, q);
    k = turned(b, cache, true, a.head_dim, k);
    v = turned(b, cache, false, a.value_head_dim, v);
    graph.expand(q);
    const bool keys_first = b.has_windows() || !rules.causal;
    for (const GgmlId id : {keys_first ? k : v, keys_first ? v : k})
        if (id != no_tensor)
            graph.expand(id);
    const GgmlId sinks = a.sinks ? b.vector_weight(a.heads) : no_tensor;
    const AttentionShape shape{
        .heads = a.heads, .keys = k_width, .values = v_width, .output = a.heads * a.value_head_dim};
    GgmlId result = no_tensor;
    if (rules.causal) {
        GgmlId& keys = b.carried().keys[static_cast<std::size_t>(cache)];
        GgmlId& values = b.carried().values[static_cast<std::size_t>(cache)];
        if (k != no_tensor || keys == no_tensor) {
            keys = b.cache_tensor("cached keys");
            values = b.cache_tensor("cached values");
        }
        if (k != no_tensor) {
            b.store("cached keys", keys, {b.view(k), b.key_places(cache), keys});
            b.store("cached values", values, {b.view(v), b.value_places(cache), values});
        }
        result = attend(b, shape, q, keys, values, b.mask(cache), cache, sinks);
        if (is_quantized(b.run().kv_v))
            result = turned(b, cache, false, a.value_head_dim, result);
    } else {
        result = attend(b, shape, q, k, v, b.mask(cache), cache, sinks);
    }
    if (const GgmlId gate = gate_of(b, a, x, projected); gate != no_tensor) {
        if (a.gate == OutputGate::per_head)
            result = b.view(b.fresh("attention result", shape.output, {result, b.view(gate)}));
        else
            result = b.in_place("attention result", shape.output, {gate, result});
    }
    return rules.inner_norms ? b.norm(result) : result;
}

GgmlId attention_output(GraphBuilder& b, const Attention& attention, GgmlId attended)
{
    return b.with_bias(b.product("attn_output", attended, b.hidden()), attention.output_bias);
}

} // namespace weighbridge
