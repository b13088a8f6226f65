#pragma once

#include "core/engines/llamacpp/run.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// What lies on one device: how many layers of each kind, and whether the output norm and head do.
struct DeviceLayers
{
    std::vector<std::int64_t> of_kind;          ///< parallel to Architecture::kinds
    std::vector<std::int64_t> with_cpu_experts; ///< of these, how many have their routed experts on the CPU
    std::int64_t predicting = 0;                ///< loaded prediction layers, which are none of these
    bool output = false;

    std::int64_t layers() const;
};

/// Which layers lie where (llama-model.cpp, load_tensors): the embedding on the CPU always, the last `n_gpu_layers` of
/// the layers and the output on the GPUs, one stretch of them each: in proportion to LlamaCppRun::shares.
struct LlamaCppPlacement
{
    DeviceLayers cpu;
    std::vector<DeviceLayers> gpus;
    std::vector<int> device_of_layer; ///< the output's at the end; cpu_device() is the CPU's number

    int cpu_device() const { return static_cast<int>(gpus.size()); }
};

LlamaCppPlacement llama_cpp_placement(const LlamaCppRun& run);

} // namespace weighbridge
