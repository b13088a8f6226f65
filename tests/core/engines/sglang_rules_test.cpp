// SGLang's rules worked by hand or read in its sources.

#include "core/engines/sglang/static_share.h"
#include "core/fields/fields.h"
#include "core/hardware/accelerator.h"
#include "tests/core/support/prints.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

using sglang::Release;
using sglang::ShareInputs;

ShareInputs on_h100(Release release)
{
    return {.release = release, .mib = 81'559, .activation_tokens = 8192, .largest_batch = 256};
}

// H100 with 81,559 MiB, chunks of 8,192, graphs up to 256, one GPU: 512 + 1.5 · 8192 + 2 · 256 + 128 = 13,440 MiB are
// reserved, from 0.5.10 on 8 for each of 58 prefill graphs more. Before, tiers of cards: 9.5 + 0.5 GiB.
TEST(SglangRules, StaticShareByRelease)
{
    EXPECT_DOUBLE_EQ(static_share(on_h100({0, 4, 6})), 0.88);
    EXPECT_DOUBLE_EQ(static_share(on_h100({0, 4, 9})), 0.874);
    EXPECT_DOUBLE_EQ(static_share(on_h100({0, 5, 9})), 0.835);
    ShareInputs captured = on_h100({0, 5, 12});
    captured.prefill_graphs = sglang::prefill_graph_sizes(captured.release, 8192);
    EXPECT_EQ(captured.prefill_graphs, 58);
    EXPECT_DOUBLE_EQ(static_share(captured), 0.83);
    captured.speculative = true; // 4 GiB: 18,000 of 81,559
    EXPECT_DOUBLE_EQ(static_share(captured), 0.779);
    captured.release = {0, 5, 14}; // the draft is loaded before the pool is measured
    EXPECT_DOUBLE_EQ(static_share(captured), 0.83);
    captured.deep_ep = true; // 3 GiB: 16,976
    EXPECT_DOUBLE_EQ(static_share(captured), 0.792);
}

// Eight ranks of an H200 with data-parallel attention of 8: 512 + 12,288 + 1,024 + 1,024 + 4.5 · 512 · 8 + 464 MiB.
TEST(SglangRules, StaticShareWithDataParallelAttention)
{
    const ShareInputs inputs{.release = sglang::newest_release,
                             .mib = 143'771,
                             .tensor_parallel = 8,
                             .attention_replicas = 8,
                             .activation_tokens = 8192,
                             .largest_batch = 512,
                             .prefill_graphs = 58};
    EXPECT_DOUBLE_EQ(*reserved_mib(inputs), 33'744);
    EXPECT_DOUBLE_EQ(static_share(inputs), 0.765);
}

// 27 layers of 1,152, of which the config names the width only: 24 · 1152² / (24 · 1024²) = 1.265625, so
// 0.95 · (1 − 0.0265625) = 0.924765625 of the share.
TEST(SglangRules, TowersTakeOffTheShare)
{
    ShareInputs inputs = on_h100(sglang::newest_release);
    inputs.multimodal = true;
    inputs.vision = VisionShape{0, 1152};
    EXPECT_DOUBLE_EQ(vision_factor(inputs), 0.924765625);
    inputs.release = {0, 4, 9};
    EXPECT_DOUBLE_EQ(vision_factor(inputs), 0.9);
    inputs.release = {0, 4, 8};
    EXPECT_DOUBLE_EQ(vision_factor(inputs), 1);
}

TEST(SglangRules, ReleasesAndDates)
{
    EXPECT_EQ(sglang::read_release("0.5.9"), (Release{0, 5, 9}));
    EXPECT_EQ(sglang::read_release("v0.4.6.post2"), (Release{0, 4, 6}));
    EXPECT_EQ(sglang::read_release("0.5.10rc0"), (Release{0, 5, 10}));
    EXPECT_EQ(sglang::read_release("2025-06-20"), (Release{0, 4, 7}));
    EXPECT_EQ(sglang::read_release("2025-06"), (Release{0, 4, 8}));
    EXPECT_EQ(sglang::read_release("2025"), (Release{0, 5, 6}));
    EXPECT_EQ(sglang::read_release(""), sglang::newest_release);
    EXPECT_GT(sglang::read_release("0.5"), (Release{0, 5, 14}));
}

// Until 0.5.8 layers of a window were weighed as those that see everything, and gpt-oss had no pool for them before
// 0.5.8; Gemma 3 never had one.
TEST(SglangRules, WindowPoolsByRelease)
{
    const auto bytes_per_token = [](const char* preset, const char* version) {
        Question question = question_about_preset(preset);
        question.accelerator.capacity.count *= 8;
        question.scenario.inference.engine = "sglang";
        question.scenario.inference.engine_version = version;
        const auto result = estimate_of(question);
        return print_of(*result, "kv_gib") * bytes_per_gib / print_of(*result, "max_total_num_tokens");
    };
    EXPECT_NEAR(bytes_per_token("gpt-oss-120b", "0.5.7"), 36 * 2048, 0.01);
    EXPECT_NEAR(bytes_per_token("gpt-oss-120b", "0.5.8"), 18 * 2048 * 1.8, 0.01);
    EXPECT_NEAR(bytes_per_token("gemma-3-12b-it", "0.5.23"), 48 * 8 * 256 * 2 * 2, 0.01);
}

// Sparse MLA: 61 layers of 512 FP8 values, 4 scales, 64 values in 16 bits and an indexer's key of 132 bytes.
TEST(SglangRules, ASparseLatentCacheIsFp8OnBlackwellUnlessChosen)
{
    Question question = question_about_preset("DeepSeek-V3.2");
    question.scenario.inference.engine = "sglang";
    question.scenario.hardware.tensor_parallel = 8;
    const auto bytes_per_token = [&](const char* accelerator) {
        question.accelerator = *Catalogue().find(accelerator);
        const auto result = estimate_of(question);
        return print_of(*result, "kv_gib") * bytes_per_gib / print_of(*result, "max_total_num_tokens");
    };
    EXPECT_NEAR(bytes_per_token("h200_sxm_141"), 61 * (1152 + 132), 0.01);
    EXPECT_NEAR(bytes_per_token("b200_sxm"), 61 * (576 + 132), 0.01);
    ASSERT_FALSE(set_field(question.scenario, "precision.kv_cache", "bf16"));
    EXPECT_NEAR(bytes_per_token("b200_sxm"), 61 * (1152 + 132), 0.01);
    ASSERT_FALSE(set_field(question.scenario, "precision.kv_cache", "fp8"));
    EXPECT_NEAR(bytes_per_token("h200_sxm_141"), 61 * (656 + 132), 0.01);
}

// Nothing to draft with is refused, and what a person asks of weights is told though they fit nowhere.
TEST(SglangRules, SaysWeightsWithoutRoomAndRefusesDraftsWithoutLayers)
{
    Question question = question_about_preset("Llama-3.1-405B");
    question.scenario.inference.engine = "sglang";
    EXPECT_GT(print_of(*estimate_of(question), "load_weight_gib"), 750);
    question.scenario.inference.sglang.speculative_algorithm = "NEXTN";
    EXPECT_FALSE(estimate(question, Detail::memory));
    question.scenario.inference.sglang.speculative_algorithm = "NGRAM";
    EXPECT_TRUE(estimate(question, Detail::memory));
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
