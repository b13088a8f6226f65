#include "core/engines/transformers/peak.h"

#include "core/engines/transformers/activations.h"
#include "core/engines/transformers/cache.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr std::array<PeakMoment, 5> moments = {PeakMoment::load, PeakMoment::prefill, PeakMoment::prompt_logits,
                                               PeakMoment::first_decode, PeakMoment::last_decode};

/// AutoAWQ writes the head as a tensor of its own even where it is the embedding; it goes once the two are tied. Short
/// runs of Qwen2.5-0.5B-AWQ and -3B-AWQ peak at exactly that, GPTQ checkpoints of the same networks do not.
template<class Number>
Number head_copy(const TransformersRun& run)
{
    const Architecture& architecture = run.model->architecture;
    if (!architecture.tie_word_embeddings || !run.weights.id.starts_with("awq"))
        return constant<Number>(0);
    return named<Number>("v", static_cast<double>(architecture.vocab_size)) *
           named<Number>("h", static_cast<double>(architecture.hidden_size)) * named<Number>("B_16", 2);
}

std::int64_t head_width(const TransformersRun& run)
{
    std::int64_t width = 0;
    for (const LayerWidths& layer : run.widths)
        if (layer.heads > 0)
            width = std::max(width, layer.latent > 0 ? layer.latent_rope : layer.queries / layer.heads);
    return width;
}

} // namespace

std::string_view peak_moment_name(PeakMoment moment)
{
    switch (moment) {
    case PeakMoment::load:
        return "loading: the checkpoint's copy of the tied head";
    case PeakMoment::prefill:
        return "the prompt in the last layer";
    case PeakMoment::prompt_logits:
        return "logits of the prompt";
    case PeakMoment::first_decode:
        return "first decoding step";
    case PeakMoment::last_decode:
        break;
    }
    return "last decoding step";
}

template<class Number>
Number transformers_cache_at(const TransformersRun& run, PeakMoment moment)
{
    const auto prompt = [&] { return transformers_cache_bytes<Number>(run, "s_in", run.input_tokens); };
    const auto held = [&](Number bytes) { return run.release.copies_cache() ? constant<Number>(2) * bytes : bytes; };
    switch (moment) {
    case PeakMoment::load:
        return constant<Number>(0);
    case PeakMoment::prefill:
    case PeakMoment::prompt_logits:
        return prompt();
    case PeakMoment::first_decode:
        return held(prompt());
    case PeakMoment::last_decode:
        break;
    }
    return held(transformers_cache_bytes<Number>(run, "s", run.input_tokens + run.output_tokens));
}

template<class Number>
Number transformers_activations_at(const TransformersRun& run, PeakMoment moment)
{
    switch (moment) {
    case PeakMoment::load:
        return head_copy<Number>(run);
    case PeakMoment::prefill:
        return transformers_layer_bytes<Number>(run);
    case PeakMoment::prompt_logits:
        return transformers_logits_bytes<Number>(run);
    case PeakMoment::first_decode:
        return transformers_held_logits_bytes<Number>(run);
    case PeakMoment::last_decode:
        break;
    }
    return transformers_sampling_bytes<Number>(run) +
           transformers_growth_bytes<Number>(run, "s", run.input_tokens + run.output_tokens);
}

PeakMoment transformers_peak_moment(const TransformersRun& run)
{
    const auto bytes = [&](PeakMoment moment) {
        return transformers_cache_at<double>(run, moment) + transformers_activations_at<double>(run, moment);
    };
    return *std::max_element(moments.begin(), moments.end(),
                             [&](PeakMoment a, PeakMoment b) { return bytes(a) < bytes(b); });
}

template<class Number>
Number transformers_rope_tables(const TransformersRun& run)
{
    const Architecture& architecture = run.model->architecture;
    const std::int64_t width = head_width(run);
    if (!run.release.caches_rope_per_layer() || width == 0 || architecture.max_position_embeddings == 0)
        return constant<Number>(0);
    return constant<Number>(2) * named<Number>("L", static_cast<double>(architecture.layers())) *
           named<Number>("s_max", static_cast<double>(architecture.max_position_embeddings)) *
           named<Number>("d", static_cast<double>(width)) * named<Number>("B_a", run.activations.bits / 8);
}

template double transformers_cache_at<double>(const TransformersRun&, PeakMoment);
template Traced transformers_cache_at<Traced>(const TransformersRun&, PeakMoment);
template double transformers_activations_at<double>(const TransformersRun&, PeakMoment);
template Traced transformers_activations_at<Traced>(const TransformersRun&, PeakMoment);
template double transformers_rope_tables<double>(const TransformersRun&);
template Traced transformers_rope_tables<Traced>(const TransformersRun&);

} // namespace weighbridge
