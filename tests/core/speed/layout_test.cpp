// What one GPU does in layouts beyond tensor parallelism. Figures by hand from DeepSeek-V3's shape: hidden size 7168,
// 256 routed experts of 2048, 8 per token, one shared, query rank 1536, 128 heads.

#include "core/speed/roofline.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string_view>

namespace weighbridge {
namespace {

using namespace testing;

constexpr double expert_elements = 3.0 * 7168 * 2048;

Question deepseek(const char* engine)
{
    Question question = question_about_preset("DeepSeek-V3");
    question.scenario.inference.engine = engine;
    question.scenario.precision.weights = "fp8"; // one byte each
    question.scenario.inference.concurrent_sequences = 64;
    question.scenario.inference.sequence_length = 4096;
    return question;
}

/// Decode of the layers with experts, the more frequent kind.
const Operation& operation_of(const Estimate& estimate, std::string_view id)
{
    static const Operation none;
    for (const RooflineRow& row : estimate.rooflines.front().rows)
        if (row.operation.id == id)
            return row.operation;
    ADD_FAILURE() << "no " << id;
    return none;
}

double reached(double tokens)
{
    return 256 * (1 - std::pow(1 - 8.0 / 256, tokens));
}

// vLLM: eight replicas of the attention serve 8 sequences each; the experts are divided over the ranks of all, and meet
// the tokens of all 64. Each rank has 32 experts whole and sees 8 / 8 of the tokens.
TEST(Layouts, VllmSharesExpertsOverReplicas)
{
    Question question = deepseek("vllm");
    question.scenario.hardware.data_parallel = 8;
    question.scenario.hardware.expert_parallel = 8;
    const EstimatePointer estimate = estimate_of(question, Detail::full);
    const Operation& experts = operation_of(*estimate, "ffn");
    EXPECT_NEAR(experts.weight_bytes, reached(64) * expert_elements / 8, 1);
    EXPECT_DOUBLE_EQ(experts.flops, 2.0 * 64 * 8 * expert_elements / 8);
    EXPECT_DOUBLE_EQ(experts.activation_bytes, 2.0 * 64 * 7168 * 2 * 8 / 8);
    EXPECT_DOUBLE_EQ(operation_of(*estimate, "shared_experts").flops, 2.0 * 8 * expert_elements);
    EXPECT_DOUBLE_EQ(operation_of(*estimate, "q_down_projection").flops, 2.0 * 8 * 7168 * 1536);
    // 64 at a time on one replica of eight GPUs: what the question was answered with before.
    question.scenario.hardware.data_parallel = question.scenario.hardware.expert_parallel = 1;
    question.scenario.hardware.tensor_parallel = 8;
    const EstimatePointer divided = estimate_of(question, Detail::full);
    EXPECT_DOUBLE_EQ(operation_of(*divided, "ffn").flops, experts.flops);
    EXPECT_DOUBLE_EQ(operation_of(*divided, "q_down_projection").flops, 2.0 * 64 * 7168 * 1536 / 8);
}

// SGLang's data-parallel attention on eight ranks: each attends for 8 sequences with all heads; the feed-forwards are
// divided over the eight and serve all 64.
TEST(Layouts, SglangMeetsInTheFeedForward)
{
    Question question = deepseek("sglang");
    question.scenario.inference.sglang.enable_dp_attention = true;
    question.scenario.hardware.tensor_parallel = 8;
    question.scenario.hardware.data_parallel = 8;
    const EstimatePointer estimate = estimate_of(question, Detail::full);
    EXPECT_NEAR(operation_of(*estimate, "ffn").weight_bytes, reached(64) * expert_elements / 8, 1);
    EXPECT_DOUBLE_EQ(operation_of(*estimate, "shared_experts").flops, 2.0 * 64 * expert_elements / 8);
    EXPECT_DOUBLE_EQ(operation_of(*estimate, "q_down_projection").flops, 2.0 * 8 * 7168 * 1536);
}

// 61 layers in two stages of 31 and 30: three dense and 28 with experts, then 30 with experts.
TEST(Layouts, AStageHasItsLayers)
{
    Question question = deepseek("vllm");
    question.scenario.hardware.tensor_parallel = 8;
    question.scenario.hardware.pipeline_parallel = 2;
    const EstimatePointer estimate = estimate_of(question, Detail::full);
    EXPECT_EQ(estimate->rooflines.front().layers, 58);
    EXPECT_EQ(estimate->rooflines.front().gpu_layers, 30);
    EXPECT_EQ(estimate->rooflines.back().layers, 3);
    EXPECT_EQ(estimate->rooflines.back().gpu_layers, 3);
}

// Eight ranks bring a micro batch each to the experts that they share: as many FLOPs as alone, an eighth of the weights
// once every expert is reached.
TEST(Layouts, TrainingSharesExperts)
{
    Question question = question_about_preset("DeepSeek-V3");
    question.scenario.task = "train";
    question.scenario.train.framework = "megatron";
    question.scenario.train.sequence_length = 4096;
    question.scenario.hardware.data_parallel = 8;
    const EstimatePointer alone = estimate_of(question, Detail::full);
    question.scenario.hardware.expert_parallel = 8;
    const EstimatePointer shared = estimate_of(question, Detail::full);
    EXPECT_NEAR(operation_of(*shared, "ffn").flops / operation_of(*alone, "ffn").flops, 1, 1e-12);
    EXPECT_NEAR(operation_of(*shared, "ffn").weight_bytes / operation_of(*alone, "ffn").weight_bytes, 1.0 / 8, 1e-9);
    EXPECT_EQ(operation_of(*shared, "shared_experts").flops, operation_of(*alone, "shared_experts").flops);
}

} // namespace
} // namespace weighbridge
