// The speed of servers. Steps of Llama-3.1-8B are those of the reference code (speed_ref.py of the project's
// references, step_work and seconds, run on the preset's config), which knows nothing of this program; the rest is what
// must hold whatever the constants are.

#include "core/engines/inference.h"
#include "core/speed/serving_speed.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace weighbridge {
namespace {

using namespace testing;

Question on_h100(const char* model)
{
    Question question = question_about_preset(model);
    question.scenario.hardware.accelerator = "h100_sxm_80";
    question.accelerator = *Catalogue().find("h100_sxm_80");
    return question;
}

Question served(const char* model = "Llama-3.1-8B", const char* engine = "vllm")
{
    Question question = on_h100(model);
    question.scenario.inference.engine = engine;
    question.scenario.workload.prompt_tokens = 1000;
    question.scenario.workload.answer_tokens = 200;
    question.scenario.workload.concurrent_requests = 32;
    return question;
}

Speed speed_of(const Question& question)
{
    return *estimate_of(question, Detail::full)->speed;
}

double per_token(const Question& question)
{
    return speed_of(question).time_per_output_token_seconds.value().value;
}

double output_rate(const Question& question)
{
    return speed_of(question).output_tokens_per_second.value().value;
}

/// A step of Llama-3.1-8B in BF16 on H100s.
double step_of(double sequences, double context, double tensor)
{
    const Question question = on_h100("Llama-3.1-8B");
    const auto load = inference_inputs(question.scenario, *question.model, &question.accelerator);
    const NetworkWork network = network_work(*question.model, load->weights);
    bool assumed = false;
    const EnginePace* engine = engine_pace("vllm", "0.19.0", question.accelerator, false, assumed);
    const DevicePace* device = device_pace(question.accelerator, assumed);
    EXPECT_FALSE(assumed);
    const StepRates rates(question.accelerator, *engine, *device, {}, 450e9, true);
    const StepTime steps(network, {.tensor = tensor}, rates, 2, 2);
    return steps.seconds({.decoding = sequences, .context = context});
}

TEST(ServingSpeed, StepIsThatOfTheReferenceCode)
{
    constexpr double close = 0.003; // it leaves out the weights of norms
    // It counts 10 kernels in each of the 32 layers at 5.19 us; here those of plain layers are 0.7 of them.
    constexpr double fewer = 0.3 * 32 * 10 * 5.19e-6;
    EXPECT_NEAR(step_of(1, 1000, 1) / (0.007288428705704237 - fewer), 1, close);
    EXPECT_NEAR(step_of(32, 1000, 1) / (0.008687963505092652 - fewer), 1, close);
    EXPECT_NEAR(step_of(32, 1000, 4) / (0.004463317861502432 - fewer), 1, close);
}

TEST(ServingSpeed, TermsAddUpToTheStep)
{
    for (const char* model : {"Llama-3.1-8B", "DeepSeek-V3", "gpt-oss-120b", "Qwen3-Next-80B-A3B-Instruct"}) {
        const Speed speed = speed_of(served(model));
        ASSERT_TRUE(speed.decode_step_seconds) << model;
        EXPECT_NEAR(sum_of(speed.terms) / speed.decode_step_seconds->value, 1, 1e-9) << model;
        EXPECT_FALSE(speed.bound.empty());
        EXPECT_FALSE(speed.prefill_terms.empty());
    }
}

TEST(ServingSpeed, GrowsWithRequestsAndPrompts)
{
    Question question = served();
    double before = 0;
    for (const std::int64_t requests : {1, 4, 16, 64, 256}) {
        question.scenario.workload.concurrent_requests = requests;
        const double now = per_token(question);
        EXPECT_GE(now, before) << requests;
        before = now;
    }
    before = 0;
    question.scenario.workload.concurrent_requests = 16;
    for (const std::int64_t prompt : {100, 1000, 4000, 16000}) {
        question.scenario.workload.prompt_tokens = prompt;
        const double now = per_token(question);
        EXPECT_GE(now, before) << prompt;
        before = now;
    }
}

TEST(ServingSpeed, FallsWithBandwidthAndIsNeverBelowIt)
{
    Question question = served();
    question.scenario.workload.concurrent_requests = 1;
    const double active = 2.0 * (8030261248.0 - 128256.0 * 4096); // all but the embedding, 2 bytes each
    const double now = per_token(question);
    EXPECT_GE(now, active / (question.accelerator.bandwidth_gbs * 1e9));
    question.accelerator.bandwidth_gbs *= 2;
    EXPECT_LT(per_token(question), now);
}

TEST(ServingSpeed, ThroughputGrowsUntilThePoolIsFull)
{
    Question question = served();
    double before = 0;
    for (const std::int64_t requests : {1, 2, 8, 32, 128}) {
        question.scenario.workload.concurrent_requests = requests;
        const double now = output_rate(question);
        EXPECT_GT(now, before) << requests;
        before = now;
    }
    question.scenario.workload.concurrent_requests = 100'000;
    const Speed full = speed_of(question);
    EXPECT_GT(full.waiting_requests, 0);
    EXPECT_EQ(full.running_requests + full.waiting_requests, 100'000);
    EXPECT_LE(full.running_requests, 1024); // vLLM's own limit
}

TEST(ServingSpeed, WholeRequestIsFirstTokenAndTheRest)
{
    const Speed speed = speed_of(served());
    EXPECT_NEAR(speed.end_to_end_seconds->value,
                speed.time_to_first_token_seconds->value + 199 * speed.time_per_output_token_seconds->value, 1e-9);
    EXPECT_NEAR(speed.decode_tokens_per_second->value * speed.time_per_output_token_seconds->value, 1, 1e-12);
    EXPECT_NEAR(speed.output_tokens_per_second->value, 32 * 200 / speed.end_to_end_seconds->value, 1e-9);
}

TEST(ServingSpeed, TensorParallelismNeverDividesALatentCache)
{
    const auto cache = [](std::int64_t ranks) {
        Question question = served("DeepSeek-V3", "vllm");
        question.accelerator = *Catalogue().find("h200_sxm_141");
        question.scenario.precision.weights = "fp8";
        question.scenario.hardware.tensor_parallel = ranks;
        for (const SpeedTerm& term : speed_of(question).terms)
            if (term.id == "cache")
                return term.seconds;
        return 0.0;
    };
    EXPECT_GT(cache(8), 0);
    EXPECT_NEAR(cache(8), cache(16), 1e-12);
}

/// Of a network of one expert that every token takes, and of the dense one of the same width.
Question plain_decoder(bool experts)
{
    Question question = served();
    Architecture architecture = question.model->architecture;
    if (experts)
        for (Layer& layer : architecture.kinds)
            layer.feed_forwards = {
                MixtureOfExperts{.routed_experts = 4, .experts_per_token = 4, .expert_intermediate_size = 14336 / 4}};
    question.model = make_model("decoder", std::move(architecture));
    return question;
}

TEST(ServingSpeed, AllExpertsChosenReadWhatADenseNetworkReads)
{
    const auto work = [](bool experts) {
        const Question question = plain_decoder(experts);
        const auto load = inference_inputs(question.scenario, *question.model, &question.accelerator);
        return network_work(*question.model, load->weights).layers.front();
    };
    const LayerWork dense = work(false);
    const LayerWork routed = work(true);
    EXPECT_EQ(routed.routed, dense.always);
    EXPECT_EQ(routed.routed_bytes, dense.always_bytes);
    EXPECT_EQ(routed.chosen, routed.experts);
}

TEST(ServingSpeed, AWindowLongerThanTheContextChangesNothing)
{
    Question question = served();
    const double before = per_token(question);
    Architecture architecture = question.model->architecture;
    for (Layer& layer : architecture.kinds)
        for (Mixer& mixer : layer.mixers)
            if (auto* attention = std::get_if<Attention>(&mixer)) {
                attention->span = AttentionSpan::sliding;
                attention->window = 100'000;
            }
    question.model = make_model("windowed", std::move(architecture));
    EXPECT_NEAR(per_token(question), before, 1e-12);
}

TEST(ServingSpeed, ACachedPrefixSavesTheFirstTokenAlone)
{
    Question question = served();
    question.scenario.workload.concurrent_requests = 1;
    const Speed before = speed_of(question);
    question.scenario.workload.prefix_cached_tokens = 900;
    const Speed after = speed_of(question);
    EXPECT_LT(after.time_to_first_token_seconds->value, before.time_to_first_token_seconds->value);
    EXPECT_NEAR(after.time_per_output_token_seconds->value, before.time_per_output_token_seconds->value, 1e-12);
    EXPECT_EQ(after.decode_step_seconds, before.decode_step_seconds);
}

TEST(ServingSpeed, TwiceTheReplicasGiveTwiceTheThroughput)
{
    Question question = served();
    const double one = output_rate(question);
    question.scenario.hardware.data_parallel = 2;
    question.scenario.workload.concurrent_requests = 64;
    EXPECT_NEAR(output_rate(question) / one, 2, 0.02);
}

TEST(ServingSpeed, AnIdleServerAnswersAsIfNobodyElseWereThere)
{
    Question question = served();
    question.scenario.workload.concurrent_requests = 1;
    const Speed alone = speed_of(question);
    question.scenario.workload.concurrent_requests.reset();
    question.scenario.workload.requests_per_second = 1e-6;
    const Speed idle = speed_of(question);
    EXPECT_NEAR(idle.time_per_output_token_seconds->value / alone.time_per_output_token_seconds->value, 1, 1e-3);
    EXPECT_NEAR(idle.time_to_first_token_seconds->value / alone.time_to_first_token_seconds->value, 1, 1e-3);
}

TEST(ServingSpeed, RangesHoldTheValueAndSayWhatTheyRestOn)
{
    const Speed measured = speed_of(served());
    EXPECT_EQ(measured.constants.engine_class, "vllm");
    EXPECT_EQ(measured.constants.hardware_class, "hopper");
    EXPECT_EQ(measured.time_per_output_token_seconds->basis, Basis::calibrated);
    const Speed assumed = speed_of(served("Llama-3.1-8B", "generic"));
    EXPECT_EQ(assumed.time_per_output_token_seconds->basis, Basis::assumed);
    for (const Speed& speed : {measured, assumed})
        for (const auto& figure :
             {speed.decode_step_seconds, speed.time_to_first_token_seconds, speed.time_per_output_token_seconds,
              speed.end_to_end_seconds, speed.prefill_tokens_per_second, speed.output_tokens_per_second}) {
            ASSERT_TRUE(figure);
            EXPECT_GT(figure->low, 0);
            EXPECT_LT(figure->low, figure->value);
            EXPECT_GT(figure->high, figure->value);
        }
    const auto share = [](const Speed& speed) {
        return speed.time_per_output_token_seconds->high / speed.time_per_output_token_seconds->low;
    };
    EXPECT_GT(share(assumed), share(measured));
}

TEST(ServingSpeed, WhatNobodyMeasuredIsNotKnown)
{
    Question question = served();
    question.accelerator.bandwidth_gbs = 0;
    const Speed speed = speed_of(question);
    EXPECT_FALSE(speed.decode_step_seconds);
    EXPECT_FALSE(speed.output_tokens_per_second);
    ASSERT_EQ(speed.issues.size(), 1U);
    EXPECT_EQ(speed.issues.front().field, "speed");
}

TEST(EngineClass, IsOfTheGeneration)
{
    bool assumed = false;
    const Accelerator h100 = *Catalogue().find("h100_sxm_80");
    const Accelerator mi300x = *Catalogue().find("mi300x");
    const auto class_of = [&](const char* engine, const char* version, const Accelerator& card, bool apart = false) {
        const EnginePace* pace = engine_pace(engine, version, card, apart, assumed);
        return pace == nullptr ? std::string_view() : pace->id;
    };
    EXPECT_EQ(class_of("vllm", "", h100), "vllm");
    EXPECT_EQ(class_of("vllm", "0.6.3", h100), "vllm-v0");
    EXPECT_EQ(class_of("vllm", "2024", h100), "vllm-v0");
    EXPECT_EQ(class_of("vllm", "0.19.0", h100), "vllm");
    EXPECT_EQ(class_of("vllm", "0.6.1", mi300x), "vllm-v0-rocm");
    EXPECT_EQ(class_of("vllm", "0.9.1", mi300x), "vllm-rocm");
    EXPECT_EQ(class_of("tensorrt-llm", "0.17", h100), "trtllm-cpp");
    EXPECT_EQ(class_of("tensorrt-llm", "1.2.0rc2", h100), "trtllm");
    EXPECT_EQ(class_of("tensorrt-llm", "0.8.1.post2", h100, true), "trtllm"); // Dynamo's own version
    EXPECT_EQ(class_of("mlx", "", h100), "");
}

} // namespace
} // namespace weighbridge
