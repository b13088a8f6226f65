#include "core/engines/llamacpp/latent_attention.h"

#include "core/engines/llamacpp/ubatch.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// Queries as projected and absorbed, with the RoPE part joined, and the output in latent space.
template<class Number>
Number absorbed(const LlamaCppRun& run, const LayerWidths& layer)
{
    const UbatchSymbols<Number> x(run);
    const auto heads = extent<Number>("a", layer.heads);
    const auto latent = extent<Number>("r_kv + d_rope", layer.latent);
    const auto rank = extent<Number>("r_kv", layer.latent - layer.latent_rope);
    return x.u * (x.h + extent<Number>("a·(d_nope + d_rope)", layer.queries) + heads * (latent + rank)) * x.four;
}

/// Scores of so many heads at a time that they stay below attn_max_batch.
template<class Number>
Number scores(const LlamaCppRun& run, const LlamaCppCells& cells, const LayerWidths& layer)
{
    const UbatchSymbols<Number> x(run);
    Number all = x.u * extent<Number>("a", layer.heads) * extent<Number>("n_cells", cells.full) * x.four;
    if (run.attn_max_batch == 0)
        return all;
    return smaller_of(all, named<Number>("amb", static_cast<double>(run.attn_max_batch) * 1048576));
}

/// How many heads are expanded at once: all, or as many as keep the fp32 result below attn_max_batch.
std::int64_t heads_at_once(const LlamaCppRun& run, const LlamaCppCells& cells, const LayerWidths& layer)
{
    const std::int64_t width = layer.keys - layer.heads * layer.latent_rope + layer.values;
    const double all = static_cast<double>(width) * static_cast<double>(cells.full) * 4 / 1048576;
    if (run.attn_max_batch == 0 || all <= static_cast<double>(run.attn_max_batch))
        return layer.heads;
    for (std::int64_t parts = 2; parts < layer.heads; ++parts)
        if (layer.heads % parts == 0 && all / static_cast<double>(parts) <= static_cast<double>(run.attn_max_batch))
            return layer.heads / parts;
    return 1;
}

/// The cache of all tokens times kv_b in fp32, then cast. In parts, the keys and values of all parts stay.
template<class Number>
Number expanded(const LlamaCppRun& run, const LlamaCppCells& cells, const LayerWidths& layer)
{
    const UbatchSymbols<Number> x(run);
    const std::int64_t part = heads_at_once(run, cells, layer);
    const std::int64_t nope = (layer.keys - layer.heads * layer.latent_rope) / std::max<std::int64_t>(1, layer.heads);
    const std::int64_t value = layer.values / std::max<std::int64_t>(1, layer.heads);
    const auto tokens = extent<Number>("n_cells", cells.full);
    const auto heads = extent<Number>("a_part", part);
    const auto d_nope = extent<Number>("d_nope", nope);
    const auto d_v = extent<Number>("d_v", value);
    const auto width = named<Number>("B_kv", run.n_gpu_layers > 0 ? 2 : run.kv_k.bits / 8);
    const Number product = tokens * heads * (d_nope + d_v) * x.four;
    const Number queries =
        x.u * (constant<Number>(2) * extent<Number>("a·(d_nope + d_rope)", layer.queries) + x.h) * x.four;
    if (part == layer.heads)
        return product + tokens * heads * (d_nope + d_v) * width + queries;
    const Number kept =
        tokens * (extent<Number>("a·(d_nope + d_rope)", layer.keys) + extent<Number>("a·d_v", layer.values)) * width;
    return product + tokens * heads * d_nope * width + kept + queries;
}

} // namespace

template<class Number>
Number latent_attention_bytes(const LlamaCppRun& run, const LlamaCppCells& cells, const LayerWidths& layer)
{
    const std::int64_t mode = run.mla.value_or(1);
    if (run.build.ik && run.flash_attn && mode >= 2)
        return expanded<Number>(run, cells, layer);
    if (run.flash_attn)
        return absorbed<Number>(run, layer);
    return absorbed<Number>(run, layer) + scores<Number>(run, cells, layer);
}

template double latent_attention_bytes<double>(const LlamaCppRun&, const LlamaCppCells&, const LayerWidths&);
template Traced latent_attention_bytes<Traced>(const LlamaCppRun&, const LlamaCppCells&, const LayerWidths&);

} // namespace weighbridge
