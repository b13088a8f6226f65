#include "tests/core/support/scenarios.h"

#include <algorithm>
#include <functional>

namespace weighbridge::testing {
namespace {

struct BadChoice
{
    const char* name;
    std::function<void(Question&)> spoil;
    const char* field;
    const char* value; ///< must occur in the message
};

class Validation : public ::testing::TestWithParam<BadChoice>
{
};

TEST_P(Validation, NamesFieldAndValueAndShowsNoNumber)
{
    Question question = question_about_preset("Llama-3.1-70B");
    GetParam().spoil(question);
    const auto result = estimate(question);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().field, GetParam().field);
    EXPECT_NE(result.error().message.find(GetParam().value), std::string::npos) << result.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Errors, Validation,
    ::testing::Values(
        BadChoice{"TpDoesNotDivideHidden", [](Question& q) { q.scenario.hardware.tensor_parallel = 3; },
                  "hardware.tensor_parallel", "3"},
        BadChoice{"TpDoesNotDivideHeads", [](Question& q) { q.scenario.hardware.tensor_parallel = 128; },
                  "hardware.tensor_parallel", "64 attention heads"},
        BadChoice{"TpZero", [](Question& q) { q.scenario.hardware.tensor_parallel = 0; }, "hardware.tensor_parallel",
                  "0"},
        BadChoice{"TpNegative", [](Question& q) { q.scenario.hardware.tensor_parallel = -4; },
                  "hardware.tensor_parallel", "-4"},
        BadChoice{"PipelineNotOfThisEngine", [](Question& q) { q.scenario.hardware.pipeline_parallel = 2; },
                  "hardware.pipeline_parallel", "2"},
        BadChoice{"CountTooSmall",
                  [](Question& q) {
                      q.scenario.hardware.tensor_parallel = 4;
                      q.scenario.hardware.count = 2;
                  },
                  "hardware.count", "2"},
        BadChoice{"NoTokens", [](Question& q) { q.scenario.inference.sequence_length = 0; },
                  "inference.sequence_length", "0"},
        BadChoice{"NoSequences", [](Question& q) { q.scenario.inference.concurrent_sequences = 0; },
                  "inference.concurrent_sequences", "0"},
        BadChoice{"UnknownWeights", [](Question& q) { q.scenario.precision.weights = "bf17"; }, "precision.weights",
                  "bf17"},
        BadChoice{"UnknownMethod", [](Question& q) { q.scenario.inference.activation_method = "guess"; },
                  "inference.activation_method", "guess"},
        BadChoice{"UnknownEngine", [](Question& q) { q.scenario.inference.engine = "llama"; }, "inference.engine",
                  "llama"},
        BadChoice{"DataParallelNotOfThisEngine", [](Question& q) { q.scenario.hardware.data_parallel = 2; },
                  "hardware.data_parallel", "2"},
        BadChoice{"SequenceParallel", [](Question& q) { q.scenario.hardware.sequence_parallel = true; },
                  "hardware.sequence_parallel", "true"},
        BadChoice{"ContextParallel", [](Question& q) { q.scenario.hardware.context_parallel = 2; },
                  "hardware.context_parallel", "2"},
        BadChoice{"VirtualPipeline", [](Question& q) { q.scenario.hardware.virtual_pipeline = 2; },
                  "hardware.virtual_pipeline", "2"},
        BadChoice{"MicroBatches", [](Question& q) { q.scenario.hardware.num_microbatches = 8; },
                  "hardware.num_microbatches", "8"},
        BadChoice{"NothingUsable", [](Question& q) { q.scenario.hardware.usable_fraction = 0.0; },
                  "hardware.usable_fraction", "above 0"},
        BadChoice{"NoMemory", [](Question& q) { q.accelerator.capacity = {0}; }, "hardware.accelerator", "Test card"},
        BadChoice{"LongerThanVllmWasTold",
                  [](Question& q) {
                      q.scenario.inference.engine = "vllm";
                      q.scenario.inference.vllm.max_model_len = 4096;
                      q.scenario.inference.sequence_length = 8192; // a value that is the default, and chosen
                  },
                  "inference.sequence_length", "inference.max_model_len 4,096"},
        BadChoice{"LongerThanSglangWasTold",
                  [](Question& q) {
                      q.scenario.inference.engine = "sglang";
                      q.scenario.inference.sglang.context_length = 4096;
                      q.scenario.inference.sequence_length = 4097;
                  },
                  "inference.sequence_length", "inference.context_length 4,096"},
        BadChoice{"LongerThanLlamaCppHasCells",
                  [](Question& q) {
                      q.scenario.inference.engine = "llama.cpp";
                      q.scenario.inference.llama_cpp.n_ctx = 4096;
                      q.scenario.inference.sequence_length = 4097;
                  },
                  "inference.sequence_length", "inference.n_ctx 4,096"},
        BadChoice{"ExpertsSharedOutAndNot",
                  [](Question& q) {
                      q = question_about_preset("Qwen3-30B-A3B");
                      q.scenario.inference.engine = "vllm";
                      q.scenario.hardware.tensor_parallel = 2;
                      q.scenario.hardware.expert_parallel = 2;
                      q.scenario.inference.vllm.enable_expert_parallel = false;
                  },
                  "inference.enable_expert_parallel", "hardware.expert_parallel 2"},
        BadChoice{"OffloadedWithoutShards",
                  [](Question& q) {
                      q.scenario.task = "train";
                      q.scenario.train.offload = {"parameters"};
                      q.scenario.train.zero_stage = 2;
                  },
                  "train.zero_stage", "2"},
        BadChoice{"BeyondExactness",
                  [](Question& q) {
                      q.scenario.inference.sequence_length = std::int64_t{1} << 30;
                      q.scenario.inference.concurrent_sequences = std::int64_t{1} << 20;
                  },
                  "inference.sequence_length", "1,073,741,824"}),
    [](const auto& test) { return std::string(test.param.name); });

bool has_issue(const Estimate& estimate, std::string_view field, Severity severity)
{
    return std::any_of(estimate.issues.begin(), estimate.issues.end(),
                       [&](const Issue& issue) { return issue.field == field && issue.severity == severity; });
}

TEST(Warnings, ContextBeyondTheModels)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.sequence_length = 131072;
    EXPECT_FALSE(has_issue(*estimate_of(question), "inference.sequence_length", Severity::warning));
    question.scenario.inference.sequence_length = 131073;
    EXPECT_TRUE(has_issue(*estimate_of(question), "inference.sequence_length", Severity::warning));
}

TEST(Warnings, TypedParameterCount)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.parameters = 8'000'000'000;
    EXPECT_TRUE(has_issue(*estimate_of(question), "inference.parameters", Severity::warning));
}

TEST(Warnings, OptionsOfAnotherEngineAreKeptAndIgnored)
{
    Question question = question_about_preset("Llama-3.1-8B");
    const auto plain = estimate_of(question);
    question.scenario.inference.vllm.max_num_seqs = 64;
    question.scenario.inference.llama_cpp.n_ctx = 4096;
    const auto result = estimate_of(question);
    EXPECT_TRUE(has_issue(*result, "inference.max_num_seqs", Severity::warning));
    EXPECT_TRUE(has_issue(*result, "inference.n_ctx", Severity::warning));
    EXPECT_EQ(result->scenario.inference.vllm.max_num_seqs, 64);
    EXPECT_EQ(result->total, plain->total);
}

TEST(Figures, AreThoseOfTheTermsWithText)
{
    for (const char* preset : {"Llama-3.1-70B", "DeepSeek-V3", "gemma-3-12b-it"}) {
        const Question question = question_about_preset(preset);
        const auto text = estimate_of(question, Detail::memory);
        const auto bare = estimate_of(question, Detail::figures);
        ASSERT_EQ(bare->terms.size(), text->terms.size());
        for (std::size_t i = 0; i < text->terms.size(); ++i) {
            EXPECT_EQ(bare->terms[i].id, text->terms[i].id);
            EXPECT_EQ(bare->terms[i].bytes, text->terms[i].bytes) << preset << " " << text->terms[i].id;
            EXPECT_TRUE(bare->terms[i].formula.symbols.empty());
        }
    }
}

TEST(Notes, MarketedCapacityAndUnifiedMemoryAreSaid)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.accelerator.id = "m4_max";
    question.accelerator.capacity_from_driver = false;
    question.accelerator.unified_memory = true;
    const auto result = estimate_of(question);
    EXPECT_TRUE(has_issue(*result, "hardware.accelerator", Severity::note));
    EXPECT_TRUE(has_issue(*result, "hardware.usable_fraction", Severity::note));
}

} // namespace
} // namespace weighbridge::testing
