#include "core/engines/vllm/device_overhead.h"

#include <algorithm>
#include <bit>
#include <set>

namespace weighbridge::vllm {

namespace {

/// A process' share before anything is loaded: H100 and A100 show about half a GiB, consumer cards less.
constexpr double context_bytes = 512 * bytes_per_mib;

/// Non-torch memory of one process: 0.07 to 0.14 GiB up to 0.17, 0.24 to 0.26 GiB from 0.18 on; 0.07 on a stage of a
/// pipeline, whose process captures less.
double non_torch_bytes(const Settings& settings)
{
    if (settings.pipeline_parallel > 1)
        return 72 * bytes_per_mib;
    return (settings.version < EngineVersion{0, 18} ? 133 : 256) * bytes_per_mib;
}

/// Of vLLM's own all-reduce: two buffers and a table of ranks (custom_all_reduce.py, all_reduce_utils.py).
double custom_all_reduce_bytes(const Settings& settings, std::uint64_t ranks)
{
    constexpr double table = 8 * bytes_per_mib;
    double buffer = 8 * bytes_per_mib;
    if (settings.compute_capability == 90 && settings.era != Era::up_to_0_16)
        buffer = (ranks <= 2 ? 64 : ranks <= 4 ? 32 : 0.5) * bytes_per_mib;
    return 2 * buffer + table;
}

/// Communicators of tensor parallelism, with the buffers of vLLM's own all-reduce and of symmetric memory: logged 1.82
/// to 1.86 GiB for two ranks and 1.88 to 1.96 GiB for four (0.19, H100), 0.42 GiB for two in 0.11. Without NVLink's
/// switches NCCL has no buffers for reductions inside them: three reports have 0.5 to 0.9 GiB (two RTX 3090, two H200
/// NVL).
double nccl_bytes(const Settings& settings)
{
    const auto ranks = static_cast<std::uint64_t>(settings.tensor_parallel * settings.data_parallel);
    if (ranks < 2)
        return 0;
    const auto doublings = static_cast<double>(std::bit_width(ranks) - 2);
    const double own = settings.custom_all_reduce ? 0 : custom_all_reduce_bytes(settings, ranks);
    if (settings.era == Era::up_to_0_16)
        return (430 + 200 * doublings) * bytes_per_mib - own;
    return ((settings.switched ? 1884 : 640) + 82 * doublings) * bytes_per_mib - own;
}

} // namespace

std::int64_t captured_sizes(const Settings& settings)
{
    if (settings.enforce_eager || settings.largest_graph <= 0)
        return 0;
    if (!settings.batch_sizes.empty())
        return static_cast<std::int64_t>(settings.batch_sizes.size());
    const std::int64_t most = settings.largest_graph;
    std::set<std::int64_t> sizes;
    for (const std::int64_t small : {1, 2, 4})
        sizes.insert(small);
    for (std::int64_t size = 8; size <= most; size += size < 256 ? 8 : 16)
        sizes.insert(size);
    if (settings.speculative_tokens > 0 && settings.version >= EngineVersion{0, 29}) // whole steps of so many requests
        for (const std::int64_t requests : std::set<std::int64_t>(sizes))
            sizes.insert(requests * (1 + settings.speculative_tokens));
    sizes.erase(sizes.upper_bound(most), sizes.end());
    return static_cast<std::int64_t>(sizes.size());
}

DeviceOverhead device_overhead(const InferenceInputs& inputs, const Settings& settings)
{
    DeviceOverhead overhead;
    overhead.cuda_context = context_bytes;
    overhead.non_torch = non_torch_bytes(settings);
    overhead.nccl = nccl_bytes(settings);
    overhead.graph_sizes = captured_sizes(settings);
    overhead.layers = inputs.model->architecture.layers();
    for (const CacheRun& run : inputs.model->cache)
        if (run.kind == CacheKind::compressed)
            overhead.latent_layers += run.layers;
    overhead.cuda_graphs = graph_bytes<double>(overhead, settings.era);
    return overhead;
}

template<class Number>
Number graph_bytes(const DeviceOverhead& overhead, Era era)
{
    if (overhead.graph_sizes == 0)
        return constant<Number>(0);
    // Calibrated on the 51 sizes that 0.19 captures by default, as pieces and as whole graphs; older versions captured
    // pieces only. Half of the graphs' own share does not depend on their number: a report of few sizes has as much.
    constexpr double default_sizes = 51;
    const double share = era == Era::up_to_0_16 ? 0.6 : 1;
    return named<Number>("C_pool", 170 * bytes_per_mib * share) +
           named<Number>("n_sizes", static_cast<double>(overhead.graph_sizes)) / constant<Number>(default_sizes) *
               (named<Number>("C_graph", 170 * bytes_per_mib * share) +
                named<Number>("L", static_cast<double>(overhead.layers)) *
                    named<Number>("C_layer", 17.3 * bytes_per_mib * share) +
                named<Number>("L_MLA", static_cast<double>(overhead.latent_layers)) *
                    named<Number>("C_MLA", 25 * bytes_per_mib * share));
}

template double graph_bytes<double>(const DeviceOverhead&, Era);
template Traced graph_bytes<Traced>(const DeviceOverhead&, Era);

} // namespace weighbridge::vllm
