// What the steps of the book appendix's flowchart (seed 002, B.12) decide.

#include "core/answers/decisions.h"

#include "core/fields/fields.h"
#include "core/training/training.h"
#include "tests/core/support/scenarios.h"

#include <cmath>

namespace weighbridge::testing {
namespace {

Question with(Question question, std::initializer_list<std::pair<std::string_view, std::string_view>> fields)
{
    for (const auto& [key, value] : fields) {
        const Outcome problem = set_field(question.scenario, key, value);
        EXPECT_FALSE(problem) << (problem ? problem->message : "");
    }
    return question;
}

DecisionsPointer decided(const Question& question)
{
    auto result = decide(question);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : std::make_shared<Decisions>();
}

double cost_of(const Decisions& decisions, std::string_view label)
{
    for (const ParameterCost& cost : decisions.per_parameter)
        if (cost.label == label)
            return cost.bytes;
    return 0;
}

TEST(BookSteps, TiersAreThoseOfTheAppendix)
{
    struct Case
    {
        double gb;
        std::string_view hardware;
    };
    constexpr std::array cases = {
        Case{0, "RTX 4090 or RTX 5090"},
        Case{23.9, "RTX 4090 or RTX 5090"},
        Case{24, "A100 or H100"},
        Case{79.9, "A100 or H100"},
        Case{80, "H200"},
        Case{141, "B200"},
        Case{180, "B300"},
        Case{288, "Mac Studio M3 Ultra, or two to four data center GPUs"},
        Case{512, "several GPUs"},
        Case{1e9, "several GPUs"},
    };
    for (const Case& expected : cases)
        EXPECT_EQ(book_tier(expected.gb * 1e9).hardware, expected.hardware) << expected.gb;
}

TEST(BookSteps, EveryGpuItNamesCanBeLookedUp)
{
    const auto configurations = standard_configurations();
    for (const BookTier& tier : book_tiers())
        for (const std::string_view id : tier.accelerators)
            EXPECT_TRUE(id.empty() ||
                        std::any_of(configurations->begin(), configurations->end(),
                                    [&](const auto& one) { return one.gpus == 1 && one.accelerator.id == id; }))
                << id;
}

// The book goes by printed memory: it names a Mac for any engine, and cards that a share of their memory rules out.
TEST(BookSteps, WhatSpeaksAgainstTheGpusItNames)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "vllm";
    const auto recommended = recommend(before_hardware(question));
    ASSERT_TRUE(recommended);
    const auto against_mac = objections_to(book_tier(300e9), **recommended);
    ASSERT_EQ(against_mac.size(), 1u);
    EXPECT_EQ(against_mac[0].reason.find("vLLM doesn't run on M3 Ultra"), 0u) << against_mac[0].reason;
    EXPECT_TRUE(objections_to(book_tier(79e9), **recommended).empty()); // an A100 or H100 holds 8 B in BF16
    EXPECT_EQ(refused_everywhere(**recommended), "");

    question.scenario.inference.vllm.gpu_memory_utilization = 0.1;
    const auto little = recommend(before_hardware(question));
    ASSERT_TRUE(little);
    const auto too_small = objections_to(book_tier(79e9), **little);
    ASSERT_EQ(too_small.size(), 2u);
    EXPECT_EQ(too_small[0].reason, "");
    EXPECT_GT(too_small[0].needed, too_small[0].usable);
}

TEST(BookSteps, OverheadAndAdviceAreThoseOfTheAppendix)
{
    EXPECT_EQ(book_overhead(false).least, 0.15);
    EXPECT_EQ(book_overhead(false).most, 0.15);
    EXPECT_EQ(book_overhead(true).least, 0.20);
    EXPECT_EQ(book_overhead(true).most, 0.30);
    // 4 bits: good enough from 70 B on, noticeably worse at 7 to 8 B.
    EXPECT_NE(book_advice("gptq_4bit_g128", 8'030'261'248).find("FP8 or INT8"), std::string_view::npos);
    EXPECT_NE(book_advice("gptq_4bit_g128", 70'553'706'496).find("acceptable"), std::string_view::npos);
    EXPECT_EQ(book_advice("gptq_4bit_g128", 30'000'000'000).find("acceptable"), std::string_view::npos);
    EXPECT_NE(book_advice("nvfp4", 8'030'261'248).find("Blackwell"), std::string_view::npos);
    EXPECT_TRUE(book_advice("bf16", 1).empty());
    for (const BookQuantization& row : book_quantizations())
        EXPECT_TRUE(find_format(row.format, FormatUse::weights)) << row.format;
}

TEST(Decisions, InferenceIsWeightsThenCacheThenTheRest)
{
    const auto decisions = decided(question_about_preset("Llama-3.1-8B"));
    // 8,030,261,248 parameters of 2 bytes; 2 · 32 layers · 8 heads · 128 · 8,192 tokens · 2 bytes.
    EXPECT_EQ(decisions->by_model.count, 8'030'261'248 * 2);
    EXPECT_EQ(bytes_of(*decisions->whole, "kv_cache"), 1'073'741'824);
    EXPECT_GE(decisions->by_context.count, 1'073'741'824);
    EXPECT_EQ(decisions->beside.count, 536'870'912); // the generic engine's half GiB
    EXPECT_EQ(decisions->by_model + decisions->by_context + decisions->beside, decisions->whole->total);
    ASSERT_EQ(decisions->per_parameter.size(), 1u);
    EXPECT_DOUBLE_EQ(decisions->per_parameter.front().bytes, 2);
    EXPECT_EQ(decisions->trained_parameters, 0);
    const auto rest = static_cast<double>(decisions->whole->total.count - 536'870'912);
    EXPECT_DOUBLE_EQ(decisions->book_total_low, rest * 1.15);
    EXPECT_DOUBLE_EQ(decisions->book_total_high, rest * 1.15);
    EXPECT_DOUBLE_EQ(decisions->overhead_share(), 536'870'912 / rest);
}

TEST(Decisions, TrainingTakesTheAppendixsSixteenBytesPerParameter)
{
    const auto decisions = decided(
        with(question_about_preset("Llama-3.1-8B"), {{"task", "train"}, {"train.precision_recipe", "bf16_mixed"}}));
    EXPECT_DOUBLE_EQ(decisions->trained_parameters, 8'030'261'248);
    EXPECT_DOUBLE_EQ(cost_of(*decisions, "Weights"), 2);
    EXPECT_DOUBLE_EQ(cost_of(*decisions, "Gradients"), 2);
    EXPECT_DOUBLE_EQ(cost_of(*decisions, "Master weights"), 4);
    EXPECT_DOUBLE_EQ(cost_of(*decisions, "Optimizer states"), 8);
    EXPECT_EQ(decisions->overhead.most, 0.30);
}

TEST(Decisions, TheContextIsSeenWhereItIsLargest)
{
    // The optimizer's step is the peak, and has no activations any more.
    const auto decisions =
        decided(with(question_about_preset("Llama-3.1-8B"), {{"task", "train"}, {"train.sequence_length", "512"}}));
    EXPECT_EQ(decisions->whole->training->peak().id, "optimizer_step");
    EXPECT_EQ(decisions->by_context.count, 0);
    ASSERT_NE(decisions->context_moment, nullptr);
    EXPECT_NE(decisions->context_moment->id, "optimizer_step");
    // At the least one input per recomputed layer: 32 · 512 · 4,096 · 2 bytes.
    EXPECT_GE(decisions->context_most.count, 134'217'728);
    for (const Moment& moment : decisions->whole->training->stage().moments)
        for (const Term& term : moment.terms)
            if (term.id == "activations") {
                EXPECT_LE(term.bytes, decisions->context_most) << moment.id;
            }
    EXPECT_EQ(decided(question_about_preset("Llama-3.1-8B"))->context_moment, nullptr);
}

TEST(Decisions, AdaptersAreCountedFromTheInventory)
{
    const auto decisions = decided(with(question_about_preset("Llama-3.1-8B"), {{"task", "fine_tune"}}));
    // Rank 16 on the seven matrices of 32 layers: 16 · 32 · (2 · (4096 + 4096) + 2 · (4096 + 1024) + 3 · (4096 +
    // 14336)).
    EXPECT_DOUBLE_EQ(decisions->trained_parameters, 41'943'040);
    EXPECT_DOUBLE_EQ(cost_of(*decisions, "Frozen weights"), 2);
    EXPECT_GE(cost_of(*decisions, "Adapters"), 2);
    EXPECT_EQ(cost_of(*decisions, "Weights"), 0);
}

TEST(Decisions, BeforeTheHardwareNothingIsSharedOut)
{
    const Question spread = with(question_about_config(generic_70b()),
                                 {{"hardware.tensor_parallel", "8"}, {"hardware.usable_fraction", "0.5"}});
    const auto decisions = decided(spread);
    EXPECT_EQ(decisions->whole->gpus, 1);
    EXPECT_EQ(decisions->whole->total, decided(question_about_config(generic_70b()))->whole->total);
    EXPECT_FALSE(before_hardware(spread).scenario.hardware.usable_fraction);
    // A layout that the model does not allow is no obstacle: it is decided later.
    EXPECT_TRUE(decide(with(spread, {{"hardware.tensor_parallel", "3"}})));
}

struct Placed
{
    const char* name;
    std::string_view preset;
    std::vector<std::pair<std::string_view, std::string_view>> fields;
};

TEST(Decisions, AnEstimateOfThePlacedScenarioIsWhatWasRecommended)
{
    const std::vector<Placed> cases = {
        {"a small one", "Llama-3.1-8B", {}},
        {"shared out", "Llama-3.1-70B", {{"inference.sequence_length", "32k"}, {"hardware.tensor_parallel", "4"}}},
        {"in stages", "DeepSeek-V3", {{"inference.engine", "vllm"}}},
        {"another device's memory",
         "Llama-3.1-8B",
         {{"inference.engine", "vllm"}, {"inference.total_memory_bytes", "85000000000"}}},
        {"adapters", "Llama-3.1-8B", {{"task", "fine_tune"}, {"fine_tune.method", "qlora"}}},
        {"sharded training", "Llama-3.1-8B", {{"task", "train"}, {"train.fsdp", "true"}}},
        {"the book's rules", "Llama-3.1-8B", {{"task", "train"}, {"train.book_rules", "true"}}},
    };
    const Catalogue catalogue;
    for (const Placed& placed : cases) {
        SCOPED_TRACE(placed.name);
        Question question = question_about_preset(placed.preset);
        question.accelerator = *catalogue.find(question.scenario.hardware.accelerator);
        for (const auto& [key, value] : placed.fields)
            ASSERT_FALSE(set_field(question.scenario, key, value)) << key;
        const auto recommended = recommend(before_hardware(question));
        ASSERT_TRUE(recommended) << recommended.error().message;
        const auto rows = eligible(**recommended, question.scenario);
        ASSERT_FALSE(rows.empty());
        for (const Recommendation* row : rows) {
            const Configuration& configuration = (*recommended)->configuration(*row);
            Question taken = question;
            taken.scenario = placed_on(question.scenario, configuration, *row);
            taken.accelerator = configuration.accelerator;
            EXPECT_TRUE(is_placed_on(taken.scenario, configuration, *row));
            const auto result = estimate(taken);
            ASSERT_TRUE(result) << configuration.id << ": " << result.error().message;
            EXPECT_EQ((*result)->total, row->needed) << configuration.id;
            EXPECT_NE((*result)->fit.verdict, Verdict::exceeds) << configuration.id;
        }
    }
}

TEST(Decisions, BookRulesKnowOneGpu)
{
    const Question question =
        with(question_about_preset("Llama-3.1-70B"), {{"task", "train"}, {"train.book_rules", "true"}});
    const auto recommended = recommend(before_hardware(question));
    ASSERT_TRUE(recommended);
    EXPECT_NE((*recommended)->smallest(), nullptr); // of all memory as one
    EXPECT_TRUE(eligible(**recommended, question.scenario).empty());
}

TEST(Alternatives, AreThoseThatTheTaskAndTheEngineHave)
{
    struct Case
    {
        std::vector<std::pair<std::string_view, std::string_view>> fields;
        std::vector<std::string_view> values;
        std::string_view chosen;
    };
    const std::vector<Case> cases = {
        {{}, {"bf16", "fp8", "nvfp4", "gptq_4bit_g128"}, "bf16"},
        {{{"precision.weights", "fp8"}}, {"bf16", "fp8", "nvfp4", "gptq_4bit_g128"}, "fp8"},
        {{{"inference.engine", "llama.cpp"}}, {"gguf:Q8_0", "gguf:Q5_K_M", "gguf:Q4_K_M"}, ""},
        {{{"task", "fine_tune"}}, {"full", "lora", "qlora", "true"}, "lora"},
        {{{"task", "train"}, {"train.fsdp", "true"}, {"train.recompute", "none"}},
         {"true", "adamw_8bit", "full"},
         "true"},
    };
    for (const Case& expected : cases) {
        Question question = question_about_preset("Llama-3.1-8B");
        for (const auto& [key, value] : expected.fields)
            ASSERT_FALSE(set_field(question.scenario, key, value)) << key;
        std::vector<std::string_view> values;
        std::string_view chosen;
        for (const Alternative& alternative : alternatives(question)) {
            values.push_back(alternative.value);
            if (alternative.chosen)
                chosen = alternative.value;
            const auto changed = with_alternative(question, alternative);
            ASSERT_TRUE(changed) << alternative.value;
            EXPECT_TRUE(decide(*changed)) << alternative.value;
        }
        EXPECT_EQ(values, expected.values);
        EXPECT_EQ(chosen, expected.chosen);
    }
}

TEST(Alternatives, NarrowerWeightsNeedLess)
{
    const Question question = question_about_preset("Llama-3.1-70B");
    std::int64_t before = decided(question)->whole->total.count + 1;
    for (const Alternative& alternative : alternatives(question)) {
        const auto changed = with_alternative(question, alternative);
        ASSERT_TRUE(changed);
        const std::int64_t total = decided(*changed)->whole->total.count;
        EXPECT_LT(total, before) << alternative.value;
        before = total;
    }
}

} // namespace
} // namespace weighbridge::testing
