#include "core/model/cache_layout.h"

#include <algorithm>

namespace weighbridge {

namespace {

CacheRun cache_of(const Attention& attention)
{
    CacheRun run{.id = "full",
                 .kv_heads = attention.kv_heads,
                 .key_dim = attention.head_dim,
                 .value_dim = attention.value_head_dim};
    if (attention.span != AttentionSpan::full) {
        run.id = attention.span == AttentionSpan::sliding ? "sliding" : "chunked";
        run.kind = CacheKind::windowed;
        run.window = attention.window;
    }
    return run;
}

/// The latent vector is cached with the shared RoPE key and serves as key and value at once (arXiv:2405.04434,
/// section 2.1).
CacheRun cache_of(const LatentAttention& attention)
{
    return {.id = "latent",
            .kind = CacheKind::compressed,
            .kv_heads = 1,
            .key_dim = attention.kv_lora_rank + attention.qk_rope_head_dim,
            .replicated = true,
            .latent_rank = attention.kv_lora_rank};
}

bool same_but_for_layers(const CacheRun& a, const CacheRun& b)
{
    return a.kind == b.kind && a.kv_heads == b.kv_heads && a.key_dim == b.key_dim && a.value_dim == b.value_dim &&
           a.window == b.window && a.id == b.id && a.latent_rank == b.latent_rank;
}

} // namespace

std::vector<CacheRun> cache_layout(const Architecture& architecture)
{
    std::vector<CacheRun> layout;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        CacheRun run = std::visit([](const auto& mixer) { return cache_of(mixer); }, architecture.kinds[kind].mixer);
        run.layers = architecture.layers_of(kind);
        const auto twin = std::find_if(layout.begin(), layout.end(),
                                       [&](const CacheRun& other) { return same_but_for_layers(run, other); });
        if (twin == layout.end())
            layout.push_back(run);
        else
            twin->layers += run.layers;
    }
    return layout;
}

} // namespace weighbridge
