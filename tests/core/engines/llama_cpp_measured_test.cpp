// llama.cpp's buffers as its logs print them and as the real llama.cpp allocates them for synthetic files
// (resources/measured/README.md says how they were made). Why a run misses stands in resources/measured/causes.json.

#include "core/accuracy/llama_cpp_runs.h"
#include "core/engines/inference.h"
#include "core/engines/llamacpp/cells.h"
#include "core/engines/llamacpp/llamacpp.h"
#include "tests/core/engines/measured.h"

#include <gtest/gtest.h>

#include <set>

namespace weighbridge::testing {
namespace {

constexpr std::string_view logs = "llama.cpp";
constexpr std::string_view synthetic = "llama.cpp-synthetic";

TEST(LlamaCppSynthetic, EveryCacheEqualsThePrintedDigit)
{
    expect_all_printed(synthetic, "kv", 100);
    expect_all_printed(synthetic, "kv_swa", 40);
    expect_all_printed(synthetic, "recurrent", 28);
    EXPECT_EQ(measured(synthetic).runs.size(), 122u);
    std::set<std::string> networks;
    for (const MeasuredRun& run : measured(synthetic).runs)
        networks.insert(run.model);
    EXPECT_GE(networks.size(), 10u);
}

TEST(LlamaCppSynthetic, CellsEqualThePrintedOnes)
{
    int full = 0;
    int sliding = 0;
    for (const MeasuredRun& run : measured(synthetic).runs) {
        const auto inputs = inference_inputs(run.question.scenario, *run.question.model);
        ASSERT_TRUE(inputs) << run.id;
        const LlamaCppCells cells = llama_cpp_cells(llama_cpp_run(*inputs));
        if (const auto printed_cells = run.record.whole("full_cells")) {
            EXPECT_EQ(cells.full, *printed_cells) << run.id;
            ++full;
        }
        if (const auto printed_cells = run.record.whole("swa_cells")) {
            EXPECT_EQ(cells.sliding, *printed_cells) << run.id;
            ++sliding;
        }
    }
    EXPECT_GE(full, 100);
    EXPECT_GE(sliding, 40);
}

/// Recurrent layers have no rule of their own yet, so their networks are set aside.
TEST(LlamaCppSynthetic, ComputeBuffersWithinTwentyPercent)
{
    expect_bar({synthetic, "compute", 60, 0.20, 0.9, 0.10});
}

/// Two logs tell more than their option line, and the rows hold what the K and V sizes show: DeepSeek-R1 in mainline
/// (0231) has every head's keys and values, because that file has no absorbed matrices; DeepSeek-V3 (0301) a latent
/// cache though no -mla was given.
TEST(LlamaCppLogs, KvEqualsThePrintedDigit)
{
    expect_all_printed(logs, "kv", 55);
    expect_all_printed(logs, "kv_swa", 2);
}

/// With speculative decoding llama.cpp keeps copies of the states to roll back to (0190: two more).
TEST(LlamaCppLogs, RecurrentStatesEqualThePrintedDigit)
{
    expect_all_printed(logs, "recurrent", 2);
}

/// Rows whose log leaves out what decides the buffer say so in `compute_left_out` and are set aside.
TEST(LlamaCppLogs, ComputeBuffersWithinTwentyPercent)
{
    expect_bar({logs, "compute", 40, 0.20, 0.9});
}

/// Of logs whose buffer is a GPU's.
TEST(LlamaCppLogs, RangesHoldNineOfTenComputeBuffers)
{
    const ErrorSummary& summary = figure_of(logs, "compute").summary;
    EXPECT_GE(summary.ranged, 18U);
    EXPECT_TRUE(ranges_hold(summary)) << summary.held << " of " << summary.ranged;
}

/// From the mixes' rules alone: all tensors, those on GPUs, those on the CPU.
TEST(LlamaCppLogs, ModelBuffersWithinOnePercent)
{
    expect_bar({logs, "model_gpu", 10, 0.01, 0.9});
    expect_bar({logs, "model_cpu", 15, 0.01, 0.9});
    expect_bar({logs, "file", 20, 0.01, 0.9});
}

/// open-llama 7B in F16, all layers on the GPU: 12603.02 MiB there, 250.11 MiB on the CPU (llama.cpp-0194).
TEST(LlamaCppLogs, ModelBuffersOfAnUnquantizedFile)
{
    int compared = 0;
    for (const char* id : {"model_gpu", "model_cpu"})
        for (const AccuracyPoint& point : figure_of(logs, id).points)
            if (measured(logs).runs[point.run].id == "llama.cpp-0194") {
                EXPECT_LE(std::abs(point.error), 0.01) << id;
                ++compared;
            }
    EXPECT_EQ(compared, 2);
}

TEST(LlamaCppLogs, FileTypesStandForMixes)
{
    EXPECT_EQ(gguf_format_of_log("Q4_K - Medium"), "gguf:Q4_K_M");
    EXPECT_EQ(gguf_format_of_log("IQ4_XS - 4.25 bpw"), "gguf:IQ4_XS");
    EXPECT_EQ(gguf_format_of_log("Q8_0"), "gguf:Q8_0");
    EXPECT_EQ(gguf_format_of_log("IQ4_K_R4 - 4.5 bpw"), ""); // of the fork
    EXPECT_EQ(gguf_format_of_log("UD-Q5_K_M"), "");
    EXPECT_EQ(gguf_format_of_log(""), "");
}

} // namespace
} // namespace weighbridge::testing
