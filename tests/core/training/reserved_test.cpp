// What FSDP holds while it reduces, what a loss costs that is split over ranks, and what the allocator keeps beside it
// all; figures worked by hand.

#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weighbridge::testing {
namespace {

constexpr std::int64_t layer_parameters = 218'112'000; // Llama-3.1-8B: q, k, v, o, gate, up, down and two norms
constexpr std::int64_t vocabulary = 128'256;
constexpr std::int64_t embedding = vocabulary * 4096;

/// Full training of Llama-3.1-8B over 8 GPUs with FSDP, one sequence of 4,096 tokens.
Question sharded(const std::string& framework)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.task = "train";
    TrainingChoice& choice = question.scenario.train;
    choice.framework = framework;
    choice.fsdp = true;
    choice.sequence_length = 4096;
    question.scenario.hardware.data_parallel = 8;
    return question;
}

std::int64_t bytes_at(const TrainingMemory& memory, std::string_view moment_id, std::string_view term_id)
{
    for (const Moment& moment : memory.stage().moments) {
        const Term* term = moment.id == moment_id ? find_term(moment.terms, term_id) : nullptr;
        if (term != nullptr)
            return term->bytes.count;
    }
    return 0;
}

TEST(Fsdp, ReducesGroupsInFp32)
{
    // embedding, layers and head are groups; gradients are whole in 16 bits, the buffer is fp32
    const auto now = estimate_of(sharded("torchtitan"));
    EXPECT_EQ(bytes_at(*now->training, "backward_start", "gradients.unsharded"), 2 * layer_parameters);
    EXPECT_EQ(bytes_at(*now->training, "backward_start", "gradients.reducing"), 4 * embedding); // the head's
    EXPECT_EQ(bytes_at(*now->training, "backward_end", "gradients.unsharded"), 2 * embedding);
    EXPECT_EQ(bytes_at(*now->training, "backward_end", "gradients.reducing"), 4 * embedding);
    // both matrices and the final norm wait with the root
    const auto before = estimate_of(sharded("torchtitan_2024"));
    EXPECT_EQ(bytes_at(*before->training, "backward_start", "gradients.unsharded"), 2 * (layer_parameters + embedding));
    EXPECT_EQ(bytes_at(*before->training, "backward_start", "gradients.reducing"), 4 * layer_parameters);
    EXPECT_EQ(bytes_at(*before->training, "backward_end", "gradients.reducing"), 4 * (2 * embedding + 4096));
}

TEST(Fsdp, SharedOutGradientsLieInAPoolOfTheirOwn)
{
    Question question = sharded("torchtitan");
    question.scenario.train.recompute = "none";
    const auto result = estimate_of(question);
    ASSERT_EQ(result->training->peak().id, "forward_end");
    const std::int64_t gradients = 4 * (32 * layer_parameters + 2 * embedding + 4096) / 8;
    const std::int64_t odd_blocks = 2LL * 4096 * vocabulary; // of the 16-bit logits
    EXPECT_EQ(result->training->reserved.count, result->training->allocated.count + gradients + odd_blocks);
    question.scenario.train.expandable_segments = false;
    EXPECT_GT(estimate_of(question)->training->reserved, result->training->reserved);
}

TEST(Loss, SplitOverRanksIsDoneStepByStep)
{
    Question question = sharded("torchtitan");
    question.scenario.hardware.tensor_parallel = 8;
    EXPECT_EQ(bytes_at(*estimate_of(question)->training, "forward_end", "logits"), 16LL * 4096 * vocabulary / 8);
    question.scenario.hardware.tensor_parallel = 1;
    EXPECT_EQ(bytes_at(*estimate_of(question)->training, "forward_end", "logits"), 12LL * 4096 * vocabulary);
}

TEST(Loss, APlainLoopHoldsTheLogitsItWasGiven)
{
    Question question = sharded("pytorch");
    EXPECT_EQ(bytes_at(*estimate_of(question)->training, "forward_end", "logits"), 16LL * 4096 * vocabulary);
    question.scenario.train.framework = "hf_trainer";
    EXPECT_EQ(bytes_at(*estimate_of(question)->training, "forward_end", "logits"), 12LL * 4096 * vocabulary);
}

TEST(Reserved, GrowsByWhatBatchesOfAverageLengthHold)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.task = "fine_tune";
    TrainingChoice& choice = question.scenario.fine_tune;
    choice.framework = "ms_swift";
    choice.method = "lora";
    choice.sequence_length = 4096;
    choice.average_length = 1024;
    const auto result = estimate_of(question);
    ASSERT_EQ(result->training->peak().id, "forward_end");
    const auto passing = static_cast<double>(bytes_at(*result->training, "forward_end", "activations") +
                                             bytes_at(*result->training, "forward_end", "logits"));
    const auto left = static_cast<double>((result->training->reserved - result->training->allocated).count);
    EXPECT_NEAR(left, 3.5 * passing / 4, 1);
    choice.average_length.reset(); // half of the length
    EXPECT_NEAR(static_cast<double>((estimate_of(question)->training->reserved - result->training->allocated).count),
                3.5 * passing / 2, 1);
    choice.average_length = 4096; // all alike
    EXPECT_LT(static_cast<double>((estimate_of(question)->training->reserved - result->training->allocated).count),
              passing / 2);
}

TEST(Reserved, AverageCannotExceedTheLength)
{
    Question question = sharded("torchtitan");
    question.scenario.train.average_length = 4097;
    const auto result = estimate(question, Detail::figures);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().field, "train.average_length");
}

} // namespace
} // namespace weighbridge::testing
