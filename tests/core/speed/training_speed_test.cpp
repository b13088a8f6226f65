// How fast a training step is. Rates of Llama-3.1-8B are those of the reference code (speed_local_ref.py of the
// project's references, train_tokens_per_second), which knows nothing of this program.

#include "core/training/training_speed.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge {
namespace {

using namespace testing;

Question step_of(const char* framework, const char* accelerator, std::int64_t gpus)
{
    Question question = question_about_preset("Llama-3.1-8B");
    Scenario& scenario = question.scenario;
    scenario.task = "train";
    scenario.train.framework = framework;
    scenario.train.sequence_length = 8192;
    scenario.train.recompute = "none";
    scenario.train.precision_recipe = "bf16_mixed";
    scenario.hardware.data_parallel = gpus;
    scenario.hardware.accelerator = accelerator;
    question.accelerator = *Catalogue().find(accelerator);
    return question;
}

Speed training_speed_of(const Question& question)
{
    return *estimate_of(question, Detail::full)->speed;
}

double rate_of(const Question& question)
{
    return training_speed_of(question).train_tokens_per_second_per_gpu.value().value;
}

TEST(TrainingSpeed, IsThatOfTheReferenceCode)
{
    constexpr double close = 0.003; // it leaves out norms
    EXPECT_NEAR(rate_of(step_of("torchtitan", "h100_sxm_80", 8)) / 6850.112238496542, 1, close);

    Question megatron = step_of("megatron", "h100_sxm_80", 4);
    megatron.scenario.hardware.tensor_parallel = 2;
    megatron.scenario.train.precision_recipe = "fp8_mixed";
    megatron.scenario.train.framework_version = "2026-04";
    EXPECT_NEAR(rate_of(megatron) / 14065.64622501517, 1, close);

    Question adapters = step_of("torchtune", "a100_sxm_80", 1);
    adapters.scenario.task = "fine_tune";
    adapters.scenario.fine_tune = adapters.scenario.train;
    adapters.scenario.fine_tune.method = "lora";
    adapters.scenario.fine_tune.recompute = "full";
    EXPECT_NEAR(rate_of(adapters) / 2912.2703702190884, 1, close);
}

TEST(TrainingSpeed, UtilizationTimesThePeakIsTheWorkDone)
{
    const Question question = step_of("torchtitan", "h100_sxm_80", 8);
    const Speed speed = training_speed_of(question);
    // 6 x (all but the embedding) + 12 x layers x heads x head size x length, as PaLM's appendix B counts.
    const double token = 6 * (8030261248.0 - 128256.0 * 4096) + 12.0 * 32 * 32 * 128 * 8192;
    const double done = speed.train_tokens_per_second_per_gpu->value * token;
    EXPECT_NEAR(done / (speed.model_flops_utilization->value * 989.4e12), 1, 1e-3);
    EXPECT_NEAR(speed.train_tokens_per_second->value, 8 * speed.train_tokens_per_second_per_gpu->value, 1e-6);
    EXPECT_NEAR(sum_of(speed.terms), speed.train_step_seconds->value, 1e-9);
    EXPECT_NEAR(speed.train_step_seconds->value * speed.train_tokens_per_second->value, 8 * 8192, 1e-3);
    EXPECT_FALSE(speed.decode_step_seconds);
}

TEST(TrainingSpeed, RecomputingCostsAForwardPass)
{
    Question question = step_of("torchtitan", "h100_sxm_80", 8);
    const double none = rate_of(question);
    question.scenario.train.recompute = "full";
    EXPECT_NEAR(none / rate_of(question), 4.0 / 3, 1e-9);
}

TEST(TrainingSpeed, WhatNobodyMeasuredIsAssumedOrNotKnown)
{
    EXPECT_EQ(training_speed_of(step_of("torchtitan", "h100_sxm_80", 8)).train_step_seconds->basis, Basis::calibrated);
    EXPECT_EQ(training_speed_of(step_of("litgpt", "h100_sxm_80", 8)).train_step_seconds->basis, Basis::assumed);
    Question question = step_of("torchtitan", "h100_sxm_80", 8);
    question.accelerator.tflops.bf16.reset();
    const Speed unknown = training_speed_of(question);
    EXPECT_FALSE(unknown.train_step_seconds);
    ASSERT_EQ(unknown.issues.size(), 1U);
    EXPECT_EQ(unknown.issues.front().field, "speed");
}

} // namespace
} // namespace weighbridge
