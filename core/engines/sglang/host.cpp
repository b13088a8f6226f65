#include "core/engines/sglang/host.h"

#include "core/engines/vllm/offload.h"
#include "core/memory/weights.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace weighbridge::sglang {

namespace {

double experts_on_host(const InferenceInputs& inputs, const Settings& settings)
{
    if (!settings.experts_on_device)
        return 0;
    double bytes = 0;
    for (const Tensor& tensor : inputs.model->tensors)
        if (tensor.part == Part::experts && tensor.copies.value > 0)
            bytes += tensor_bytes(inputs, tensor) *
                     static_cast<double>(std::max<std::int64_t>(0, tensor.copies.value - *settings.experts_on_device)) /
                     static_cast<double>(tensor.copies.value);
    return bytes;
}

/// hicache_size of each rank, or the ratio of its pool (mem_cache/hiradix_cache.py, memory_pool_host.py).
double cache_of_rank(const SglangOptions& options, const Rank& rank)
{
    constexpr double billion = 1e9;
    if (!options.enable_hierarchical_cache)
        return 0;
    return options.hicache_size > 0 ? static_cast<double>(options.hicache_size) * billion
                                    : options.hicache_ratio * rank.pools.kv_bytes;
}

} // namespace

OnHost on_host(const InferenceInputs& inputs, const Settings& settings)
{
    vllm::Settings limit;
    limit.offloaded_bytes = settings.offloaded_bytes;
    return {.layers = vllm::offloaded(inputs, limit).moved, .experts = experts_on_host(inputs, settings)};
}

std::vector<Term> host_terms(const InferenceInputs& inputs, const Settings& settings, const std::vector<Rank>& ranks)
{
    const std::int64_t replicas = settings.attention_replicas > 1 ? 1 : settings.data_parallel;
    const auto each = static_cast<double>(inputs.tensor_parallel * replicas);
    double weights = 0;
    double cache = 0;
    for (const Rank& rank : ranks) {
        weights += on_host(inputs_of_stage(inputs, rank.stage), settings).total();
        cache += cache_of_rank(inputs.choice->sglang, rank);
    }
    std::vector<Term> terms;
    if (weights > 0)
        terms.push_back(make_term(
            "weights", "Weights", named<Traced>("n_ranks", each) * named<Traced>("W_host", weights), Basis::derived,
            "parameters and experts that ranks keep there: utils/offloader.py, kt_ep_wrapper.py"));
    if (cache > 0)
        terms.push_back(make_term("kv_cache", "KV cache",
                                  named<Traced>("n_ranks", each) * named<Traced>("C_host", cache), Basis::derived,
                                  "hicache_size or hicache_ratio of each rank: mem_cache/memory_pool_host.py"));
    return terms;
}

} // namespace weighbridge::sglang
