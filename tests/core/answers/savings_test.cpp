// What would lower the peak of a training step.

#include "core/answers/more_answers.h"
#include "core/fields/fields.h"
#include "core/report/training_report.h"
#include "tests/core/support/scenarios.h"

#include <algorithm>

namespace weighbridge::testing {
namespace {

Question training_of(std::string_view preset, std::string_view framework, std::string_view method = "full")
{
    Question question = question_about_preset(std::string(preset));
    question.scenario.task = "train";
    question.scenario.train.framework = framework;
    question.scenario.train.method = method;
    return question;
}

Savings savings_of(const Question& question)
{
    const auto result = savings(question);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? **result : Savings{};
}

const Saving* find(const Savings& savings, std::string_view field, std::string_view value)
{
    const auto found = std::find_if(savings.list.begin(), savings.list.end(), [&](const Saving& saving) {
        return saving.field == field && saving.value == value;
    });
    return found == savings.list.end() ? nullptr : &*found;
}

TEST(Savings, AreWhatAnEstimateWithThatOptionSaves)
{
    for (const char* framework : {"pytorch", "hf_trainer", "torchtune", "deepspeed", "megatron"}) {
        Question question = training_of("Llama-3.1-8B", framework);
        question.scenario.train.recompute = "none";
        question.scenario.hardware.data_parallel = 4;
        const std::int64_t before = estimate_of(question)->total.count;
        const Savings found = savings_of(question);
        ASSERT_FALSE(found.list.empty()) << framework;
        for (const Saving& saving : found.list) {
            Question changed = question;
            ASSERT_FALSE(set_field(changed.scenario, saving.field, saving.value));
            const auto after = estimate_of(changed);
            EXPECT_EQ(saving.total, after->total) << framework << ' ' << saving.field;
            EXPECT_EQ(saving.saved.count, before - after->total.count) << framework << ' ' << saving.field;
            EXPECT_EQ(saving.moment, after->training->peak().id);
            EXPECT_GT(saving.saved.count, 0);
        }
        EXPECT_TRUE(std::is_sorted(found.list.begin(), found.list.end(),
                                   [](const Saving& a, const Saving& b) { return a.saved > b.saved; }));
    }
}

// s·b·v = 2,048 · 128,256 logits: the fp32 loss of transformers keeps 16 bytes of each, chunks of it 4 + 8/8. Both
// losses lower the peak to the same next moment, or further.
TEST(Savings, OfTheLossAreAtMostWhatTheLogitsTake)
{
    const Savings found = savings_of(training_of("Llama-3.1-8B", "pytorch", "lora"));
    const Saving* chunked = find(found, "train.loss", "chunked");
    const Saving* fused = find(found, "train.loss", "fused_linear");
    ASSERT_NE(chunked, nullptr);
    ASSERT_NE(fused, nullptr);
    EXPECT_EQ(chunked->term, "logits");
    EXPECT_LE(chunked->saved.count, 2048LL * 128256 * (16 - 4 - 1));
    EXPECT_GT(chunked->saved.count, 2'000'000'000);
    EXPECT_GE(fused->saved, chunked->saved);
}

TEST(Savings, AreOnlyOfWhatIsNotDoneAlready)
{
    Question question = training_of("Llama-3.1-8B", "unsloth", "lora"); // a fused loss, fused kernels, recomputation
    question.scenario.train.recompute = "full";
    for (const Saving& saving : savings_of(question).list) {
        EXPECT_NE(saving.value, "fused_linear");
        EXPECT_NE(saving.field, "train.fused_kernels");
        EXPECT_NE(saving.value, "full");
    }
}

TEST(Savings, OfShardingNeedRanksToShareWith)
{
    const auto shards = [](const Saving& saving) {
        return saving.field == "train.fsdp" || saving.field == "train.zero_stage";
    };
    Question question = training_of("Llama-3.1-8B", "deepspeed"); // ZeRO stage 2 is its default
    EXPECT_TRUE(std::ranges::none_of(savings_of(question).list, shards));
    question.scenario.hardware.data_parallel = 8;
    const Savings found = savings_of(question);
    EXPECT_NE(find(found, "train.zero_stage", "3"), nullptr);
    EXPECT_EQ(find(found, "train.zero_stage", "1"), nullptr);
    EXPECT_EQ(find(found, "train.fsdp", "true"), nullptr);
    question.scenario.train.framework = "torchtitan";
    EXPECT_NE(find(savings_of(question), "train.fsdp", "true"), nullptr);
}

TEST(Savings, WhatIsRefusedIsNotOffered)
{
    Question question = training_of("Llama-3.1-8B", "deepspeed");
    question.scenario.hardware.data_parallel = 4;
    question.scenario.hardware.pipeline_parallel = 2; // stages keep gradients: no ZeRO 2 or 3
    question.scenario.train.zero_stage = 1;
    const Savings found = savings_of(question);
    EXPECT_EQ(find(found, "train.zero_stage", "2"), nullptr);
    EXPECT_EQ(find(found, "train.zero_stage", "3"), nullptr);
}

TEST(Savings, AFrameworksOwnLossStays)
{
    for (const Saving& saving : savings_of(training_of("Llama-3.1-8B", "megatron")).list)
        EXPECT_NE(saving.field, "train.loss");
}

TEST(Savings, AreOfTrainingAndOfTheDetailedRules)
{
    EXPECT_FALSE(savings(question_about_preset("Llama-3.1-8B")));
    Question question = training_of("Llama-3.1-8B", "pytorch");
    question.scenario.train.book_rules = true;
    EXPECT_TRUE(savings_of(question).list.empty());
}

TEST(Savings, ComeWithTheOtherAnswers)
{
    const auto plain = estimate_of(training_of("Llama-3.1-8B", "pytorch", "lora"), Detail::full);
    EXPECT_EQ(plain->savings, nullptr);
    MoreAnswers wanted;
    wanted.save = true;
    const auto asked = with_answers(plain, wanted);
    ASSERT_TRUE(asked);
    ASSERT_NE((*asked)->savings, nullptr);
    EXPECT_FALSE((*asked)->savings->list.empty());
}

TEST(Savings, AreSaidTermByTerm)
{
    const auto question = training_of("Llama-3.1-8B", "pytorch", "lora");
    const auto estimate = estimate_of(question);
    const Savings found = {
        {{"train.loss", "fused_linear", "a fused linear cross entropy", "logits", {4LL << 30}, {}, ""},
         {"train.recompute", "full", "full recomputation", "activations", {2LL << 30}, {}, ""},
         {"train.loss", "chunked", "a chunked loss", "logits", {1LL << 30}, {}, ""}}};
    const std::string line = savings_line(*estimate->training, found);
    EXPECT_TRUE(line.starts_with("What would lower it: of logits and loss, ")) << line;
    EXPECT_NE(line.find("a fused linear cross entropy would save 4.00\u00A0GiB, a chunked loss 1.00\u00A0GiB; of "
                        "activations, "),
              std::string::npos)
        << line;
    EXPECT_TRUE(line.ends_with("full recomputation would save 2.00\u00A0GiB; each alone")) << line;
    EXPECT_EQ(savings_line(*estimate->training, {}), "");
}

} // namespace
} // namespace weighbridge::testing
