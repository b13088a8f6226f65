// The printed examples and tables of the book appendix, B.8 to B.10, in decimal gigabytes.

#include "core/training/book_rules.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

constexpr double gb = 1e9;

BookRules of(double billions)
{
    BookRules rules;
    rules.parameters = billions * gb;
    return rules;
}

TEST(BookRules, TrainingExamples8And9)
{
    EXPECT_DOUBLE_EQ(book_weights_and_states<double>(of(8.0)) / gb, 128);
    EXPECT_NEAR(book_weights_and_states<double>(of(70.6)) / gb, 1129, 1); // printed as 1129; B.10 rounds to 1,130
    EXPECT_NEAR(book_weights_and_states<double>(of(405)) / gb, 6480, 1);
}

TEST(BookRules, BytesPerParameter)
{
    BookRules rules = of(8);
    EXPECT_EQ(book_bytes_per_parameter(rules), 16);
    rules.second_moment = false;
    EXPECT_EQ(book_bytes_per_parameter(rules), 12);
    rules.fp32 = true; // "Default to AdamW mixed-precision"
    EXPECT_EQ(book_bytes_per_parameter(rules), 16);
}

struct LoraExample
{
    std::string_view name;
    double billions;
    double weight_bytes;
    double fraction;
    double activations; ///< as the appendix assumes them, GB
    double base;        ///< printed
    double lora;        ///< printed
    double total;       ///< printed
    double within;
};

TEST(BookRules, LoraExamples10And11AndTheirTable)
{
    const std::vector<LoraExample> examples = {
        {"Example 10", 8.0, 2, 0.01, 4, 16.0, 0.96, 21.0, 0.05},
        {"Example 11", 70.6, 0.5, 0.005, 8, 35.3, 4.24, 47.5, 0.05},
        {"LLaMA 3 8B INT4", 8.0, 0.5, 0.01, 4, 4.0, 0.96, 9, 0.5},
        {"Qwen3-8B BF16", 8.2, 2, 0.01, 4, 16.4, 0.98, 22, 1},
        {"LLaMA 3 70B INT4", 70.6, 0.5, 0.005, 8, 35.3, 4.24, 48, 1},
        // The table's Maverick row counts no activations, unlike its other rows.
        {"LLaMA 4 Maverick INT4", 400, 0.5, 0.005, 0, 200, 24, 224, 0.5},
    };
    for (const LoraExample& example : examples) {
        BookRules rules = of(example.billions);
        rules.weight_bytes = example.weight_bytes;
        rules.lora_fraction = example.fraction;
        const double base = book_weights_and_states<double>(rules) / gb;
        const double lora = book_lora<double>(rules) / gb;
        EXPECT_NEAR(base, example.base, 0.05) << example.name;
        EXPECT_NEAR(lora, example.lora, 0.006) << example.name;
        EXPECT_NEAR(base + lora + example.activations, example.total, example.within) << example.name;
    }
}

TEST(BookRules, ActivationsHaveAFactorAndACap)
{
    BookRules rules = of(8);
    rules.hidden_size = 4096;
    rules.layers = 32;
    rules.sequence_length = 2048;
    // 34 x 4096 x 2048 x 32 x 2 x 0.35 / 2^30 = 5.95
    EXPECT_NEAR(book_activations<double>(rules) / 1073741824.0, 5.95, 0.005);
    rules.recompute = false;
    EXPECT_NEAR(book_activations<double>(rules) / 1073741824.0, 17, 0.005);
    rules.batch_size = 1000; // 17,000 "GB" is cut to 60 % of 128 "GB"
    EXPECT_NEAR(book_activations<double>(rules) / 1073741824.0, 76.8, 1e-6);
}

TEST(BookRules, ThroughAScenario)
{
    Question question = question_about_preset("Meta-Llama-3-8B");
    question.scenario.task = "train";
    question.scenario.train.book_rules = true;
    const auto result = estimate_of(question);
    EXPECT_EQ(bytes_of(*result, "weights") + bytes_of(*result, "gradients") + bytes_of(*result, "optimizer"),
              16 * 8'030'261'248);
    EXPECT_EQ(bytes_of(*result, "overhead"), 0);
}

} // namespace
} // namespace weighbridge::testing
