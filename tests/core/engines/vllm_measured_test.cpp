// vLLM's own logs against what is predicted of them. Bars are those of the project's accuracy page; every run that
// misses is named here with the reason.

#include "tests/core/engines/measured.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace weighbridge::testing {
namespace {

class VllmRuns : public ::testing::Test
{
protected:
    std::vector<std::string> skipped_;
    std::vector<MeasuredRun> runs_ = measured_runs("vllm", skipped_);
};

/// 0.17 to 0.20 with batch sizes, memory and utilization in the log.
bool is_complete(const MeasuredRun& run)
{
    return run.version() >= 17 && run.version() < 21 && run.number("gpu_total_gib") &&
           run.number("max_num_batched_tokens") && run.number("activation_peak_gib");
}

TEST_F(VllmRuns, MostModelsAreKnown)
{
    EXPECT_GE(runs_.size(), 50U);
    EXPECT_EQ(runs_.size() + skipped_.size(), 68U);
}

// What misses 1 %: Kimi-VL's MoonViT tower is not part of the language model's config that is bundled.
TEST_F(VllmRuns, WeightsPerRank)
{
    Errors errors;
    for (const MeasuredRun& run : runs_)
        if (const auto measured = run.number("weights_gib"))
            errors.add(run.id(), print_of(*estimate_of(run.question), "model_loading_gib") / *measured - 1);
    EXPECT_GE(errors.count(), 45U);
    EXPECT_LE(errors.median(), 0.001) << errors.worst();
    EXPECT_GE(errors.share_within(0.01), 0.9) << errors.worst();
}

/// Pipeline stages: the log's GiB are the first rank's, its tokens those of the rank with the least room.
bool tells_rank_and_tokens_apart(const MeasuredRun& run)
{
    return run.number("pp").value_or(1) > 1;
}

/// With states beside the cache, a request's pages depend on whether prefixes are cached. vllm-0147 does not say; with
/// prefix caching on, its 774,084 tokens come out to the unit.
bool leaves_prefix_caching_open(const MeasuredRun& run)
{
    const auto& cache = run.question.model->cache;
    return !run.question.scenario.inference.vllm.enable_prefix_caching &&
           std::any_of(cache.begin(), cache.end(), [](const CacheRun& kept) { return kept.kind == CacheKind::state; });
}

// What misses: vllm-0075 and -0126, whose logs print the GiB of another rank than the one with the fewest tokens
// (their notes say so).
TEST_F(VllmRuns, TokensForPrintedGib)
{
    std::size_t exact = 0;
    std::vector<std::string> missed;
    for (const MeasuredRun& run : runs_) {
        const auto gib = run.number("kv_gib");
        const auto tokens = run.number("kv_tokens");
        const auto blocks = run.number("num_gpu_blocks");
        if (!gib || *gib <= 0 || (!tokens && !blocks) || tells_rank_and_tokens_apart(run) ||
            leaves_prefix_caching_open(run))
            continue;
        // The log rounds to hundredths of a GiB.
        const auto printed = [&](double of_gib) {
            Question question = run.question;
            question.scenario.inference.vllm.kv_cache_memory_bytes = std::llround(of_gib * bytes_per_gib);
            return print_of(*estimate_of(question), tokens ? "gpu_kv_cache_size_tokens" : "num_gpu_blocks");
        };
        const double wanted = tokens ? *tokens : *blocks;
        if (printed(*gib - 0.005) <= wanted && wanted <= printed(*gib + 0.005))
            ++exact;
        else
            missed.push_back(run.id());
    }
    EXPECT_GE(exact + missed.size(), 40U);
    EXPECT_GE(static_cast<double>(exact), 0.95 * static_cast<double>(exact + missed.size()))
        << ::testing::PrintToString(missed);
}

TEST_F(VllmRuns, CacheBytesPerTokenOfUniformModels)
{
    Errors errors;
    for (const MeasuredRun& run : runs_) {
        const auto gib = run.number("kv_gib");
        const auto blocks = run.number("num_gpu_blocks");
        const bool uniform = run.question.model->cache.size() == 1;
        if (!gib || !blocks || *blocks < 1000 || !uniform || tells_rank_and_tokens_apart(run))
            continue;
        Question question = run.question;
        question.scenario.inference.sequence_length = 1600;
        question.scenario.inference.vllm.max_model_len = 4096;
        const auto predicted = static_cast<double>(bytes_of(*estimate_of(question), "kv_cache")) / 1600;
        const double measured = *gib * bytes_per_gib / (*blocks * run.number("block_size").value_or(16));
        errors.add(run.id(), predicted / measured - 1);
    }
    EXPECT_GE(errors.count(), 20U);
    EXPECT_GE(errors.share_within(0.003), 0.95) << errors.worst();
}

TEST_F(VllmRuns, MemoryOfCompleteLogs)
{
    Errors activations, non_torch, graphs, available, concurrency;
    for (const MeasuredRun& run : runs_) {
        if (!is_complete(run))
            continue;
        const auto result = estimate_of(run.question);
        const auto compare = [&](Errors& errors, const char* measured, const char* predicted) {
            if (const auto value = run.number(measured))
                errors.add(run.id(), print_of(*result, predicted) - *value);
        };
        compare(activations, "activation_peak_gib", "activation_peak_gib");
        compare(non_torch, "non_torch_gib", "non_torch_gib");
        compare(graphs, "cudagraph_gib", "cuda_graphs_gib");
        compare(available, "kv_gib", "available_kv_cache_gib");
        if (const auto value = run.number("max_concurrency"))
            concurrency.add(run.id(), print_of(*result, "max_concurrency") / *value - 1);
    }
    EXPECT_GE(activations.count(), 28U);
    EXPECT_GE(activations.share_within(0.25), 0.9) << activations.worst();
    EXPECT_GE(non_torch.share_within(0.3), 0.9) << non_torch.worst();
    EXPECT_GE(graphs.share_within(0.5), 0.9) << graphs.worst();
    EXPECT_GE(available.share_within(1.0), 0.9) << available.worst();
    EXPECT_GE(concurrency.share_within(0.02), 0.9) << concurrency.worst();
}

// Up to 0.16 the sampler sorted: vllm-0060, -0061 (0.15, 0.16) and the runs of 0.11.
TEST_F(VllmRuns, ActivationsBefore017)
{
    Errors errors;
    for (const MeasuredRun& run : runs_)
        if (run.version() >= 11 && run.version() < 17 && run.number("gpu_total_gib"))
            if (const auto value = run.number("activation_peak_gib"))
                errors.add(run.id(), print_of(*estimate_of(run.question), "activation_peak_gib") - *value);
    EXPECT_GE(errors.count(), 5U);
    // vllm-0071 (Mistral-Small-3.2 on 0.11) logged 2.12 GiB, as if nothing had been sorted; the reason is not known.
    EXPECT_GE(errors.share_within(0.25), 0.8) << errors.worst();
}

TEST_F(VllmRuns, RangesHoldNineOfTen)
{
    std::map<std::string, std::pair<int, int>> held;
    for (const MeasuredRun& run : runs_) {
        if (!is_complete(run) || run.number("pp").value_or(1) > 1) // terms are the fullest stage's
            continue;
        const auto result = estimate_of(run.question);
        const auto check = [&](const char* measured, std::initializer_list<std::string_view> terms) {
            const auto value = run.number(measured);
            if (!value)
                return;
            double low = 0;
            double high = 0;
            for (const std::string_view id : terms) {
                const Term* term = find_term(result->terms, id);
                ASSERT_NE(term, nullptr) << id;
                low += gib(term->low);
                high += gib(term->high);
            }
            constexpr double last_digit = 0.005;
            auto& [inside, all] = held[measured];
            inside += low - last_digit <= *value && *value <= high + last_digit ? 1 : 0;
            ++all;
        };
        check("weights_gib", {"weights"});
        check("activation_peak_gib", {"activations"});
        check("non_torch_gib", {"overhead.non_torch", "overhead.nccl"});
        check("cudagraph_gib", {"overhead.cuda_graphs"});
    }
    for (const auto& [figure, counts] : held)
        EXPECT_GE(counts.first * 10, counts.second * 9) << figure << " " << counts.first << " of " << counts.second;
    EXPECT_EQ(held.size(), 4U);
}

} // namespace
} // namespace weighbridge::testing
