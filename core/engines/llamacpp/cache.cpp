#include "core/engines/llamacpp/cache.h"

#include "core/engines/llamacpp/ubatch.h"

#include <algorithm>
#include <string>

namespace weighbridge {

namespace {

const LayerWidths* latent_layer(const LlamaCppRun& run)
{
    for (const LayerWidths& widths : run.widths)
        if (widths.latent > 0)
            return &widths;
    return nullptr;
}

/// Without flash attention values are stored transposed, and every layer's rows are as wide as the widest
/// ([TAG_V_CACHE_VARIABLE] in llama-kv-cache.cpp).
std::int64_t stored_value_width(const LlamaCppRun& run, const CacheRun& cache)
{
    std::int64_t width = cache.kv_heads * cache.value_dim;
    if (run.flash_attn)
        return width;
    for (const CacheRun& other : run.model->cache)
        if (other.kind == CacheKind::growing || other.kind == CacheKind::windowed)
            width = std::max(width, other.kv_heads * other.value_dim);
    return width;
}

template<class Number>
Number head_bytes(const LlamaCppRun& run, const CacheRun& cache)
{
    return extent<Number>("k·d_k", cache.kv_heads * cache.key_dim) * named<Number>("B_k", run.kv_k.bits / 8) +
           extent<Number>("k·d_v", stored_value_width(run, cache)) * named<Number>("B_v", run.kv_v.bits / 8);
}

/// Bytes of one token in one layer of latent attention. Mode 0 keeps every head's keys and values; mode 1 without flash
/// attention a transposed copy of the latent part beside the vector, as llama.cpp's first MLA builds did.
template<class Number>
Number latent_bytes(const LlamaCppRun& run, const CacheRun& cache)
{
    const auto key_width = named<Number>("B_k", run.kv_k.bits / 8);
    const auto value_width = named<Number>("B_v", run.kv_v.bits / 8);
    const LayerWidths* layer = latent_layer(run);
    if (run.mla == 0 && layer != nullptr)
        return extent<Number>("a·(d_nope + d_rope)", layer->keys) * key_width +
               extent<Number>("a·d_v", layer->values) * value_width;
    auto vector =
        (extent<Number>("r_kv", cache.latent_rank) + extent<Number>("d_rope", cache.key_dim - cache.latent_rank)) *
        key_width;
    if (run.mla == 1 && !run.flash_attn)
        return vector + extent<Number>("r_kv", cache.latent_rank) * value_width;
    return vector;
}

} // namespace

namespace {

/// Of one tensor with rows of so many elements.
double padding_of(const NumberFormat& format, std::int64_t elements)
{
    constexpr std::int64_t group = 512; // MATRIX_ROW_PADDING
    const bool quantized = format.bits < 16;
    return quantized && elements % group != 0 ? static_cast<double>(group - elements % group) * format.bits / 8 : 0;
}

/// An indexer beside heads' own keys has a cache like theirs, whose values nobody reads (MiniMax-M3).
bool indexes_with_values(const CacheRun& cache)
{
    return cache.index_dim > 0 && cache.kind == CacheKind::growing && cache.compress_ratio <= 1;
}

/// Of the tensors that one layer keeps.
double padding_of_layer(const LlamaCppRun& run, const CacheRun& cache)
{
    double bytes = cache.index_dim > 0 ? padding_of(run.kv_k, cache.index_dim) : 0;
    if (indexes_with_values(cache))
        bytes += padding_of(run.kv_v, cache.index_dim);
    if (cache.kind == CacheKind::compressed && run.mla != 0)
        return bytes + padding_of(run.kv_k, cache.key_dim);
    const LayerWidths* latent = cache.kind == CacheKind::compressed ? latent_layer(run) : nullptr;
    const std::int64_t keys = latent != nullptr ? latent->keys : cache.kv_heads * cache.key_dim;
    const std::int64_t values = latent != nullptr ? latent->values : stored_value_width(run, cache);
    return bytes + padding_of(run.kv_k, keys) + padding_of(run.kv_v, values);
}

} // namespace

template<class Number>
Number llama_cpp_row_padding(const LlamaCppRun& run, const CacheRun& cache, std::int64_t layers)
{
    const bool none = !run.pads_rows || !run.caches || cache.kind == CacheKind::state;
    return extent<Number>("L_" + std::string(cache.id), layers) *
           named<Number>("B_padding", none ? 0.0 : padding_of_layer(run, cache));
}

bool in_sliding_cache(const LlamaCppRun& run, const CacheRun& cache)
{
    return cache.kind == CacheKind::windowed && run.windowed && run.build.sizes_sliding_caches();
}

/// llama-memory-recurrent.cpp: rows of convolution inputs (R) and states (S) in fp32, one per sequence.
template<class Number>
Number llama_cpp_recurrent_bytes(const LlamaCppRun& run, const CacheRun& cache, std::int64_t layers)
{
    return extent<Number>("L_" + std::string(cache.id), layers) *
           (extent<Number>("n_r", cache.conv_elements()) + extent<Number>("n_s", cache.state_elements)) *
           constant<Number>(4) * extent<Number>("n_seq_max", run.n_seq_max) *
           extent<Number>(run.checkpoints > 0 ? "1 + n_draft + n_checkpoints" : "1 + n_draft",
                          1 + run.drafted + run.checkpoints);
}

/// llama-kv-cache-dsv4.cpp: what a compressor has seen of an entry that is not whole yet, keys and scores in fp32.
/// Where an indexer keeps keys beside it, entries overlap: twice the tokens and twice the width.
template<class Number>
Number llama_cpp_compressor_bytes(const LlamaCppRun& run, const CacheRun& cache, std::int64_t layers)
{
    if (cache.compress_ratio <= 1)
        return constant<Number>(0);
    const bool overlapping = cache.index_dim > 0;
    const std::int64_t width = overlapping ? 4 * (cache.key_dim + cache.index_dim) : cache.key_dim;
    return extent<Number>("L_" + std::string(cache.id), layers) * constant<Number>(2) *
           extent<Number>("r", cache.compress_ratio) * extent<Number>("d_state", width) * constant<Number>(4) *
           extent<Number>("n_seq_max", run.n_seq_max);
}

template<class Number>
Number llama_cpp_cache_bytes(const LlamaCppRun& run, const LlamaCppCells& cells, const CacheRun& cache,
                             std::int64_t layers)
{
    const bool sliding = in_sliding_cache(run, cache);
    Number token =
        cache.kind == CacheKind::compressed ? latent_bytes<Number>(run, cache) : head_bytes<Number>(run, cache);
    if (cache.index_dim > 0)
        token = token + extent<Number>("d_idx", cache.index_dim) * named<Number>("B_k", run.kv_k.bits / 8);
    if (indexes_with_values(cache))
        token = token + extent<Number>("d_idx", cache.index_dim) * named<Number>("B_v", run.kv_v.bits / 8);
    std::int64_t kept = sliding ? cells.sliding : cells.full;
    if (cache.compress_ratio > 1)
        kept = padded_cells((kept + cache.compress_ratio - 1) / cache.compress_ratio);
    return extent<Number>("L_" + std::string(cache.id), layers) * token *
           extent<Number>(sliding ? "n_swa_cells" : "n_cells", kept) * extent<Number>("n_stream", cells.streams);
}

LlamaCppCacheBytes llama_cpp_cache(const LlamaCppRun& run)
{
    const LlamaCppCells cells = llama_cpp_cells(run);
    LlamaCppCacheBytes bytes;
    if (!run.caches)
        return bytes;
    for (const CacheRun& cache : run.model->cache) {
        if (cache.kind == CacheKind::state) {
            bytes.recurrent += llama_cpp_recurrent_bytes<double>(run, cache, cache.layers);
            continue;
        }
        const double row = llama_cpp_cache_bytes<double>(run, cells, cache, cache.layers);
        bytes.recurrent += llama_cpp_compressor_bytes<double>(run, cache, cache.layers);
        bytes.kv += row;
        bytes.sliding += in_sliding_cache(run, cache) ? row : 0;
    }
    return bytes;
}

template double llama_cpp_row_padding<double>(const LlamaCppRun&, const CacheRun&, std::int64_t);
template Traced llama_cpp_row_padding<Traced>(const LlamaCppRun&, const CacheRun&, std::int64_t);
template double llama_cpp_recurrent_bytes<double>(const LlamaCppRun&, const CacheRun&, std::int64_t);
template Traced llama_cpp_recurrent_bytes<Traced>(const LlamaCppRun&, const CacheRun&, std::int64_t);
template double llama_cpp_compressor_bytes<double>(const LlamaCppRun&, const CacheRun&, std::int64_t);
template Traced llama_cpp_compressor_bytes<Traced>(const LlamaCppRun&, const CacheRun&, std::int64_t);
template double llama_cpp_cache_bytes<double>(const LlamaCppRun&, const LlamaCppCells&, const CacheRun&, std::int64_t);
template Traced llama_cpp_cache_bytes<Traced>(const LlamaCppRun&, const LlamaCppCells&, const CacheRun&, std::int64_t);

} // namespace weighbridge
