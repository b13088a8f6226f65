#include "core/engines/sglang/cache.h"

#include "core/quantity/rounding.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weighbridge::sglang {

namespace {

constexpr double scale_bytes_per_value = 4.0 / 128; ///< an fp32 scale for each 128 values

/// One FP8 byte per value and its share of a scale (mem_cache/memory_pool.py, DSATokenToKVPool).
double indexer_bytes(std::int64_t width)
{
    return static_cast<double>(width) * (1 + scale_bytes_per_value);
}

/// The latent vector and the key with RoPE. Sparse attention in FP8 keeps scales and the key in 16 bits, but with
/// TensorRT-LLM's kernels (kv_cache_configurator.py, calculate_mla_kv_cache_dim).
double latent_bytes(const InferenceInputs& inputs, std::int64_t rank, std::int64_t rope, bool sparse, bool raw)
{
    if (sparse && inputs.kv_k.bits == 8 && !raw)
        return static_cast<double>(rank) * (1 + scale_bytes_per_value) + 2 * static_cast<double>(rope);
    return static_cast<double>(rank + rope) * inputs.kv_k.bits / 8;
}

/// One of each kind of layer with attention, cached in one way.
struct Entry
{
    double bytes = 0; ///< of a token on one rank
    double layers = 0;
    bool windowed = false;
    double window = 0;
};

Entry entry_of(const InferenceInputs& inputs, const Settings& settings, const Attention& attention)
{
    const auto heads = static_cast<double>(std::max<std::int64_t>(1, attention.kv_heads / settings.attention_ranks));
    Entry entry;
    entry.bytes = heads * (static_cast<double>(attention.head_dim) * inputs.kv_k.bits / 8 +
                           static_cast<double>(attention.value_head_dim) * inputs.kv_v.bits / 8);
    if (attention.indexer.cached())
        entry.bytes += indexer_bytes(attention.indexer.head_dim);
    entry.windowed = attention.span != AttentionSpan::full;
    entry.window = static_cast<double>(attention.window);
    return entry;
}

Entry entry_of(const InferenceInputs& inputs, const Settings& settings, const LatentAttention& latent)
{
    Entry entry;
    entry.bytes = latent_bytes(inputs, latent.kv_lora_rank, latent.qk_rope_head_dim, latent.indexer.heads > 0,
                               settings.trtllm_kernels);
    if (latent.indexer.cached())
        entry.bytes += indexer_bytes(latent.indexer.head_dim);
    return entry;
}

/// Layers that read another layer's cache and cross-attention have a cache of their own in SGLang's pools.
std::vector<Entry> entries_of(const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = inputs.model->architecture;
    std::vector<Entry> entries;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        for (const Mixer& mixer : architecture.kinds[kind].mixers) {
            Entry entry;
            if (const auto* attention = std::get_if<Attention>(&mixer))
                entry = entry_of(inputs, settings, *attention);
            else if (const auto* latent = std::get_if<LatentAttention>(&mixer))
                entry = entry_of(inputs, settings, *latent);
            else
                continue;
            entry.layers = static_cast<double>(architecture.layers_of(kind));
            entries.push_back(entry);
        }
    return entries;
}

/// Until 0.5.8 every layer was weighed as one that sees everything, and MiMo's windows once more by their own heads;
/// what that makes for all layers was shared out evenly (model_runner_kv_cache_mixin.py, get_cell_size_per_token and
/// set_num_tokens_hybrid_swa).
void weigh_windows_as_full(std::vector<Entry>& entries, std::string_view family)
{
    const auto full = std::find_if(entries.begin(), entries.end(), [](const Entry& entry) { return !entry.windowed; });
    if (full == entries.end())
        return;
    double layers = 0;
    double windows = 0;
    for (const Entry& entry : entries) {
        layers += entry.layers;
        windows += entry.windowed && family.starts_with("mimo_v2") ? entry.layers * entry.bytes : 0;
    }
    const double each = full->bytes + windows / layers;
    for (Entry& entry : entries)
        entry.bytes = each;
}

double state_bytes(const CacheRun& run, const Settings& settings)
{
    const double own = run.state_bytes > 0 ? run.state_bytes : 4;
    const double width = settings.state_bytes > 0 ? settings.state_bytes : own;
    return (static_cast<double>(run.conv_elements()) * settings.model_bytes +
            static_cast<double>(run.state_elements) * width) *
           static_cast<double>(run.layers) / static_cast<double>(settings.attention_ranks);
}

/// With a bound on the requests and no radix cache the windows' pool holds what they need at worst
/// (pool_configurator.py, compute_swa_request_cap): a window, what is evicted late and padding for each, and the chunks
/// in flight.
double window_tokens(const Settings& settings, double window)
{
    if (settings.radix_cache || !settings.max_running_requests || settings.chunked_prefill_size <= 0)
        return 0;
    const auto page = static_cast<double>(settings.page_size);
    const double drafted = settings.draft.any() ? static_cast<double>(settings.draft.tokens) : 1;
    const double decoded = settings.draft.any() ? 2 * std::max(drafted, page) : page;
    const double chunks = settings.overlap ? 2 : 1;
    constexpr double evicted_late = 128; // SGLANG_SWA_EVICTION_INTERVAL, steps
    const double each = window + evicted_late * drafted + page + decoded;
    const double tokens = static_cast<double>(*settings.max_running_requests) * each +
                          chunks * static_cast<double>(settings.chunked_prefill_size) + page;
    return std::ceil(tokens / page) * page;
}

/// Layers that the draft's pool is weighed by.
double drafted_layers(const InferenceInputs& inputs, const Settings& settings)
{
    if (settings.draft.kind == DraftKind::prediction_layer)
        return static_cast<double>(std::max<std::int64_t>(1, inputs.model->architecture.mtp_layers()));
    return inputs.draft ? static_cast<double>(std::max<std::int64_t>(1, inputs.draft->model->architecture.layers()))
                        : 1;
}

/// A draft's pool has as many tokens. It is weighed as so many layers of the network more; the indexer's keys of all of
/// them count.
void add_draft(CacheCosts& costs, const InferenceInputs& inputs, const Settings& settings,
               const std::vector<Entry>& entries)
{
    if (!settings.draft.has_weights() || entries.empty())
        return;
    const bool predicts = settings.draft.kind == DraftKind::prediction_layer;
    const double drafts = drafted_layers(inputs, settings);
    double widest = 0;
    for (const Entry& entry : entries)
        if (!entry.windowed || widest == 0)
            widest = std::max(widest, entry.bytes);
    costs.draft_per_token = drafts * widest * settings.draft.cache_share;
    costs.draft_counted = !predicts || settings.model.counts_draft_cache;
    if (costs.draft_counted)
        costs.full_per_token += costs.draft_per_token;
}

// ---- DeepSeek-V4 (pool_configurator.py, DSV4PoolConfigurator)

constexpr std::int64_t v4_page = 256;

/// An entry: 64 of the values keep 16 bits for RoPE, 8 bytes of scales; pages are padded to 576 bytes.
double v4_entry_bytes(std::int64_t head_dim, std::int64_t ratio)
{
    constexpr std::int64_t rope = 64;
    constexpr std::int64_t padded_to = 576;
    const std::int64_t entries = std::max<std::int64_t>(1, v4_page / std::max<std::int64_t>(1, ratio));
    const std::int64_t bytes = entries * (head_dim + rope + 8);
    const std::int64_t page = rounded_up(bytes, padded_to);
    return static_cast<double>(page) / static_cast<double>(entries);
}

/// Rows of a state for each request, one more and padding, of keys and scores in fp32.
double v4_state_bytes(std::int64_t head_dim, std::int64_t requests)
{
    constexpr std::int64_t ring = 128;
    const std::int64_t rows = rounded_up((requests + 1) * ring + ring + 1, ring);
    return static_cast<double>(rows * 2 * head_dim) * 4;
}

CacheCosts compressed_costs(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr double small_ring = 8; ///< of ratio 4, rows per page
    const Architecture& architecture = inputs.model->architecture;
    CacheCosts costs;
    double all_layers = 0;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind)
        for (const Mixer& mixer : architecture.kinds[kind].mixers) {
            const auto* attention = std::get_if<CompressedAttention>(&mixer);
            if (attention == nullptr)
                continue;
            const auto layers = static_cast<double>(architecture.layers_of(kind));
            const std::int64_t ratio = attention->compress_ratio;
            all_layers += layers;
            costs.longest_window = std::max(costs.longest_window, static_cast<double>(attention->window));
            costs.windowed_per_token += layers * v4_entry_bytes(attention->head_dim, 1);
            if (ratio <= 0)
                continue;
            double entry = v4_entry_bytes(attention->head_dim, ratio);
            if (attention->indexer.cached())
                entry += indexer_bytes(attention->indexer.head_dim);
            costs.full_per_token += layers * entry / static_cast<double>(ratio);
            if (attention->overlapping) {
                const auto width = static_cast<double>(attention->head_dim + attention->indexer.head_dim);
                costs.windowed_per_token += layers * small_ring / v4_page * 4 * width * 4;
            } else {
                costs.fixed +=
                    layers * v4_state_bytes(attention->head_dim, settings.max_running_requests.value_or(256));
            }
        }
    costs.windowed_share = settings.window_ratio;
    if (!settings.draft.has_weights() || all_layers == 0)
        return costs;
    costs.draft_counted = true;
    costs.draft_per_token = costs.per_token() / all_layers;
    const double grown = (all_layers + 1) / all_layers;
    costs.full_per_token *= grown;
    costs.windowed_per_token *= grown;
    return costs;
}

} // namespace

double token_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    const double index = indexer_bytes(run.index_dim);
    if (run.latent_rank > 0)
        return latent_bytes(inputs, run.latent_rank, run.key_dim - run.latent_rank, run.index_dim > 0, false) + index;
    const double values = static_cast<double>(run.kv_heads * run.key_dim) * inputs.kv_k.bits / 8 +
                          static_cast<double>(run.kv_heads * run.value_dim) * inputs.kv_v.bits / 8;
    return (values + index) / static_cast<double>(run.compress_ratio);
}

CacheCosts cache_costs(const InferenceInputs& inputs, const Settings& settings)
{
    if (has_mixer<CompressedAttention>(inputs.model->architecture))
        return compressed_costs(inputs, settings);
    CacheCosts costs;
    for (const CacheRun& run : inputs.model->cache)
        if (run.kind == CacheKind::state)
            costs.state_per_slot += state_bytes(run, settings);
    std::vector<Entry> entries = entries_of(inputs, settings);
    if (settings.release < Release{0, 5, 9})
        weigh_windows_as_full(entries, inputs.model->architecture.family);
    for (const Entry& entry : entries) {
        if (settings.model.window_pool && entry.windowed) {
            costs.windowed_per_token += entry.layers * entry.bytes;
            costs.windowed_share = settings.window_ratio;
            costs.longest_window = std::max(costs.longest_window, entry.window);
        } else {
            costs.full_per_token += entry.layers * entry.bytes;
        }
    }
    if (costs.full_per_token == 0) // nothing but windows: one pool
        costs.windowed_share = 1;
    else if (costs.windowed_per_token > 0)
        costs.window_tokens = window_tokens(settings, costs.longest_window);
    add_draft(costs, inputs, settings, entries);
    return costs;
}

} // namespace weighbridge::sglang
