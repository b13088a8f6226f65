#pragma once

#include "core/engines/llamacpp/cells.h"
#include "core/engines/llamacpp/ggml_graph.h"
#include "core/engines/llamacpp/graph_rules.h"
#include "core/engines/llamacpp/run.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Where the tensors of a layer (or of one end of the network) lie: numbers of devices.
struct GraphPlace
{
    std::int32_t weights = 0;
    std::int32_t experts = 0; ///< of the routed experts' matrices
    std::int32_t cache = 0;
    std::int32_t host = 0;  ///< the CPU
    std::int32_t first = 0; ///< of the first layer, and of what is projected once for all layers
    std::int32_t end = 0;   ///< of the output's tensors, and of others outside the layers
    std::int32_t layer = -1;
};

/// Which of llama.cpp's caches a layer keeps its tokens in; each has inputs of its own.
enum class GraphCache : std::uint8_t
{
    full,
    sliding,
};

/// Inputs of layers that compress tokens into entries (DeepSeek-V4).
struct GraphCompression
{
    GgmlId read = no_tensor;
    GgmlId places = no_tensor;
    GgmlId positions = no_tensor;
    GgmlId written = no_tensor;
    GgmlId kept_from = no_tensor;
    GgmlId kept_to = no_tensor;
    GgmlId mask = no_tensor;
};

/// Tensors that one part of a graph leaves for others.
struct GraphCarried
{
    GgmlId tokens = no_tensor;
    GraphCompression overlapping; ///< of few tokens an entry
    GraphCompression plain;       ///< of many
    GraphCompression indexer;
    GgmlId per_layer_rows = no_tensor; ///< embeddings for each layer, as they came out of their table
    GgmlId per_layer = no_tensor;      ///< the same, joined with a projection of the embedding
    GgmlId embedding = no_tensor;
    GgmlId layer_input = no_tensor;
    GgmlId chosen_cells = no_tensor;                  ///< by the last indexer
    std::array<GgmlId, 2> keys{no_tensor, no_tensor}; ///< the last layer's cache of either sort, for layers without one
    std::array<GgmlId, 2> values{no_tensor, no_tensor};
    GgmlId deep = no_tensor; ///< the embedding with room for features of its first layers
};

/// Writes llama.cpp's graph of a run, tensor by tensor (llama-graph.cpp). Widths are elements of a row, rows are
/// tokens; activations are fp32.
class GraphBuilder
{
public:
    GraphBuilder(const LlamaCppRun& run, const LlamaCppCells& cells, const GraphRules& rules, std::int64_t tokens,
                 GgmlGraph& graph);

    const LlamaCppRun& run() const { return run_; }
    const LlamaCppCells& cells() const { return cells_; }
    const GraphRules& rules() const { return rules_; }
    GgmlGraph& graph() { return graph_; }
    GraphCarried& carried() { return carried_; }
    const GraphPlace& place() const { return place_; }
    std::int64_t hidden() const { return run_.model->architecture.hidden_size; }
    std::int64_t tokens() const { return tokens_; }
    std::int64_t outputs() const { return outputs_; }
    std::int64_t sequences() const { return run_.n_seq_max; }
    /// Whether llama.cpp has a second cache, of windows, which it fills in another order.
    bool has_windows() const { return has_windows_; }
    std::int64_t rows(GgmlId id) const { return graph_[id].rows; }
    /// Elements of a row of a tensor.
    std::int64_t width(GgmlId id) const { return graph_[id].bytes / 4 / graph_[id].rows; }

    /// What comes next lies here.
    void enter(const GraphPlace& place) { place_ = place; }
    /// Where tensors outside the layers lie that are no table.
    GraphPlace outside() const { return outside_at(place_.end); }
    /// Where those lie that are projected once for all layers.
    GraphPlace outside_at_first() const { return outside_at(place_.first); }
    /// Whether norms are fixed to the device of their layer.
    void fix_norms(bool fixed) { fixed_norms_ = fixed; }

    /// As many rows as the sources have.
    GgmlId fresh(std::string_view name, std::int64_t width, std::initializer_list<GgmlId> sources);
    GgmlId in_place(std::string_view name, std::int64_t width, std::initializer_list<GgmlId> sources);
    /// Of so many bytes in all.
    GgmlId sized(std::string_view name, std::int64_t bytes, std::initializer_list<GgmlId> sources,
                 GgmlOp op = GgmlOp::fresh);
    GgmlId view(GgmlId of);
    /// A part of so many elements a row.
    GgmlId view(GgmlId of, std::int64_t width);
    GgmlId view_of_bytes(GgmlId of, std::int64_t bytes);
    GgmlId rope(std::string_view name, GgmlId of, GgmlId frequencies = no_tensor);
    /// The table of rotary frequencies of this device, one for all its layers.
    GgmlId rope_frequencies(std::int64_t elements);
    /// A matrix of this layer times `x`.
    GgmlId product(std::string_view weight, GgmlId x, std::int64_t out, Part part = Part::attention);
    GgmlId with_bias(GgmlId x, bool bias);
    GgmlId add(GgmlId x, GgmlId y) { return in_place("sum", width(x), {x, y}); }
    GgmlId scale(GgmlId x) { return in_place("scaled", width(x), {x}); }
    GgmlId unary(GgmlId x) { return in_place(graph_[x].name, width(x), {x}); }
    GgmlId cont(GgmlId x) { return sized(graph_[x].name, graph_[x].bytes, {x}); }
    /// RMS_NORM or NORM, and its weights.
    GgmlId norm(GgmlId x, bool weighted = true) { return norm(x, weighted, rules_.layer_norm); }
    GgmlId norm(GgmlId x, bool weighted, bool layer_norm) { return norm(x, weighted ? width(x) : 0, layer_norm); }
    /// With weights for so many elements of a row, which the parts of a row share; 0: none.
    GgmlId norm(GgmlId x, std::int64_t weights, bool layer_norm);
    GgmlId vector_weight(std::int64_t elements);
    GgmlId weight(std::string_view name, std::int64_t elements, Part part);
    /// Biases of all routed experts, which lie where their matrices do.
    GgmlId experts_bias(std::string_view name, std::int64_t elements);
    /// GET_ROWS of the wanted outputs.
    GgmlId wanted_rows(GgmlId x);
    /// Writes into a cache.
    void store(std::string_view name, GgmlId cache, std::initializer_list<GgmlId> sources);

    GgmlId positions();
    GgmlId mask(GraphCache cache);
    GgmlId key_places(GraphCache cache);
    GgmlId value_places(GraphCache cache);
    /// Which states the sequences of this ubatch have, and which the others: views, the same in all layers.
    GgmlId state_places();
    GgmlId other_state_places();
    GgmlId attention_scale();
    /// The matrix that keys (or values) of a quantized cache are turned by, of so many elements a side.
    GgmlId rotation(GraphCache cache, bool of_keys, std::int64_t side);
    /// Mask of what an indexer sees, and the place of its keys: of all cells.
    GgmlId indexer_mask();
    GgmlId indexer_places();
    GgmlId indexer_rotation(std::int64_t side);
    GgmlId cache_tensor(std::string_view name);
    GgmlId new_input(std::string_view name, std::int64_t bytes);
    GgmlId new_constant(std::string_view name, std::int64_t bytes);

private:
    GraphPlace outside_at(std::int32_t device) const;
    GgmlId leaf(GgmlRole role, std::string_view name, std::int64_t bytes);
    GgmlId& input(GgmlId& known, std::string_view name, std::int64_t bytes);

    const LlamaCppRun& run_;
    const LlamaCppCells& cells_;
    const GraphRules& rules_;
    GgmlGraph& graph_;
    GraphPlace place_;
    GraphCarried carried_;
    std::int64_t tokens_ = 0;
    std::int64_t outputs_ = 0;
    std::int64_t values_in_places_ = 0; ///< elements of a token's values, where every one has a place of its own
    bool fixed_norms_ = false;
    bool has_windows_ = false;
    GgmlId positions_ = no_tensor;
    GgmlId out_ids_ = no_tensor;
    GgmlId state_places_ = no_tensor;
    GgmlId other_state_places_ = no_tensor;
    GgmlId attention_scale_ = no_tensor;
    GgmlId indexer_mask_ = no_tensor;
    GgmlId indexer_places_ = no_tensor;
    GgmlId indexer_rotation_ = no_tensor;
    std::array<GgmlId, 2> masks_{no_tensor, no_tensor};
    std::array<GgmlId, 2> key_places_{no_tensor, no_tensor};
    std::array<GgmlId, 2> value_places_{no_tensor, no_tensor};
    std::vector<GgmlId> rope_frequencies_; ///< by device
    std::array<GgmlId, 4> rotations_{no_tensor, no_tensor, no_tensor, no_tensor};
};

} // namespace weighbridge
