// How much traffic hardware serves: the book appendix's example (seed 002, B.11) and the questions asked backwards.

#include "core/answers/serving.h"
#include "tests/core/support/scenarios.h"

namespace weighbridge::testing {
namespace {

ServingPointer serving_of(const Question& question, const ServingRange& range = {})
{
    auto result = serving_capacity(question, range);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : std::make_shared<ServingCapacity>();
}

const LengthRow& length_row(const ServingCapacity& serving, std::int64_t tokens)
{
    static const LengthRow none;
    for (const LengthRow& row : serving.by_length)
        if (row.tokens == tokens)
            return row;
    ADD_FAILURE() << tokens;
    return none;
}

/// Example 12: Llama 3 70B in BF16, 15 % overhead, on eight cards. The appendix takes 640 "GB" less decimal gigabytes
/// of weights as GiB for the cache: 477.6. So many GiB for the cache alone are one card with 477.6 GiB and what the
/// weights take in bytes.
Question example_12()
{
    Question question = question_about_preset("Meta-Llama-3-70B");
    InferenceChoice& inference = question.scenario.inference;
    inference.parameters = 70'600'000'000;
    inference.activation_method = "fraction";
    inference.activation_fraction = 0.15;
    inference.overhead_bytes = 0;
    const double weights = 70.6 * 2 * 1.15;
    question.accelerator = plain_accelerator();
    question.accelerator.capacity = {std::llround(weights * 1e9 + (640 - weights) * bytes_per_gib)};
    return question;
}

TEST(Serving, TheAppendixsExample12)
{
    const auto serving = serving_of(example_12());
    EXPECT_EQ(length_row(*serving, 2000).max_concurrent_sequences, 782);
    EXPECT_EQ(length_row(*serving, 8000).max_concurrent_sequences, 195);
    EXPECT_EQ(length_row(*serving, 32000).max_concurrent_sequences, 48);
    EXPECT_EQ(length_row(*serving, 128000).max_concurrent_sequences, 12);
    EXPECT_EQ(length_row(*serving, 2000).one_sequence.count, std::int64_t{327'680} * 2000);
}

// The model was trained with 8,192 tokens: what goes beyond is said, not hidden.
/// The answer is of the scenario's own request: rows of shorter ones are no less answered.
TEST(Serving, RowsDoNotHangOnTheLengthOfTheAnswer)
{
    Question question = example_12();
    question.scenario.inference.sequence_length = 32'000;
    question.scenario.workload.answer_tokens = 4096;
    const auto serving = serving_of(question);
    EXPECT_EQ(length_row(*serving, 2000).max_concurrent_sequences, 782);
    EXPECT_EQ(length_row(*serving, 2000).one_sequence.count, std::int64_t{327'680} * 2000);
}

TEST(Serving, LengthsBeyondTheModelAreRemarkedOn)
{
    const auto serving = serving_of(example_12());
    EXPECT_TRUE(length_row(*serving, 2000).remark.empty()) << length_row(*serving, 2000).remark;
    EXPECT_NE(length_row(*serving, 32000).remark.find("8,192"), std::string::npos);
}

TEST(Serving, TheScenariosOwnRowsAreTheEstimatesCapacity)
{
    for (const char* engine : {"generic", "vllm", "sglang", "transformers"}) {
        Question question = question_about_preset("Llama-3.1-8B");
        question.scenario.inference.engine = engine;
        question.scenario.inference.sequence_length = 5000;
        question.scenario.inference.concurrent_sequences = 3;
        const auto estimated = estimate_of(question, Detail::full);
        const auto serving = serving_of(question);
        EXPECT_EQ(length_row(*serving, 5000).max_concurrent_sequences, estimated->capacity.max_concurrent_sequences)
            << engine;
        EXPECT_EQ(serving->cache, estimated->capacity) << engine;
        bool found = false;
        for (const ConcurrencyRow& row : serving->by_concurrency)
            if (row.sequences == 3) {
                found = true;
                EXPECT_EQ(row.max_sequence_length, estimated->capacity.max_sequence_length) << engine;
            }
        EXPECT_TRUE(found);
    }
}

TEST(Serving, WhatTheEngineWillNotRunAtOnceIsRemarkedOn)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "vllm";
    question.scenario.inference.vllm.max_num_seqs = 4;
    const auto serving = serving_of(question);
    EXPECT_NE(length_row(*serving, 2000).remark.find("max_num_seqs 4"), std::string::npos);
}

TEST(Serving, LengthsAndConcurrenciesAreFree)
{
    Question question = question_about_preset("Llama-3.1-8B");
    const auto serving = serving_of(question, {{100, 4096, 100}, {2}});
    ASSERT_EQ(serving->by_length.size(), 3u); // each once, and the scenario's 8,192
    EXPECT_EQ(serving->by_length.front().tokens, 100);
    EXPECT_EQ(serving->by_length.back().tokens, 8192);
    ASSERT_EQ(serving->by_concurrency.size(), 2u);
    EXPECT_GT(serving->by_concurrency[0].max_sequence_length, serving->by_concurrency[1].max_sequence_length);
    EXPECT_FALSE(serving_capacity(question, {{0}, {}}));
    EXPECT_FALSE(serving_capacity(question, {{most_tokens + 1}, {}}));
    EXPECT_FALSE(serving_capacity(question, {{}, {-1}}));
}

TEST(Serving, NothingFitsWhereTheWeightsDoNot)
{
    const auto serving = serving_of(question_about_preset("Llama-3.1-70B"));
    for (const LengthRow& row : serving->by_length)
        EXPECT_EQ(row.max_concurrent_sequences, 0) << row.tokens;
    EXPECT_EQ(serving->over_context.size(), 200u);
}

// A point of a curve is what an estimate with that length or concurrency says.
TEST(ServingCurves, AreWhatEstimatesSay)
{
    for (const char* engine : {"generic", "vllm", "sglang", "llama.cpp", "transformers"}) {
        Question question = question_about_preset("gpt-oss-120b");
        question.scenario.inference.engine = engine;
        question.scenario.hardware.tensor_parallel = 2;
        const auto serving = serving_of(question);
        ASSERT_EQ(serving->over_context.size(), 200u);
        ASSERT_GE(serving->over_concurrency.size(), 8u);
        for (std::size_t i = 1; i < serving->over_context.size(); ++i) {
            EXPECT_GT(serving->over_context[i].at, serving->over_context[i - 1].at);
            EXPECT_GE(serving->over_context[i].bytes, serving->over_context[i - 1].bytes);
        }
        Question longer = question;
        longer.scenario.inference.sequence_length = serving->over_context[150].at;
        EXPECT_NEAR(serving->over_context[150].bytes, static_cast<double>(estimate_of(longer)->total.count), 4)
            << engine;
        Question more = question;
        more.scenario.inference.concurrent_sequences = serving->over_concurrency.back().at;
        EXPECT_NEAR(serving->over_concurrency.back().bytes, static_cast<double>(estimate_of(more)->total.count), 4)
            << engine;
    }
}

TEST(ServingCurves, ReachBeyondTheCapacity)
{
    const Question question = question_about_preset("Llama-3.1-8B");
    const auto serving = serving_of(question);
    ASSERT_EQ(serving->lines.size(), 1u);
    EXPECT_TRUE(serving->lines[0].chosen);
    const auto usable = static_cast<double>(serving->lines[0].usable.count);
    EXPECT_GT(serving->over_concurrency.back().bytes, usable);
    EXPECT_LE(serving->over_context.back().at, 131'072); // what the model was made for
}

TEST(ServingCurves, PinnedAcceleratorsGetALine)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.hardware.pinned = {"l40s", "nonsense", "l40s", "m3_ultra"};
    const auto serving = serving_of(question);
    ASSERT_EQ(serving->lines.size(), 3u);
    EXPECT_EQ(serving->lines[1].accelerator, "l40s");
    EXPECT_FALSE(serving->lines[1].chosen);
    EXPECT_GT(serving->lines[2].usable, serving->lines[1].usable);
}

TEST(Serving, IsOfInference)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.task = "train";
    const auto refused = serving_capacity(question);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "task");
}

} // namespace
} // namespace weighbridge::testing
