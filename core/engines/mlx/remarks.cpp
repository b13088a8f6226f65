#include "core/engines/mlx/terms.h"
#include "core/engines/version.h"
#include "core/quantity/display.h"
#include "core/quantity/formula.h"

#include <algorithm>
#include <string>

namespace weighbridge {

namespace {

bool has_sinks(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) {
        const auto* attention = std::get_if<Attention>(&mixer);
        return attention != nullptr && attention->sinks;
    });
}

Refusal of_cache(std::string text, std::string_view source)
{
    return {.rule = "kv_cache",
            .text = std::move(text),
            .keys = {"inference.engine", "inference.kv_bits"},
            .source = source};
}

/// Why a quantized cache stops the run once it holds quantized_kv_start tokens.
std::optional<Refusal> refused_cache(const MlxRun& run)
{
    const auto any = [&](const auto& holds) { return std::any_of(run.caches.begin(), run.caches.end(), holds); };
    if (any([](const MlxCache& cache) { return cache.kind == MlxCacheKind::rotating && cache.quantizable; }))
        return of_cache("mlx-lm can't quantize the rotating caches of this network: it stops at " +
                            grouped(run.kv_start) + " tokens",
                        "mlx_lm/models/cache.py, RotatingKVCache.to_quantized: NotImplementedError");
    if (has_sinks(run.model->architecture))
        return of_cache("mlx-lm's attention on quantized caches takes no sinks, which this network has",
                        "mlx_lm/models/base.py, scaled_dot_product_attention");
    if (any([&](const MlxCache& cache) {
            return cache.quantizable && run.family.latent && cache.run->kind == CacheKind::compressed;
        }))
        return of_cache("mlx-lm's latent attention can't read a quantized cache",
                        "mlx_lm/models/deepseek_v3.py: what QuantizedKVCache.update_and_fetch returns is no array");
    if (any([&](const MlxCache& cache) { return cache.quantizable && cache.narrowest % run.kv->group != 0; }))
        return of_cache("MLX quantizes in groups of " + grouped(run.kv->group) +
                            ", which don't divide this network's heads",
                        "mlx/ops.cpp, quantize");
    return std::nullopt;
}

} // namespace

std::optional<Refusal> mlx_refusal(const MlxRun& run)
{
    if (!run.family.known)
        return Refusal{.rule = "model",
                       .text = "mlx-lm has no network for model_type \"" + run.model->architecture.family + "\"",
                       .keys = {"inference.engine", "model"},
                       .source = "mlx_lm/models of mlx-lm 0.32.2"};
    return run.quantizes() ? refused_cache(run) : std::nullopt;
}

std::vector<Issue> mlx_issues(const InferenceInputs& load, const MlxRun& run)
{
    const InferenceChoice& choice = *load.choice;
    const MlxOptions& options = choice.mlx;
    std::vector<Issue> issues;
    const auto say = [&](std::string_view key, Severity severity, std::string text) {
        issues.push_back({std::string(key), severity, std::move(text)});
    };
    constexpr std::int64_t no_width = 7;
    if (options.kv_bits == no_width)
        say("inference.kv_bits", Severity::error, "inference.kv_bits is 7; MLX quantizes to 2, 3, 4, 5, 6 or 8 bits");
    if (options.kv_group_size && *options.kv_group_size != 32 && *options.kv_group_size != 64 &&
        *options.kv_group_size != 128)
        say("inference.kv_group_size", Severity::error,
            "inference.kv_group_size is " + grouped(*options.kv_group_size) + "; MLX has groups of 32, 64 and 128");
    if (load.tensor_parallel > 1)
        say("hardware.tensor_parallel", Severity::error,
            "hardware.tensor_parallel is " + grouped(load.tensor_parallel) +
                "; MLX is counted on one Mac, so only 1 is allowed");
    if (load.kv_k.id != load.kv_v.id)
        say("precision.kv_cache.v", Severity::error, "MLX keeps keys and values in one format");
    if (options.kv_bits && load.kv_k.id.starts_with("mlx:"))
        say("precision.kv_cache", Severity::warning, "inference.kv_bits is taken, not precision.kv_cache");
    if (run.kv && !run.quantizes())
        say("inference.quantized_kv_start", Severity::note,
            "the cache stays in 16 bits: it is quantized from " + grouped(run.kv_start) + " tokens on, and holds " +
                grouped(run.total()));
    if (run.quantizes() &&
        std::none_of(run.caches.begin(), run.caches.end(), [](const MlxCache& cache) { return cache.quantizable; }))
        say("inference.kv_bits", Severity::warning, "no cache of this network can be quantized: they stay in 16 bits");
    if (options.max_kv_size && run.family.makes_caches)
        say("inference.max_kv_size", Severity::warning,
            "inference.max_kv_size has no effect: this network makes its own caches (make_cache)");
    if (run.kv && run.sequences > 1)
        say("inference.kv_bits", Severity::warning,
            "mlx_lm.server batches no requests with a quantized cache: it answers them one by one");
    if (!options.prompt_cache_size && !options.prompt_cache_bytes)
        say("inference.prompt_cache_size", Severity::note,
            "mlx_lm.server keeps up to 10 caches of earlier prompts more; they are counted where "
            "inference.prompt_cache_size is given");
    if (!options.vision && load.model->parameters.vision > 0)
        say("inference.vision", Severity::note,
            "mlx-lm loads no vision or audio tower; inference.vision counts them, as mlx-vlm keeps them");
    constexpr EngineVersion newest{9999, 0}, fused{0, 22}, read{0, 32};
    const EngineVersion version = read_version(choice.engine_version, newest);
    if (version < fused)
        say("inference.engine_version", Severity::warning,
            "mlx-lm before 0.22 gave attention an explicit mask, whose memory is not known: the work of a prompt chunk "
            "is that of later versions");
    else if (version < read || (version > read && version != newest))
        say("inference.engine_version", Severity::note, "rules are those of mlx-lm 0.32");
    return issues;
}

} // namespace weighbridge
