#pragma once

#include "core/engines/llamacpp/graph_builder.h"

// What layers of llama.cpp's graphs are made of (llama-graph.cpp, src/models/*.cpp).

namespace weighbridge {

/// What attention works on.
struct AttentionShape
{
    std::int64_t heads = 0;
    std::int64_t keys = 0;      ///< elements of a cell's keys
    std::int64_t values = 0;    ///< of its values
    std::int64_t output = 0;    ///< of the result
    std::int64_t up_values = 0; ///< of the result once it is projected out of latent space; 0: it is not
    bool values_in_keys = false;
};

/// Attention to a cache (or, in graphs without one, to the tokens themselves): one operation, or scores, softmax and
/// sum where flash attention is off.
GgmlId attend(GraphBuilder& b, const AttentionShape& shape, GgmlId q, GgmlId keys, GgmlId values, GgmlId mask,
              GraphCache cache, GgmlId sinks);

/// Queries, keys, values and attention; what the output projection reads.
GgmlId attention_graph(GraphBuilder& b, const Attention& attention, GgmlId x);
GgmlId attention_output(GraphBuilder& b, const Attention& attention, GgmlId attended);
/// The same of absorbed latent attention.
GgmlId latent_graph(GraphBuilder& b, const LatentAttention& attention, GgmlId x);

/// A recurrent mixer with its output projection.
GgmlId recurrent_graph(GraphBuilder& b, const Recurrent& mixer, GgmlId x);

GgmlId feed_forward_graph(GraphBuilder& b, const FeedForward& part, GgmlId x);

/// One layer; `last` takes only the wanted rows behind its attention.
GgmlId layer_graph(GraphBuilder& b, const Layer& layer, GgmlId x, bool last);

} // namespace weighbridge
