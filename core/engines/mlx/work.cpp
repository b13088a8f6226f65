#include "core/engines/mlx/run.h"
#include "core/memory/layer_widths.h"

#include <algorithm>
#include <array>
#include <optional>

namespace weighbridge {

namespace {

/// mlx/backend/metal/scaled_dot_product_attention.cpp: head sizes with a kernel for more than 8 queries, keys and
/// values alike. 192 and 256 have one that is not used there.
constexpr std::array<std::int64_t, 5> fused_sizes = {64, 72, 80, 96, 128};

/// mlx_lm.server computes at most so many prompts at once (--prompt-concurrency).
constexpr std::int64_t most_prompts = 8;

bool is_fused(const MlxRun& run, const Attention& attention, bool quantized)
{
    const bool softcap = run.model->architecture.family == "gemma2"; // writes its attention out (models/gemma2.py)
    return !quantized && !softcap && attention.head_dim == attention.value_head_dim &&
           std::find(fused_sizes.begin(), fused_sizes.end(), attention.head_dim) != fused_sizes.end();
}

/// Tokens that a chunk's queries meet in one layer.
std::int64_t met(const MlxRun& run, const Attention& attention, const MlxMoment& moment)
{
    if (attention.span != AttentionSpan::sliding || !run.family.rotates)
        return moment.after();
    return std::min(moment.before, std::max<std::int64_t>(0, attention.window - 1)) + moment.tokens;
}

/// What one layer's attention holds beside caches and vectors, of one sequence.
struct AttentionWork
{
    std::int64_t heads = 0;
    std::int64_t context = 0;
    std::int64_t copies = 1; ///< of the scores
    std::int64_t spread = 0; ///< numbers of keys and values per token that are spread out

    double numbers(const MlxMoment& moment) const
    {
        return static_cast<double>(context) *
               (static_cast<double>(copies * heads) * static_cast<double>(moment.tokens) + static_cast<double>(spread));
    }
};

std::optional<AttentionWork> work_of(const MlxRun& run, const Mixer& mixer, const MlxMoment& moment)
{
    const bool quantized = run.kv && moment.before >= run.kv_start;
    if (const auto* attention = std::get_if<Attention>(&mixer); attention != nullptr && !attention->cross) {
        if (is_fused(run, *attention, quantized))
            return std::nullopt;
        return AttentionWork{.heads = attention->heads, .context = met(run, *attention, moment)};
    }
    if (const auto* latent = std::get_if<LatentAttention>(&mixer)) {
        if (!run.family.latent)
            return AttentionWork{.heads = latent->heads, .context = moment.after()};
        // the rotary part's scores as a bias, and the scores (models/deepseek_v3.py)
        return AttentionWork{.heads = latent->heads,
                             .context = moment.after(),
                             .copies = 2,
                             .spread = latent->heads * (latent->qk_nope_head_dim + latent->v_head_dim)};
    }
    return std::nullopt;
}

AttentionWork largest_work(const MlxRun& run, const MlxMoment& moment)
{
    AttentionWork most;
    for (const Layer& layer : run.model->architecture.kinds)
        for (const Mixer& mixer : layer.mixers)
            if (const auto work = work_of(run, mixer, moment); work && work->numbers(moment) > most.numbers(moment))
                most = *work;
    return most;
}

/// One layer's cache, which is copied into a longer one.
double growth(const MlxRun& run, const MlxMoment& moment)
{
    double most = 0;
    for (const MlxCache& cache : run.caches)
        if (cache.kind != MlxCacheKind::arrays)
            most = std::max(most, mlx_cache_bytes<double>(run, cache, moment) / static_cast<double>(cache.layers) /
                                      static_cast<double>(run.sequences));
    return most;
}

/// Numbers of one token between the matrices of a layer: queries, keys and values as projected and as rotated, the
/// attention's output; gate, up and product; rows sorted by expert in, out, put back and weighed. What a recurrent
/// mixer convolves and hands on is counted apart.
double numbers_of(const LayerWidths& layer, std::int64_t hidden)
{
    const auto h = static_cast<double>(hidden);
    const auto of = [](std::int64_t width) { return static_cast<double>(width); };
    double sum = 6 * h; // norms, outputs and residuals
    const double keys = layer.latent > 0 ? of(layer.latent) : of(layer.keys + layer.values);
    sum += 3 * of(layer.queries) + 2 * keys + of(layer.outputs);
    sum += (layer.gated ? 3 : 2) * of(layer.feed_forward + layer.shared);
    sum += of(layer.experts_per_token) * (4 * h + (layer.gated ? 3 : 2) * of(layer.expert));
    return sum;
}

struct LayerNumbers
{
    double most = 0;      ///< of one layer, without its recurrent mixer
    double recurrent = 0; ///< that one convolves and hands on
};

LayerNumbers widest(const MlxRun& run)
{
    const Architecture& architecture = run.model->architecture;
    LayerNumbers numbers;
    for (const LayerWidths& layer : layer_widths(architecture)) {
        numbers.most = std::max(numbers.most, numbers_of(layer, architecture.hidden_size));
        numbers.recurrent = std::max(numbers.recurrent, static_cast<double>(layer.recurrent));
    }
    return numbers;
}

template<class Number>
Number prompts(const MlxRun& run)
{
    return named<Number>("b", static_cast<double>(std::min(run.sequences, most_prompts)));
}

} // namespace

template<class Number>
Number mlx_attention_work(const MlxRun& run, const MlxMoment& moment)
{
    if (moment.is_end())
        return constant<Number>(0);
    const AttentionWork work = largest_work(run, moment);
    if (work.heads == 0)
        return constant<Number>(0);
    Number scores = named<Number>("a", static_cast<double>(work.heads)) *
                    named<Number>("n_step", static_cast<double>(moment.tokens));
    if (work.copies > 1)
        scores = constant<Number>(static_cast<double>(work.copies)) * scores;
    if (work.spread > 0)
        scores = scores + named<Number>("a·(d_nope + d_v)", static_cast<double>(work.spread));
    return named<Number>("n", static_cast<double>(work.context)) * scores * constant<Number>(2) * prompts<Number>(run);
}

template<class Number>
Number mlx_layer_work(const MlxRun& run, const MlxMoment& moment)
{
    if (moment.is_end()) // logits of one token, their fp32 copy and the log probabilities
        return named<Number>("b", static_cast<double>(run.sequences)) *
               named<Number>("v", static_cast<double>(run.model->architecture.vocab_size)) * constant<Number>(10);
    const LayerNumbers numbers = widest(run);
    Number each = named<Number>("n_layer", numbers.most);
    if (numbers.recurrent > 0)
        each = each + constant<Number>(mlx_recurrent_tensors) * named<Number>("n_rec", numbers.recurrent);
    const Number layer =
        named<Number>("n_step", static_cast<double>(moment.tokens)) * each * constant<Number>(2) * prompts<Number>(run);
    // Where layers are small, as many of them as the command buffers hold.
    const Number layers = named<Number>("L", static_cast<double>(run.model->architecture.layers())) * layer;
    return larger_of(layer, smaller_of(named<Number>("B_buffers", mlx_buffers_under_way), layers));
}

template<class Number>
Number mlx_growth(const MlxRun& run, const MlxMoment& moment)
{
    if (moment.is_end())
        return constant<Number>(0);
    return named<Number>("C_layer", growth(run, moment)) * prompts<Number>(run);
}

template double mlx_attention_work<double>(const MlxRun&, const MlxMoment&);
template Traced mlx_attention_work<Traced>(const MlxRun&, const MlxMoment&);
template double mlx_growth<double>(const MlxRun&, const MlxMoment&);
template Traced mlx_growth<Traced>(const MlxRun&, const MlxMoment&);
template double mlx_layer_work<double>(const MlxRun&, const MlxMoment&);
template Traced mlx_layer_work<Traced>(const MlxRun&, const MlxMoment&);

} // namespace weighbridge
