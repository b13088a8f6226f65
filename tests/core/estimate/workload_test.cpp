// What a workload stands for, and what it refuses. Worked out by hand from the contract of its keys.

#include "core/estimate/workload.h"
#include "core/fields/scenario_json.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge {
namespace {

using namespace testing;

Question about(const char* keys)
{
    Question question = question_about_preset("Llama-3.1-8B");
    auto scenario = read_scenario_text(keys);
    EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().message);
    question.scenario = *scenario;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    return question;
}

TEST(Workload, LengthsStandForTheSequence)
{
    struct Case
    {
        const char* keys;
        std::int64_t length, prompt, answer;
    };
    for (const Case& row : {Case{R"({"workload": {"prompt_tokens": 2000, "answer_tokens": 500}})", 2500, 2000, 500},
                            Case{R"({"workload": {"prompt_tokens": 2000}})", 2512, 2000, 512},
                            Case{R"({"workload": {"answer_tokens": 100}})", 8192, 8092, 100},
                            Case{R"({"inference": {"sequence_length": 400}})", 400, 200, 200},
                            Case{R"({"inference": {"sequence_length": 4000}})", 4000, 3488, 512},
                            Case{R"({"workload": {"prompt_tokens": 0, "answer_tokens": 64}})", 64, 0, 64}}) {
        const EstimatePointer estimate = estimate_of(about(row.keys), Detail::full);
        EXPECT_EQ(estimate->scenario.inference.sequence_length, row.length) << row.keys;
        EXPECT_EQ(estimate->scenario.workload.prompt_tokens, row.prompt) << row.keys;
        EXPECT_EQ(estimate->scenario.workload.answer_tokens, row.answer) << row.keys;
    }
}

TEST(Workload, RequestsStandForSequencesAsFarAsTheyRun)
{
    const auto running = [](const char* keys) {
        return estimate_of(about(keys), Detail::full)->scenario.inference.concurrent_sequences;
    };
    EXPECT_EQ(running(R"({"inference": {"engine": "vllm"}, "workload": {"concurrent_requests": 8}})"), 8);
    EXPECT_EQ(
        running(R"({"inference": {"engine": "vllm", "max_num_seqs": 4}, "workload": {"concurrent_requests": 8}})"), 4);
    EXPECT_EQ(running(R"({"inference": {"engine": "vllm", "concurrent_sequences": 3},
                          "workload": {"concurrent_requests": 8}})"),
              3);
    // Its pool of 449,264 tokens holds 54 sequences of 8,192.
    EXPECT_EQ(running(R"({"inference": {"engine": "vllm", "sequence_length": 8192},
                          "workload": {"concurrent_requests": 500}})"),
              54);
}

TEST(Workload, DecidesNoMemoryWhereLengthsAndNumbersAreGiven)
{
    const char* plain = R"({"inference": {"engine": "vllm", "sequence_length": 2500, "concurrent_sequences": 8}})";
    const char* loaded = R"({"inference": {"engine": "vllm", "sequence_length": 2500, "concurrent_sequences": 8,
        "stream_interval": 20}, "precision": {"compute": "bf16"},
        "workload": {"prompt_tokens": 2000, "answer_tokens": 500, "prefix_cached_tokens": 100, "requests": 80,
                     "concurrent_requests": 32, "length_spread": "uniform:0.8"},
        "wanted": {"time_to_first_token_seconds": 1}})";
    const EstimatePointer before = estimate_of(about(plain), Detail::full);
    const EstimatePointer after = estimate_of(about(loaded), Detail::full);
    EXPECT_EQ(before->terms, after->terms);
    EXPECT_EQ(before->total, after->total);
    EXPECT_EQ(before->capacity, after->capacity);
}

TEST(Workload, RefusesWhatContradictsItself)
{
    struct Case
    {
        const char* keys;
        const char* field;
    };
    for (const Case& row :
         {Case{R"({"workload": {"concurrent_requests": 4, "requests_per_second": 2}})", "workload.requests_per_second"},
          Case{R"({"workload": {"arrival": "closed", "requests_per_second": 2}})", "workload.requests_per_second"},
          Case{R"({"workload": {"arrival": "open"}})", "workload.arrival"},
          Case{R"({"inference": {"sequence_length": 100}, "workload": {"prompt_tokens": 90, "answer_tokens": 20}})",
               "workload.answer_tokens"},
          Case{R"({"inference": {"sequence_length": 100}, "workload": {"prompt_tokens": 100}})",
               "workload.prompt_tokens"},
          Case{R"({"workload": {"prompt_tokens": 10, "prefix_cached_tokens": 11}})", "workload.prefix_cached_tokens"},
          Case{R"({"workload": {"length_spread": "uniform:1.5"}})", "workload.length_spread"},
          Case{R"({"workload": {"length_spread": "even"}})", "workload.length_spread"}}) {
        const auto result = check(about(row.keys));
        ASSERT_FALSE(result) << row.keys;
        EXPECT_EQ(result.error().field, row.field) << row.keys;
    }
}

TEST(Workload, SpreadsHaveMeans)
{
    EXPECT_EQ(mean_share("exact"), 1);
    EXPECT_EQ(mean_share("wide"), 1);
    EXPECT_EQ(mean_share("uniform:0.8"), 0.9);
    EXPECT_EQ(mean_share("uniform:0"), 0.5);
    EXPECT_FALSE(mean_share("uniform:x"));
}

TEST(Workload, BackendIsTheDeviceOrTheImplementation)
{
    const auto choice = [](const char* keys) { return read_scenario_text(keys)->inference; };
    EXPECT_EQ(choice(R"({"inference": {"engine": "llama.cpp", "backend": "Vulkan"}})").pace.backend, "Vulkan");
    const InferenceChoice lmdeploy = choice(R"({"inference": {"engine": "lmdeploy", "backend": "pytorch"}})");
    EXPECT_EQ(lmdeploy.served.engine_backend, "pytorch");
    EXPECT_FALSE(lmdeploy.pace.backend);
}

} // namespace
} // namespace weighbridge
