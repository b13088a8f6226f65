#include "core/engines/sglang/pool.h"

#include "core/engines/inference.h"
#include "core/engines/version.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace weighbridge::sglang {

namespace {

/// Taken on the device when the server measures what is free: context and NCCL. A 24 GiB card showed 22.76 GiB free.
constexpr double taken_before_loading = 512 * bytes_per_mib;

struct Batches
{
    std::int64_t chunked_prefill;
    std::int64_t graphs;
};

Batches batches_for(double gib, std::int64_t ranks)
{
    const bool many = ranks >= 4;
    if (gib < 20)
        return {2048, 8};
    if (gib < 35)
        return {2048, many ? 80 : 24};
    if (gib < 60)
        return {4096, many ? 160 : 32};
    if (gib < 160)
        return {8192, many ? 512 : 256};
    return {16384, 512};
}

/// MiB that the server leaves free for activations and graphs.
double reserved_mib(const Settings& settings, double gib, std::int64_t gpus, std::int64_t replicas)
{
    const auto batch = static_cast<double>(settings.cuda_graph_max_bs);
    double reserved = 512 + 1.5 * static_cast<double>(std::max<std::int64_t>(settings.chunked_prefill_size, 2048)) +
                      2 * batch + static_cast<double>(gpus) / 8 * 1024;
    if (replicas > 1)
        reserved += (batch > 300 ? 4.5 : 3) * batch * static_cast<double>(replicas);
    return gib > 60 ? std::max(reserved, 10240.0) : reserved;
}

/// Before the rule above: by the number of ranks alone.
double old_fraction(std::int64_t ranks)
{
    if (ranks >= 16)
        return 0.79;
    if (ranks >= 8)
        return 0.81;
    if (ranks >= 4)
        return 0.85;
    return ranks >= 2 ? 0.87 : 0.88;
}

/// Whether the version is from before June 2025, when the rule came: 0.4.7. Logs also name a version by its month.
bool is_old(std::string_view version)
{
    if (version.starts_with("2024-") || (version.starts_with("2025-0") && version < std::string_view("2025-06")))
        return true;
    const EngineVersion read = read_version(version, {1, 0});
    if (read != EngineVersion{0, 4})
        return read < EngineVersion{0, 4};
    const std::size_t dot = version.rfind('.');
    return version.find('.') != dot && version.substr(dot + 1) < std::string_view("7");
}

double state_bytes(const CacheRun& run, const Settings& settings)
{
    const double width = run.state_bytes > 0 ? run.state_bytes : 4;
    return (static_cast<double>(run.conv_elements()) * settings.model_bytes +
            static_cast<double>(run.state_elements) * width) *
           static_cast<double>(run.layers) / static_cast<double>(settings.attention_ranks);
}

double entry_bytes(const InferenceInputs& inputs, const CacheRun& run, std::int64_t ranks)
{
    const bool quantized_latent = run.latent_rank > 0 && run.index_dim > 0 && inputs.kv_k.bits == 8;
    const double index = static_cast<double>(run.index_dim) * (1 + 4.0 / 128);
    if (quantized_latent) // fp8 latent with an fp32 scale per 128, RoPE part in 16 bits
        return static_cast<double>(run.latent_rank) * (1 + 4.0 / 128) +
               2 * static_cast<double>(run.key_dim - run.latent_rank) + index;
    const std::int64_t heads = run.replicated ? run.kv_heads : std::max<std::int64_t>(1, run.kv_heads / ranks);
    const double keys = static_cast<double>(heads * run.key_dim) * inputs.kv_k.bits / 8;
    const double values = static_cast<double>(heads * run.value_dim) * inputs.kv_v.bits / 8;
    return (keys + values + index) / static_cast<double>(run.compress_ratio);
}

/// Slots of states for each running request: its own and two of the radix cache's, and since 0.5.23 two more, the extra
/// buffer of the overlapping scheduler (mem_cache/kv_cache_configurator.py).
std::int64_t slots_per_request(std::string_view version)
{
    const EngineVersion read = read_version(version, {1, 0});
    const std::size_t minor = version.find('.');
    const std::size_t patch = minor == std::string_view::npos ? minor : version.find('.', minor + 1);
    const bool extra_buffer = read != EngineVersion{0, 5} || patch == std::string_view::npos
                                  ? !(read < EngineVersion{0, 5})
                                  : std::atoi(std::string(version.substr(patch + 1)).c_str()) >= 23;
    return extra_buffer ? 5 : 3;
}

} // namespace

Settings settings_of(const InferenceInputs& inputs)
{
    const SglangOptions& options = inputs.choice->sglang;
    Settings settings;
    settings.total_memory = reported_memory(inputs);
    settings.in_use = inputs.memory_in_use;
    settings.context_bytes = taken_before_loading;
    const double gib = settings.total_memory / bytes_per_gib;
    const Batches batches = batches_for(gib, inputs.tensor_parallel);
    const std::int64_t trained = inputs.model->architecture.max_position_embeddings;
    settings.context_length = options.context_length.value_or(trained > 0 ? trained : inputs.sequence_length);
    settings.chunked_prefill_size = options.chunked_prefill_size.value_or(batches.chunked_prefill);
    settings.cuda_graph_max_bs = options.cuda_graph_max_bs.value_or(batches.graphs);
    settings.data_parallel = inputs.hardware->data_parallel;
    settings.slots_per_request = slots_per_request(inputs.choice->engine_version);
    const bool splits = options.enable_dp_attention && inputs.tensor_parallel % settings.data_parallel == 0;
    settings.attention_ranks = splits ? inputs.tensor_parallel / settings.data_parallel : inputs.tensor_parallel;
    const bool full_precision = inputs.weights.takes_all_tensors && inputs.weights.bits == 32;
    settings.model_bytes = full_precision ? 4 : inputs.activations.bits / 8;
    const double reserved = reserved_mib(settings, gib, inputs.tensor_parallel * inputs.pipeline_parallel,
                                         splits ? settings.data_parallel : 1);
    const double fraction = is_old(inputs.choice->engine_version) ? old_fraction(inputs.tensor_parallel)
                                                                  : std::max(0.0, 1 - reserved / (gib * 1024));
    settings.mem_fraction_static = options.mem_fraction_static.value_or(settings.total_memory > 0 ? fraction : 0);
    return settings;
}

double token_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    return entry_bytes(inputs, run, 1);
}

CacheCosts cache_costs(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr double swa_full_tokens_ratio = 0.8; // server_args.py
    CacheCosts costs;
    for (const CacheRun& run : inputs.model->cache) {
        if (run.kind == CacheKind::cross)
            continue; // nothing without an image
        if (run.kind == CacheKind::state) {
            costs.state_per_sequence += state_bytes(run, settings);
            continue;
        }
        const double bytes = entry_bytes(inputs, run, settings.attention_ranks) * static_cast<double>(run.layers);
        if (run.kind == CacheKind::windowed && run.id == "sliding") {
            costs.windowed_per_token += bytes;
            costs.windowed_share = swa_full_tokens_ratio;
            costs.longest_window = std::max(costs.longest_window, static_cast<double>(run.window));
        } else {
            costs.full_per_token += bytes;
        }
    }
    if (costs.full_per_token == 0) // nothing but windows: one pool
        costs.windowed_share = 1;
    return costs;
}

Pools pools_of(const Settings& settings, const CacheCosts& costs, double weights)
{
    Pools pools;
    const double free_before = settings.total_memory - settings.in_use - settings.context_bytes;
    pools.rest = free_before - weights - free_before * (1 - settings.mem_fraction_static);
    double room = std::max(0.0, pools.rest);
    const double per_token = costs.full_per_token + costs.windowed_share * costs.windowed_per_token;
    if (costs.state_per_sequence > 0) {
        const double share = per_token > 0 ? mamba_full_memory_ratio / (1 + mamba_full_memory_ratio) : 1;
        pools.states = static_cast<std::int64_t>(std::floor(room * share / costs.state_per_sequence));
        room -= room * share;
    }
    if (per_token > 0)
        pools.max_total_num_tokens = static_cast<std::int64_t>(std::floor(room / per_token));
    pools.kv_bytes = static_cast<double>(pools.max_total_num_tokens) * per_token;
    return pools;
}

} // namespace weighbridge::sglang
