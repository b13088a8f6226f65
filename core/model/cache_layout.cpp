#include "core/model/cache_layout.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

void append(std::vector<CacheRun>& runs, const Attention& attention)
{
    if (!attention.stores_cache)
        return;
    CacheRun run{.id = "full",
                 .kv_heads = attention.kv_heads,
                 .key_dim = attention.head_dim,
                 .value_dim = attention.value_head_dim};
    if (attention.cross) {
        run.id = "cross";
        run.kind = CacheKind::cross;
    } else if (attention.span != AttentionSpan::full) {
        run.id = attention.span == AttentionSpan::sliding ? "sliding" : "chunked";
        run.kind = CacheKind::windowed;
        run.window = attention.window;
    }
    run.index_dim = attention.indexer.cached() ? attention.indexer.head_dim : 0;
    runs.push_back(run);
}

/// The latent vector is cached with the shared RoPE key and serves as key and value at once (arXiv:2405.04434,
/// section 2.1).
void append(std::vector<CacheRun>& runs, const LatentAttention& attention)
{
    runs.push_back({.id = "latent",
                    .kind = CacheKind::compressed,
                    .kv_heads = 1,
                    .key_dim = attention.kv_lora_rank + attention.qk_rope_head_dim,
                    .replicated = true,
                    .latent_rank = attention.kv_lora_rank,
                    .index_dim = attention.indexer.cached() ? attention.indexer.head_dim : 0});
}

/// A window as it is, and behind it an entry per compress_ratio tokens; key and value are one vector for all heads
/// (transformers, modeling_deepseek_v4.py).
void append(std::vector<CacheRun>& runs, const CompressedAttention& attention)
{
    runs.push_back({.id = "sliding",
                    .kind = CacheKind::windowed,
                    .kv_heads = 1,
                    .key_dim = attention.head_dim,
                    .window = attention.window,
                    .replicated = true});
    if (attention.compress_ratio > 0)
        runs.push_back({.id = "compressed",
                        .kind = CacheKind::growing,
                        .kv_heads = 1,
                        .key_dim = attention.head_dim,
                        .replicated = true,
                        .compress_ratio = attention.compress_ratio,
                        .index_dim = attention.indexer.cached() ? attention.indexer.head_dim : 0});
}

std::string_view id_of(RecurrentKind kind)
{
    static constexpr std::array<std::string_view, 8> ids = {
        "mamba1", "mamba2", "gated_delta_net", "kimi_delta", "lightning", "short_convolution", "rwkv", "rg_lru"};
    return ids[static_cast<std::size_t>(kind)];
}

void append(std::vector<CacheRun>& runs, const Recurrent& recurrent)
{
    runs.push_back({.id = id_of(recurrent.kind),
                    .kind = CacheKind::state,
                    .conv_kernel = recurrent.conv_kernel,
                    .conv_channels = recurrent.conv_channels,
                    .state_elements = recurrent.state_elements,
                    .state_bytes = recurrent.state_bytes,
                    .wide_state = recurrent.kind != RecurrentKind::lightning});
}

void merge(std::vector<CacheRun>& layout, CacheRun run, std::int64_t layers)
{
    run.layers = 0;
    const auto twin = std::find_if(layout.begin(), layout.end(), [&](CacheRun other) {
        other.layers = 0;
        return run == other;
    });
    CacheRun& home = twin == layout.end() ? layout.emplace_back(run) : *twin;
    home.layers += layers;
}

} // namespace

std::vector<CacheRun> cache_layout(const Architecture& architecture)
{
    std::vector<CacheRun> layout;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        std::vector<CacheRun> runs;
        for (const Mixer& mixer : architecture.kinds[kind].mixers)
            std::visit([&](const auto& known) { append(runs, known); }, mixer);
        for (const CacheRun& run : runs)
            merge(layout, run, architecture.layers_of(kind));
    }
    return layout;
}

} // namespace weighbridge
