#include "core/engines/engine.h"
#include "core/engines/inference.h"
#include "tests/core/support/scenarios.h"

namespace weighbridge::testing {
namespace {

// The generic 70B with the cache alone in the way: 40 GiB hold 32 sequences of 4,096 tokens (320 KiB each token = 1.25
// GiB a sequence).
TEST(CapacitySearch, FindsTheEdge)
{
    Question question = question_about_config(generic_70b());
    InferenceChoice& inference = question.scenario.inference;
    inference.sequence_length = 4096;
    inference.parameters = 1;
    inference.activation_method = "fraction";
    inference.activation_fraction = 0;
    inference.overhead_bytes = 0;
    const std::int64_t two = 2; // the one parameter
    const auto within = [&](std::int64_t bytes) {
        question.accelerator.capacity = {bytes};
        return estimate_of(question, Detail::full)->capacity;
    };
    const std::int64_t forty = std::int64_t{40} * 1024 * 1024 * 1024 + two;
    EXPECT_EQ(within(forty).max_concurrent_sequences, 32);
    EXPECT_EQ(within(forty).max_sequence_length, 131072);
    EXPECT_EQ(within(forty).kv_tokens, 131072);
    EXPECT_EQ(within(forty).pool_bytes.count, forty - two);
    EXPECT_EQ(within(forty).limited_by, Limit::memory);
    EXPECT_EQ(within(forty - 1).max_concurrent_sequences, 31);
    EXPECT_EQ(within(forty - 1).max_sequence_length, 131071);
    EXPECT_EQ(within(forty - 1).kv_tokens, 131071); // the longer of 31 whole ones and one as long
    EXPECT_EQ(within(1).max_concurrent_sequences, 0);
}

TEST(TensorParallel, ChoicesDivideHeadsAndHiddenSize)
{
    const Question llama = question_about_preset("Llama-3.1-70B"); // 64 heads, 8 key/value heads, hidden 8,192
    EXPECT_EQ(tensor_parallel_choices(llama.model->architecture), (std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64}));
    const Question scout =
        question_about_preset("Llama-4-Scout-17B-16E-Instruct"); // 40 heads, 8 key/value heads, hidden 5,120
    EXPECT_EQ(tensor_parallel_choices(scout.model->architecture), (std::vector<std::int64_t>{1, 2, 4, 8, 40}));
}

// 70.55 B parameters in BF16 are 131.4 GiB: two cards of 80 GiB hold them with 8,192 tokens, one does not.
TEST(FitOfAnEstimate, NamesTheFewestGpus)
{
    const auto result = estimate_of(question_about_preset("Llama-3.1-70B"), Detail::full);
    EXPECT_EQ(result->fit.verdict, Verdict::exceeds);
    EXPECT_EQ(result->fit.gpus_needed, 2);
    EXPECT_LT(result->fit.free_bytes, 0);
    EXPECT_EQ(result->capacity.max_concurrent_sequences, 0);
    EXPECT_EQ(result->cards.size(), 11u);
}

// Engines that divide experts over their own ranks have to do it anew for each number of ranks that is tried.
TEST(TensorParallel, TriedRanksNeedWhatTheyNeedWhenChosen)
{
    for (const char* engine : {"generic", "vllm", "sglang"}) {
        Question question = question_about_preset("Mixtral-8x22B-v0.1");
        question.scenario.inference.engine = engine;
        const auto alone = inference_inputs(question.scenario, *question.model, &question.accelerator);
        ASSERT_TRUE(alone);
        for (const std::int64_t ranks : tensor_parallel_choices(question.model->architecture)) {
            const PlanPointer tried = plan_of(with_tensor_parallel(*alone, ranks));
            question.scenario.hardware.tensor_parallel = ranks;
            const auto chosen = inference_inputs(question.scenario, *question.model, &question.accelerator);
            ASSERT_TRUE(chosen);
            EXPECT_EQ(tried->figures().total(), inference_bytes(*chosen)) << engine << " on " << ranks;
        }
    }
}

// A search asks one plan with other numbers of sequences; a plan made of such a load gives the same figures.
TEST(Plan, AnswersForOtherNumbersOfSequences)
{
    for (const Engine* engine : engines()) {
        for (const char* preset : {"DeepSeek-V3", "gemma-3-12b-it", "gpt-oss-120b"}) {
            Question question = question_about_preset(preset);
            question.scenario.inference.engine = engine->id;
            const auto inputs = inference_inputs(question.scenario, *question.model, &question.accelerator);
            ASSERT_TRUE(inputs);
            const PlanPointer plan = plan_of(*inputs);
            for (const std::int64_t sequences : {1, 7, 400})
                EXPECT_EQ(plan->figures(sequences).total(), inference_bytes(with_sequences(plan->load(), sequences)))
                    << engine->id << ", " << preset << ", " << sequences;
        }
    }
}

TEST(FitOfAnEstimate, APinnedAcceleratorGetsACard)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.hardware.pinned = {"l40s", "h100_sxm_80", "l40s"};
    const auto result = estimate_of(question, Detail::full);
    ASSERT_EQ(result->cards.size(), 12u);
    EXPECT_EQ(result->cards.back().accelerator.id, "l40s");
}

TEST(FitOfAnEstimate, UsableShareIsTakenOff)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.hardware.usable_fraction = 0.5;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->fit.usable.count, std::int64_t{40} * 1024 * 1024 * 1024);
    EXPECT_DOUBLE_EQ(result->fit.fraction,
                     static_cast<double>(result->total.count) / static_cast<double>(result->fit.usable.count));
}

} // namespace
} // namespace weighbridge::testing
