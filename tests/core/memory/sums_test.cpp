// The parts of every term sum to it, ranges included, in every engine and at every moment of a training step.

#include "core/training/training.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

using namespace testing;

/// Every figure is rounded to a byte by itself.
std::int64_t rounding(const Term& term)
{
    return static_cast<std::int64_t>(term.children.size());
}

void expect_sums(const Term& term, const std::string& what)
{
    EXPECT_LE(term.low, term.bytes) << what << ", " << term.id;
    EXPECT_GE(term.high, term.bytes) << what << ", " << term.id;
    if (term.children.empty())
        return;
    std::int64_t bytes = 0;
    std::int64_t low = 0;
    std::int64_t high = 0;
    for (const Term& part : term.children) {
        expect_sums(part, what);
        bytes += part.bytes.count;
        low += part.low.count;
        high += part.high.count;
    }
    EXPECT_LE(std::abs(bytes - term.bytes.count), rounding(term)) << what << ", " << term.id;
    EXPECT_GE(term.low.count + rounding(term), low) << what << ", low of " << term.id;
    EXPECT_LE(term.high.count, high + rounding(term)) << what << ", high of " << term.id;
}

TEST(Sums, OfEveryEngine)
{
    for (const char* engine : {"generic", "vllm", "sglang", "llama.cpp", "transformers"})
        for (const char* preset : {"Llama-3.1-8B", "gemma-3-12b-it", "DeepSeek-V3", "gpt-oss-20b", "Qwen3-235B-A22B",
                                   "AI21-Jamba-Mini-1.5", "DeepSeek-V4-Flash"})
            for (const char* format : {"checkpoint", "bf16", "fp8", "awq_4bit_g128", "gguf:Q4_K_M", "mxfp4_experts"})
                for (const std::int64_t ranks : {1, 2}) {
                    auto model = preset_model(preset);
                    if (!model)
                        continue;
                    Question question = question_about(*model);
                    question.scenario.inference.engine = engine;
                    question.scenario.inference.concurrent_sequences = 3;
                    question.scenario.precision.weights = format;
                    question.scenario.hardware.tensor_parallel = ranks;
                    const auto answer = estimate(question, Detail::memory);
                    if (!answer)
                        continue; // refused: this engine does not do that
                    for (const Term& term : (*answer)->terms)
                        expect_sums(term, std::string(engine) + ", " + preset + ", " + format);
                }
}

TEST(Sums, OfEveryMomentOfTraining)
{
    for (const char* task : {"fine_tune", "train"})
        for (const char* framework : {"pytorch", "hf_trainer", "torchtitan", "megatron", "deepspeed", "unsloth"})
            for (const char* preset : {"Llama-3.1-8B", "Qwen3-235B-A22B", "DeepSeek-V3"})
                for (const std::int64_t stages : {1, 2}) {
                    Question question = question_about_preset(preset);
                    question.scenario.task = task;
                    question.scenario.fine_tune.framework = question.scenario.train.framework = framework;
                    question.scenario.hardware.pipeline_parallel = stages;
                    question.scenario.hardware.data_parallel = 2;
                    const auto answer = estimate(question, Detail::memory);
                    if (!answer)
                        continue;
                    const std::string what = std::string(task) + ", " + framework + ", " + preset;
                    for (const Term& term : (*answer)->terms)
                        expect_sums(term, what);
                    for (const TrainingStage& stage : (*answer)->training->stages)
                        for (const Moment& moment : stage.moments) {
                            std::int64_t bytes = 0;
                            for (const Term& term : moment.terms) {
                                bytes += term.bytes.count;
                                expect_sums(term, what);
                            }
                            EXPECT_EQ(bytes, moment.total.count) << what << ", " << moment.id;
                        }
                }
}

// SGLang's weights of Llama-3.1-8B beside the checkpoint's 16,060,522,496 bytes: a table of cosines and sines for
// 131,072 positions x 128 in 16 bits, and nothing else: the vocabulary is a multiple of 64, every tensor a multiple of
// 2 MiB or below the allocator's large blocks by less than a KiB.
TEST(Sums, SglangNamesWhatLoadingAdds)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "sglang";
    question.scenario.precision.weights = "bf16";
    const EstimatePointer estimate = estimate_of(question);
    EXPECT_EQ(bytes_of(*estimate, "weights.rope_tables"), 131072 * 128 * 4); // cos and sin in fp32
    EXPECT_EQ(bytes_of(*estimate, "weights"), 16'060'522'496 + 131072 * 128 * 4);
    const Term* rope = find_term(estimate->terms, "weights.rope_tables");
    ASSERT_NE(rope, nullptr);
    EXPECT_NE(rope->source.find("rotary_embedding.py"), std::string::npos);
    EXPECT_LT(rope->low, rope->bytes);
    EXPECT_GT(rope->high, rope->bytes);
}

} // namespace
} // namespace weighbridge
