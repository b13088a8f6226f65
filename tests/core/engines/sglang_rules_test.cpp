// SGLang's rules worked by hand or read in its sources.

#include "tests/core/support/prints.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

// server_args.py worked by hand: H100 with 81,090 MiB, chunks of 8,192, graphs up to 256, one GPU:
// 512 + 1.5 · 8192 + 2 · 256 + 128 = 13,440 MiB are reserved, 1 − 13440 / 81090 = 0.83426.
TEST(SglangRules, StaticShareOfAnH100)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "sglang";
    question.scenario.inference.total_memory_bytes = 81'090LL * 1024 * 1024;
    EXPECT_NEAR(print_of(*estimate_of(question), "mem_fraction_static"), 0.83426, 1e-5);
    question.scenario.inference.engine_version = "0.4.1";
    EXPECT_NEAR(print_of(*estimate_of(question), "mem_fraction_static"), 0.88, 1e-12);
}

// A window's pool has 0.8 tokens per token of the full one: gpt-oss-120b has 18 layers of each, 2,048 bytes per token
// and layer, so a token of the pool is 18 · 2048 · 1.8 bytes.
TEST(SglangRules, WindowsHaveAPoolOfTheirOwn)
{
    Question question = question_about_preset("gpt-oss-120b");
    question.scenario.inference.engine = "sglang";
    question.scenario.precision.weights = "mxfp4_experts";
    const auto result = estimate_of(question);
    EXPECT_NEAR(print_of(*result, "kv_gib") * bytes_per_gib / print_of(*result, "max_total_num_tokens"),
                18 * 2048 * 1.8, 0.01);
}

} // namespace
} // namespace weighbridge::testing
