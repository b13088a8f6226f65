#pragma once

#include "core/engines/llamacpp/graph_builder.h"

// What layers of llama.cpp's graphs are made of (llama-graph.cpp, src/models/*.cpp).

namespace weighbridge {

/// Rows of the first of these tensors whose name ends so; 0 where none does.
std::int64_t rows_of(const std::vector<Tensor>& tensors, std::string_view name);

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

/// Latent attention that keeps every head's keys and values (MiniCPM3, PLM).
GgmlId expanded_latent_graph(GraphBuilder& b, const LatentAttention& attention, GgmlId x);

/// Width of a layer's own embedding (Gemma 3n and 4); 0 where it has none.
std::int64_t per_layer_width(const Layer& layer);
GgmlId with_per_layer_embedding(GraphBuilder& b, const Layer& layer, GgmlId x);

/// Gemma 3n: hidden states in streams, of which one is computed and the others are predicted and corrected
/// (src/models/gemma3n.cpp).
inline constexpr std::int64_t altup_streams = 4;
GgmlId altup_start(GraphBuilder& b, GgmlId x);
GgmlId altup_layer(GraphBuilder& b, const Layer& layer, GgmlId x);
GgmlId altup_end(GraphBuilder& b, GgmlId x);

/// DeepSeek-V4: hidden states in streams, which every part of a layer joins and shares out.
GgmlId streams_start(GraphBuilder& b, GgmlId x);
GgmlId streams_layer(GraphBuilder& b, const Layer& layer, GgmlId x);
GgmlId streams_end(GraphBuilder& b, GgmlId x);

/// A recurrent mixer with its output projection.
GgmlId recurrent_graph(GraphBuilder& b, const Recurrent& mixer, GgmlId x);

GgmlId feed_forward_graph(GraphBuilder& b, const FeedForward& part, GgmlId x);

/// One layer; `last` takes only the wanted rows behind its attention.
GgmlId layer_graph(GraphBuilder& b, const Layer& layer, GgmlId x, bool last);

} // namespace weighbridge
