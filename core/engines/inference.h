#pragma once

#include "core/engines/engine.h"
#include "core/memory/load.h"

namespace weighbridge {

/// Looks up the names of a scenario. The error is that of the name that is not known. Without an accelerator there is
/// no device memory, and engines take the defaults of a device they don't know.
Result<InferenceInputs> inference_inputs(const Scenario& scenario, const Model& model,
                                         const Accelerator* accelerator = nullptr);

/// Formats of the cache's keys and values, by their ids.
struct CacheFormats
{
    std::string k;
    std::string v;
};

/// Whether somebody chose how the cache is kept; else an engine takes its own way.
bool chose_cache(const PrecisionChoice& precision);
/// As chosen, else the engine's own.
CacheFormats cache_formats(const Engine& engine, const PrecisionChoice& precision);

/// The same scenario on another accelerator of the catalogue.
InferenceInputs on_accelerator(const InferenceInputs& inputs, const Accelerator& accelerator);

/// Of a kept placement, that of a machine that need not leave layers to the host: what searches for other machines ask.
std::shared_ptr<const LayerPlacement> all_on_devices(const std::shared_ptr<const LayerPlacement>& placed);

/// Of an engine that leaves layers to the host by itself, the plan with all of them on the devices; null of others.
PlanPointer on_devices_alone(const Plan& plan);

/// The same scenario on so many tensor-parallel ranks.
InferenceInputs with_tensor_parallel(const InferenceInputs& inputs, std::int64_t ranks);

/// The same scenario with sequences of another length.
InferenceInputs with_length(const InferenceInputs& inputs, std::int64_t tokens);

/// The same scenario with so many sequences at a time.
InferenceInputs with_sequences(const InferenceInputs& inputs, std::int64_t sequences);

/// What cudaMemGetInfo calls the total: nvidia-smi's, which the catalogue has, less what the driver keeps for itself
/// (by card in the catalogue, else 470 MiB). Engines that have a share of their own take it of this. A total that was
/// typed in is taken as it is.
double reported_memory(const InferenceInputs& inputs);

/// Bytes of a device that may be used beside so many in the host's memory: without end where they share none.
double left_beside_host(const Accelerator& accelerator, double in_use, double host);
/// Bytes that may be used of memory of the host's own; without end where it is not known.
double usable_host_memory(const InferenceInputs& inputs);

/// How the inputs' engine lays them out.
PlanPointer plan_of(InferenceInputs inputs);

/// Whether there are routed experts to share out.
bool has_experts(const Architecture& architecture);

/// Bytes on one GPU. May exceed what is exact: compare with `largest_exact`.
double inference_bytes(const InferenceInputs& inputs);

} // namespace weighbridge
