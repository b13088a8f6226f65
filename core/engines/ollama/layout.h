#pragma once

#include "core/engines/ollama/settings.h"

#include <functional>
#include <vector>

namespace weighbridge {

/// What a layout is made of. Bytes.
struct OllamaSizes
{
    std::vector<double> layers; ///< weights and cache of each, the output last
    /// Of each GPU's graph with layers placed so, by its place among the GPUs; 0 on one without layers.
    std::function<std::vector<double>(const LayerPlacement&)> graphs;
    double buffer = 0;    ///< kept free on every GPU beside
    double projector = 0; ///< on the first GPU, beside the layers
};

/// Layers from the last to the first over GPUs sorted by free memory, on the fewest that hold all; with rooms scaled
/// down as far as as many still fit, so that the load is even. Graphs are asked for again until the layout stays as it
/// is (llm/server.go, createLayout and Load).
LayerPlacement ollama_layout(const InferenceInputs& load, const OllamaSettings& settings, const OllamaSizes& sizes);

} // namespace weighbridge
