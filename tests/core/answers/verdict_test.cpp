#include "core/engines/engine.h"
#include "core/estimate/layouts.h"
#include "core/fields/fields.h"
#include "core/hardware/accelerator.h"
#include "core/report/estimate_json.h"
#include "core/report/summary.h"
#include "tests/core/support/scenarios.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge::testing {
namespace {

Accelerator card_of(std::int64_t capacity)
{
    Accelerator accelerator;
    accelerator.capacity = {capacity};
    return accelerator;
}

Question question_on(std::string_view preset, std::string_view engine, std::string_view accelerator)
{
    Question question = question_about_preset(preset);
    question.scenario.inference.engine = engine;
    question.scenario.hardware.accelerator = accelerator;
    const auto found = Catalogue().find(accelerator);
    EXPECT_TRUE(found) << accelerator;
    if (found)
        question.accelerator = *found;
    question.comparisons = std::make_shared<const std::vector<Accelerator>>();
    return question;
}

TEST(Verdict, ARangeWhoseUpperEndDoesNotFitIsNotFits)
{
    EXPECT_EQ(judge(card_of(1000), std::nullopt, {700}, Bytes{1000}).verdict, Verdict::fits);
    EXPECT_EQ(judge(card_of(1000), std::nullopt, {700}, Bytes{1001}).verdict, Verdict::tight);
    EXPECT_EQ(judge(card_of(1000), std::nullopt, {1001}, Bytes{1002}).verdict, Verdict::exceeds);
}

TEST(Verdict, WhatTheAllocatorWouldHoldDecidesOverWhatIsAllocated)
{
    Fit fit = judge(card_of(1000), std::nullopt, {700});
    judge_allocator(fit, {1000});
    EXPECT_EQ(fit.verdict, Verdict::fits);
    judge_allocator(fit, {1001});
    EXPECT_EQ(fit.verdict, Verdict::fits_if_given_back);
    EXPECT_EQ(fit.decided_by, "reserved");
    Fit too_much = judge(card_of(1000), std::nullopt, {1001});
    judge_allocator(too_much, {2000});
    EXPECT_EQ(too_much.verdict, Verdict::exceeds);
    EXPECT_EQ(too_much.decided_by, "allocated");
}

// The order of the states: cant_run, exceeds, would_not_start, not_known, then what fits.
TEST(Verdict, TheGravestCounts)
{
    const Support no{Runs::no, {.rule = "weights", .text = "no", .keys = {"precision.weights"}, .source = "source"}};
    const Support unknown{Runs::unknown,
                          {.rule = "weights", .text = "who knows", .keys = {"precision.weights"}, .source = ""}};
    const Refusal refused{.rule = "max_model_len",
                          .text = "no room",
                          .keys = {"inference.max_model_len"},
                          .source = "",
                          .needed = 1200,
                          .usable = 1000};

    Fit fits = judge(card_of(1000), std::nullopt, {500});
    judge_start(fits, refused);
    EXPECT_EQ(fits.verdict, Verdict::would_not_start);
    EXPECT_EQ(fits.needed.count, 1200);
    EXPECT_EQ(fits.free_bytes, -200);
    judge_support(fits, unknown);
    EXPECT_EQ(fits.verdict, Verdict::would_not_start);
    judge_support(fits, no);
    EXPECT_EQ(fits.verdict, Verdict::cant_run);
    EXPECT_EQ(fits.refusal->text, "no");

    Fit exceeds = judge(card_of(1000), std::nullopt, {1500});
    judge_start(exceeds, refused);
    EXPECT_EQ(exceeds.verdict, Verdict::exceeds);
    EXPECT_EQ(exceeds.needed.count, 1500);
    judge_support(exceeds, unknown);
    EXPECT_EQ(exceeds.verdict, Verdict::exceeds);

    Fit not_known = judge(card_of(1000), std::nullopt, {500});
    judge_support(not_known, unknown);
    EXPECT_EQ(not_known.verdict, Verdict::not_known);
    EXPECT_FALSE(does_fit(not_known.verdict));
}

TEST(Verdict, OldNamesStayForScripts)
{
    EXPECT_EQ(verdict_name(Verdict::fits_if_given_back), "tight");
    EXPECT_EQ(verdict_name(Verdict::would_not_start), "exceeds");
    EXPECT_EQ(verdict_name(Verdict::cant_run), "");
    EXPECT_EQ(verdict_name(Verdict::not_known), "");
    EXPECT_EQ(state_name(Verdict::would_not_start), "would_not_start");
}

TEST(Verdict, WhatCantRunKeepsItsFiguresAndSaysWhy)
{
    const auto result = estimate_of(question_on("Llama-3.1-8B", "vllm", "m4_max"), Detail::full);
    EXPECT_EQ(result->fit.verdict, Verdict::cant_run);
    ASSERT_TRUE(result->fit.refusal);
    EXPECT_EQ(result->fit.refusal->rule, "accelerator");
    EXPECT_FALSE(result->fit.gpus_needed);
    EXPECT_GT(result->total.count, 0);
    ASSERT_FALSE(result->issues.empty());
    EXPECT_EQ(result->issues.front().severity, Severity::error);
    EXPECT_EQ(result->issues.front().message, result->fit.refusal->text);
    const auto report = to_json(*result);
    EXPECT_EQ(report["fit"][0]["state"], "cant_run");
    EXPECT_TRUE(report["fit"][0]["verdict"].is_null());
    EXPECT_EQ(report["fit"][0]["refusal"]["rule"], "accelerator");
}

// 36 layers x 8 heads x 128 x 2 (keys, values) x 2 B = 147,456 B a token: 8,192 tokens take 1.125 GiB.
TEST(Verdict, APoolTooSmallForOneRequestWouldNotStart)
{
    Question question = question_on("Qwen3-8B", "vllm", "h100_sxm_80");
    question.scenario.inference.sequence_length = 4096;
    question.scenario.inference.vllm.max_model_len = 8192;
    question.scenario.inference.vllm.kv_cache_memory_bytes = std::int64_t{1} << 30;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->fit.verdict, Verdict::would_not_start);
    EXPECT_GT(result->fit.needed, result->fit.usable);
    const auto report = to_json(*result);
    EXPECT_EQ(report["fit"][0]["state"], "would_not_start");
    EXPECT_EQ(report["fit"][0]["verdict"], "exceeds");
    EXPECT_NE(report["fit"][0]["refusal"]["text"].get<std::string>().find("would not start"), std::string::npos);
    question.scenario.inference.vllm.max_model_len = 4096;
    EXPECT_TRUE(does_fit(estimate_of(question, Detail::full)->fit.verdict));
}

// Figures that formulas give stay for programs; people read that there is no room to speak of.
TEST(Verdict, WhatCantRunPrintsNothingAndPromisesNoRoom)
{
    const auto result = estimate_of(question_on("Llama-3.1-8B", "vllm", "m4_max"), Detail::full);
    EXPECT_TRUE(result->engine_prints.empty());
    EXPECT_NE(capacity_line(*result).find("can't run"), std::string::npos);
    EXPECT_TRUE(to_json(*result)["capacity"]["max_concurrent_sequences"].is_number());
}

TEST(Verdict, ExpertParallelismSaidOnceIsFilledInWhereElseItIsSaid)
{
    Question question = question_on("DeepSeek-V3.2", "vllm", "h200_sxm_141");
    question.scenario.hardware.tensor_parallel = 8;
    question.scenario.hardware.expert_parallel = 8;
    EXPECT_TRUE(estimate_of(question, Detail::full)->scenario.inference.vllm.enable_expert_parallel);
    question.scenario.hardware.expert_parallel = 1;
    question.scenario.inference.vllm.enable_expert_parallel = true;
    EXPECT_EQ(estimate_of(question, Detail::full)->scenario.hardware.expert_parallel, 8);
}

void take_layout(Scenario& scenario, const Fit& fit)
{
    const LayoutChoice& layout = *fit.layout_needed;
    std::vector<std::pair<std::string_view, std::int64_t>> keys = {{"hardware.tensor_parallel", layout.tensor},
                                                                   {"hardware.pipeline_parallel", layout.pipeline},
                                                                   {"hardware.data_parallel", layout.replicas},
                                                                   {"hardware.expert_parallel", layout.experts}};
    if (layout.spread > 1)
        keys.emplace_back("inference.decode_context_parallel_size", layout.spread);
    for (const auto& [key, ranks] : keys)
        EXPECT_FALSE(set_field(scenario, key, std::to_string(ranks))) << key;
}

struct LayoutCase
{
    const char* preset;
    const char* engine;
    const char* accelerator;
    std::int64_t tokens;
    std::int64_t sequences;
};

// The keys make a setup that fits, and it takes as many GPUs as were said.
TEST(Layouts, WhatIsSaidToDoDoes)
{
    for (const LayoutCase& c : {LayoutCase{"DeepSeek-V3.2", "vllm", "h200_sxm_141", 32768, 64},
                                LayoutCase{"Llama-3.1-70B", "vllm", "rtx_4090", 4096, 1},
                                LayoutCase{"Llama-3.1-70B", "sglang", "rtx_4090", 4096, 1},
                                LayoutCase{"Llama-3.1-70B", "llama.cpp", "rtx_4090", 4096, 1},
                                LayoutCase{"Llama-3.1-70B", "generic", "a100_sxm_40", 8192, 4}}) {
        Question question = question_on(c.preset, c.engine, c.accelerator);
        question.scenario.inference.sequence_length = c.tokens;
        question.scenario.inference.concurrent_sequences = c.sequences;
        question.scenario.inference.vllm.max_model_len = c.tokens;
        const auto asked = estimate_of(question, Detail::full);
        ASSERT_TRUE(asked->fit.gpus_needed) << c.preset << ' ' << c.engine;
        take_layout(question.scenario, asked->fit);
        const auto taken = estimate_of(question, Detail::full);
        EXPECT_TRUE(does_fit(taken->fit.verdict)) << c.engine << ' ' << asked->fit.layout_text;
        EXPECT_EQ(taken->gpus, *asked->fit.gpus_needed) << c.engine << ' ' << asked->fit.layout_text;
        EXPECT_EQ(taken->fit.gpus_needed, asked->fit.gpus_needed) << c.engine; // whatever the scenario's own layout
    }
}

// No fewer GPUs would do, by any split that the engine takes.
TEST(Layouts, NoFewerGpusWouldDo)
{
    for (const LayoutCase& c : {LayoutCase{"Llama-3.1-70B", "vllm", "rtx_4090", 4096, 1},
                                LayoutCase{"Llama-3.1-70B", "sglang", "a100_sxm_40", 4096, 1},
                                LayoutCase{"Llama-3.1-70B", "llama.cpp", "rtx_4090", 4096, 1}}) {
        Question question = question_on(c.preset, c.engine, c.accelerator);
        question.scenario.inference.sequence_length = c.tokens;
        question.scenario.inference.vllm.max_model_len = c.tokens;
        const auto asked = estimate_of(question, Detail::full);
        ASSERT_TRUE(asked->fit.gpus_needed) << c.engine;
        const bool by_layers = find_engine(c.engine)->splits_layers;
        for (const std::int64_t ranks : {1, 2, 4, 8, 16})
            for (std::int64_t stages = 1; ranks * stages < *asked->fit.gpus_needed; ++stages) {
                if (by_layers && ranks > 1)
                    continue;
                question.scenario.hardware.tensor_parallel = ranks;
                question.scenario.hardware.pipeline_parallel = stages;
                EXPECT_FALSE(does_fit(estimate_of(question, Detail::full)->fit.verdict))
                    << c.engine << " TP " << ranks << " PP " << stages << " of " << *asked->fit.gpus_needed;
            }
    }
}

// A layer has 0.855 B parameters, 1.59 GiB; a card has 23.99 GiB. 80 layers and the output over six cards are 14 of
// them on the fullest, 22.3 GiB; over five 17, 27.1 GiB. Six divides neither 64 heads nor 80 layers.
TEST(Layouts, LayersNeedNoDivisor)
{
    Question question = question_on("Llama-3.1-70B", "llama.cpp", "rtx_4090");
    question.scenario.inference.sequence_length = 512;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->fit.gpus_needed, 6);
    EXPECT_EQ(result->fit.layout_text, "layers over 6");
}

TEST(Layouts, SayWhatWasTriedWhereNothingWouldDo)
{
    Question question = question_on("DeepSeek-V3.2", "generic", "rtx_4090");
    question.scenario.inference.sequence_length = 1 << 30;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_FALSE(result->fit.gpus_needed);
    const auto report = to_json(*result);
    EXPECT_TRUE(report["fit"][0]["layout_needed"].is_null());
    EXPECT_EQ(report["fit"][0]["layouts_tried"][0], "TP");
}

} // namespace
} // namespace weighbridge::testing
