#include "core/engines/mlx/terms.h"

#include "core/memory/weights.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

/// Beside weights and caches at a moment.
double work_at(const MlxRun& run, const MlxMoment& moment)
{
    return mlx_attention_work<double>(run, moment) + mlx_growth<double>(run, moment) +
           mlx_layer_work<double>(run, moment);
}

MlxMoment peak_of(const MlxRun& run)
{
    MlxMoment peak = end_of(run);
    double most = mlx_all_caches(run, peak) + work_at(run, peak);
    for (const MlxMoment& moment : mlx_moments(run)) {
        const double bytes = mlx_all_caches(run, moment) + work_at(run, moment);
        if (bytes > most) {
            most = bytes;
            peak = moment;
        }
    }
    return peak;
}

/// What is there at the peak beyond the caches as they stand at the end.
template<class Number>
Number peak_work(const MlxRun& run, const MlxMoment& peak)
{
    if (peak.is_end())
        return mlx_layer_work<Number>(run, peak);
    Number work = mlx_growth<Number>(run, peak) + mlx_layer_work<Number>(run, peak);
    if (mlx_attention_work<double>(run, peak) > 0)
        work = mlx_attention_work<Number>(run, peak) + work;
    const double then = std::round(mlx_all_caches(run, peak));
    const double end = std::round(mlx_all_caches(run, end_of(run)));
    if (then == end)
        return work;
    return work + named<Number>("C_peak", then) - named<Number>("C_end", end);
}

struct CacheWords
{
    std::string_view id;
    std::string_view label;
    std::string_view source;
};

CacheWords words_of(const MlxCache& cache, bool quantized)
{
    switch (cache.kind) {
    case MlxCacheKind::growing:
        return quantized ? CacheWords{"quantized", "Quantized caches",
                                      "QuantizedKVCache: grows like KVCache; a scale and a bias of 16 bits a group "
                                      "(mlx_lm/models/cache.py)"}
                         : CacheWords{"growing", "Growing caches",
                                      "KVCache: grows by the new tokens, rounded up to 256 (mlx_lm/models/cache.py)"};
    case MlxCacheKind::rotating:
        return {"rotating", "Rotating caches",
                "RotatingKVCache: the window once it is full; a prompt chunk joins it (mlx_lm/models/cache.py)"};
    case MlxCacheKind::chunked:
        return {"chunked", "Chunked caches",
                "ChunkedKVCache: the attention's chunk and room for new tokens (mlx_lm/models/cache.py)"};
    case MlxCacheKind::arrays:
        break;
    }
    return {"arrays", "States", "ArraysCache: inputs of convolutions in 16 bits, and states (mlx_lm/models)"};
}

Term cache_term(const MlxRun& run)
{
    const MlxMoment end = end_of(run);
    Traced sum = constant<Traced>(0);
    std::vector<Term> parts;
    for (const MlxCache& cache : run.caches) {
        const CacheWords words = words_of(cache, mlx_number_bytes(run, cache, end) != run.cached_bytes);
        std::string id = "kv_cache." + std::string(words.id);
        const auto before = std::count_if(parts.begin(), parts.end(), [&](const Term& part) {
            return part.id == id || part.id.starts_with(id + "_");
        });
        if (before > 0)
            id += "_" + std::to_string(before + 1);
        const auto bytes = mlx_cache_bytes<Traced>(run, cache, end);
        sum = parts.empty() ? bytes : sum + bytes;
        parts.push_back(make_term(id, words.label, bytes));
        parts.back().source = words.source;
    }
    if (const double kept = mlx_prompt_caches(run); kept > 0) {
        const auto bytes = named<Traced>("B_prompts", kept);
        sum = parts.empty() ? bytes : sum + bytes;
        parts.push_back(make_term("kv_cache.prompt_cache", "Caches of earlier prompts", bytes, Basis::assumed));
        parts.back().low = {};
        parts.back().source = "up to: mlx_lm/server.py, --prompt-cache-size, each as long as a request";
    }
    Term term = make_term("kv_cache", "KV cache", std::move(sum));
    for (const Term& part : parts) {
        term.low.count -= part.bytes.count - part.low.count;
        if (part.basis == Basis::assumed)
            term.basis = Basis::assumed;
    }
    term.source = parts.size() == 1 ? parts.front().source : "as the caches stand after the last token";
    if (parts.size() > 1)
        term.children = std::move(parts);
    return term;
}

std::string work_source(const MlxRun& run, const MlxMoment& peak)
{
    if (peak.is_end())
        return "logits of one token; a longer prompt's chunk would need more";
    std::string text = "while a prompt chunk is computed: scores of attention that no fused kernel takes, and the "
                       "tensors between matrices that are under way (mlx_lm/generate.py, mlx/transforms.cpp); met with "
                       "public peaks of 4 networks";
    if (std::any_of(run.model->architecture.kinds.begin(), run.model->architecture.kinds.end(), [](const Layer& layer) {
            const auto* attention = first_of<Attention>(layer.mixers);
            return attention != nullptr && attention->head_dim == 256;
        }))
        text += "; MLX from 0.32.4 on needs no scores of heads of 256 on chips with matrix units in the GPU (M5)";
    return text;
}

Term activations_term(const MlxRun& run, const MlxMoment& peak)
{
    Term term = make_term("activations", "Work of a prompt chunk", peak_work<Traced>(run, peak), Basis::calibrated);
    term.source = work_source(run, peak);
    if (peak.is_end())
        return term;
    const double layers = mlx_layer_work<double>(run, peak);
    term.low.count -= std::llround(layers * (1 - mlx_least_under_way));
    term.high.count += std::llround(layers * (mlx_most_under_way - 1));
    term.low.count = std::max<std::int64_t>(term.low.count, 0);
    const double then = std::round(mlx_all_caches(run, peak)) - std::round(mlx_all_caches(run, end_of(run)));
    if (then < 0)
        return term;
    const auto add = [&](std::string_view id, std::string_view label, Traced bytes, std::string_view source) {
        if (value_of(bytes) <= 0)
            return;
        term.children.push_back(make_term(id, label, std::move(bytes), Basis::calibrated));
        term.children.back().source = source;
    };
    add("activations.growth", "A layer's cache, copied as it grows", mlx_growth<Traced>(run, peak),
        "mlx_lm/models/cache.py: the old one is kept until the new one is written");
    add("activations.attention", "Scores of attention", mlx_attention_work<Traced>(run, peak),
        "mlx/backend/metal/scaled_dot_product_attention.cpp: head sizes without a fused kernel; latent attention "
        "spreads keys and values out (mlx_lm/models/deepseek_v3.py)");
    add("activations.layers", "Tensors under way", mlx_layer_work<Traced>(run, peak),
        "what a layer holds between its matrices, and 28 tensors of recurrent mixers: 0.25 to 1.5 of it in the range");
    add("activations.windows", "Chunk in the caches of windows", named<Traced>("C_peak - C_end", then),
        "RotatingKVCache: up to window - 1 + chunk tokens while a prompt runs");
    std::int64_t sum = 0;
    for (const Term& part : term.children)
        sum += part.bytes.count;
    if (!term.children.empty()) { // whole bytes each: a byte or two
        const std::int64_t off = term.bytes.count - sum;
        Term& first = term.children.front();
        first.bytes.count += off;
        first.low.count += off;
        first.high.count += off;
        if (const auto found = std::find_if(term.children.begin(), term.children.end(),
                                            [](const Term& part) { return part.id == "activations.layers"; });
            found != term.children.end()) {
            found->low.count = std::max<std::int64_t>(0, found->bytes.count - (term.bytes.count - term.low.count));
            found->high.count = found->bytes.count + (term.high.count - term.bytes.count);
        }
    }
    return term;
}

/// Conversions of mlx-lm itself have no head of its own where the published network has none.
void take_off_head(Term& weights, const InferenceInputs& text)
{
    if (!mlx_may_tie_head(text.model->architecture) || text.model->architecture.tie_word_embeddings)
        return;
    for (const Tensor& tensor : text.model->tensors)
        if (tensor.name == "lm_head.weight")
            weights.low.count -= std::llround(tensor_bytes(text, tensor));
    weights.source += "; the head is one of its own, as mlx-vlm writes it: at the low end it is the embedding";
}

} // namespace

MlxMoment end_of(const MlxRun& run)
{
    return {0, run.total()};
}

double mlx_prompt_caches(const MlxRun& run)
{
    if (run.prompt_caches == 0)
        return 0;
    MlxRun one = run;
    one.sequences = 1;
    const double all = mlx_all_caches(one, end_of(one)) * static_cast<double>(run.prompt_caches);
    return std::round(run.prompt_cache_bytes ? std::min(all, static_cast<double>(*run.prompt_cache_bytes)) : all);
}

MlxFigures mlx_figures(const InferenceInputs& text, const MlxRun& run)
{
    MlxFigures figures;
    figures.peak = peak_of(run);
    figures.memory.weights = weight_bytes(text);
    figures.memory.kv_cache = mlx_all_caches(run, end_of(run)) + mlx_prompt_caches(run);
    figures.memory.activations = peak_work<double>(run, figures.peak);
    return figures;
}

std::vector<Term> mlx_plain_terms(const MlxFigures& figures)
{
    return {make_term("weights", "Weights", figures.memory.weights, Basis::derived),
            make_term("kv_cache", "KV cache", figures.memory.kv_cache),
            make_term("activations", "Work of a prompt chunk", figures.memory.activations, Basis::calibrated),
            make_term("overhead", "Overhead", 0.0, Basis::assumed)};
}

std::vector<Term> mlx_terms(const InferenceInputs& text, const MlxRun& run)
{
    std::vector<Term> list;
    list.push_back(weights_term(text));
    take_off_head(list.front(), text);
    list.push_back(cache_term(run));
    list.push_back(activations_term(run, peak_of(run)));
    list.push_back(make_term("overhead", "Overhead", constant<Traced>(0), Basis::assumed));
    list.back().source = "none in MLX's own count; freed buffers are kept up to the working set and given back when it "
                         "is short (mx.set_cache_limit)";
    return list;
}

} // namespace weighbridge
