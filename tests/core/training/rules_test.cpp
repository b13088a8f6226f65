// Rules of core/training against figures worked by hand or printed by the frameworks.

#include "core/training/adapters.h"
#include "core/training/flops.h"
#include "core/training/pipeline.h"
#include "core/training/saved_tensors.h"
#include "core/training/state.h"
#include "tests/core/support/evaluate.h"
#include "tests/core/support/scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>

namespace weighbridge::testing {
namespace {

using ::testing::HasSubstr;

Question training_of(std::string_view preset, const std::string& task = "fine_tune")
{
    Question question = question_about_preset(preset);
    question.scenario.task = task;
    return question;
}

TrainingChoice& choice_of(Question& question)
{
    return question.scenario.task == "train" ? question.scenario.train : question.scenario.fine_tune;
}

Question full_training_of(std::string_view preset)
{
    Question question = training_of(preset, "train");
    choice_of(question).framework = "torchtune"; // pure bf16, fused optimizer
    choice_of(question).sequence_length = 8;
    return question;
}

TrainingInputs inputs_of(const Question& question)
{
    auto inputs = training_inputs(question.scenario, *question.model);
    EXPECT_TRUE(inputs) << (inputs ? "" : inputs.error().message);
    return *inputs;
}

const Moment& moment_of(const TrainingMemory& memory, std::string_view id)
{
    for (const Moment& moment : memory.stage().moments)
        if (moment.id == id)
            return moment;
    ADD_FAILURE() << "no moment " << id;
    return memory.peak();
}

std::int64_t term_of(const Moment& moment, std::string_view id)
{
    const Term* term = find_term(moment.terms, id);
    return term == nullptr ? 0 : term->bytes.count;
}

nlohmann::json qwen_7b()
{
    return {{"model_type", "qwen"}, {"hidden_size", 4096},         {"num_hidden_layers", 32},
            {"kv_channels", 128},   {"num_attention_heads", 32},   {"intermediate_size", 22016},
            {"vocab_size", 151936}, {"tie_word_embeddings", false}};
}

struct AdapterCount
{
    std::string name;
    std::function<Question()> question;
    std::vector<std::string> targets;
    std::int64_t rank;
    std::string method;
    double trained; ///< as PEFT, ms-swift or litgpt print it
};

TEST(Adapters, CountedAsTheFrameworksPrintThem)
{
    const auto llama = [] { return training_of("Llama-2-7b-hf"); };
    const auto qwen = [] {
        Question question = question_about_config(qwen_7b());
        question.scenario.task = "fine_tune";
        return question;
    };
    const std::vector<std::string> fused = {"c_attn", "c_proj", "w1", "w2"};
    const std::vector<AdapterCount> cases = {
        {"Llama-2-7B r64 all linear (QLoRA)", llama, {"all_linear"}, 64, "lora", 159'907'840},
        {"Llama-2-7B r8 q,v (PEFT's default)", llama, {"q_proj", "v_proj"}, 8, "lora", 4'194'304},
        {"Qwen-7B r64 (QwenLM/Qwen finetune)", qwen, fused, 64, "lora", 143'130'624},
        {"Qwen-7B r8 (ms-swift, 17.8913 M)", qwen, fused, 8, "lora", 17'891'328},
        {"Qwen-7B r8 DoRA (ms-swift, 19.2512 M)", qwen, fused, 8, "dora", 19'251'200},
    };
    for (const AdapterCount& row : cases) {
        Question question = row.question();
        choice_of(question).lora_target_modules = row.targets;
        choice_of(question).lora_rank = row.rank;
        choice_of(question).method = row.method;
        EXPECT_EQ(training_memory(inputs_of(question), false).trained_parameters, row.trained) << row.name;
    }
}

TEST(Adapters, ExpertsHaveOneEach)
{
    Question question = training_of("Mixtral-8x22B-v0.1");
    choice_of(question).lora_target_modules = {"gate_proj"};
    choice_of(question).lora_rank = 4;
    // 56 layers x 8 experts x 4 x (6144 + 16384)
    EXPECT_EQ(training_memory(inputs_of(question), false).trained_parameters, 56.0 * 8 * 4 * (6144 + 16384));
}

TEST(States, BytesPerParameterOfTheRecipes)
{
    constexpr std::int64_t parameters = 3'212'749'824; // Llama-3.2-3B
    struct Case
    {
        std::string recipe;
        std::int64_t weights, gradients, optimizer;
    };
    for (const Case& row : {Case{"bf16", 2, 2, 4}, Case{"bf16_mixed", 2, 2, 12}, Case{"bf16_autocast", 4, 4, 8},
                            Case{"fp32", 4, 4, 8}, Case{"fp16_mixed", 2, 2, 12}}) {
        Question question = full_training_of("Llama-3.2-3B");
        choice_of(question).precision_recipe = row.recipe;
        const TrainingMemory memory = training_memory(inputs_of(question), false);
        const Moment& step = moment_of(memory, "optimizer_step");
        EXPECT_EQ(term_of(step, "weights"), row.weights * parameters) << row.recipe;
        EXPECT_EQ(term_of(step, "gradients"), row.gradients * parameters) << row.recipe;
        EXPECT_EQ(term_of(step, "optimizer"), row.optimizer * parameters) << row.recipe;
        EXPECT_EQ(term_of(moment_of(memory, "forward_end"), "gradients"), 0) << row.recipe;
    }
}

TEST(States, OptimizersPerParameter)
{
    struct Case
    {
        std::string id;
        double bytes;
    };
    const Tensor matrix = matrix_tensor("up_proj", Part::feed_forward, {1024, "m"}, {512, "n"}, Sharding::column);
    const auto per_parameter = [&](const Optimizer& optimizer, std::string_view dtype) {
        double bytes = 0;
        for (const OptimizerState& state : optimizer.states)
            bytes += state_elements(state, matrix, 128) *
                     (state.in_parameter_dtype ? 2 : state_bytes_per_element(*find_state_dtype(dtype), matrix));
        return bytes / (1024 * 512);
    };
    const double n = 1024.0 * 512;
    for (const Case& row : {Case{"adamw", 8},
                            {"sgd", 0},
                            {"sgd_momentum", 4},
                            {"lion", 4},
                            {"lomo", 0},
                            {"muon", 4},
                            {"adafactor", 4 * (1024 + 512) / n},
                            {"adam_mini", 4 + 4 * 1024 / n},
                            {"galore", (8 * 128.0 * 1024 + 2 * 128.0 * 512) / n},
                            {"apollo", 8 * 128.0 * 1024 / n},
                            {"shampoo", 2 * 4 * (1024.0 * 1024 + 512.0 * 512) / n},
                            {"soap", 4 * (2 * (1024.0 * 1024 + 512.0 * 512) + 2 * n) / n}})
        EXPECT_NEAR(per_parameter(*find_optimizer(row.id), "fp32"), row.bytes, 1e-9) << row.id;
    EXPECT_NEAR(per_parameter(*find_optimizer("adamw_8bit"), "int8"), 2 * (1 + 4.0 / 256), 1e-9);
    EXPECT_NEAR(per_parameter(*find_optimizer("adamw_4bit"), "int4"), 2 * (0.5 + 4.0 / 128), 1e-9);
}

TEST(States, CopiesOfTheStep)
{
    Question question = full_training_of("Llama-3.1-8B");
    choice_of(question).framework = "ms_swift"; // pure bf16
    const auto copies = [&](const char* step) {
        choice_of(question).optimizer_implementation = step;
        return term_of(moment_of(training_memory(inputs_of(question), false), "optimizer_step"), "optimizer.step");
    };
    EXPECT_EQ(copies("auto"), 2 * 8'030'261'248);
    EXPECT_EQ(copies("foreach"), 2 * 8'030'261'248);
    EXPECT_EQ(copies("foreach_two_copies"), 4 * 8'030'261'248);
    EXPECT_EQ(copies("fused"), 0);
    EXPECT_EQ(copies("for_loop"), 0);
    // Dtypes are stepped one after the other: only the one with the most bytes is there twice.
    question = training_of("Llama-3.1-8B");
    choice_of(question).framework = "hf_trainer";
    choice_of(question).lora_target_modules = {"q_proj", "v_proj"}; // in fp32, a few MB
    choice_of(question).modules_to_save = {"lm_head"};              // in bf16
    EXPECT_EQ(copies("foreach_two_copies") - copies("foreach"), 2LL * 128'256 * 4'096);
}

TEST(States, KbitPreparationIsForBitsandbytes)
{
    Question question = training_of("Llama-3.1-8B");
    choice_of(question).method = "qlora";
    for (const char* framework : {"hf_trainer", "ms_swift"}) {
        choice_of(question).framework = framework;
        question.scenario.precision.weights = "bnb_nf4";
        EXPECT_TRUE(inputs_of(question).prepares_kbit) << framework;
        question.scenario.precision.weights = "gptq_4bit_g128";
        EXPECT_FALSE(inputs_of(question).prepares_kbit) << framework;
    }
}

TEST(States, ShardedOverTheRanks)
{
    Question question = full_training_of("Llama-3.1-8B");
    choice_of(question).framework = "torchtitan";
    choice_of(question).fsdp = true;
    question.scenario.hardware.data_parallel = 8;
    const TrainingMemory memory = training_memory(inputs_of(question), false);
    const Moment& step = moment_of(memory, "optimizer_step");
    EXPECT_EQ(step.total.count, 16 * 8'030'261'248 / 8); // 4 W + 4 G + 8 of AdamW
}

TEST(Activations, OneFusedLayerIsThatOfTheTables)
{
    Question question = full_training_of("Meta-Llama-3-8B");
    choice_of(question).compile = true;
    const TrainingInputs inputs = inputs_of(question);
    double bytes = 0;
    for (const SavedTensor& row : saved_tensors(inputs, *question.model, 0))
        bytes += row.id == "log_sum_exp" ? 0 : row.width * row.bytes;
    EXPECT_EQ(bytes / 4096, 12 + 4.0 * 8 / 32 + 8.0 * 14336 / 4096); // arXiv:2411.06465
}

TEST(Activations, TransformerEngineKeepsInputsInFp8)
{
    Question question = full_training_of("Meta-Llama-3-8B");
    choice_of(question).framework = "megatron";
    choice_of(question).precision_recipe = "fp8_mixed";
    const auto per_hidden = [&] {
        double bytes = 0;
        for (const SavedTensor& row : saved_tensors(inputs_of(question), *question.model, 0))
            bytes += row.id == "log_sum_exp" ? 0 : row.width * row.bytes;
        return bytes / 4096;
    };
    // In hidden sizes: norms 2 x 2, the inputs of four matrices 1 + 1 + 1 + 3.5 in FP8; q, k, v and the output of
    // attention 2 x (1 + 1/4 + 1/4 + 1), gate and up 2 x 2 x 3.5 in 16 bits.
    EXPECT_EQ(per_hidden(), 4 + 6.5 + 5 + 14);
    EXPECT_EQ(inputs_of(question).quantized_copies, 2);
    choice_of(question).disable_parameter_transpose_cache = true;
    EXPECT_EQ(inputs_of(question).quantized_copies, 1);
    choice_of(question).framework = "torchtitan";
    EXPECT_EQ(inputs_of(question).quantized_copies, 0);
    EXPECT_EQ(inputs_of(question).saved_input_bytes, 2);
}

TEST(Activations, FrozenMatricesKeepNoInput)
{
    Question question = training_of("Meta-Llama-3-8B");
    choice_of(question).framework = "litgpt";
    choice_of(question).lora_target_modules = {"q_proj", "v_proj"};
    const auto has = [&](std::string_view id) {
        for (const SavedTensor& row : saved_tensors(inputs_of(question), *question.model, 0))
            if (row.id == id)
                return true;
        return false;
    };
    EXPECT_TRUE(has("qkv_input"));
    EXPECT_FALSE(has("ffn_input"));
    EXPECT_FALSE(has("down_input"));
    choice_of(question).lora_target_modules = {"all_linear"};
    EXPECT_TRUE(has("ffn_input"));
    EXPECT_TRUE(has("down_input"));
}

TEST(Activations, RecomputePoliciesKeepLess)
{
    Question question = full_training_of("Meta-Llama-3-8B");
    choice_of(question).sequence_length = 4096;
    const auto kept = [&](const std::string& policy) {
        choice_of(question).recompute = policy;
        return term_of(moment_of(training_memory(inputs_of(question), false), "forward_end"), "activations");
    };
    const std::int64_t all = kept("none");
    const std::int64_t inputs = kept("full");
    EXPECT_GT(all, kept("every:2"));
    EXPECT_GT(kept("every:2"), inputs);
    EXPECT_GT(inputs, kept("offload"));
    // 32 layers x 4096 tokens x 4096 x 2 bytes, and the head's 6 bytes per element
    EXPECT_EQ(inputs, std::int64_t{4096} * 4096 * (32 * 2 + 6));
}

TEST(Pipeline, MicroBatchesInFlight)
{
    Question question = full_training_of("Llama-3.1-8B");
    HardwareChoice& hardware = question.scenario.hardware;
    hardware.pipeline_parallel = 4;
    hardware.num_microbatches = 16;
    const auto held = [&](std::int64_t stage) { return micro_batches_in_flight(inputs_of(question), stage); };
    EXPECT_EQ(held(0), 4);
    EXPECT_EQ(held(3), 1);
    hardware.virtual_pipeline = 4;
    EXPECT_EQ(held(0), (4 * 3 + 2 * 4 - 1) / 4.0);
    hardware.num_microbatches = 2;
    EXPECT_EQ(held(0), 2);
}

TEST(Pipeline, EveryStageIsComputedAndTheFullestReported)
{
    Question question = full_training_of("Llama-3.1-8B");
    choice_of(question).sequence_length = 8192;
    question.scenario.hardware.pipeline_parallel = 4;
    question.scenario.hardware.num_microbatches = 8;
    const auto result = estimate_of(question);
    ASSERT_EQ(result->training->stages.size(), 4U);
    for (const TrainingStage& stage : result->training->stages)
        EXPECT_LE(stage.peak_moment().total, result->training->allocated);
    EXPECT_EQ(result->gpus, 4);
}

TEST(Moments, ThePeakIsTheLargestAndNotTheSum)
{
    Question question = full_training_of("Llama-3.2-3B");
    choice_of(question).sequence_length = 4096;
    const auto result = estimate_of(question);
    std::int64_t largest = 0;
    std::int64_t sum = 0;
    for (const Moment& moment : result->training->stage().moments) {
        largest = std::max(largest, moment.total.count);
        sum += moment.total.count;
        std::int64_t terms = 0;
        for (const Term& term : moment.terms)
            terms += term.bytes.count;
        EXPECT_EQ(terms, moment.total.count) << moment.id;
    }
    EXPECT_EQ(result->training->allocated.count, largest);
    EXPECT_LT(result->training->allocated.count, sum);
    EXPECT_EQ(result->total.count, largest + bytes_of(*result, "overhead"));
    EXPECT_GE(result->training->reserved, result->training->allocated);
}

void expect_evaluates(const std::vector<Term>& terms)
{
    for (const Term& term : terms) {
        const auto value = evaluate(term.formula.numbers);
        ASSERT_TRUE(value) << term.id << ": " << term.formula.numbers;
        // A sum of rounded parts may be a byte off for each part.
        EXPECT_NEAR(*value, static_cast<double>(term.bytes.count), 32 + 1e-9 * std::abs(*value)) << term.id;
        expect_evaluates(term.children);
    }
}

TEST(Moments, EveryNumbersLineEvaluatesToItsTerm)
{
    const std::vector<std::function<void(Question&)>> changes = {
        [](Question&) {},
        [](Question& q) { choice_of(q).method = "qlora"; },
        [](Question& q) { choice_of(q).method = "full"; },
        [](Question& q) {
            choice_of(q).method = "full";
            choice_of(q).framework = "torchtitan";
            choice_of(q).fsdp = true;
            q.scenario.hardware.data_parallel = 4;
            q.scenario.hardware.tensor_parallel = 2;
            q.scenario.hardware.sequence_parallel = true;
        },
        [](Question& q) {
            choice_of(q).framework = "unsloth";
            choice_of(q).recompute = "offload";
        },
        [](Question& q) {
            choice_of(q).method = "full";
            choice_of(q).zero_stage = 3;
            choice_of(q).framework = "deepspeed";
            q.scenario.hardware.data_parallel = 8;
        },
    };
    for (const std::string_view preset :
         {"Llama-3.1-8B", "Mixtral-8x22B-v0.1", "Moonlight-16B-A3B", "Qwen3-Coder-Next"}) {
        for (const auto& change : changes) {
            Question question = training_of(preset);
            change(question);
            const auto result = estimate_of(question);
            if (!result->training)
                continue;
            for (const TrainingStage& stage : result->training->stages)
                for (const Moment& moment : stage.moments)
                    expect_evaluates(moment.terms);
            EXPECT_NEAR(*evaluate(result->training->flops_formula.numbers), result->training->flops_per_step,
                        1e-9 * result->training->flops_per_step);
        }
    }
}

TEST(Flops, SixPerParameterAndToken)
{
    Question question = full_training_of("Meta-Llama-3-8B");
    choice_of(question).recompute = "none";
    choice_of(question).sequence_length = 2048;
    choice_of(question).micro_batch_size = 2;
    // 6 x (parameters but the embedding) and 3 x s x (a·d + a·d) x L for causal attention, per token
    const double products = 6.0 * (8'030'261'248.0 - 128256.0 * 4096 - 65 * 4096);
    const double attention = 3.0 * 2048 * 32 * (4096 + 4096);
    EXPECT_DOUBLE_EQ(training_memory(inputs_of(question), false).flops_per_step, 4096 * (products + attention));
}

struct Refused
{
    std::string name;
    std::function<void(Question&)> change;
    std::string field;
    std::string names;
};

TEST(Checks, WhatCantRunIsSaidByKeyAndValue)
{
    const std::vector<Refused> cases = {
        {"more stages than layers", [](Question& q) { q.scenario.hardware.pipeline_parallel = 64; },
         "hardware.pipeline_parallel", "64"},
        {"stages of no pipeline", [](Question& q) { q.scenario.hardware.virtual_pipeline = 2; },
         "hardware.virtual_pipeline", "2"},
        {"experts of a dense model", [](Question& q) { q.scenario.hardware.expert_parallel = 2; },
         "hardware.expert_parallel", "2"},
        {"tokens that can't be divided", [](Question& q) { q.scenario.hardware.context_parallel = 3; },
         "hardware.context_parallel", "3"},
        {"too few GPUs",
         [](Question& q) {
             q.scenario.hardware.data_parallel = 8;
             q.scenario.hardware.count = 4;
         },
         "hardware.count", "4"},
        {"FSDP and ZeRO",
         [](Question& q) {
             choice_of(q).fsdp = true;
             choice_of(q).zero_stage = 3;
         },
         "fine_tune.zero_stage", "3"},
        {"shards that don't divide the ranks",
         [](Question& q) {
             choice_of(q).shard_degree = 3;
             q.scenario.hardware.data_parallel = 4;
         },
         "fine_tune.shard_degree", "3"},
        {"targets that are not there", [](Question& q) { choice_of(q).lora_target_modules = {"kv_b_proj"}; },
         "fine_tune.lora_target_modules", "Llama-3.1-8B"},
        {"heads that can't be divided", [](Question& q) { q.scenario.hardware.tensor_parallel = 3; },
         "hardware.tensor_parallel", "3"},
        {"beyond exactness",
         [](Question& q) {
             choice_of(q).sequence_length = std::int64_t{1} << 30;
             choice_of(q).micro_batch_size = std::int64_t{1} << 20;
         },
         "fine_tune.sequence_length", "1,073,741,824"},
    };
    for (const Refused& row : cases) {
        Question question = training_of("Llama-3.1-8B");
        row.change(question);
        const auto result = estimate(question, Detail::figures);
        ASSERT_FALSE(result) << row.name;
        EXPECT_EQ(result.error().field, row.field) << row.name;
        EXPECT_THAT(result.error().message, HasSubstr(row.names)) << row.name;
    }
}

TEST(Checks, ExpertParallelismDividesExpertsAndRanks)
{
    Question question = training_of("Mixtral-8x22B-v0.1");
    question.scenario.hardware.expert_parallel = 3;
    question.scenario.hardware.data_parallel = 3;
    EXPECT_EQ(estimate(question, Detail::figures).error().field, "hardware.expert_parallel");
    question.scenario.hardware.expert_parallel = 4;
    question.scenario.hardware.data_parallel = 4;
    EXPECT_TRUE(estimate(question, Detail::figures));
}

TEST(Checks, TheFullReportIsThereForTraining)
{
    Question question = training_of("Llama-3.1-8B");
    question.accelerator = *Catalogue().find("h100_sxm_80");
    const auto result = estimate_of(question, Detail::full);
    ASSERT_FALSE(result->rooflines.empty());
    EXPECT_EQ(result->rooflines.front().phase, Phase::training);
    EXPECT_GT(result->rooflines.front().flops, 0);
    EXPECT_EQ(result->fit.needed, result->total);
    EXPECT_GT(result->training->flops_per_step, 0);
}

} // namespace
} // namespace weighbridge::testing
