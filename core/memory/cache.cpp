#include "core/memory/cache.h"

#include <algorithm>
#include <optional>
#include <string>

namespace weighbridge {

namespace {

/// Symbols of a cache run; numbered runs keep theirs apart where a model has several kinds.
struct RunSymbols
{
    std::string layers;
    std::string window;
};

RunSymbols symbols_of(const CacheRun& run, std::size_t runs)
{
    if (runs == 1)
        return {"L", "W"};
    return {"L_" + std::string(run.id), "W"};
}

bool one_width(const InferenceInputs& inputs)
{
    return inputs.kv_k.bits == inputs.kv_v.bits;
}

/// Bytes of all layers of the run for `entries` entries (tokens times sequences), whole model; without entries, for
/// one. GQA: 2 · L · k · d · s · b · B_kv (arXiv:2305.13245); MLA: L · (r_kv + d_rope) · s · b · B_kv
/// (arXiv:2405.04434, section 2.1).
template<class Number>
Number run_bytes_of_entries(const InferenceInputs& inputs, const CacheRun& run, const std::string& layers_symbol,
                            const std::optional<Number>& entries)
{
    const auto extent = [](std::string_view symbol, std::int64_t value) {
        return named<Number>(symbol, static_cast<double>(value));
    };
    const auto width = [](std::string_view symbol, const NumberFormat& format) {
        return named<Number>(symbol, format.bits / 8);
    };
    const auto times_entries = [&](const Number& elements) { return entries ? elements * *entries : elements; };

    const Number layers = extent(layers_symbol, run.layers);
    if (run.kind == CacheKind::compressed)
        return times_entries(layers *
                             (extent("r_kv", run.latent_rank) + extent("d_rope", run.key_dim - run.latent_rank))) *
               width("B_kv", inputs.kv_k);
    if (run.key_dim == run.value_dim && one_width(inputs))
        return times_entries(constant<Number>(2) * layers * extent("k", run.kv_heads) * extent("d", run.key_dim)) *
               width("B_kv", inputs.kv_k);
    return times_entries(layers * extent("k", run.kv_heads) *
                         (extent("d_k", run.key_dim) * width("B_k", inputs.kv_k) +
                          extent("d_v", run.value_dim) * width("B_v", inputs.kv_v)));
}

template<class Number>
Number cached_tokens(const InferenceInputs& inputs, const CacheRun& run, const std::string& window_symbol)
{
    Number tokens = named<Number>("s", static_cast<double>(inputs.sequence_length));
    if (run.kind != CacheKind::windowed)
        return tokens;
    return smaller_of(tokens, named<Number>(window_symbol, static_cast<double>(run.window)));
}

/// Latent caches are not divided; key/value heads are, down to one head per rank.
template<class Number>
Number per_rank(Number whole, const InferenceInputs& inputs, const CacheRun& run)
{
    const auto ranks = static_cast<double>(inputs.tensor_parallel);
    if (run.replicated || inputs.tensor_parallel == 1)
        return whole;
    if (inputs.tensor_parallel > run.kv_heads)
        return whole / smaller_of(named<Number>("tp", ranks), named<Number>("k", static_cast<double>(run.kv_heads)));
    return whole / named<Number>("tp", ranks);
}

template<class Number>
Number run_bytes(const InferenceInputs& inputs, const CacheRun& run, std::size_t runs)
{
    const RunSymbols symbols = symbols_of(run, runs);
    const Number entries = cached_tokens<Number>(inputs, run, symbols.window) *
                           named<Number>("b", static_cast<double>(inputs.concurrent_sequences));
    return per_rank<Number>(run_bytes_of_entries<Number>(inputs, run, symbols.layers, entries), inputs, run);
}

template<class Number>
Number all_runs(const InferenceInputs& inputs)
{
    std::optional<Number> sum;
    if (inputs.use_kv_cache) {
        for (const CacheRun& run : inputs.model->cache) {
            const Number bytes = run_bytes<Number>(inputs, run, inputs.model->cache.size());
            sum = sum ? *sum + bytes : bytes;
        }
    }
    return sum.value_or(constant<Number>(0));
}

std::string_view label_of(const CacheRun& run)
{
    if (run.id == "sliding")
        return "Sliding-window layers";
    if (run.id == "chunked")
        return "Chunked-attention layers";
    if (run.id == "latent")
        return "Latent (MLA) layers";
    return "Full-attention layers";
}

std::string_view source_of(const CacheRun& run)
{
    switch (run.kind) {
    case CacheKind::compressed:
        return "DeepSeek-V2, arXiv:2405.04434, section 2.1: one latent and one RoPE key per token, on every rank";
    case CacheKind::windowed:
        return "at most one window of tokens per sequence (Mistral 7B, arXiv:2310.06825, section 2)";
    case CacheKind::growing:
        break;
    }
    return "keys and values of every token and layer (GQA, arXiv:2305.13245)";
}

} // namespace

double cache_bytes(const InferenceInputs& inputs)
{
    return all_runs<double>(inputs);
}

Term cache_term(const InferenceInputs& inputs)
{
    Term term = make_term("kv_cache", "KV cache", all_runs<Traced>(inputs));
    if (!inputs.use_kv_cache) {
        term.source = "switched off: every step computes all keys and values again";
        return term;
    }
    const auto& cache = inputs.model->cache;
    term.source = cache.size() == 1 ? source_of(cache.front()) : "sum over the kinds of layers";
    if (cache.size() == 1)
        return term;
    for (const CacheRun& run : cache) {
        Term child =
            make_term("kv_cache." + std::string(run.id), label_of(run), run_bytes<Traced>(inputs, run, cache.size()));
        child.source = source_of(run);
        term.children.push_back(std::move(child));
    }
    return term;
}

Traced cache_bytes_per_token(const InferenceInputs& inputs)
{
    std::optional<Traced> sum;
    for (const CacheRun& run : inputs.model->cache) {
        if (run.kind == CacheKind::windowed)
            continue;
        const Traced bytes =
            run_bytes_of_entries<Traced>(inputs, run, symbols_of(run, inputs.model->cache.size()).layers, std::nullopt);
        sum = sum ? *sum + bytes : bytes;
    }
    return sum.value_or(constant<Traced>(0));
}

double windowed_cache_bytes(const InferenceInputs& inputs)
{
    double sum = 0;
    for (const CacheRun& run : inputs.model->cache)
        if (run.kind == CacheKind::windowed)
            sum += run_bytes_of_entries<double>(inputs, run, {}, std::nullopt) * static_cast<double>(run.window);
    return sum;
}

} // namespace weighbridge
