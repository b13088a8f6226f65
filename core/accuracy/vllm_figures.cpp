#include "core/accuracy/vllm_figures.h"

#include "core/engines/version.h"
#include "core/memory/term.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>

namespace weighbridge {

namespace {

constexpr EngineVersion first_held = {0, 17};
constexpr EngineVersion first_after = {0, 21};

std::int64_t stages(const MeasuredRun& run)
{
    return run.question.scenario.hardware.pipeline_parallel;
}

/// Why the profiler's figures are not held against the bar; empty where they are.
std::string outside_of_bar(const MeasuredRun& run)
{
    const EngineVersion version = read_version(run.version, {0, 0});
    if (version < first_held || !(version < first_after))
        return "the bar is for 0.17 to 0.20";
    const bool complete = run.record.number("gpu_total_gib") && run.record.number("max_num_batched_tokens") &&
                          run.record.number("activation_peak_gib");
    return complete ? std::string() : "the log does not tell the batch sizes or the device's memory";
}

/// With the sum of the terms' ranges, which are the fullest stage's.
Comparison with_range(const MeasuredRun& run, const Estimate& estimate, Comparison comparison,
                      std::initializer_list<std::string_view> terms)
{
    double low = 0;
    double high = 0;
    for (const std::string_view id : terms) {
        const Term* term = find_term(estimate.terms, id);
        if (term == nullptr || stages(run) > 1)
            return comparison;
        low += gib(term->low);
        high += gib(term->high);
    }
    comparison.low = low;
    comparison.high = high;
    return comparison;
}

FigureOutcome profiled(const MeasuredRun& run, const Estimate& estimate, const char* measured,
                       std::string_view predicted, std::initializer_list<std::string_view> terms)
{
    const auto value = run.record.number(measured);
    if (!value)
        return FigureOutcome::not_recorded();
    Comparison comparison{*value, printed(estimate, predicted), {}, {}, false, outside_of_bar(run)};
    return {terms.size() == 0 ? comparison : with_range(run, estimate, std::move(comparison), terms), {}};
}

FigureOutcome weights_per_rank(const MeasuredRun& run, const Estimate& estimate)
{
    const auto value = run.record.number("weights_gib");
    if (!value)
        return FigureOutcome::not_recorded();
    return {with_range(run, estimate, {*value, printed(estimate, "model_loading_gib"), {}, {}, false, {}}, {"weights"}),
            {}};
}

FigureOutcome activations(const MeasuredRun& run, const Estimate& estimate)
{
    return profiled(run, estimate, "activation_peak_gib", "activation_peak_gib", {"activations"});
}

FigureOutcome non_torch(const MeasuredRun& run, const Estimate& estimate)
{
    return profiled(run, estimate, "non_torch_gib", "non_torch_gib", {"overhead.non_torch", "overhead.nccl"});
}

FigureOutcome graphs(const MeasuredRun& run, const Estimate& estimate)
{
    return profiled(run, estimate, "cudagraph_gib", "cuda_graphs_gib", {"overhead.cuda_graphs"});
}

constexpr const char* memory_not_told = "the log does not tell the device's memory";

FigureOutcome available(const MeasuredRun& run, const Estimate& estimate)
{
    if (run.record.number("kv_gib") && !run.record.number("gpu_total_gib"))
        return FigureOutcome::without(memory_not_told);
    return profiled(run, estimate, "kv_gib", "available_kv_cache_gib", {});
}

FigureOutcome concurrency(const MeasuredRun& run, const Estimate& estimate)
{
    if (run.record.number("max_concurrency") && !run.record.number("gpu_total_gib"))
        return FigureOutcome::without(memory_not_told);
    return profiled(run, estimate, "max_concurrency", "max_concurrency", {});
}

/// Pipeline stages: the log's GiB are the first rank's, its tokens those of the rank with the least room.
constexpr const char* of_two_ranks = "with pipeline stages the log's GiB and its tokens are of different ranks";

/// GiB that many blocks take of a cache whose layers are all of one kind; with several kinds a token has no size of its
/// own.
FigureOutcome cache_per_token(const MeasuredRun& run, const Estimate&)
{
    const auto gib_printed = run.record.number("kv_gib");
    const auto blocks = run.record.number("num_gpu_blocks");
    if (!gib_printed || !blocks)
        return FigureOutcome::not_recorded();
    if (run.question.model->cache.size() != 1)
        return FigureOutcome::without("layers of several kinds: tokens are compared in its place");
    if (*blocks < 1000)
        return FigureOutcome::without("too few blocks for GiB with two decimals");
    constexpr std::int64_t tokens = 1600;
    Question question = run.question;
    question.scenario.inference.sequence_length = tokens;
    question.scenario.inference.vllm.max_model_len = 4096;
    const auto answer = estimate(question, Detail::figures);
    if (!answer)
        return FigureOutcome::without(answer.error().message);
    const Term* cache = find_term((*answer)->terms, "kv_cache");
    if (cache == nullptr)
        return FigureOutcome::without("no cache is estimated");
    const double measured = *gib_printed * bytes_per_gib / (*blocks * run.record.number("block_size").value_or(16));
    const double predicted = static_cast<double>(cache->bytes.count) / tokens;
    return {Comparison{measured, predicted, {}, {}, false, stages(run) > 1 ? of_two_ranks : ""}, {}};
}

/// With states beside the cache, a request's pages depend on whether prefixes are cached.
bool leaves_prefix_caching_open(const MeasuredRun& run)
{
    const auto& cache = run.question.model->cache;
    return !run.question.scenario.inference.vllm.enable_prefix_caching &&
           std::any_of(cache.begin(), cache.end(), [](const CacheRun& kept) { return kept.kind == CacheKind::state; });
}

std::string open_about_tokens(const MeasuredRun& run)
{
    if (stages(run) > 1)
        return of_two_ranks;
    return leaves_prefix_caching_open(run) ? "the log does not tell whether prefixes are cached" : "";
}

/// Tokens, or in old logs blocks, for the cache GiB that the log prints. The log rounds those to hundredths, so tokens
/// for a hundredth's two edges are as right.
FigureOutcome tokens_for_gib(const MeasuredRun& run, const Estimate&)
{
    const auto gib_printed = run.record.number("kv_gib");
    const auto tokens = run.record.number("kv_tokens");
    const auto measured = tokens ? tokens : run.record.number("num_gpu_blocks");
    if (!gib_printed || *gib_printed <= 0 || !measured)
        return FigureOutcome::not_recorded();
    const std::string_view figure = tokens ? "gpu_kv_cache_size_tokens" : "num_gpu_blocks";
    std::array<double, 3> found{};
    for (std::size_t i = 0; i < found.size(); ++i) {
        Question question = run.question;
        const double asked = *gib_printed + 0.005 * (static_cast<double>(i) - 1);
        question.scenario.inference.vllm.kv_cache_memory_bytes = std::llround(asked * bytes_per_gib);
        const auto answer = estimate(question, Detail::figures);
        if (!answer)
            return FigureOutcome::without(answer.error().message);
        found[i] = printed(**answer, figure);
    }
    const auto& [low, middle, high] = found;
    const bool equal = low <= *measured && *measured <= high;
    return {Comparison{*measured, middle, {}, {}, equal, open_about_tokens(run)}, {}};
}

constexpr AccuracyBar within_share(double tolerance, double share, std::optional<double> median = {})
{
    return {BarKind::relative, tolerance, share, median};
}

constexpr AccuracyBar within_gib(double tolerance)
{
    return {BarKind::absolute, tolerance, 0.9, {}};
}

} // namespace

std::span<const AccuracyFigure> vllm_figures()
{
    static constexpr AccuracyFigure figures[] = {
        {"weights", "Weights per rank", "GiB", 2, within_share(0.01, 0.9, 0.001), weights_per_rank},
        {"kv_bytes_per_token", "KV cache per token and rank", "B", 0, within_share(0.003, 0.95), cache_per_token},
        {"kv_tokens", "Cache tokens for given GiB", "tokens", 0, {BarKind::printed, 0, 0.95, {}}, tokens_for_gib},
        {"activation_peak", "Activation peak", "GiB", 2, within_gib(0.25), activations},
        {"non_torch", "Non-torch memory", "GiB", 2, within_gib(0.3), non_torch},
        {"cuda_graphs", "CUDA graphs", "GiB", 2, within_gib(0.5), graphs},
        {"available_kv", "Available KV cache", "GiB", 2, within_gib(1.0), available},
        {"max_concurrency", "Maximum concurrency", "×", 2, within_share(0.02, 0.9), concurrency},
    };
    return figures;
}

} // namespace weighbridge
