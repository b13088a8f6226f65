#include "core/engines/vllm/kv_pool.h"

#include "core/engines/vllm/backends.h"
#include "core/engines/vllm/compressed_pool.h"
#include "core/engines/vllm/drafts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weighbridge::vllm {

namespace {

std::int64_t divided_up_whole(std::int64_t a, std::int64_t b)
{
    return (a + b - 1) / b;
}

/// An entry of sparse MLA, whose layers all lie alike.
double sparse_entry_bytes(const InferenceInputs& inputs, const CacheRun& run, SparseEntry entry)
{
    constexpr double per_scale = 128;
    const auto latent = static_cast<double>(run.latent_rank);
    const auto rotated = static_cast<double>(run.key_dim - run.latent_rank);
    switch (entry) {
    case SparseEntry::ds_mla:
        return latent * (1 + 4 / per_scale) + 2 * rotated;
    case SparseEntry::fp8:
        return latent + rotated;
    case SparseEntry::nvfp4:
        return latent * inputs.kv_k.bits / 8 + (version_of(inputs) < EngineVersion{0, 33} ? 2 : 1) * rotated;
    case SparseEntry::none:
    case SparseEntry::computed:
        break;
    }
    return (latent + rotated) * inputs.kv_k.bits / 8;
}

/// K and V of one layer and token on one rank: a head is on one rank at least.
double entry_bytes(const InferenceInputs& inputs, const CacheRun& run, std::int64_t ranks)
{
    if (run.latent_rank > 0)
        return sparse_entry_bytes(inputs, run, sparse_entry(inputs));
    return static_cast<double>(run.heads_on_rank(ranks)) *
           (static_cast<double>(run.key_dim) * inputs.kv_k.bits + inputs.kv_k.bits_per_row +
            static_cast<double>(run.value_dim) * inputs.kv_v.bits + inputs.kv_v.bits_per_row) /
           (8 * static_cast<double>(run.compress_ratio));
}

/// The indexer's keys: a byte each and an fp32 scale per 128, on every rank (DeepseekV32IndexerCache).
double index_bytes(const CacheRun& run)
{
    return static_cast<double>(run.index_dim) * (1 + 4.0 / 128) / static_cast<double>(run.compress_ratio);
}

/// Convolution and recurrent state of one layer and sequence on one rank (mamba/mamba_utils.py). The state has the
/// width that was asked for or that the config names, else that of the convolution; KDA's is fp32.
double state_bytes(const InferenceInputs& inputs, const Settings& settings, const CacheRun& run)
{
    const double conv_width = settings.convolution_bytes > 0 ? settings.convolution_bytes : settings.model_bytes;
    double width = run.state_bytes > 0 ? run.state_bytes : conv_width;
    if (run.id == "kimi_delta")
        width = 4;
    else if (settings.recurrent_bytes > 0)
        width = settings.recurrent_bytes;
    const double conv = static_cast<double>(run.conv_elements() + run.conv_channels * settings.speculative_tokens);
    return (conv * conv_width + static_cast<double>(run.state_elements) * width) /
           static_cast<double>(inputs.tensor_parallel);
}

/// The kernels that leave checkpoints of gated DeltaNet's state begin with Hopper.
bool has_delta_checkpoints(const Settings& settings)
{
    return settings.compute_capability == 0 || settings.compute_capability >= 90;
}

/// Pages that a request takes for a state: the one it writes, one per drafted token, with prefix caching the one it
/// began from, and from 0.29 on a checkpoint of the prefill for kinds that can make one (MambaSpec,
/// max_memory_usage_bytes).
std::int64_t states_of(const Settings& settings, std::string_view id)
{
    const std::int64_t written = 1 + settings.speculative_tokens;
    const bool kept = settings.states_kept == StatesKept::by_prefix_caching ? settings.enable_prefix_caching
                                                                            : settings.states_kept != StatesKept::none;
    if (!kept)
        return written;
    const bool has_checkpoints =
        id == "mamba2" || id == "kimi_delta" || (id == "gated_delta_net" && has_delta_checkpoints(settings));
    return written + (has_checkpoints && settings.version >= EngineVersion{0, 29} ? 2 : 1);
}

bool is_alike(const CacheBucket& a, const CacheBucket& b)
{
    return a.id == b.id && a.window == b.window && a.bytes_per_token == b.bytes_per_token &&
           a.state_bytes == b.state_bytes;
}

void add_bucket(std::vector<CacheBucket>& buckets, const CacheBucket& bucket)
{
    const auto same =
        std::find_if(buckets.begin(), buckets.end(), [&](const CacheBucket& other) { return is_alike(bucket, other); });
    if (same == buckets.end())
        buckets.push_back(bucket);
    else
        same->layers += bucket.layers;
}

/// What every latent layer of a network with an indexer keeps, whether it is its own or an earlier layer's: up to 0.22
/// vLLM knows no shared ones.
std::int64_t index_dim_of(const InferenceInputs& inputs, const CacheRun& run, const Settings& settings)
{
    if (run.index_dim > 0 || run.latent_rank == 0 || settings.version >= EngineVersion{0, 23})
        return run.index_dim;
    std::int64_t widest = 0;
    for (const CacheRun& other : inputs.model->cache)
        widest = std::max(widest, other.index_dim);
    return widest;
}

/// MiniCPM3's class rebuilds keys and values before it keeps them, values as wide as keys (models/minicpm3.py).
CacheRun rebuilt(CacheRun run, const Architecture& architecture)
{
    if (run.latent_rank == 0 || architecture.family != "minicpm3" || architecture.kinds.empty())
        return run;
    const auto* latent = first_of<LatentAttention>(architecture.kinds.front().mixers);
    if (latent == nullptr)
        return run;
    return {.id = "full",
            .layers = run.layers,
            .kv_heads = latent->heads,
            .key_dim = latent->qk_nope_head_dim + latent->qk_rope_head_dim,
            .value_dim = latent->qk_nope_head_dim + latent->qk_rope_head_dim};
}

void add_buckets(std::vector<CacheBucket>& buckets, const InferenceInputs& inputs, const Settings& settings,
                 const CacheRun& kept)
{
    if (kept.kind == CacheKind::cross)
        return; // nothing without an image
    const Architecture& architecture = inputs.model->architecture;
    CacheRun run = rebuilt(kept, architecture);
    if (run.kind == CacheKind::growing && architecture.idle_window > 0) { // a window all the same
        run.kind = CacheKind::windowed;
        run.window = architecture.idle_window;
    }
    const bool grows = run.kind == CacheKind::windowed && !settings.hybrid_manager;
    CacheBucket bucket{.id = grows ? "full" : run.id,
                       .kind = grows ? CacheKind::growing : run.kind,
                       .chunked = run.id == "chunked",
                       .layers = run.layers,
                       .window = grows ? 0 : run.window,
                       .block_size = settings.block_size,
                       .states = states_of(settings, run.id)};
    if (run.kind == CacheKind::state && settings.states_kept == StatesKept::at_each_block)
        bucket.states_every = settings.state_block;
    if (run.kind == CacheKind::state)
        bucket.state_bytes = state_bytes(inputs, settings, run);
    else
        bucket.bytes_per_token = entry_bytes(inputs, run, settings.tensor_parallel);
    add_bucket(buckets, bucket);
    run.index_dim = index_dim_of(inputs, run, settings);
    if (run.index_dim > 0) {
        bucket.id = "index";
        bucket.bytes_per_token = index_bytes(run);
        add_bucket(buckets, bucket);
    }
}

std::vector<CacheBucket> buckets_of(const InferenceInputs& inputs, const Settings& settings,
                                    const std::vector<CacheRun>& runs)
{
    std::vector<CacheBucket> buckets;
    for (const CacheRun& run : runs)
        add_buckets(buckets, inputs, settings, run);
    return buckets;
}

/// What this rank's layers keep, those that draft included where they are its own.
std::vector<CacheRun> own_runs(const InferenceInputs& inputs, const Settings& settings, bool last)
{
    std::vector<CacheRun> runs = inputs.model->cache;
    if (last)
        for (const CacheRun& run : drafted_cache(inputs, settings))
            runs.push_back(run);
    return runs;
}

/// The same of all stages: groups are cut from the whole network's layers (get_kv_cache_configs).
std::vector<CacheRun> all_runs(const InferenceInputs& inputs, const Settings& settings)
{
    if (!inputs.stages)
        return own_runs(inputs, settings, true);
    std::vector<CacheRun> runs = drafted_cache(inputs, settings);
    for (const PipelineStage& stage : *inputs.stages)
        runs.insert(runs.begin(), stage.model->cache.begin(), stage.model->cache.end());
    return runs;
}

bool all_grow(const std::vector<CacheBucket>& buckets)
{
    return std::none_of(buckets.begin(), buckets.end(), [](const CacheBucket& bucket) {
        return bucket.kind == CacheKind::windowed || bucket.kind == CacheKind::state;
    });
}

/// All layers in one group: equal layers, or full attention of several widths whose pages lie side by side. A rank has
/// the pages of its own layers.
void make_one_group(KvPool& pool, const std::vector<CacheBucket>& own)
{
    double bytes = 0;
    for (const CacheBucket& bucket : own) {
        bytes += bucket.bytes_per_token * static_cast<double>(bucket.layers);
        pool.group_size += bucket.layers;
    }
    pool.groups = 1;
    pool.block_bytes = bytes * static_cast<double>(pool.block_size);
    pool.page_bytes = pool.block_bytes / static_cast<double>(std::max<std::int64_t>(1, pool.group_size));
}

/// A page of states is of one size; attention gets blocks of as many tokens as make a page at least as large. With
/// prefix caching they are, from 0.33 on, whole chunks of the kernel that checkpoints are made at
/// (platforms/interface.py, _align_hybrid_block_size).
void align_to_states(KvPool& pool, const Settings& settings)
{
    constexpr std::int64_t latent_step = 128;
    constexpr std::int64_t delta_chunk = 64;
    double state = 0;
    double per_token = 0;
    std::int64_t step = pool.block_size;
    for (const CacheBucket& bucket : pool.buckets) {
        state = std::max(state, bucket.state_bytes);
        per_token = std::max(per_token, bucket.bytes_per_token);
        if (bucket.kind == CacheKind::compressed)
            step = std::max(latent_step, step);
    }
    if (state == 0 || per_token == 0)
        return;
    const bool checkpoints =
        settings.enable_prefix_caching && settings.version >= EngineVersion{0, 33} && has_delta_checkpoints(settings);
    for (const CacheBucket& bucket : pool.buckets)
        if (checkpoints && bucket.id == "gated_delta_net")
            step = std::lcm(step, delta_chunk);
    const double steps = std::ceil(state / (static_cast<double>(step) * per_token));
    pool.block_size = step * std::max<std::int64_t>(1, static_cast<std::int64_t>(steps));
}

/// Several kinds: pages grow to the widest one's, then each kind is cut into groups as large as the smallest kind, or
/// as the largest where that is less than one and a half times as many layers.
void make_groups(KvPool& pool, const std::vector<CacheBucket>& own, const Settings& settings)
{
    align_to_states(pool, settings);
    std::int64_t fewest = pool.buckets.front().layers;
    std::int64_t most = 0;
    double widest = 0;
    for (const CacheBucket& bucket : pool.buckets) {
        fewest = std::min(fewest, bucket.layers);
        most = std::max(most, bucket.layers);
        widest = std::max(widest, bucket.bytes_per_token);
        pool.page_bytes = std::max(
            {pool.page_bytes, bucket.state_bytes, bucket.bytes_per_token * static_cast<double>(pool.block_size)});
    }
    pool.group_size = 2 * most < 3 * fewest ? most : fewest;
    for (CacheBucket& bucket : pool.buckets) {
        bucket.block_size = pool.block_size;
        const double ratio = bucket.bytes_per_token > 0 ? widest / bucket.bytes_per_token : 1;
        if (ratio == std::floor(ratio) && ratio < 1024) // otherwise the page is padded
            bucket.block_size *= static_cast<std::int64_t>(ratio);
        bucket.groups = divided_up_whole(bucket.layers, pool.group_size);
        pool.groups += bucket.groups;
        pool.padding_layers += bucket.groups * pool.group_size - bucket.layers;
    }
    std::int64_t largest = 0; // group, of this rank's layers: each kind's are dealt out evenly
    for (const CacheBucket& bucket : own) {
        const auto home = std::find_if(pool.buckets.begin(), pool.buckets.end(),
                                       [&](const CacheBucket& other) { return is_alike(bucket, other); });
        const std::int64_t groups = home == pool.buckets.end() ? 1 : home->groups;
        largest = std::max(largest, divided_up_whole(bucket.layers, groups));
    }
    pool.block_bytes = pool.page_bytes * static_cast<double>(largest);
}

} // namespace

double token_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    return entry_bytes(inputs, run, 1) + (run.index_dim > 0 ? index_bytes(run) : 0);
}

KvPool kv_pool(const InferenceInputs& inputs, const Settings& settings, bool last)
{
    KvPool pool;
    pool.block_size = settings.block_size;
    pool.context_ranks = settings.decode_context_parallel;
    pool.tokens_in_flight = settings.tokens_in_flight;
    if (has_mixer<CompressedAttention>(inputs.model->architecture)) {
        make_compressed_pool(pool, inputs, settings, last);
        return pool;
    }
    pool.buckets = buckets_of(inputs, settings, all_runs(inputs, settings));
    const std::vector<CacheBucket> own = buckets_of(inputs, settings, own_runs(inputs, settings, last));
    if (all_grow(pool.buckets))
        make_one_group(pool, own);
    else
        make_groups(pool, own, settings);
    return pool;
}

std::int64_t blocks_of(const KvPool& pool, const CacheBucket& bucket, std::int64_t tokens)
{
    if (bucket.kind == CacheKind::state && bucket.states_every != 0)
        return divided_up_whole(tokens, bucket.states_every > 0 ? bucket.states_every : pool.block_size);
    if (bucket.kind == CacheKind::state)
        return bucket.states;
    if (bucket.kind != CacheKind::windowed)
        return divided_up_whole(divided_up_whole(tokens, pool.context_ranks), bucket.block_size);
    if (bucket.chunked)
        return divided_up_whole(std::min(bucket.window + pool.tokens_in_flight, tokens), bucket.block_size);
    return divided_up_whole(std::min(bucket.window - 1 + pool.tokens_in_flight, tokens), bucket.block_size) + 1;
}

std::int64_t blocks_per_request(const KvPool& pool, std::int64_t tokens)
{
    if (pool.buckets.empty())
        return 0;
    if (pool.groups == 1)
        return blocks_of(pool, pool.buckets.front(), tokens);
    std::int64_t blocks = 0;
    for (const CacheBucket& bucket : pool.buckets)
        blocks += bucket.groups * blocks_of(pool, bucket, tokens);
    return blocks;
}

std::int64_t blocks_in(const KvPool& pool, double available)
{
    if (pool.block_bytes <= 0 || available <= 0)
        return 0;
    return static_cast<std::int64_t>(std::floor(available / pool.block_bytes));
}

namespace {

/// 0.23 divides what all groups of a request take by a block of the first one.
std::int64_t blocks_by_bytes(const KvPool& pool, std::int64_t tokens)
{
    double bytes = 0;
    for (const CacheBucket& bucket : pool.buckets)
        bytes += static_cast<double>(blocks_of(pool, bucket, tokens)) * bucket.group_bytes;
    const auto first = std::find_if(pool.buckets.begin(), pool.buckets.end(),
                                    [](const CacheBucket& bucket) { return bucket.kind == CacheKind::growing; });
    return first == pool.buckets.end() ? 0 : static_cast<std::int64_t>(std::ceil(bytes / first->group_bytes));
}

} // namespace

double max_concurrency(const KvPool& pool, std::int64_t blocks, std::int64_t max_model_len)
{
    const std::int64_t each =
        pool.counts_bytes ? blocks_by_bytes(pool, max_model_len) : blocks_per_request(pool, max_model_len);
    return each == 0 ? 0 : static_cast<double>(blocks) / static_cast<double>(each);
}

std::int64_t printed_tokens(const KvPool& pool, std::int64_t blocks, const Settings& settings)
{
    if (settings.era == Era::from_0_21_on)
        return static_cast<std::int64_t>(max_concurrency(pool, blocks, settings.max_model_len) *
                                         static_cast<double>(settings.max_model_len));
    return blocks / std::max<std::int64_t>(1, pool.groups) * pool.block_size * pool.context_ranks;
}

} // namespace weighbridge::vllm
