#pragma once

#include "core/engines/llamacpp/terms.h"

namespace weighbridge {

/// Lower and upper end of a compute buffer over what is predicted.
struct ComputeRange
{
    double low = 0;
    double high = 0;
};

/// Old builds' graphs were not compared node by node.
ComputeRange llama_cpp_compute_range(const LlamaCppLayout& layout);

/// What stands in a GPU's buffer when it is full, largest first; what is small together. The layout has its graph.
Term llama_cpp_graph_term(const LlamaCppLayout& layout, std::size_t gpu);

/// The fullest moment by closed sums.
Term llama_cpp_compute_term(const LlamaCppRun& run, const ComputePeak& peak);

} // namespace weighbridge
