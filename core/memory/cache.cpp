#include "core/memory/cache.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

/// A run of the layout with what sets it apart from the others of the network.
struct NamedRun
{
    const CacheRun& run;
    std::string id;     ///< "full"; "full_2" for the second of its kind
    std::string layers; ///< its symbol: "L" alone, else "L_full"
};

std::vector<NamedRun> named_runs(const Model& model)
{
    std::vector<NamedRun> named;
    for (const CacheRun& run : model.cache) {
        const auto before =
            std::count_if(named.begin(), named.end(), [&](const NamedRun& other) { return other.run.id == run.id; });
        std::string id(run.id);
        if (before > 0)
            id += '_' + std::to_string(before + 1);
        std::string layers = model.cache.size() == 1 ? "L" : "L_" + id;
        named.push_back({run, std::move(id), std::move(layers)});
    }
    return named;
}

bool one_width(const InferenceInputs& inputs)
{
    return inputs.kv_k.bits == inputs.kv_v.bits;
}

template<class Number>
Number extent(std::string_view symbol, std::int64_t value)
{
    return named<Number>(symbol, static_cast<double>(value));
}

template<class Number>
Number width(std::string_view symbol, const NumberFormat& format)
{
    return named<Number>(symbol, format.bits / 8);
}

/// Bytes of all layers of the run for `entries` entries (tokens times sequences), whole model; without entries, for
/// one. GQA: 2 · L · k · d · s · b · B_kv (arXiv:2305.13245); MLA: L · (r_kv + d_rope) · s · b · B_kv
/// (arXiv:2405.04434, section 2.1).
template<class Number>
Number key_value_bytes(const InferenceInputs& inputs, const NamedRun& of, const std::optional<Number>& entries)
{
    const CacheRun& run = of.run;
    const auto times_entries = [&](const Number& elements) { return entries ? elements * *entries : elements; };

    const Number layers = extent<Number>(of.layers, run.layers);
    if (run.kind == CacheKind::compressed)
        return times_entries(layers * (extent<Number>("r_kv", run.latent_rank) +
                                       extent<Number>("d_rope", run.key_dim - run.latent_rank))) *
               width<Number>("B_kv", inputs.kv_k);
    if (run.value_dim == 0)
        return times_entries(layers * extent<Number>("d", run.key_dim)) * width<Number>("B_kv", inputs.kv_k);
    if (run.key_dim == run.value_dim && one_width(inputs))
        return times_entries(constant<Number>(2) * layers * extent<Number>("k", run.kv_heads) *
                             extent<Number>("d", run.key_dim)) *
               width<Number>("B_kv", inputs.kv_k);
    return times_entries(layers * extent<Number>("k", run.kv_heads) *
                         (extent<Number>("d_k", run.key_dim) * width<Number>("B_k", inputs.kv_k) +
                          extent<Number>("d_v", run.value_dim) * width<Number>("B_v", inputs.kv_v)));
}

/// One key per entry for all heads of the indexer (DeepSeek-V3.2).
template<class Number>
Number index_bytes(const InferenceInputs& inputs, const NamedRun& of, const std::optional<Number>& entries)
{
    const Number elements = extent<Number>(of.layers, of.run.layers) * extent<Number>("d_idx", of.run.index_dim);
    return (entries ? elements * *entries : elements) * width<Number>("B_k", inputs.kv_k);
}

/// Of one sequence, whole model: the convolution's last inputs and the state.
template<class Number>
Number state_bytes(const InferenceInputs& inputs, const NamedRun& of)
{
    const CacheRun& run = of.run;
    const Number computed = width<Number>("B_a", inputs.activations);
    const Number stored = run.state_bytes > 0 ? named<Number>("B_state", run.state_bytes) : computed;
    std::optional<Number> elements;
    if (run.state_elements > 0)
        elements = extent<Number>("n_state", run.state_elements) * stored;
    if (run.conv_channels > 0) {
        const Number kept = extent<Number>("n_conv", run.conv_channels) *
                            (extent<Number>("w", run.conv_kernel) - constant<Number>(1)) * computed;
        elements = elements ? *elements + kept : kept;
    }
    return extent<Number>(of.layers, run.layers) * elements.value_or(constant<Number>(0));
}

template<class Number>
Number cached_entries(const InferenceInputs& inputs, const CacheRun& run)
{
    Number tokens = extent<Number>("s", inputs.sequence_length);
    if (run.kind == CacheKind::windowed)
        return smaller_of(tokens, extent<Number>("W", run.window));
    return run.compress_ratio > 1 ? tokens / extent<Number>("m", run.compress_ratio) : tokens;
}

/// Latent caches are not divided; key/value heads are, down to one head per rank; states by heads or channels.
template<class Number>
Number per_rank(Number whole, const InferenceInputs& inputs, const CacheRun& run)
{
    const auto ranks = static_cast<double>(inputs.tensor_parallel);
    if (run.replicated || inputs.tensor_parallel == 1)
        return whole;
    if (run.kind != CacheKind::state && inputs.tensor_parallel > run.kv_heads)
        return whole / smaller_of(named<Number>("tp", ranks), extent<Number>("k", run.kv_heads));
    return whole / named<Number>("tp", ranks);
}

template<class Number>
Number run_bytes(const InferenceInputs& inputs, const NamedRun& of)
{
    const CacheRun& run = of.run;
    const Number sequences = extent<Number>("b", inputs.concurrent_sequences);
    if (run.kind == CacheKind::cross)
        return constant<Number>(0);
    if (run.kind == CacheKind::state)
        return per_rank<Number>(state_bytes<Number>(inputs, of) * sequences, inputs, run);
    const Number entries = cached_entries<Number>(inputs, run) * sequences;
    const Number bytes = per_rank<Number>(key_value_bytes<Number>(inputs, of, entries), inputs, run);
    return run.index_dim > 0 ? bytes + index_bytes<Number>(inputs, of, entries) : bytes;
}

template<class Number>
Number all_runs(const InferenceInputs& inputs)
{
    std::optional<Number> sum;
    if (inputs.use_kv_cache) {
        for (const NamedRun& run : named_runs(*inputs.model)) {
            if (run.run.kind == CacheKind::cross)
                continue;
            const Number bytes = run_bytes<Number>(inputs, run);
            sum = sum ? *sum + bytes : bytes;
        }
    }
    return sum.value_or(constant<Number>(0));
}

std::string label_of(const CacheRun& run)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> labels = {{
        {"full", "Full-attention layers"},
        {"sliding", "Sliding-window layers"},
        {"chunked", "Chunked-attention layers"},
        {"latent", "Latent (MLA) layers"},
        {"compressed", "Compressed-attention layers"},
        {"cross", "Cross-attention layers"},
        {"mamba1", "Mamba layers"},
        {"mamba2", "Mamba-2 layers"},
        {"gated_delta_net", "Gated DeltaNet layers"},
        {"kimi_delta", "Kimi Delta Attention layers"},
        {"lightning", "Lightning-attention layers"},
        {"short_convolution", "Short-convolution layers"},
        {"rg_lru", "RG-LRU layers"},
    }};
    for (const auto& [id, label] : labels)
        if (id == run.id)
            return std::string(label);
    return "RWKV layers";
}

std::string_view state_source(const CacheRun& run)
{
    if (run.state_bytes > 0)
        return "convolution inputs in the type of the activations and a state in the type that the config names, of "
               "constant size (vLLM mamba_utils.py)";
    return "convolution inputs and state of constant size, in the type of the activations (vLLM mamba_utils.py)";
}

std::string_view source_of(const CacheRun& run)
{
    switch (run.kind) {
    case CacheKind::compressed:
        if (run.index_dim > 0)
            return "one latent and one RoPE key per token, on every rank (DeepSeek-V2, arXiv:2405.04434, section 2.1), "
                   "and one key of the indexer in each layer that owns one (DeepSeek-V3.2)";
        return "DeepSeek-V2, arXiv:2405.04434, section 2.1: one latent and one RoPE key per token, on every rank";
    case CacheKind::windowed:
        return "at most one window of tokens per sequence (Mistral 7B, arXiv:2310.06825, section 2)";
    case CacheKind::state:
        return state_source(run);
    case CacheKind::cross:
        return "keys and values of images only: text adds nothing (Llama 3.2 Vision)";
    case CacheKind::growing:
        break;
    }
    if (run.compress_ratio > 1)
        return "one vector per group of tokens, key and value at once, on every rank (DeepSeek-V4)";
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
    for (const NamedRun& run : named_runs(*inputs.model)) {
        Term child = make_term("kv_cache." + run.id, label_of(run.run), run_bytes<Traced>(inputs, run));
        child.source = source_of(run.run);
        term.children.push_back(std::move(child));
    }
    return term;
}

Traced cache_bytes_per_token(const InferenceInputs& inputs)
{
    std::optional<Traced> sum;
    for (const NamedRun& of : named_runs(*inputs.model)) {
        if (!of.run.grows())
            continue;
        Traced bytes = key_value_bytes<Traced>(inputs, of, std::nullopt);
        if (of.run.index_dim > 0)
            bytes = bytes + index_bytes<Traced>(inputs, of, std::nullopt);
        if (of.run.compress_ratio > 1)
            bytes = bytes / extent<Traced>("m", of.run.compress_ratio);
        if (inputs.token_bytes != nullptr) {
            const double each = inputs.token_bytes(inputs, of.run);
            constexpr double least_difference = 0.001; // of a byte: rounding of the same product
            if (std::abs(each * static_cast<double>(of.run.layers) - bytes.value()) > least_difference)
                bytes = extent<Traced>(of.layers, of.run.layers) * named<Traced>("B_token", each);
        }
        sum = sum ? *sum + bytes : bytes;
    }
    return sum.value_or(constant<Traced>(0));
}

double fixed_cache_bytes(const InferenceInputs& inputs)
{
    double sum = 0;
    for (const NamedRun& of : named_runs(*inputs.model)) {
        if (of.run.kind == CacheKind::windowed)
            sum += key_value_bytes<double>(inputs, of, std::nullopt) * static_cast<double>(of.run.window);
        else if (of.run.kind == CacheKind::state)
            sum += state_bytes<double>(inputs, of);
    }
    return sum;
}

} // namespace weighbridge
