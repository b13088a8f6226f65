#pragma once

#include "core/engines/vllm/settings.h"

namespace weighbridge::vllm {

/// What lies on the device beside weights, activations and cache. Bytes on one rank; constants in docs/formulas.md.
struct DeviceOverhead
{
    double cuda_context = 0; ///< there before vLLM takes its first snapshot: in no figure that it prints
    double non_torch = 0;    ///< "non-torch memory" of one process alone: kernels, handles, FlashInfer
    double nccl = 0;         ///< what the communicators of a tensor-parallel group add to it
    double cuda_graphs = 0;
    std::int64_t graph_sizes = 0;
    std::int64_t layers = 0;        ///< of this stage, captured in each graph
    std::int64_t latent_layers = 0; ///< of them, with MLA
};

DeviceOverhead device_overhead(const InferenceInputs& inputs, const Settings& settings);

/// Batch sizes for which graphs are captured: 1, 2, 4, every 8th to 248, every 16th up to the largest, and from 0.29 on
/// those of whole speculative steps; 0 when eager (config/vllm.py).
std::int64_t captured_sizes(const Settings& settings);

/// "Graph capturing took".
template<class Number>
Number graph_bytes(const DeviceOverhead& overhead, Era era);

extern template double graph_bytes<double>(const DeviceOverhead&, Era);
extern template Traced graph_bytes<Traced>(const DeviceOverhead&, Era);

} // namespace weighbridge::vllm
