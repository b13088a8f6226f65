#include "core/engines/vllm/adapters.h"
#include "core/engines/vllm/terms.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge::vllm {

namespace {

/// Bytes of the layers that lie in the host's memory, of one rank of each stage.
double offloaded_of_stages(const InferenceInputs& inputs, const Settings& settings)
{
    const std::size_t stages = inputs.stages ? inputs.stages->size() : 1;
    double bytes = 0;
    for (std::size_t stage = 0; stage < stages; ++stage)
        bytes += offloaded(inputs_of_stage(inputs, stage), settings).moved;
    return bytes;
}

/// V0 pins swap_space for each GPU; V1 has no such blocks (v1/core/kv_cache_manager.py).
double swap_of_gpu(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr double usual = 4;
    const auto given = inputs.choice->vllm.swap_space;
    return settings.first_engine ? given.value_or(usual) * bytes_per_gib : 0;
}

} // namespace

std::vector<Term> host_terms(const InferenceInputs& inputs, const Settings& settings)
{
    const VllmOptions& options = inputs.choice->vllm;
    const auto ranks = static_cast<double>(settings.tensor_parallel * settings.data_parallel);
    const auto gpus = ranks * static_cast<double>(settings.pipeline_parallel);
    std::vector<Term> terms;
    if (const double moved = offloaded_of_stages(inputs, settings); moved > 0)
        terms.push_back(make_term("weights", "Weights",
                                  named<Traced>("n_ranks", ranks) * named<Traced>("W_host", moved), Basis::derived,
                                  "parameters that ranks keep in pinned memory: model_executor/offloader"));
    const double swap = swap_of_gpu(inputs, settings);
    const double kept = options.kv_offloading_size.value_or(0) * bytes_per_gib;
    if (swap > 0 || kept > 0)
        terms.push_back(
            make_term("kv_cache", "KV cache",
                      named<Traced>("C_host", kept) + named<Traced>("n_gpus", gpus) * named<Traced>("C_swap", swap),
                      Basis::derived, "kv_offloading_size of all ranks, swap_space of each GPU: config/cache.py"));
    if (settings.adapters > 0) {
        const double slot = adapter_bytes(inputs, settings) / static_cast<double>(settings.adapters);
        const auto adapters = static_cast<double>(options.max_cpu_loras.value_or(options.max_loras));
        terms.push_back(make_term(
            "adapters", "Adapters",
            named<Traced>("n_ranks", ranks) * named<Traced>("n_loras", adapters) * named<Traced>("B_lora", slot),
            Basis::derived, "max_cpu_loras adapters of the largest rank in every process: lora/models.py"));
    }
    return terms;
}

} // namespace weighbridge::vllm
