// What the reports and the scenario's JSON say of a training step.

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/report/csv.h"
#include "core/report/estimate_json.h"
#include "core/report/markdown.h"
#include "core/report/text_table.h"
#include "core/report/training_report.h"
#include "tests/core/support/scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* scenario_text = R"({
  "model": "Llama-3.1-8B", "task": "train",
  "train": {"framework": "megatron", "optimizer": "adamw_torch", "sequence_length": 4096, "recompute": "every:2",
            "offload": ["optimizer"], "lora_target_modules": ["attention"], "compile": null, "zero_stage": 1},
  "hardware": {"accelerator": "h100_sxm_80", "tensor_parallel": 2, "pipeline_parallel": 2, "data_parallel": 2,
               "sequence_parallel": true, "num_microbatches": 8}
})";

EstimatePointer answer()
{
    const auto scenario = read_scenario_text(scenario_text);
    EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().message);
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario = *scenario;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    return estimate_of(question, Detail::full);
}

TEST(TrainingScenario, WrittenAndReadBackIsTheSame)
{
    const auto scenario = read_scenario_text(scenario_text);
    ASSERT_TRUE(scenario);
    const nlohmann::json written = write_scenario(*scenario);
    EXPECT_EQ(written.at("train").at("optimizer"), "adamw_torch");
    EXPECT_FALSE(written.at("train").contains("compile")) << "nobody chose";
    EXPECT_FALSE(written.contains("inference"));
    EXPECT_FALSE(written.contains("fine_tune"));
    const auto again = read_scenario(written);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *scenario);
}

TEST(TrainingScenario, OptionsInUseAreThoseOfTheFramework)
{
    const EstimatePointer result = answer();
    ASSERT_TRUE(result);
    const TrainingChoice& used = result->training->used;
    // Megatron: bf16 weights with an fp32 master copy, an fp32 gradient buffer, a fused step, fused norms and gates.
    EXPECT_EQ(used.precision_recipe, "bf16_mixed");
    EXPECT_EQ(used.gradient_dtype, "fp32");
    EXPECT_EQ(used.optimizer_state_dtype, "fp32");
    EXPECT_EQ(used.optimizer_implementation, "fused");
    EXPECT_EQ(used.master_weights, true);
    EXPECT_EQ(used.fused_kernels, true);
    EXPECT_EQ(used.shard_degree, 2) << "all data-parallel ranks";
    EXPECT_EQ(used.zero_stage, 1) << "as typed in";
    EXPECT_EQ(used.recompute, "every:2") << "as typed in";
    EXPECT_EQ(result->scenario.train.gradient_dtype, "fp32") << "filled in";
    EXPECT_EQ(result->asked.train.gradient_dtype, "auto") << "what was left open stays open";
    EXPECT_EQ(peak_phrase(*result->training).substr(0, 8), "peak at ");
}

TEST(TrainingScenario, TasksAskForTheirOwnFields)
{
    struct Case
    {
        const char* key;
        const char* task;
        bool asked;
    };
    const Case cases[] = {
        {"inference.sequence_length", "inference", true},
        {"inference.sequence_length", "train", false},
        {"precision.kv_cache", "inference", true},
        {"precision.kv_cache", "fine_tune", false},
        {"precision.weights", "fine_tune", true},
        {"precision.weights", "train", false},
        {"hardware.context_parallel", "inference", false},
        {"hardware.context_parallel", "train", true},
        {"hardware.tensor_parallel", "inference", true},
        {"hardware.tensor_parallel", "train", true},
        {"train.optimizer", "train", true},
        {"train.optimizer", "fine_tune", false},
    };
    for (const Case& row : cases) {
        Scenario scenario;
        scenario.task = row.task;
        const auto field = find_field(row.key);
        ASSERT_TRUE(field) << row.key;
        EXPECT_EQ(concerns_task(scenario, **field), row.asked) << row.key << " in " << row.task;
    }
    Scenario chosen;
    chosen.task = "train";
    chosen.precision.weights = "bf16";
    EXPECT_TRUE(concerns_task(chosen, **find_field("precision.weights"))) << "somebody chose it all the same";
}

TEST(TrainingScenario, WhatIsChosenForTheWeightsCountsWhereTheMethodLeavesIt)
{
    struct Case
    {
        const char* method;
        const char* chosen; ///< null: nobody chose
        const char* base;
        bool warns;
    };
    const Case cases[] = {
        {"lora", nullptr, "bf16", false},
        {"lora", "fp16", "fp16", false},
        {"lora", "gptq_4bit_g128", "gptq_4bit_g128", false},
        {"qlora", nullptr, "bnb_nf4", false},
        {"qlora", "bf16", "bnb_nf4", true},
        {"qlora", "fp32", "bnb_nf4", true},
        {"qlora", "checkpoint", "bnb_nf4", true}, // this one is published in bf16
        {"qlora", "gptq_4bit_g128", "gptq_4bit_g128", false},
        {"qlora", "gguf:Q4_K_M", "gguf:Q4_K_M", false},
        {"full", "bnb_nf4", "bf16", true},
        {"full", "gguf:Q4_K_M", "bf16", true},
        {"full", "fp16", "fp16", false},
    };
    for (const Case& row : cases) {
        Question question = question_about_preset("Llama-3.1-8B");
        question.scenario.task = "fine_tune";
        question.scenario.fine_tune.method = row.method;
        if (row.chosen != nullptr)
            question.scenario.precision.weights = row.chosen;
        const std::string what = std::string(row.method) + " with " + (row.chosen == nullptr ? "none" : row.chosen);
        EXPECT_EQ(base_weights(question.scenario, *question.model), row.base) << what;
        const auto issues = check_training(question.scenario, *question.model);
        const bool warned = std::any_of(issues.begin(), issues.end(), [](const Issue& issue) {
            return issue.field == "precision.weights" && issue.message.find("has no effect") != std::string::npos;
        });
        EXPECT_EQ(warned, row.warns) << what;
    }
}

TEST(TrainingScenario, WhatIsSaidToHaveNoEffectHasNone)
{
    for (const auto& [method, ignored] : {std::pair("full", "bnb_nf4"), std::pair("qlora", "bf16")})
        for (const char* framework : {"pytorch", "hf_trainer", "torchtitan", "megatron", "deepspeed"}) {
            Question question = question_about_preset("Llama-3.1-8B");
            question.accelerator = *Catalogue().find("h100_sxm_80");
            question.scenario.task = "fine_tune";
            question.scenario.fine_tune.method = method;
            question.scenario.fine_tune.framework = framework;
            const EstimatePointer plain = estimate_of(question, Detail::full);
            question.scenario.precision.weights = ignored;
            const EstimatePointer chosen = estimate_of(question, Detail::full);
            ASSERT_TRUE(plain && chosen) << method << ' ' << framework;
            EXPECT_EQ(chosen->total, plain->total) << method << ' ' << framework;
        }
}

TEST(TrainingReport, JsonHasMomentsAndStages)
{
    const EstimatePointer result = answer();
    const nlohmann::json report = to_json(*result);
    const nlohmann::json& gpu = report.at("per_gpu");
    std::vector<std::string> moments;
    std::int64_t largest = 0;
    for (const nlohmann::json& moment : gpu.at("moments")) {
        moments.push_back(moment.at("id"));
        largest = std::max(largest, moment.at("total_bytes").get<std::int64_t>());
        EXPECT_FALSE(moment.at("terms").empty());
    }
    EXPECT_EQ(moments,
              (std::vector<std::string>{"forward_end", "backward_start", "backward_end", "optimizer_step", "load"}));
    EXPECT_EQ(gpu.at("allocated_bytes"), largest);
    EXPECT_GE(gpu.at("reserved_bytes"), gpu.at("allocated_bytes"));
    EXPECT_GT(gpu.at("total_bytes"), gpu.at("allocated_bytes")); // what lies outside the allocator
    ASSERT_EQ(report.at("stages").size(), 2U);
    EXPECT_EQ(report.at("stages")[0].at("micro_batches_in_flight"), 2);
    EXPECT_EQ(report.at("stages")[0].at("layers"), 16);
    EXPECT_EQ(report.at("roofline")[0].at("phase"), "training");
    EXPECT_EQ(report.at("filled_in").at("hardware").at("count"), 8);
    EXPECT_GT(report.at("training").at("flops_per_step"), 0);
}

TEST(TrainingReport, TextMarkdownAndCsvNameThePeak)
{
    const EstimatePointer result = answer();
    EXPECT_THAT(to_text(*result), HasSubstr("(peak)"));
    EXPECT_THAT(to_text(*result), HasSubstr("(fullest)"));
    EXPECT_THAT(to_text(*result), Not(HasSubstr("KV cache")));
    EXPECT_THAT(to_markdown(*result), HasSubstr("| Moment, GiB | Weights |"));
    EXPECT_THAT(to_csv(*result), HasSubstr("stage,layers,micro_batches_in_flight,moment,id,label,bytes"));
    EXPECT_THAT(to_csv(*result), HasSubstr("train.recompute,every:2"));
}

TEST(TrainingReport, OptionsOfInferenceAreSaidToBeIgnored)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.task = "fine_tune";
    question.scenario.inference.sequence_length = 99;
    const EstimatePointer result = estimate_of(question);
    bool said = false;
    for (const Issue& issue : result->issues)
        said = said || (issue.field == "inference.sequence_length" &&
                        issue.message.find("task \"fine_tune\" ignores") != std::string::npos);
    EXPECT_TRUE(said);
}

} // namespace
} // namespace weighbridge::testing
