// vLLM's own logs against what is predicted of them. Bars are those of the project's accuracy page; why a run misses
// stands in resources/measured/causes.json.

#include "core/engines/version.h"
#include "tests/core/engines/measured.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

TEST(VllmRuns, MostModelsAreKnown)
{
    EXPECT_GE(measured("vllm").runs.size(), 50U);
    EXPECT_EQ(measured("vllm").runs.size() + measured("vllm").left_out.size(), 68U);
}

TEST(VllmRuns, WeightsPerRank)
{
    expect_bar({"vllm", "weights", 45, 0.01, 0.9, 0.001});
}

TEST(VllmRuns, TokensForPrintedGib)
{
    const FigureAccuracy& figure = figure_of("vllm", "kv_tokens");
    EXPECT_EQ(figure.figure->bar.kind, BarKind::printed);
    EXPECT_GE(figure.summary.count, 40U);
    EXPECT_GE(figure.summary.share(), 0.95) << worst("vllm", figure);
}

// A prediction for the GiB that a log rounded may be off by what half a hundredth of a GiB holds, no more.
TEST(VllmRuns, TokensThatCountAsEqualAreWithinTheRounding)
{
    const SetAccuracy& set = measured("vllm");
    for (const AccuracyPoint& point : figure_of("vllm", "kv_tokens").points) {
        if (!point.within)
            continue;
        const double gib_printed = set.runs[point.run].record.number("kv_gib").value_or(0);
        EXPECT_LE(std::abs(point.error), 0.006 / gib_printed + 0.003) << set.runs[point.run].id;
    }
}

TEST(VllmRuns, CacheBytesPerTokenOfUniformModels)
{
    expect_bar({"vllm", "kv_bytes_per_token", 20, 0.003, 0.95});
}

TEST(VllmRuns, MemoryOfCompleteLogs)
{
    expect_bar({"vllm", "activation_peak", 28, 0.25, 0.9});
    expect_bar({"vllm", "non_torch", 28, 0.3, 0.9});
    expect_bar({"vllm", "cuda_graphs", 28, 0.5, 0.9});
    expect_bar({"vllm", "available_kv", 28, 1.0, 0.9});
    expect_bar({"vllm", "max_concurrency", 28, 0.02, 0.9});
}

// Up to 0.16 the sampler sorted: vllm-0060, -0061 (0.15, 0.16) and the runs of 0.11.
TEST(VllmRuns, ActivationsBefore017)
{
    const SetAccuracy& set = measured("vllm");
    int near = 0;
    int all = 0;
    for (const AccuracyPoint& point : figure_of("vllm", "activation_peak").points) {
        const MeasuredRun& run = set.runs[point.run];
        const EngineVersion version = read_version(run.version, {0, 0});
        if (version < EngineVersion{0, 11} || version >= EngineVersion{0, 17} || !run.record.number("gpu_total_gib"))
            continue;
        near += std::abs(point.error) <= 0.25 ? 1 : 0;
        ++all;
    }
    EXPECT_GE(all, 5);
    // vllm-0071 (Mistral-Small-3.2 on 0.11) logged 2.12 GiB, as if nothing had been sorted; the reason is not known.
    EXPECT_GE(10 * near, 8 * all);
}

TEST(VllmRuns, RangesHoldNineOfTen)
{
    for (const char* id : {"weights", "activation_peak", "non_torch", "cuda_graphs"}) {
        const ErrorSummary& summary = figure_of("vllm", id).summary;
        EXPECT_GE(summary.ranged, 28U) << id;
        EXPECT_GE(summary.held * 10, summary.ranged * 9) << id;
    }
}

} // namespace
} // namespace weighbridge::testing
