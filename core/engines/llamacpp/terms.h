#pragma once

#include "core/engines/engine.h"
#include "core/engines/llamacpp/compute_buffer.h"
#include "core/engines/llamacpp/run.h"

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
    ComputePeak compute;

    double total() const { return model + kv + recurrent + compute.bytes; }
};

/// Of every GPU, in their order.
std::vector<DeviceBytes> gpu_bytes(const LlamaCppRun& run);

/// Of the GPU that holds most.
DeviceBytes fullest_gpu(const LlamaCppRun& run);

/// What llama.cpp prints, of the device that matters: the GPU that holds most, or the CPU where no layer is on a GPU.
/// Caches of a single GPU and the CPU are printed together, as llama.cpp's totals are.
DeviceBytes printed_device(const LlamaCppRun& run);

MemoryFigures llama_cpp_figures(const InferenceInputs& inputs, const DeviceBytes& device);

/// The four first-level terms of one GPU: model buffer, caches, compute buffer, CUDA context.
std::vector<Term> llama_cpp_terms(const InferenceInputs& inputs, const LlamaCppRun& run, std::size_t gpu, bool text);

/// What lies in the host's memory: the embedding with all layers that are not offloaded, their caches, and the buffers
/// of what is computed there and of the logits. Empty where nothing does.
std::vector<Term> llama_cpp_host_terms(const LlamaCppRun& run, bool text);

} // namespace weighbridge
