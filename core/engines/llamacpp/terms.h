#pragma once

#include "core/engines/engine.h"
#include "core/engines/llamacpp/compute_buffer.h"
#include "core/engines/llamacpp/compute_graph.h"
#include "core/engines/llamacpp/run.h"

#include <optional>
#include <vector>

namespace weighbridge {

struct InferenceInputs;

/// Bytes of one device.
struct DeviceBytes
{
    double model = 0;
    double kv = 0;
    double sliding = 0; ///< part of kv
    double recurrent = 0;
    double projector = 0; ///< a vision model's second file
    double draft_kv = 0;  ///< of the context that drafts tokens
    double draft_compute = 0;
    bool unused = false; ///< nothing runs there
    ComputePeak compute;

    double total() const { return model + kv + recurrent + compute.bytes + projector + draft_kv + draft_compute; }
};

/// A run laid out: what every device holds.
struct LlamaCppLayout
{
    LlamaCppRun run; ///< with flash attention off where `auto` turns it off
    LlamaCppCells cells;
    LlamaCppPlacement placement;
    double host_weights = 0;
    std::optional<ComputeGraph> graph; ///< nothing where llama.cpp's graph of the network is not known here
    std::vector<DeviceBytes> gpus;
    std::size_t fullest = 0; ///< of the GPUs: the one that holds most
    DeviceBytes printed; ///< what llama.cpp prints, of the device that matters: the GPU that holds most, or a CPU alone
                         ///< where no layer is on a GPU. Caches of a single GPU and the CPU are printed together, as
                         ///< llama.cpp's totals are
    std::optional<double> host_compute; ///< bytes of the host's compute buffer beside those of GPUs
    double largest_compute = 0;         ///< of the GPUs' compute buffers
};

LlamaCppLayout llama_cpp_layout(const LlamaCppRun& run);

/// Of the GPU that holds most.
DeviceBytes fullest_gpu(const LlamaCppRun& run);

/// LlamaCppLayout::printed, with the compute buffer of a machine without GPUs where no layer is on one.
DeviceBytes printed_device(const LlamaCppRun& run);

MemoryFigures llama_cpp_figures(const InferenceInputs& inputs, const DeviceBytes& device);

/// The four first-level terms of one GPU: model buffer, caches, compute buffer, CUDA context.
std::vector<Term> llama_cpp_terms(const InferenceInputs& inputs, const LlamaCppLayout& layout, std::size_t gpu,
                                  bool text);

/// Bytes of the terms below, without any text.
double llama_cpp_host_bytes(const LlamaCppLayout& layout);

/// What lies in the host's memory: the embedding with all layers that are not offloaded, the caches that are not, and
/// the buffers of what is computed there and of the logits.
std::vector<Term> llama_cpp_host_terms(const LlamaCppLayout& layout, bool text);

} // namespace weighbridge
