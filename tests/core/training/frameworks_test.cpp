// Names, versions, losses, layouts and trainers of core/training, worked by hand from the frameworks' own rules.

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/training/framework_version.h"
#include "core/training/names.h"
#include "core/training/saved_tensors.h"
#include "core/training/state.h"
#include "tests/core/support/scenarios.h"
#include "tests/core/training/asked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Framework framework_as_of(std::string_view id, std::string_view version)
{
    const auto framework = framework_at(*find_framework(id), version);
    EXPECT_TRUE(framework) << (framework ? "" : framework.error().message);
    return framework ? **framework : Framework{};
}

TEST(FrameworkNames, AreThoseThatPeopleWrite)
{
    const std::pair<const char*, const char*> names[] = {
        {"trl", "trl"},
        {"peft", "hf_trainer"},
        {"accelerate", "hf_trainer"},
        {"nemo", "megatron"},
        {"nemo_automodel", "automodel"},
        {"LLaMA-Factory", "llama_factory"},
        {"ms-swift", "ms_swift"},
        {"mlx-lm", "mlx"},
        {"megatron-bridge", "megatron"},
        {"verl", "verl"},
        {"OpenRLHF", "openrlhf"},
    };
    for (const auto& [written, id] : names)
        EXPECT_EQ(*canonical_framework(written), id) << written;
    Scenario scenario;
    EXPECT_THAT(set_field(scenario, "train.framework", "torchtoon")->message, HasSubstr("torchtune"));
    EXPECT_EQ(*canonical_trainer("DPOTrainer"), "dpo");
    EXPECT_EQ(*canonical_trainer("rm"), "reward");
    EXPECT_EQ(*canonical_optimizer("adamw_torch_fused"), "adamw_torch_fused");
    EXPECT_EQ(*canonical_optimizer("paged_adamw_32bit"), "paged_adamw");
    EXPECT_EQ(*canonical_optimizer("lion_32bit"), "lion_32bit");
}

TEST(FrameworkNames, CheckpointingIsASwitchElsewhere)
{
    EXPECT_EQ(asked("Llama-3.1-8B", {{"gradient_checkpointing", true}}).scenario.fine_tune.recompute, "full");
    EXPECT_EQ(asked("Llama-3.1-8B", {{"gradient_checkpointing", false}}).scenario.fine_tune.recompute, "none");
    Scenario scenario;
    EXPECT_FALSE(set_field(scenario, "fine_tune.gradient_checkpointing", "false"));
    EXPECT_EQ(scenario.fine_tune.recompute, "none");
}

TEST(FrameworkVersions, EachHasItsOwnLoss)
{
    const struct
    {
        const char* framework;
        const char* version;
        const char* loss;
    } rows[] = {
        {"trl", "", "fused_head"},
        {"trl", "1.16.0", "fused_head"},
        {"trl", "1.7.2", "chunked_nll"},
        {"trl", "1.6", "fp32_upcast"},
        {"trl", "0.13.0", "fp32_shifted"}, // December 2024, so transformers 4.47
        {"trl", "trl 1.16.0, transformers 5.24.0", "fused_head"},
        {"hf_trainer", "", "fp32_upcast"},
        {"hf_trainer", "transformers 4.48.1", "fp32_shifted"},
        {"hf_trainer", "4.44", "fp32_upcast"},
        {"hf_trainer", "2024-11", "fp32_shifted"},
        {"hf_trainer", "2023", "fp32_upcast"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(framework_as_of(row.framework, row.version).loss, row.loss) << row.framework << ' ' << row.version;
}

TEST(FrameworkVersions, StepCheckpointingAndPreparation)
{
    EXPECT_EQ(framework_as_of("hf_trainer", "4.53").step, StepImplementation::foreach);
    EXPECT_EQ(framework_as_of("hf_trainer", "4.54").step, StepImplementation::fused);
    EXPECT_EQ(framework_as_of("hf_trainer", "").step, StepImplementation::foreach) << "nobody says: the larger";
    EXPECT_TRUE(framework_as_of("hf_trainer", "4.52.4").checkpoints_outside);
    EXPECT_FALSE(framework_as_of("hf_trainer", "4.53").checkpoints_outside);
    EXPECT_TRUE(framework_as_of("trl", "0.13").prepares_kbit);
    EXPECT_FALSE(framework_as_of("trl", "2026-10").prepares_kbit);
}

TEST(FrameworkVersions, WhatCantBeReadIsRefused)
{
    for (const char* wrong : {"banana", "transformers", "4.x", "2026-13"})
        EXPECT_FALSE(framework_at(*find_framework("hf_trainer"), wrong)) << wrong;
    const auto result = estimate(asked("Llama-3.1-8B", {{"framework_version", "banana"}}), Detail::figures);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().field, "fine_tune.framework_version");
}

constexpr std::int64_t llama_vocabulary = 128'256; // Llama-3.1-8B
constexpr std::int64_t llama_hidden = 4'096;
constexpr std::int64_t tokens = 8'192;

TEST(Losses, BytesOfEachForLlama)
{
    const std::int64_t logits = tokens * llama_vocabulary;
    const std::int64_t last = tokens * llama_hidden;
    const std::int64_t head = llama_vocabulary * llama_hidden;
    const struct
    {
        const char* loss;
        const char* method;
        std::int64_t bytes;
    } rows[] = {
        {"fp32_upcast", "full", 12 * logits},
        {"fp32_shifted", "full", 14 * logits},
        {"fused", "full", 8 * logits},
        {"vocab_parallel", "full", 6 * logits},
        {"chunked_nll", "lora", 12 * 256 * llama_vocabulary + 2 * last},
        {"fused_head", "lora", 2 * 4'096 * 32'768 + 6 * last},
        {"fused_head", "full", 2 * 4'096 * 32'768 + 6 * last + 6 * head},
        {"fused_linear", "lora", 2 * tokens * llama_vocabulary / 32 + 2 * last}, // 128,256 / 4,096, rounded up
    };
    for (const auto& row : rows) {
        const Question question = asked("Llama-3.1-8B", {{"framework", "hf_trainer"},
                                                         {"method", row.method},
                                                         {"loss", row.loss},
                                                         {"sequence_length", tokens},
                                                         {"precision_recipe", "bf16"}});
        EXPECT_EQ(term_at(question, "forward_end", "logits"), row.bytes) << row.loss << ' ' << row.method;
    }
}

TEST(Losses, FusedInMegatronTheyStayWhileLayersGoBack)
{
    const Question question = asked("Llama-3.1-8B", {{"framework", "megatron"},
                                                     {"method", "full"},
                                                     {"sequence_length", tokens},
                                                     {"cross_entropy_loss_fusion", true}});
    EXPECT_EQ(term_at(question, "forward_end", "logits"), 2 * tokens * llama_vocabulary);
    EXPECT_EQ(term_at(question, "backward_start", "logits"), 2 * tokens * llama_vocabulary);
}

TEST(Losses, ATrainerMayTakeFewerLogits)
{
    const json grpo = {{"framework", "hf_trainer"},
                       {"precision_recipe", "bf16"},
                       {"method", "full"},
                       {"trainer", "grpo"},
                       {"micro_batch_size", 4},
                       {"max_prompt_length", 2048},
                       {"max_completion_length", 1024}};
    EXPECT_EQ(term_at(asked("Llama-3.1-8B", grpo), "forward_end", "logits"), 12LL * 4 * 1024 * llama_vocabulary);
    const json reward = {{"framework", "hf_trainer"}, {"trainer", "reward"}};
    EXPECT_EQ(term_at(asked("Llama-3.1-8B", reward), "forward_end", "logits"), 0);
}

TEST(Trainers, PairsAndReferences)
{
    const auto pairs = [](const char* method, const char* trainer, const json& more = json::object()) {
        json keys = {{"framework", "trl"},
                     {"method", method},
                     {"trainer", trainer},
                     {"sequence_length", 1024},
                     {"micro_batch_size", 2}};
        keys.update(more);
        return asked("Llama-3.1-8B", keys);
    };
    EXPECT_EQ(inputs_of_question(pairs("full", "dpo")).tokens, 2 * 2 * 1024);
    EXPECT_EQ(inputs_of_question(pairs("full", "sft")).tokens, 2 * 1024);
    constexpr std::int64_t weights = 2 * 8'030'261'248;
    EXPECT_EQ(term_at(pairs("full", "dpo"), "forward_end", "weights.reference"), weights);
    EXPECT_EQ(term_at(pairs("lora", "dpo"), "forward_end", "weights.reference"), 0) << "adapters are switched off";
    EXPECT_EQ(term_at(pairs("full", "orpo"), "forward_end", "weights.reference"), 0);
    EXPECT_EQ(term_at(pairs("full", "grpo"), "forward_end", "weights.reference"), 0) << "beta is 0";
    EXPECT_EQ(term_at(pairs("full", "grpo", {{"beta", 0.04}}), "forward_end", "weights.reference"), weights);
    EXPECT_EQ(term_at(pairs("full", "dpo", {{"reference_model", "precomputed"}}), "forward_end", "weights.reference"),
              0);
}

TEST(Trainers, GenerationHasItsCacheAndAColocatedEngineItsShare)
{
    const json keys = {{"framework", "trl"},    {"method", "full"},          {"trainer", "grpo"},
                       {"micro_batch_size", 4}, {"max_prompt_length", 1024}, {"max_completion_length", 1024}};
    // 4 completions of 2,048 tokens, 32 layers of 8 key and value heads of 128, 16 bits
    EXPECT_EQ(term_at(asked("Llama-3.1-8B", keys), "generation", "activations.cache"),
              4LL * 2048 * 32 * 2 * 8 * 128 * 2);
    json beside = keys;
    beside.update({{"generation", "vllm_colocate"}, {"vllm_gpu_memory_utilization", 0.25}});
    const Question colocated = asked("Llama-3.1-8B", beside);
    EXPECT_EQ(term_at(colocated, "forward_end", "colocated"), colocated.accelerator.capacity.count / 4);
    beside["vllm_enable_sleep_mode"] = true;
    EXPECT_EQ(term_at(asked("Llama-3.1-8B", beside), "forward_end", "colocated"), 0);
    EXPECT_GT(term_at(asked("Llama-3.1-8B", beside), "generation", "colocated"), 0);
}

TEST(Trainers, AGenerationHoldsWholeGroups)
{
    const json keys = {{"trainer", "grpo"}, {"micro_batch_size", 4}, {"num_generations", 8}};
    EXPECT_EQ(estimate(asked("Llama-3.1-8B", keys), Detail::figures).error().field, "fine_tune.num_generations");
    EXPECT_TRUE(estimate(asked("Llama-3.1-8B", keys, {{"data_parallel", 2}}), Detail::figures));
}

TEST(Recomputation, MegatronsMethods)
{
    const auto policy = [](const json& keys) {
        json all = {{"framework", "megatron"}, {"method", "full"}};
        all.update(keys);
        return inputs_of_question(asked("Llama-3.1-8B", all)).recompute;
    };
    const RecomputePolicy uniform =
        policy({{"recompute_granularity", "full"}, {"recompute_method", "uniform"}, {"recompute_num_layers", 4}});
    EXPECT_EQ(uniform.checkpoints(32), 8);
    EXPECT_EQ(uniform.recomputed(32), 32);
    EXPECT_EQ(uniform.at_once(32), 4);
    const RecomputePolicy block = policy({{"recompute", "block:10"}});
    EXPECT_EQ(block.checkpoints(32), 10);
    EXPECT_EQ(block.at_once(32), 1);
    EXPECT_EQ(policy({{"recompute", "layers:10"}}).recomputed(32), 10);
    EXPECT_EQ(policy({{"recompute", "every:4"}}).recomputed(32), 8);
}

TEST(Experts, HaveGroupsOfTheirOwnInMegatron)
{
    // Mixtral-8x22B on TP 2 x DP 4: with EP 8 and ETP 1 a rank has one expert, and nobody shares its optimizer.
    const json keys = {{"framework", "megatron"}, {"method", "full"}};
    const TrainingInputs inputs = inputs_of_question(
        asked("Mixtral-8x22B-v0.1", keys,
              {{"tensor_parallel", 2}, {"data_parallel", 4}, {"expert_parallel", 8}, {"expert_tensor_parallel", 1}}));
    EXPECT_EQ(inputs.sharding.expert_ranks, 8);
    EXPECT_EQ(inputs.expert_shard, 1);
    const auto refused = estimate(
        asked("Mixtral-8x22B-v0.1", keys,
              {{"tensor_parallel", 2}, {"data_parallel", 2}, {"expert_parallel", 8}, {"expert_tensor_parallel", 1}}),
        Detail::figures);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "hardware.expert_parallel");
}

TEST(Offload, GradientsLeaveWithDeepSpeedsOptimizer)
{
    const auto with = [](const json& more) {
        json keys = {{"framework", "deepspeed"}, {"method", "full"}, {"zero_stage", 3}, {"sequence_length", 128}};
        keys.update(more);
        return asked("Llama-3.1-8B", keys, {{"data_parallel", 8}});
    };
    EXPECT_GT(term_at(with(json::object()), "optimizer_step", "gradients"), 0);
    EXPECT_EQ(term_at(with({{"offload", {"optimizer"}}}), "optimizer_step", "gradients"), 0);
    EXPECT_EQ(term_at(with({{"optimizer", "DeepSpeedCPUAdam"}}), "optimizer_step", "optimizer"), 0);
}

TEST(Dropout, MasksOfAByteEach)
{
    const auto width = [](const json& more, std::string_view id) {
        json keys = {{"framework", "megatron"}, {"method", "full"}, {"recompute", "none"}};
        keys.update(more);
        const Question question = asked("Llama-3.1-8B", keys);
        const TrainingInputs inputs = inputs_of_question(question);
        for (const SavedTensor& row : saved_tensors(inputs, *question.model, 0))
            if (row.id == id)
                return row.width * row.bytes;
        return 0.0;
    };
    EXPECT_EQ(width({{"hidden_dropout", 0.1}}, "dropout_masks"), 2 * llama_hidden);
    EXPECT_EQ(width(json::object(), "dropout_masks"), 0);
    EXPECT_EQ(width({{"attention_dropout", 0.1}, {"attention", "flash"}}, "attention_mask"), 0);
    EXPECT_EQ(width({{"attention_dropout", 0.1}, {"attention", "eager"}, {"sequence_length", 512}}, "attention_mask"),
              3.0 * 32 * 512);
}

TEST(TiledMlp, LeavesTheAttentionToLead)
{
    const auto layer = [](bool tiled, std::string_view id) {
        const Question question = asked("Llama-3.1-8B", {{"framework", "deepspeed"},
                                                         {"method", "full"},
                                                         {"sequence_length", 40'960},
                                                         {"attention", "flash"},
                                                         {"tiled_mlp_compute", tiled}});
        return term_at(question, "backward_start", id);
    };
    EXPECT_GT(layer(false, "activations.working.inner_gradients"), 0);
    EXPECT_EQ(layer(true, "activations.working.inner_gradients"), 0);
    // gradients of output and queries in 16 bits, three of them, and the queries' in fp32
    EXPECT_EQ(layer(true, "activations.working.query_gradients"), 40'960LL * 4'096 * (3 * 2 + 4));
}

TEST(Fsdp1, KeepsBoundariesOfAFrozenNetworkBeforeTransformers453)
{
    const auto kept = [](const json& more) {
        json keys = {{"framework", "hf_trainer"},
                     {"method", "lora"},
                     {"fsdp", true},
                     {"sequence_length", 4096},
                     {"micro_batch_size", 8}};
        keys.update(more);
        return term_at(asked("Llama-3.1-8B", keys, {{"data_parallel", 2}}), "backward_end", "activations.boundaries");
    };
    EXPECT_EQ(kept({{"framework_version", "transformers 4.48.1"}}), 4LL * 4096 * 32 * 8 * 4096);
    EXPECT_EQ(kept({{"framework_version", "transformers 4.53"}}), 0);
    EXPECT_EQ(kept({{"framework_version", "transformers 4.48.1"}, {"fsdp_version", 2}}), 0);
    EXPECT_EQ(kept({{"framework_version", "transformers 4.48.1"}, {"method", "full"}}), 0);
}

TEST(Ulysses, MoreRanksThanKeyHeadsHoldOneEach)
{
    const auto keys = [](std::int64_t ranks) {
        const Question question =
            asked("Llama-3.1-70B", {{"framework", "deepspeed"}, {"method", "full"}}, {{"context_parallel", ranks}});
        const TrainingInputs inputs = inputs_of_question(question);
        for (const SavedTensor& row : saved_tensors(inputs, *question.model, 0))
            if (row.id == "keys")
                return row.width;
        return 0.0;
    };
    // 8 key heads of 128, for as many heads as the network has
    EXPECT_EQ(keys(64), 64.0 / 8 * keys(8));
}

TEST(Ranges, AreTheFrameworksAndNotTheTerms)
{
    const Question question = asked("Llama-3.1-8B", {{"framework", "hf_trainer"}, {"method", "lora"}});
    const auto result = estimate_of(question);
    const TrainingMemory& memory = *result->training;
    std::int64_t low = 0;
    std::int64_t high = 0;
    for (const Term& term : training_terms(memory, memory.stage()))
        if (term.id != "overhead") {
            low += term.low.count;
            high += term.high.count;
        }
    const auto allocated = static_cast<double>(memory.allocated.count);
    EXPECT_NEAR(static_cast<double>(low) / allocated, 1 - 0.035, 1e-6);
    EXPECT_NEAR(static_cast<double>(high) / allocated, 1 + 0.035, 1e-6);
    EXPECT_LE(memory.reserved_low, memory.reserved);
    EXPECT_GE(memory.reserved_high, memory.reserved);
}

TEST(Reserved, StreamsOfFsdpHavePoolsOfTheirOwn)
{
    const auto beside = [](bool expandable) {
        const Question question = asked("Llama-3.1-8B",
                                        {{"framework", "hf_trainer"},
                                         {"method", "lora"},
                                         {"fsdp", true},
                                         {"fsdp_version", 2},
                                         {"expandable_segments", expandable}},
                                        {{"data_parallel", 8}});
        const TrainingMemory memory = training_memory(inputs_of_question(question), false);
        return static_cast<double>((memory.reserved - memory.allocated).count);
    };
    // the embedding's buffer and copy, the head's buffer and a layer's, in 16 bits
    const double pools = 3.0 * 2 * llama_vocabulary * llama_hidden + 2 * 218'112'000.0;
    EXPECT_GT(beside(false), pools);
    EXPECT_LT(beside(true), beside(false) - pools + 1);
}

/// One more of anything does not fit, and what is said does.
TEST(TrainingRoom, IsWhereItStopsFitting)
{
    Question question = asked("Llama-3.1-8B", {{"framework", "trl"}, {"method", "lora"}, {"sequence_length", 4096}});
    const auto result = estimate_of(question, Detail::full);
    ASSERT_TRUE(result->capacity.step);
    const TrainingRoom room = *result->capacity.step;
    const auto fits = [&](auto change) {
        Question other = question;
        change(other.scenario.fine_tune);
        return estimate_of(other)->total <= result->fit.usable;
    };
    ASSERT_TRUE(room.max_sequence_length && room.max_micro_batch_size && room.max_lora_rank);
    for (const std::int64_t more : {0, 1}) {
        EXPECT_EQ(fits([&](TrainingChoice& choice) { choice.sequence_length = *room.max_sequence_length + more; }),
                  more == 0);
        EXPECT_EQ(fits([&](TrainingChoice& choice) { choice.micro_batch_size = *room.max_micro_batch_size + more; }),
                  more == 0);
        EXPECT_EQ(fits([&](TrainingChoice& choice) { choice.lora_rank = *room.max_lora_rank + more; }), more == 0);
    }
    EXPECT_EQ(room.fewest_gpus, 1);
}

TEST(TrainingRoom, IsNothingWhereNothingFits)
{
    const Question alone = asked("Llama-3.1-70B", {{"framework", "trl"}, {"method", "full"}});
    const auto result = estimate_of(alone, Detail::full);
    ASSERT_TRUE(result->capacity.step);
    EXPECT_EQ(*result->capacity.step, TrainingRoom{});
    EXPECT_FALSE(result->fit.gpus_needed);
    // 16 bytes for each parameter, shared out, and the largest unit whole
    const Question shared =
        asked("Llama-3.1-70B",
              {{"framework", "trl"}, {"method", "full"}, {"fsdp", true}, {"precision_recipe", "bf16_autocast"}});
    const auto answer = estimate_of(shared, Detail::full);
    ASSERT_TRUE(answer->fit.gpus_needed);
    EXPECT_GE(*answer->fit.gpus_needed, 16);
    EXPECT_LE(*answer->fit.gpus_needed, 32);
    EXPECT_EQ(answer->fit.gpus_needed, answer->capacity.step->fewest_gpus);
}

} // namespace
} // namespace weighbridge::testing
