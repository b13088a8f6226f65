// A machine of several devices and a host: layout, memory in use, verdicts; worked by hand.

#include "core/fields/scenario_json.h"
#include "tests/core/support/scenario_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t gib = 1'073'741'824;

bool warns(const Estimate& estimate, std::string_view words)
{
    for (const Issue& issue : estimate.issues)
        if (issue.message.find(words) != std::string::npos)
            return true;
    return false;
}

std::int64_t devices_in(const Estimate& estimate)
{
    std::int64_t count = 0;
    for (const DeviceShare& share : estimate.devices)
        count += share.count;
    return count;
}

/// What stands in devices[] of the fullest is what per_gpu and fit say, whatever the engine and the task.
TEST(Machine, OfOneKindIsOneEntry)
{
    for (const char* scenario : {R"({})", R"({"inference": {"engine": "vllm"}, "hardware": {"tensor_parallel": 4}})",
                                 R"({"inference": {"engine": "sglang"}, "hardware": {"data_parallel": 2}})",
                                 R"({"inference": {"engine": "transformers"}, "hardware": {"tensor_parallel": 2}})",
                                 R"({"inference": {"engine": "llama.cpp"}})", R"({"task": "train"})",
                                 R"({"task": "fine_tune", "hardware": {"data_parallel": 8}})"}) {
        const EstimatePointer estimate = answer_to("Llama-3.1-8B", scenario);
        ASSERT_EQ(estimate->devices.size(), 1u) << scenario;
        const DeviceShare& share = estimate->devices.front();
        EXPECT_EQ(share.index, 0);
        EXPECT_EQ(share.count, estimate->gpus) << scenario;
        EXPECT_EQ(share.terms, estimate->terms) << scenario;
        EXPECT_EQ(share.total, estimate->total);
        EXPECT_EQ(share.low, estimate->low);
        EXPECT_EQ(share.high, estimate->high);
        EXPECT_EQ(share.prints, estimate->engine_prints) << scenario;
        EXPECT_EQ(share.fit.usable, estimate->fit.usable);
        EXPECT_EQ(share.fit.needed, estimate->fit.needed);
        EXPECT_EQ(share.fit.verdict, estimate->fit.verdict);
        EXPECT_FALSE(estimate->fit.decided_by_device);
    }
}

TEST(Machine, StagesAreEntriesOfTheirOwn)
{
    for (const char* scenario :
         {R"({"inference": {"engine": "vllm"}, "hardware": {"pipeline_parallel": 4, "tensor_parallel": 2}})",
          R"({"inference": {"engine": "sglang"}, "hardware": {"pipeline_parallel": 4, "tensor_parallel": 2}})",
          R"({"task": "train", "hardware": {"pipeline_parallel": 4, "tensor_parallel": 2}})"}) {
        const EstimatePointer estimate = answer_to("Llama-3.1-8B", scenario);
        EXPECT_EQ(devices_in(*estimate), 8) << scenario;
        ASSERT_GE(estimate->devices.size(), 2u) << scenario;
        // First and last stage have embedding and head; 32 layers are eight each, the output is one more.
        EXPECT_EQ(estimate->devices.front().layers, 8) << scenario;
        EXPECT_EQ(estimate->devices.back().layers, 9) << scenario;
        EXPECT_EQ(estimate->devices.back().rank->pipeline, 3) << scenario;
        EXPECT_EQ(estimate->devices.back().index, 6) << scenario;
        const auto is_fullest = [&](const DeviceShare& share) {
            return share.terms == estimate->terms && share.fit.usable == estimate->fit.usable &&
                   share.fit.needed == estimate->fit.needed;
        };
        EXPECT_TRUE(std::any_of(estimate->devices.begin(), estimate->devices.end(), is_fullest)) << scenario;
    }
}

// A cache that was typed in and is too small: what is missing is said of the fullest, there as in fit.
TEST(Machine, ACacheTooSmallIsSaidOfTheFullestDevice)
{
    const EstimatePointer estimate = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp", "n_ctx": 4096,
        "sequence_length": 4096, "concurrent_sequences": 2}, "hardware": {"pipeline_parallel": 2}})");
    EXPECT_EQ(estimate->fit.verdict, Verdict::exceeds);
    EXPECT_TRUE(std::any_of(estimate->devices.begin(), estimate->devices.end(), [&](const DeviceShare& share) {
        return share.fit.needed == estimate->fit.needed && share.fit.verdict == Verdict::exceeds;
    }));
}

// From 0.24 on vLLM has no class for it: no device of the layout runs it, whatever memory it has.
TEST(Machine, WhatNoMemoryMendsHoldsForEveryDevice)
{
    const EstimatePointer estimate = answer_to("MiniMax-Text-01", R"({"inference": {"engine": "vllm",
        "engine_version": "0.24"}, "hardware": {"tensor_parallel": 8, "pipeline_parallel": 4}})");
    ASSERT_GE(estimate->devices.size(), 2u);
    for (const DeviceShare& share : estimate->devices)
        EXPECT_EQ(share.fit.verdict, Verdict::cant_run) << share.index;
}

TEST(Machine, AsAListOfOneKindIsTheShortSpelling)
{
    const EstimatePointer listed = answer_to(
        "Llama-3.1-70B", R"({"inference": {"engine": "vllm"}, "hardware": {"devices": [{"accelerator": "h100_sxm_80",
                             "count": 4}]}})");
    Question question = question_with(
        "Llama-3.1-70B",
        R"({"inference": {"engine": "vllm"}, "hardware": {"accelerator": "h100_sxm_80", "tensor_parallel": 4}})");
    question.accelerator = *Catalogue().find("h100_sxm_80");
    const EstimatePointer short_one = estimate_of(question, Detail::full);
    EXPECT_EQ(listed->scenario.hardware.tensor_parallel, 4) << "the layout was worked out";
    EXPECT_EQ(listed->scenario.hardware.layout, "auto");
    EXPECT_EQ(listed->asked.hardware.tensor_parallel, 1) << "nobody asked for it";
    EXPECT_EQ(listed->terms, short_one->terms);
    EXPECT_EQ(listed->fit.usable, short_one->fit.usable);
    EXPECT_EQ(listed->engine_prints, short_one->engine_prints);
}

TEST(Machine, LayoutIsWorkedOutOverAllAndWhatIsGivenStays)
{
    // 32 heads and 8 of keys and values: 3 GPUs are no tensor parallelism, so they are stages.
    const EstimatePointer three = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "vllm"},
        "hardware": {"devices": [{"accelerator": "rtx_4090", "count": 3}]}})");
    EXPECT_EQ(three->scenario.hardware.tensor_parallel, 1);
    EXPECT_EQ(three->scenario.hardware.pipeline_parallel, 3);
    const EstimatePointer given = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "vllm"},
        "hardware": {"devices": [{"accelerator": "rtx_4090", "count": 4}], "tensor_parallel": 2}})");
    EXPECT_EQ(given->scenario.hardware.tensor_parallel, 2);
    EXPECT_EQ(given->scenario.hardware.pipeline_parallel, 2);
    const EstimatePointer trained = answer_to(
        "Llama-3.1-8B", R"({"task": "fine_tune", "hardware": {"devices": [{"accelerator": "rtx_4090", "count": 4}],
                            "tensor_parallel": 2}})");
    EXPECT_EQ(trained->scenario.hardware.data_parallel, 2);
    const EstimatePointer as_given = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "vllm"},
        "hardware": {"devices": [{"accelerator": "rtx_4090", "count": 4}], "layout": "given"}})");
    EXPECT_EQ(as_given->gpus, 1);
    EXPECT_TRUE(warns(*as_given, "hardware.devices has 4 GPUs, of which the layout uses 1"));
}

TEST(Machine, EnginesOfEqualRanksTakeTheSmallestAndSaySo)
{
    for (const char* engine : {"vllm", "sglang", "generic"}) {
        const std::string scenario =
            std::string(R"({"inference": {"engine": ")") + engine +
            R"("}, "hardware": {"devices": [{"accelerator": {"name": "Large", "memory_gib": 24}},
                                         {"accelerator": {"name": "Small", "memory_gib": 12}}]}})";
        const EstimatePointer estimate = answer_to("Llama-3.1-8B", scenario);
        EXPECT_EQ(estimate->accelerator.name, "Small") << engine;
        EXPECT_EQ(estimate->fit.accelerator.name, "Small") << engine;
        EXPECT_TRUE(warns(*estimate, "takes the smallest GPU, Small")) << engine;
        ASSERT_EQ(estimate->devices.size(), 2u) << engine;
        EXPECT_EQ(estimate->devices[0].fit.accelerator.name, "Large");
        EXPECT_EQ(estimate->devices[0].total, estimate->devices[1].total) << "each rank holds the same";
        EXPECT_EQ(estimate->devices[0].fit.usable, estimate->devices[1].fit.usable) << "so is what each has";
        EXPECT_EQ(estimate->fit.decided_by_device, 1) << engine;
    }
}

TEST(Machine, StagesOverUnequalCardsAreJudgedByTheSmallest)
{
    const EstimatePointer estimate = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "vllm"},
        "hardware": {"devices": [{"accelerator": "rtx_3090", "count": 2}, {"accelerator": "rtx_3060_12"}]}})");
    EXPECT_EQ(estimate->scenario.hardware.pipeline_parallel, 3);
    EXPECT_EQ(estimate->accelerator.id, "rtx_3060_12");
    EXPECT_EQ(devices_in(*estimate), 3);
    const auto named = std::find_if(estimate->devices.begin(), estimate->devices.end(),
                                    [&](const auto& share) { return share.index == estimate->fit.decided_by_device; });
    ASSERT_NE(named, estimate->devices.end());
    EXPECT_EQ(named->total, estimate->total);
    for (const DeviceShare& share : estimate->devices)
        EXPECT_LE(share.fit.fraction, estimate->fit.fraction);
}

TEST(Machine, VerdictNamesTheFullest)
{
    // All on the 12 GiB card by force: 15 GiB of weights don't fit, whatever the other one has left.
    const EstimatePointer estimate = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp",
        "tensor_split": [0, 1], "sequence_length": 4096}, "precision": {"weights": "gguf:F16"},
        "hardware": {"devices": [{"accelerator": {"name": "Large", "memory_gib": 24}},
                                 {"accelerator": {"name": "Small", "memory_gib": 12}}]}})");
    EXPECT_EQ(estimate->fit.accelerator.name, "Small");
    EXPECT_EQ(estimate->fit.verdict, Verdict::exceeds);
    EXPECT_EQ(estimate->fit.decided_by_device, 1);
    EXPECT_EQ(estimate->devices.at(0).fit.verdict, Verdict::fits);
    EXPECT_EQ(estimate->devices.at(1).terms, estimate->terms);
}

TEST(Machine, MemoryInUseIsNotUsable)
{
    Question question = question_with("Llama-3.1-8B", R"({"hardware": {"memory_in_use_gib": 10}})");
    EXPECT_EQ(estimate_of(question, Detail::full)->fit.usable.count, 70 * gib);
    EXPECT_EQ(estimate_of(question, Detail::full)->fit.capacity.count, 80 * gib);
    question.scenario.hardware.usable_fraction = 0.5;
    EXPECT_EQ(estimate_of(question, Detail::full)->fit.usable.count, 35 * gib);
    question.scenario.hardware.usable_fraction.reset();
    question.scenario.task = "fine_tune";
    EXPECT_EQ(estimate_of(question, Detail::full)->fit.usable.count, 70 * gib);
    // vLLM asks for its share of all of it when it starts, SGLang of what is free.
    question.scenario.task = "inference";
    question.scenario.inference.engine = "vllm";
    const EstimatePointer vllm = estimate_of(question, Detail::full);
    EXPECT_EQ(vllm->fit.verdict, Verdict::would_not_start);
    EXPECT_EQ(vllm->fit.refusal->rule, "gpu_memory_utilization");
    question.scenario.inference.vllm.gpu_memory_utilization = 0.85; // 68 GiB
    EXPECT_TRUE(does_fit(estimate_of(question, Detail::full)->fit.verdict));
    question.scenario.inference.engine = "sglang";
    const std::int64_t less = estimate_of(question, Detail::full)->capacity.kv_tokens;
    question.scenario.hardware.memory_in_use_gib.reset();
    EXPECT_LT(less, estimate_of(question, Detail::full)->capacity.kv_tokens);
}

TEST(Machine, HostDecidesWhereItIsTheFullest)
{
    constexpr const char* layers_left = R"({"inference": {"engine": "llama.cpp", "n_gpu_layers": 8,
        "sequence_length": 4096}, "precision": {"weights": "gguf:F16"}, "hardware": {"host": {"memory_gib": )";
    const EstimatePointer small = answer_to("Llama-3.1-8B", std::string(layers_left) + "8}}}");
    ASSERT_TRUE(small->host);
    EXPECT_EQ(small->host->verdict, Verdict::exceeds);
    EXPECT_EQ(small->fit.verdict, Verdict::exceeds);
    EXPECT_EQ(small->fit.decided_by, "host");
    const EstimatePointer large = answer_to("Llama-3.1-8B", std::string(layers_left) + "256}}}");
    EXPECT_EQ(large->host->verdict, Verdict::fits);
    EXPECT_EQ(large->fit.verdict, Verdict::fits);
    const EstimatePointer taken =
        answer_to("Llama-3.1-8B", std::string(layers_left) + R"(256, "memory_in_use_gib": 250}}})");
    EXPECT_EQ(taken->host->usable->count, 6 * gib);
    EXPECT_EQ(taken->fit.decided_by, "host");
    const EstimatePointer unknown = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp"}})");
    EXPECT_FALSE(unknown->host->usable) << "shown, not judged";
    EXPECT_EQ(unknown->fit.decided_by, "");
}

EstimatePointer answer_on(std::string_view accelerator, std::string_view model, std::string_view scenario)
{
    Question question = question_with(model, scenario);
    question.accelerator = *Catalogue().find(accelerator);
    question.scenario.hardware.accelerator = accelerator;
    return estimate_of(question, Detail::full);
}

// Where the host's part is what exceeds, the figures beside the verdict, the room and the cards say the same: 131 GiB
// of a 70B model in 16 bits are more than the one pool of 96 GiB, and a cache of 128 KiB a token more than 16 GiB.
TEST(Machine, HostThatDecidesDecidesEverywhere)
{
    const EstimatePointer pool = answer_on("m2_max", "Llama-3.1-70B", R"({"inference": {"engine": "llama.cpp",
        "n_gpu_layers": 5, "sequence_length": 4096}, "precision": {"weights": "gguf:F16"}})");
    const EstimatePointer own = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp", "kv_offload": false,
        "sequence_length": 131072}, "precision": {"weights": "gguf:F16"}, "hardware": {"host": {"memory_gib": 16}}})");
    for (const EstimatePointer& estimate : {pool, own}) {
        const Fit deciding = estimate->fit.decisive();
        EXPECT_EQ(deciding.verdict, Verdict::exceeds);
        EXPECT_GT(deciding.needed, deciding.usable);
        EXPECT_FALSE(deciding.gpus_needed) << "further GPUs take nothing off the host";
        EXPECT_EQ(estimate->capacity.max_concurrent_sequences, 0);
    }
    EXPECT_TRUE(warns(*pool, "lies in the memory that the GPU shares"));
}

TEST(Machine, RoomEndsWhereTheHostIsFull)
{
    const auto asked = [](std::int64_t tokens) {
        return answer_to("Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp", "kv_offload": false,
            "sequence_length": )" + std::to_string(tokens) +
                                             R"(}, "precision": {"weights": "gguf:F16"},
            "hardware": {"host": {"memory_gib": 8}}})");
    };
    const std::int64_t longest = asked(4096)->capacity.max_sequence_length;
    EXPECT_GT(longest, 4096);
    EXPECT_LT(longest, 65536) << "128 KiB a token in 8 GiB less the embedding";
    EXPECT_TRUE(does_fit(asked(longest)->fit.verdict));
    const EstimatePointer longer = asked(longest + 1);
    EXPECT_EQ(longer->fit.verdict, Verdict::exceeds);
    EXPECT_EQ(longer->fit.decided_by, "host");
}

TEST(Machine, CardsCountTheHostsPart)
{
    const auto on = [](std::string_view accelerator) {
        return answer_on(accelerator, "Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp", "n_gpu_layers": 8,
            "sequence_length": 32768, "concurrent_sequences": 32}, "precision": {"weights": "gguf:F16"}})");
    };
    const EstimatePointer estimate = on("h100_sxm_80");
    for (const char* id : {"m4_max", "m3_ultra"}) {
        const auto card = std::find_if(estimate->cards.begin(), estimate->cards.end(),
                                       [&](const Fit& fit) { return fit.accelerator.id == id; });
        ASSERT_NE(card, estimate->cards.end()) << id;
        const Fit own = on(id)->fit;
        EXPECT_EQ(card->verdict, own.verdict) << id;
        EXPECT_EQ(card->usable, own.usable) << id;
        EXPECT_EQ(card->gpus_needed, own.gpus_needed) << id;
    }
}

// 32 layers, 4,096 cells, keys and values of 8 heads of 128 in fp16.
TEST(Machine, CachesLieOnTheHostWithoutOffload)
{
    const EstimatePointer estimate = answer_to("Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp",
        "kv_offload": false, "sequence_length": 4096}})");
    ASSERT_TRUE(estimate->host);
    const Term* cache = find_term(estimate->host->terms, "kv_cache");
    ASSERT_NE(cache, nullptr);
    EXPECT_EQ(cache->bytes.count, 32LL * 4096 * 2 * 8 * 128 * 2);
    EXPECT_EQ(find_term(estimate->terms, "kv_cache")->bytes.count, 0);
}

// AdamW in mixed precision: two states and the master weight, 12 bytes of each of 8,030,261,248 parameters, and the
// 16-bit gradients that they are stepped with.
TEST(Machine, OffloadedStatesLieOnTheHost)
{
    constexpr std::int64_t parameters = 8'030'261'248;
    const auto offloaded = [](const std::string& layout) {
        return answer_to("Llama-3.1-8B", R"({"task": "train", "train": {"framework": "deepspeed", "zero_stage": 2,
                                          "offload": ["optimizer"]}, "hardware": )" +
                                             layout + "}");
    };
    const EstimatePointer one = offloaded("{}");
    ASSERT_TRUE(one->host);
    ASSERT_EQ(one->host->terms.size(), 2u);
    EXPECT_EQ(find_term(one->host->terms, "gradients")->bytes.count, 2 * parameters);
    EXPECT_EQ(find_term(one->host->terms, "optimizer")->bytes.count, 12 * parameters);
    EXPECT_EQ(one->host->total.count, 14 * parameters);
    EXPECT_EQ(find_term(one->terms, "optimizer.states"), nullptr) << "and nowhere else";
    // Eight ranks of one machine share them; of sixteen, eight are on each.
    EXPECT_NEAR(static_cast<double>(offloaded(R"({"data_parallel": 8})")->host->total.count), 14.0 * parameters, 16);
    EXPECT_NEAR(static_cast<double>(offloaded(R"({"data_parallel": 16})")->host->total.count), 7.0 * parameters, 16);
    EXPECT_FALSE(answer_to("Llama-3.1-8B", R"({"task": "train"})")->host);
    const EstimatePointer judged = offloaded(R"({"data_parallel": 8, "host": {"memory_gib": 64}})");
    EXPECT_EQ(judged->host->verdict, Verdict::exceeds);
    EXPECT_EQ(judged->fit.decided_by, "host");
}

TEST(Machine, SharedMemoryIsOnePool)
{
    Question question = question_with("Llama-3.1-8B", R"({"inference": {"engine": "llama.cpp", "n_gpu_layers": 8},
        "precision": {"weights": "gguf:F16"}})");
    question.accelerator.unified_memory = true;
    const EstimatePointer estimate = estimate_of(question, Detail::full);
    ASSERT_TRUE(estimate->host && estimate->host->usable);
    EXPECT_EQ(estimate->host->usable->count + estimate->fit.needed.count, 80 * gib);
    question.scenario.hardware.host.memory_gib = 128;
    const auto refused = weighbridge::estimate(question);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "hardware.host.memory_gib");
}

TEST(Machine, ContradictionsAreRefusedByName)
{
    EXPECT_THAT(refusal_of("Llama-3.1-8B", R"({"hardware": {"count": 2, "devices": [{"accelerator": "rtx_4090"}]}})"),
                HasSubstr("hardware.count stands beside hardware.devices"));
    EXPECT_THAT(refusal_of("Llama-3.1-8B",
                           R"({"hardware": {"memory_in_use_gib": 2, "devices": [{"accelerator": "rtx_4090"}]}})"),
                HasSubstr("hardware.memory_in_use_gib stands beside hardware.devices"));
    EXPECT_THAT(refusal_of("Llama-3.1-8B", R"({"hardware": {"memory_in_use_gib": 100}})"),
                HasSubstr("hardware.memory_in_use_gib is 100; Test card has 80"));
    EXPECT_THAT(refusal_of("Llama-3.1-8B",
                           R"({"hardware": {"devices": [{"accelerator": "rtx_4090", "memory_in_use_gib": 30}]}})"),
                HasSubstr("hardware.devices[0].memory_in_use_gib is 30"));
    EXPECT_THAT(refusal_of("Llama-3.1-8B",
                           R"({"hardware": {"devices": [{"accelerator": "rtx_4090", "memory_free_gib": 30}]}})"),
                HasSubstr("hardware.devices[0].memory_free_gib is 30"));
    EXPECT_THAT(
        refusal_of("Llama-3.1-8B", R"({"hardware": {"tensor_parallel": 4, "devices": [{"accelerator": "rtx_4090"}]}})"),
        HasSubstr("hardware.devices has 1 GPUs; the parallelism needs 4"));
    EXPECT_THAT(refusal_of("Llama-3.1-8B", R"({"hardware": {"host": {"memory_gib": 8, "memory_in_use_gib": 9}}})"),
                HasSubstr("hardware.host.memory_in_use_gib is 9; hardware.host.memory_gib is 8"));
}

} // namespace
} // namespace weighbridge::testing
