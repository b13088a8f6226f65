#pragma once

#include "core/memory/load.h"
#include "core/quantity/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What a row of the table of layers stands for.
enum class LayerRowKind
{
    embedding,
    outer,      ///< what else stands outside the layers: learned positions, blocks that several layers share
    layers,     ///< a run of equal layers
    norm,       ///< behind the last layer
    head,       ///< absent where the embedding is the head as well
    tower,      ///< vision or audio, or a projector
    total,      ///< of all rows above
    prediction, ///< multi-token-prediction layers, beside the total
};

/// "embedding", "layers": for reports.
std::string_view layer_row_name(LayerRowKind kind);

/// One row of the table that goes through the network from input to output. Figures are of the whole model and of all
/// layers of the row, before anything is divided over GPUs.
struct LayerRow
{
    LayerRowKind kind = LayerRowKind::layers;
    std::int64_t first = 0; ///< index of the run's first layer, from 0 as checkpoints count
    std::int64_t count = 0; ///< layers of the run, or of the network in the total; 0 outside the layers
    std::string label;      ///< "full attention, dense"; "Embedding and LM head"; a tower's name
    std::string shape;      ///< "32 heads, 8 for keys and values, of 128; inner width 14,336"; may be empty
    std::int64_t parameters = 0;
    Bytes weights; ///< at the precision of the scenario
    /// The format decides tensor by tensor and is known as a sum over all layers of the kind: this is the run's even
    /// share of it.
    bool weights_averaged = false;
    /// Of one sequence: what each further token adds beyond every window, and what does not grow: windows once full,
    /// states. In bytes; 0 where the scenario keeps no cache.
    double cache_per_token = 0;
    double cache_per_sequence = 0;
};

/// Embedding, the layers run by run, head and towers, their total, and multi-token-prediction layers behind it. The
/// total's parameters are the model's; its cache is that of the KV derivation (cache_bytes_per_token,
/// fixed_cache_bytes).
std::vector<LayerRow> layer_rows(const InferenceInputs& inputs);

} // namespace weighbridge
