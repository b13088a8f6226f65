#include "core/engines/llamacpp/graph_layers.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// Queries as projected, through a bottleneck or directly.
struct Queries
{
    GgmlId low = no_tensor; ///< the bottleneck's result
    GgmlId all = no_tensor;
};

Queries queries_of(GraphBuilder& b, const LatentAttention& a, GgmlId x)
{
    const std::int64_t width = a.heads * (a.qk_nope_head_dim + a.qk_rope_head_dim);
    if (a.q_lora_rank == 0)
        return {.low = x, .all = b.product("attn_q", x, width)};
    const GgmlId low = b.norm(b.product("attn_q_a", x, a.q_lora_rank));
    return {.low = low, .all = b.product("attn_q_b", low, width)};
}

GgmlId rotated(GraphBuilder& b, GgmlId of, std::int64_t width)
{
    const GgmlId part = b.view(of, width);
    return b.rules().rotation == Rotation::nowhere ? part : b.rope("rotated", part);
}

/// The indexer's keys, written into their cache (src/models/deepseek32.cpp, glm-dsa.cpp).
GgmlId indexer_keys(GraphBuilder& b, const Indexer& indexer, GgmlId x)
{
    const GgmlId key = b.with_bias(b.norm(b.product("indexer.attn_k", x, indexer.head_dim), true, true), true);
    const GgmlId turned = b.fresh("indexer's keys", indexer.head_dim,
                                  {b.indexer_rotation(indexer.head_dim), b.rope("indexer's keys", b.view(key))});
    const GgmlId cache = b.cache_tensor("cached keys of the indexer");
    b.store("cached keys of the indexer", cache, {b.view(turned), b.indexer_places(), cache});
    return cache;
}

/// The cells that score best.
GgmlId chosen_cells(GraphBuilder& b, const Indexer& indexer, GgmlId x, GgmlId low_queries, GgmlId cache)
{
    const std::int64_t width = indexer.heads * indexer.head_dim;
    const std::int64_t seen = b.cells().full;
    const GgmlId queries = b.rope("indexer's queries", b.view(b.product("indexer.attn_q_b", low_queries, width)));
    const GgmlId turned = b.fresh("indexer's queries", width, {b.indexer_rotation(indexer.head_dim), queries});
    const GgmlId weights =
        b.in_place("indexer's weights", indexer.heads, {b.view(b.product("indexer.proj", x, indexer.heads))});
    const GgmlId keys = b.view_of_bytes(cache, seen * b.cells().streams * indexer.head_dim * 2);
    const GgmlId scores = b.fresh("scores of the indexer", seen, {b.view(turned), weights, keys, b.indexer_mask()});
    const std::int64_t top = indexer.top_k > 0 ? std::min(indexer.top_k, seen) : seen;
    return b.view(b.cont(b.fresh("chosen cells", top, {scores})));
}

/// A mask that leaves only the chosen cells, added to the causal one.
GgmlId sparse_mask(GraphBuilder& b, GgmlId chosen)
{
    const std::int64_t top = b.width(chosen);
    const GgmlId mask = b.mask(GraphCache::full);
    const std::int64_t bytes = b.graph()[mask].bytes;
    const GgmlId zeros = b.sized("zeros of chosen cells", top * b.tokens() * 4,
                                 {b.new_constant("constants of chosen cells", top * b.tokens() * 4)});
    const GgmlId closed = b.sized("mask of chosen cells", bytes, {mask});
    GgmlTensor opened = b.graph()[b.view(closed)];
    opened.role = GgmlRole::node;
    const GgmlId written = b.graph().add(opened, {zeros, chosen, closed});
    return b.sized("sparse mask", bytes, {written, mask}, GgmlOp::in_place);
}

} // namespace

GgmlId latent_graph(GraphBuilder& b, const LatentAttention& a, GgmlId x)
{
    const std::int64_t rope = a.qk_rope_head_dim;
    const std::int64_t latent = a.kv_lora_rank;
    const bool indexes = a.indexer.heads > 0;
    GgmlId index_cache = no_tensor;
    if (indexes && a.indexer.owned) {
        b.graph().expand(x);
        index_cache = indexer_keys(b, a.indexer, x);
    }
    const Queries q = queries_of(b, a, x);
    const GgmlId compressed = b.product("attn_kv_a_mqa", x, latent + rope);
    const GgmlId normed = b.norm(b.view(compressed, latent));
    const GgmlId nope = b.view(q.all, a.heads * a.qk_nope_head_dim);
    const GgmlId absorbed =
        b.fresh("absorbed queries", a.heads * latent,
                {b.weight("attn_k_b", a.heads * a.qk_nope_head_dim * latent, Part::attention), nope});
    const GgmlId query =
        b.fresh("queries", a.heads * (latent + rope), {b.view(absorbed), rotated(b, q.all, a.heads * rope)});
    const GgmlId key = b.fresh("keys", latent + rope, {b.view(normed), rotated(b, compressed, rope)});
    b.graph().expand(query);
    b.graph().expand(key);
    const GgmlId keys = b.cache_tensor("cached latent vectors");
    b.store("cached latent vectors", keys, {b.view(key), b.key_places(GraphCache::full), keys});
    GgmlId mask = b.mask(GraphCache::full);
    if (indexes) {
        if (a.indexer.owned)
            b.carried().chosen_cells = chosen_cells(b, a.indexer, x, q.low, index_cache);
        mask = sparse_mask(b, b.carried().chosen_cells);
    }
    const AttentionShape shape{.heads = a.heads,
                               .keys = latent + rope,
                               .output = a.heads * latent,
                               .up_values = a.heads * a.v_head_dim,
                               .values_in_keys = true};
    return attend(b, shape, query, keys, keys, mask, GraphCache::full, no_tensor);
}

GgmlId expanded_latent_graph(GraphBuilder& b, const LatentAttention& a, GgmlId x)
{
    const std::int64_t rope = a.qk_rope_head_dim;
    const std::int64_t keys_width = a.heads * (a.qk_nope_head_dim + rope);
    const std::int64_t values_width = a.heads * a.v_head_dim;
    const GgmlId query = b.rope("queries", b.view(queries_of(b, a, x).all));
    const GgmlId compressed = b.product("attn_kv_a_mqa", x, a.kv_lora_rank + rope);
    const GgmlId normed = b.norm(b.view(compressed, a.kv_lora_rank));
    const GgmlId both = b.product("attn_kv_b", normed, a.heads * a.qk_nope_head_dim + values_width);
    const GgmlId value = b.cont(b.view(both, values_width));
    const GgmlId repeated = b.fresh("rotated", a.heads * rope, {rotated(b, compressed, rope)});
    const GgmlId key = b.fresh("keys", keys_width, {b.view(both, a.heads * a.qk_nope_head_dim), repeated});
    b.graph().expand(query);
    b.graph().expand(value);
    b.graph().expand(key);
    const GgmlId keys = b.cache_tensor("cached keys");
    const GgmlId values = b.cache_tensor("cached values");
    b.store("cached keys", keys, {b.view(key), b.key_places(GraphCache::full), keys});
    b.store("cached values", values, {b.view(value), b.value_places(GraphCache::full), values});
    const AttentionShape shape{.heads = a.heads, .keys = keys_width, .values = values_width, .output = values_width};
    return attend(b, shape, query, keys, values, b.mask(GraphCache::full), GraphCache::full, no_tensor);
}

} // namespace weighbridge
