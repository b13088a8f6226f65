#include "core/engines/llamacpp/graph_layers.h"

#include <algorithm>

// DeepSeek-V4: attention to a window and to compressed entries behind it, between hidden states in several streams that
// hyper-connections join and share out again (src/models/deepseek4.cpp, src/llama-kv-cache-dsv4.cpp).

namespace weighbridge {

namespace {

constexpr std::int64_t streams = 4; ///< hc_mult

/// What joins the streams before a part of a layer and shares its result out behind it.
struct Connection
{
    GgmlId mixes = no_tensor;
    GgmlId base = no_tensor; ///< both are read in parts
    GgmlId scale = no_tensor;
};

/// Groups of tokens that become one entry each.
struct Compression
{
    std::int64_t ratio = 0;
    std::int64_t width = 0; ///< of an entry
    int parts = 1;          ///< 2: neighbouring entries overlap

    std::int64_t projected() const { return parts * width; }
    std::int64_t tokens_of_entry() const { return parts * ratio; }
};

/// Inputs of one sort of compression; every layer of that sort reads the same ones.
GgmlId shared_input(GraphBuilder& b, GgmlId& known, std::string_view name, std::int64_t bytes)
{
    if (known == no_tensor)
        known = b.new_input(name, bytes);
    return known;
}

Connection connect(GraphBuilder& b, std::string_view matrix, GgmlId x)
{
    constexpr std::int64_t outputs = (2 + streams) * streams;
    const GgmlId normed = b.norm(b.view(x), false);
    return {.mixes = b.product(matrix, normed, outputs, Part::norms),
            .base = b.vector_weight(outputs),
            .scale = b.vector_weight(3)};
}

/// Weights of the streams, of those that are joined or of the result that is shared out.
GgmlId stream_weights(GraphBuilder& b, const Connection& connection)
{
    const GgmlId scaled =
        b.in_place("weights of streams", streams, {b.view(connection.mixes, streams), connection.scale});
    return b.scale(b.unary(b.in_place("weights of streams", streams, {scaled, connection.base})));
}

GgmlId joined_streams(GraphBuilder& b, const Connection& connection, GgmlId x)
{
    return b.norm(b.fresh("joined streams", b.hidden(), {x, stream_weights(b, connection)}));
}

GgmlId combination(GraphBuilder& b, const Connection& connection)
{
    return b.fresh("combination of streams", streams * streams, {connection.mixes, connection.scale, connection.base});
}

GgmlId shared_out(GraphBuilder& b, GgmlId result, GgmlId x, GgmlId weights, GgmlId combined)
{
    return b.fresh("streams", streams * b.hidden(), {result, x, weights, combined});
}

std::int64_t entries(const GraphBuilder& b, const Compression& compression)
{
    return b.tokens() / compression.ratio + b.sequences();
}

/// Tokens whose entry is not whole yet, kept from one ubatch to the next.
std::int64_t kept_tokens(const GraphBuilder& b, const Compression& compression)
{
    return compression.tokens_of_entry() * b.sequences();
}

/// Kept tokens and new ones, in groups of those that make an entry, the groups' tokens beside one another.
GgmlId grouped_tokens(GraphBuilder& b, const Compression& compression, GgmlId state, GgmlId fresh, GgmlId places)
{
    const std::int64_t width = compression.projected();
    const std::int64_t kept = kept_tokens(b, compression);
    const std::int64_t count = entries(b, compression);
    GgmlId all = b.sized("tokens to compress", width * (kept + b.tokens()) * 4, {b.view(state), fresh});
    if (compression.parts > 1) { // and one that stands for none
        const GgmlId none = b.sized("no token", width * 4, {b.view_of_bytes(all, width * 4)});
        all = b.sized("tokens to compress", width * (kept + b.tokens() + 1) * 4, {all, b.view(none)});
    }
    const GgmlId rows = b.sized("tokens to compress", width * compression.tokens_of_entry() * count * 4, {all, places});
    if (compression.parts == 1)
        return b.cont(b.view(rows));
    const std::int64_t half = compression.width * compression.ratio * count * 4;
    const GgmlId front = b.sized("tokens to compress", half, {b.view_of_bytes(rows, half)});
    const GgmlId back = b.sized("tokens to compress", half, {b.view_of_bytes(rows, half)});
    return b.cont(b.view(b.sized("tokens to compress", 2 * half, {b.view(front), b.view(back)})));
}

void keep(GraphBuilder& b, const Compression& compression, GgmlId state, GgmlId tokens, GgmlId sources,
          GgmlId destinations)
{
    const std::int64_t bytes = compression.projected() * kept_tokens(b, compression) * 4;
    b.store("state of the compressor", state, {b.sized("kept tokens", bytes, {tokens, sources}), destinations, state});
}

/// Entries of this ubatch, written into their cache, which is given back.
GgmlId compressed(GraphBuilder& b, const Compression& compression, GraphCompression& inputs, GgmlId x, bool indexer)
{
    const std::int64_t count = entries(b, compression);
    const std::int64_t width = compression.projected();
    const std::int64_t kept = kept_tokens(b, compression);
    const auto indices = [&](GgmlId& known, std::int64_t number, std::int64_t bytes) {
        return shared_input(b, known, "places of the compressor", number * bytes);
    };
    const GgmlId values_state = b.cache_tensor("state of the compressor");
    const GgmlId scores_state = b.cache_tensor("state of the compressor");
    const GgmlId values =
        b.product(indexer ? "indexer_compressor_kv" : "attn_compressor_kv", x, width, Part::attention);
    const GgmlId reads = indices(inputs.read, compression.tokens_of_entry() * count, 4);
    const GgmlId grouped_values = grouped_tokens(b, compression, values_state, values, reads);
    const GgmlId projected =
        b.product(indexer ? "indexer_compressor_gate" : "attn_compressor_gate", x, width, Part::attention);
    const GgmlId table = b.vector_weight(width * compression.ratio);
    const GgmlId places =
        b.sized("places in the group", width * b.tokens() * 4, {table, indices(inputs.places, b.tokens(), 4)});
    const GgmlId scores = b.in_place("scores of the compressor", width, {projected, places});
    const GgmlId grouped_scores = grouped_tokens(b, compression, scores_state, scores, reads);
    const std::int64_t bytes = b.graph()[grouped_values].bytes;
    const GgmlId weights = b.sized("scores of the compressor", bytes, {grouped_scores}, GgmlOp::in_place);
    const GgmlId weighted = b.sized("weighed tokens", bytes, {grouped_values, weights}, GgmlOp::in_place);
    const std::int64_t of_entries = compression.width * count * 4;
    const GgmlId sums = b.sized("entries", of_entries, {weighted});
    GgmlId entry = b.sized("entries", of_entries, {b.view(sums)});
    entry = b.sized("entries", of_entries, {entry}, GgmlOp::in_place);
    entry = b.sized("entries", of_entries, {entry, b.vector_weight(compression.width)}, GgmlOp::in_place);
    entry = b.sized("entries", of_entries, {entry, indices(inputs.positions, count, 4)}, GgmlOp::rope);
    if (indexer)
        entry = b.sized("entries", of_entries, {b.indexer_rotation(compression.width), b.view(entry)});
    const GgmlId cache = b.cache_tensor("cached entries");
    b.store("cached entries", cache, {b.view(entry), indices(inputs.written, count, 8), cache});
    const GgmlId from = indices(inputs.kept_from, kept, 4);
    const GgmlId to = indices(inputs.kept_to, kept, 4);
    keep(b, compression, values_state, values, from, to);
    keep(b, compression, scores_state, scores, from, to);
    return cache;
}

std::int64_t element_bytes(const GraphBuilder& b)
{
    return b.run().flash_attn ? 2 : 4;
}

std::int64_t entry_cells(const GraphBuilder& b, std::int64_t ratio)
{
    return padded_cells((b.cells().full + ratio - 1) / ratio);
}

/// The mask of entries that leaves only those which the indexer picks.
GgmlId picked_entries(GraphBuilder& b, const CompressedAttention& a, GgmlId x, GgmlId low_queries, GgmlId cache,
                      GgmlId mask)
{
    const Indexer& indexer = a.indexer;
    const std::int64_t cells = entry_cells(b, a.compress_ratio);
    const std::int64_t width = indexer.heads * indexer.head_dim;
    const std::int64_t top = indexer.top_k > 0 ? std::min(indexer.top_k, cells) : cells;
    const std::int64_t chosen_bytes = top * b.tokens() * element_bytes(b);
    const GgmlId zeros =
        b.sized("zeros of chosen entries", chosen_bytes, {b.new_constant("constants of chosen entries", chosen_bytes)});
    const GgmlId queries = b.rope("indexer's queries", b.view(b.product("indexer.attn_q_b", low_queries, width)));
    const GgmlId turned = b.fresh("indexer's queries", width, {b.indexer_rotation(indexer.head_dim), b.view(queries)});
    const GgmlId keys = b.view_of_bytes(cache, cells * b.cells().streams * indexer.head_dim * 2);
    const GgmlId weights = b.scale(b.product("indexer.proj", x, indexer.heads));
    const GgmlId lid_mask = shared_input(b, b.carried().indexer.mask, "mask of the indexer", cells * b.tokens() * 2);
    const GgmlId scores = b.fresh("scores of the indexer", cells, {b.view(turned), keys, b.view(weights), lid_mask});
    const GgmlId chosen = b.view(b.cont(b.fresh("chosen entries", top, {scores})));
    const std::int64_t bytes = b.graph()[mask].bytes;
    const GgmlId closed = b.sized("mask of chosen entries", bytes, {mask});
    GgmlTensor opened = b.graph()[b.view(closed)];
    opened.role = GgmlRole::node;
    const GgmlId written = b.graph().add(opened, {zeros, chosen, closed});
    return b.sized("sparse mask", bytes, {b.view(written), mask}, GgmlOp::in_place);
}

struct Entries
{
    GgmlId cache = no_tensor;
    GgmlId mask = no_tensor;
    std::int64_t cells = 0;
};

GgmlId attend_to(GraphBuilder& b, const CompressedAttention& a, GgmlId query, GgmlId window, const Entries& behind)
{
    const std::int64_t cells = b.cells().sliding;
    const std::int64_t all = (cells + behind.cells) * b.cells().streams;
    GgmlId keys = b.view_of_bytes(window, cells * b.cells().streams * a.head_dim * 2);
    GgmlId mask = b.mask(GraphCache::sliding);
    if (behind.cache != no_tensor) {
        const GgmlId others = b.view_of_bytes(behind.cache, behind.cells * b.cells().streams * a.head_dim * 2);
        keys = b.sized("keys of window and entries", all * a.head_dim * 2, {keys, others});
        mask = b.sized("mask of window and entries", (cells + behind.cells) * b.tokens() * element_bytes(b),
                       {mask, behind.mask});
        keys = b.view(keys);
    }
    const GgmlId sinks = b.vector_weight(a.heads);
    const std::int64_t width = a.heads * a.head_dim;
    const GgmlId q = b.view(query);
    if (b.run().flash_attn) {
        const GgmlId result = b.fresh("attention result", width, {q, keys, b.view(keys), mask, sinks});
        b.graph()[result].op = GgmlOp::attention;
        return b.view(result);
    }
    const std::int64_t seen = cells + behind.cells;
    const GgmlId scores = b.fresh("attention scores", a.heads * seen, {keys, q});
    const GgmlId weights = b.in_place("attention scores", a.heads * seen, {scores, mask, sinks});
    const GgmlId values = b.sized("values transposed", all * a.head_dim * 2, {b.view(keys)});
    const GgmlId result = b.fresh("attention result", width, {values, weights});
    return b.cont(b.view(result));
}

GgmlId compressed_attention(GraphBuilder& b, const CompressedAttention& a, GgmlId x)
{
    Entries behind;
    GgmlId index_cache = no_tensor;
    if (a.compress_ratio > 0) {
        const int parts = a.overlapping ? 2 : 1;
        behind.cells = entry_cells(b, a.compress_ratio);
        GraphCompression& inputs = a.overlapping ? b.carried().overlapping : b.carried().plain;
        behind.cache = compressed(b, {a.compress_ratio, a.head_dim, parts}, inputs, x, false);
        if (a.indexer.heads > 0)
            index_cache = compressed(b, {a.compress_ratio, a.indexer.head_dim, parts}, b.carried().indexer, x, true);
    }
    const GgmlId low = b.norm(b.product("attn_q_a", x, a.q_lora_rank));
    const GgmlId query = b.rope("queries", b.norm(b.view(b.product("attn_q_b", low, a.heads * a.head_dim)), false));
    const GgmlId key = b.rope("keys", b.view(b.norm(b.product("attn_kv", x, a.head_dim))));
    b.graph().expand(query);
    const GgmlId window = b.cache_tensor("cached keys");
    b.store("cached keys", window, {b.view(key), b.key_places(GraphCache::sliding), window});
    if (behind.cache != no_tensor) {
        GraphCompression& inputs = a.overlapping ? b.carried().overlapping : b.carried().plain;
        behind.mask = shared_input(b, inputs.mask, "mask of entries", behind.cells * b.tokens() * element_bytes(b));
        if (index_cache != no_tensor)
            behind.mask = picked_entries(b, a, x, low, index_cache, behind.mask);
    }
    const GgmlId attended = attend_to(b, a, query, window, behind);
    const GgmlId back = b.fresh("rotated back", a.heads * a.head_dim, {b.view(attended), b.positions()});
    const std::int64_t low_width = a.output_groups * a.output_rank;
    const std::int64_t matrix = a.heads * a.head_dim * a.output_rank;
    const GgmlId grouped =
        b.fresh("attn_output_a", low_width, {b.weight("attn_output_a", matrix, Part::attention), b.view(back)});
    return b.product("attn_output_b", b.cont(b.view(grouped)), b.hidden());
}

} // namespace

GgmlId streams_start(GraphBuilder& b, GgmlId x)
{
    return b.fresh("streams", streams * b.hidden(), {x});
}

GgmlId streams_layer(GraphBuilder& b, const Layer& layer, GgmlId x)
{
    const auto* attention = first_of<CompressedAttention>(layer.mixers);
    const Connection before = connect(b, "hc_attn_fn", x);
    const GgmlId attended = compressed_attention(b, *attention, joined_streams(b, before, x));
    const GgmlId mixed = shared_out(b, attended, x, stream_weights(b, before), combination(b, before));
    const Connection between = connect(b, "hc_ffn_fn", mixed);
    const GgmlId weights = stream_weights(b, between);
    const GgmlId combined = combination(b, between);
    b.graph().expand(weights);
    b.graph().expand(combined);
    const GgmlId fed = feed_forward_graph(b, layer.feed_forwards.front(), joined_streams(b, between, mixed));
    return shared_out(b, fed, mixed, weights, combined);
}

GgmlId streams_end(GraphBuilder& b, GgmlId x)
{
    const GgmlId rows = b.wanted_rows(b.view(x));
    const GgmlId mixes = b.product("output_hc_fn", b.norm(b.view(rows), false), streams, Part::norms);
    const GgmlId scaled = b.in_place("weights of streams", streams, {mixes, b.vector_weight(1)});
    const GgmlId weights =
        b.scale(b.unary(b.in_place("weights of streams", streams, {scaled, b.vector_weight(streams)})));
    GgmlId sum = no_tensor;
    for (std::int64_t i = 0; i < streams; ++i) {
        const GgmlId part = b.in_place("joined streams", b.hidden(), {b.view(rows, b.hidden()), b.view(weights, 1)});
        sum = sum == no_tensor ? part : b.add(sum, part);
    }
    return sum;
}

} // namespace weighbridge
