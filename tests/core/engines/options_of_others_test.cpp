// What is said to be ignored changes nothing; what contradicts is refused.

#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weighbridge::testing {
namespace {

Question asked_of(std::string_view engine, std::string_view preset = "Llama-3.1-8B")
{
    Question question = question_about_preset(preset);
    question.scenario.inference.engine = engine;
    return question;
}

bool says(const Estimate& estimate, std::string_view words)
{
    return std::any_of(estimate.issues.begin(), estimate.issues.end(), [&](const Issue& issue) {
        return issue.severity == Severity::warning && issue.message.find(words) != std::string::npos;
    });
}

TEST(OptionsOfOthers, ChangeNothing)
{
    struct Option
    {
        const char* key;
        const char* value;
    };
    for (const Option& option : {Option{"inference.parameters", "1"},
                                 {"inference.overhead_bytes", "123"},
                                 {"inference.overhead_fraction", "0.5"},
                                 {"inference.total_memory_bytes", "10000000000"},
                                 {"inference.use_kv_cache", "false"},
                                 {"inference.activation_method", "vanilla"}}) {
        for (const Engine* engine : engines()) {
            Question question = asked_of(engine->id);
            const auto before = estimate_of(question, Detail::full);
            ASSERT_FALSE(set_field(question.scenario, option.key, option.value)) << option.key;
            const auto after = estimate_of(question, Detail::full);
            if (!says(*after, "ignores"))
                continue;
            EXPECT_EQ(after->total, before->total) << engine->id << ", " << option.key;
            EXPECT_EQ(after->fit.usable, before->fit.usable) << engine->id << ", " << option.key;
            EXPECT_EQ(after->capacity, before->capacity) << engine->id << ", " << option.key;
        }
    }
}

TEST(OptionsOfOthers, AShareOfTheMemoryHasNoEffectWhereTheEngineHasItsOwn)
{
    for (const char* engine : {"vllm", "sglang"}) {
        Question question = asked_of(engine);
        const auto before = estimate_of(question, Detail::full);
        question.scenario.hardware.usable_fraction = 0.5;
        const auto after = estimate_of(question, Detail::full);
        EXPECT_EQ(after->fit.usable, before->fit.usable) << engine;
        EXPECT_TRUE(says(*after, find_engine(engine)->memory_share_key)) << engine;
    }
}

// 84 % of 128 GiB, whoever counts.
TEST(UnifiedMemory, IsCountedAlikeByAllEngines)
{
    constexpr std::int64_t gib = 1'073'741'824;
    for (const Engine* engine : engines()) {
        Question question = asked_of(engine->id);
        question.accelerator = *Catalogue().find("m4_max");
        question.scenario.inference.vllm.gpu_memory_utilization = 1;
        question.scenario.inference.vllm.max_model_len = 8192;
        question.scenario.inference.sglang.mem_fraction_static = 1;
        question.scenario.inference.tensorrt_llm.free_gpu_memory_fraction = 1;
        question.scenario.inference.lmdeploy.cache_max_entry_count = 1;
        const auto usable = static_cast<std::int64_t>(0.84 * 128 * gib);
        EXPECT_EQ(estimate_of(question, Detail::full)->fit.usable.count, usable) << engine->id;
    }
}

TEST(Contradictions, AreRefused)
{
    struct Case
    {
        const char* engine;
        const char* preset;
        std::vector<std::pair<const char*, const char*>> set;
        const char* field;
    };
    const std::vector<Case> cases = {
        {"vllm", "Mixtral-8x22B-v0.1", {{"hardware.expert_parallel", "3"}}, "hardware.expert_parallel"},
        {"vllm", "Mixtral-8x22B-v0.1", {{"hardware.expert_parallel", "1024"}}, "hardware.expert_parallel"},
        {"vllm", "Llama-3.1-8B", {{"inference.enable_expert_parallel", "true"}}, "inference.enable_expert_parallel"},
        {"vllm",
         "Llama-3.1-8B",
         {{"hardware.tensor_parallel", "2"}, {"hardware.expert_parallel", "2"}},
         "hardware.expert_parallel"},
        {"vllm",
         "Llama-3.1-8B",
         {{"hardware.data_parallel", "2"}, {"inference.data_parallel_size", "4"}},
         "inference.data_parallel_size"},
        {"vllm", "Llama-3.1-8B", {{"hardware.count", "4"}, {"inference.data_parallel_size", "8"}}, "hardware.count"},
        {"vllm", "Llama-3.1-8B", {{"inference.engine_version", "banana"}}, "inference.engine_version"},
        {"llama.cpp", "Llama-3.1-8B", {{"inference.engine_version", "banana"}}, "inference.engine_version"},
        {"sglang",
         "Mixtral-8x22B-v0.1",
         {{"hardware.tensor_parallel", "8"}, {"hardware.expert_parallel", "5"}},
         "hardware.expert_parallel"},
        {"sglang",
         "Llama-3.1-8B",
         {{"hardware.tensor_parallel", "2"}, {"hardware.expert_parallel", "2"}},
         "hardware.expert_parallel"},
        {"transformers",
         "Llama-3.1-8B",
         {{"inference.batch_size", "7"}, {"inference.concurrent_sequences", "3"}},
         "inference.batch_size"},
    };
    for (const Case& one : cases) {
        Question question = asked_of(one.engine, one.preset);
        for (const auto& [key, value] : one.set)
            ASSERT_FALSE(set_field(question.scenario, key, value)) << key;
        const auto refused = estimate(question);
        ASSERT_FALSE(refused) << one.engine << ", " << one.set.back().first << ' ' << one.set.back().second;
        EXPECT_EQ(refused.error().field, one.field) << refused.error().message;
    }
}

TEST(Contradictions, WhatAgreesIsTaken)
{
    Question question = asked_of("vllm", "Mixtral-8x22B-v0.1");
    question.scenario.hardware.tensor_parallel = 4;
    question.scenario.hardware.data_parallel = 2;
    question.scenario.hardware.expert_parallel = 8;
    question.scenario.inference.vllm.data_parallel_size = 2;
    EXPECT_TRUE(estimate(question));
    question = asked_of("sglang", "Mixtral-8x22B-v0.1");
    question.scenario.hardware.tensor_parallel = 8;
    question.scenario.hardware.expert_parallel = 4;
    EXPECT_TRUE(estimate(question));
    for (const char* version : {"", "0.11", "v0.9.1", "0.10.x", "2026-08", "2025", "0.29.1rc1.dev17"}) {
        question = asked_of("vllm");
        question.scenario.inference.engine_version = version;
        EXPECT_TRUE(estimate(question)) << version;
    }
    for (const char* version : {"b8586", "ik_llama.cpp", "mainline (2025)"}) {
        question = asked_of("llama.cpp");
        question.scenario.inference.engine_version = version;
        EXPECT_TRUE(estimate(question)) << version;
    }
}

} // namespace
} // namespace weighbridge::testing
