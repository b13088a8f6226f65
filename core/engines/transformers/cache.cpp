#include "core/engines/transformers/cache.h"

#include <algorithm>
#include <optional>
#include <string>

namespace weighbridge {

namespace {

/// Keys and values of one token in one layer of a kind: elements that releases before 5.14 keep of a latent cache.
struct Expanded
{
    std::int64_t keys = 0;
    std::int64_t values = 0;
};

Expanded expanded_of(const TransformersRun& run)
{
    for (const LayerWidths& widths : run.widths)
        if (widths.latent > 0)
            return {widths.keys, widths.values};
    return {};
}

/// Convolution inputs of the whole kernel and the recurrent state, one sequence, one layer. The torch path of nearly
/// every class computes the state in float32 and keeps it so (transformers 5.24, modeling_mamba2.py,
/// modeling_qwen3_next.py; not modeling_minimax.py).
template<class Number>
Number state_bytes(const TransformersRun& run, const CacheRun& cache)
{
    constexpr double float32 = 4;
    const double computed = cache.wide_state ? float32 : run.activations.bits / 8;
    const double state_width = cache.state_bytes > 0 ? cache.state_bytes : computed;
    return extent<Number>("c_conv", cache.conv_channels) * extent<Number>("k_conv", cache.conv_kernel) *
               named<Number>("B_a", run.activations.bits / 8) +
           extent<Number>("n_state", cache.state_elements) * named<Number>("B_state", state_width);
}

/// Bytes of one token in one layer of the run.
template<class Number>
Number token_bytes(const TransformersRun& run, const CacheRun& cache)
{
    const auto key_width = named<Number>("B_k", run.kv_k.bits / 8);
    const auto value_width = named<Number>("B_v", run.kv_v.bits / 8);
    if (cache.kind != CacheKind::compressed)
        return extent<Number>("k", cache.kv_heads) * (extent<Number>("d_k", cache.key_dim) * key_width +
                                                      extent<Number>("d_v", cache.value_dim) * value_width);
    if (run.release.caches_latent()) {
        const auto latent =
            extent<Number>("r_kv", cache.latent_rank) + extent<Number>("d_rope", cache.key_dim - cache.latent_rank);
        // The indexer's key is kept beside (modeling_deepseek_v32.py).
        return cache.index_dim > 0 ? (latent + extent<Number>("d_index", cache.index_dim)) * key_width
                                   : latent * key_width;
    }
    const Expanded expanded = expanded_of(run);
    return extent<Number>("a·(d_nope + d_rope)", expanded.keys) * key_width +
           extent<Number>("a·d_v", expanded.values) * value_width;
}

/// A sliding layer keeps one token fewer than its window: the next one completes it.
template<class Number>
Number kept_tokens(const TransformersRun& run, const CacheRun& cache, std::string_view symbol, std::int64_t tokens)
{
    auto all = extent<Number>(symbol, tokens);
    if (cache.kind != CacheKind::windowed || !run.release.drops_tokens_outside_window())
        return all;
    return smaller_of(all, extent<Number>("W", std::max<std::int64_t>(1, cache.window - 1)));
}

} // namespace

template<class Number>
Number transformers_cache_bytes(const TransformersRun& run, std::string_view symbol, std::int64_t tokens)
{
    std::optional<Number> sum;
    const auto& cache = run.model->cache;
    for (const CacheRun& row : cache) {
        const std::string layers = cache.size() == 1 ? "L" : "L_" + std::string(row.id);
        const auto sequences = extent<Number>("b", run.batch_size);
        const Number sequence = row.kind == CacheKind::state
                                    ? state_bytes<Number>(run, row)
                                    : token_bytes<Number>(run, row) * kept_tokens<Number>(run, row, symbol, tokens);
        const Number bytes = extent<Number>(layers, row.layers) * sequence * sequences;
        sum = sum ? *sum + bytes : bytes;
    }
    return sum.value_or(constant<Number>(0));
}

double transformers_token_bytes(const TransformersRun& run, const CacheRun& cache)
{
    return token_bytes<double>(run, cache);
}

template<class Number>
Number transformers_growth_bytes(const TransformersRun& run, std::string_view symbol, std::int64_t tokens)
{
    const auto keys = [&](const CacheRun& row) {
        if (row.kind == CacheKind::compressed && !run.release.caches_latent())
            return static_cast<double>(expanded_of(run).keys);
        return static_cast<double>(row.kv_heads * row.key_dim);
    };
    const auto bytes = [&]<class Type>(const CacheRun& row, Type) {
        return named<Type>("k·d_k", keys(row)) * named<Type>("B_k", run.kv_k.bits / 8) *
               kept_tokens<Type>(run, row, symbol, tokens) * named<Type>("b", static_cast<double>(run.batch_size));
    };
    const auto& cache = run.model->cache;
    const auto most = std::max_element(cache.begin(), cache.end(), [&](const CacheRun& a, const CacheRun& b) {
        return bytes(a, 0.0) < bytes(b, 0.0);
    });
    return most == cache.end() ? constant<Number>(0) : bytes(*most, constant<Number>(0));
}

template double transformers_cache_bytes<double>(const TransformersRun&, std::string_view, std::int64_t);
template Traced transformers_cache_bytes<Traced>(const TransformersRun&, std::string_view, std::int64_t);
template double transformers_growth_bytes<double>(const TransformersRun&, std::string_view, std::int64_t);
template Traced transformers_growth_bytes<Traced>(const TransformersRun&, std::string_view, std::int64_t);

} // namespace weighbridge
