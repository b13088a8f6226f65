// Networks beside the one that is trained, frozen parts, schedules and layouts of a step, worked by hand.
// Llama-3.1-8B: 8,030,261,248 parameters in 32 layers of 218,112,000, final norm 4,096, embedding and head 525,336,576.

#include "core/training/moment_terms.h"
#include "core/training/pipeline.h"
#include "core/training/saved_tensors.h"
#include "tests/core/training/asked.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace weighbridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json full_in_16_bits(const json& more)
{
    json keys = {{"framework", "hf_trainer"}, {"method", "full"},    {"precision_recipe", "bf16"},
                 {"sequence_length", 4096},   {"recompute", "full"}, {"generation", "none"}};
    keys.update(more);
    return keys;
}

TEST(Ppo, HoldsPolicyCriticReferenceAndRewardModel)
{
    const Question question = asked("Llama-3.1-8B", full_in_16_bits({{"trainer", "ppo"}, {"reward_model", "copy"}}));
    EXPECT_EQ(term_at(question, "optimizer_step", "weights.resident"), 16'060'522'496);
    EXPECT_EQ(term_at(question, "optimizer_step", "weights.reference"), 16'060'522'496);
    EXPECT_EQ(term_at(question, "optimizer_step", "weights.reward"), 16'060'522'496);
    // a scalar head in place of the vocabulary's
    EXPECT_NEAR(static_cast<double>(term_at(question, "optimizer_step", "weights.critic")), 2.0 * 7'504'924'672, 16);
    EXPECT_NEAR(static_cast<double>(term_at(question, "optimizer_step", "gradients.critic")), 2.0 * 7'504'924'672, 16);
    EXPECT_NEAR(static_cast<double>(term_at(question, "optimizer_step", "optimizer.critic")), 4.0 * 7'504'924'672, 32);
    // its layers' inputs are kept with the policy's
    EXPECT_EQ(term_at(question, "forward_end", "activations.critic"), 32LL * 4096 * 4096 * 2);
    EXPECT_EQ(term_at(question, "load", "weights.critic"), 0);
}

TEST(Ppo, NoCriticIsNoCritic)
{
    const Question question =
        asked("Llama-3.1-8B", full_in_16_bits({{"trainer", "ppo"}, {"critic_model", "none"}, {"beta", 0}}));
    EXPECT_EQ(term_at(question, "optimizer_step", "weights.critic"), 0);
    EXPECT_EQ(term_at(question, "optimizer_step", "weights.reference"), 0);
}

TEST(Distillation, HoldsTheTeacherAndBothLogits)
{
    const Question question = asked(
        "Llama-3.2-1B",
        full_in_16_bits({{"trainer", "distillation"}, {"teacher_model", "Llama-3.1-8B"}, {"sequence_length", 2048}}));
    EXPECT_EQ(term_at(question, "forward_end", "weights.teacher"), 16'060'522'496);
    EXPECT_EQ(term_at(question, "forward_end", "logits.kept"), 2048LL * 128'256 * 28);
    EXPECT_EQ(term_at(question, "optimizer_step", "gradients.teacher"), 0);
}

TEST(SideNetworks, AreSharedOutWithTheWeights)
{
    const Question question =
        asked("Llama-3.2-1B",
              full_in_16_bits({{"trainer", "distillation"}, {"teacher_model", "Llama-3.1-8B"}, {"fsdp", true}}),
              {{"data_parallel", 8}});
    EXPECT_EQ(term_at(question, "optimizer_step", "weights.teacher"), 16'060'522'496 / 8);
}

TEST(Freeze, FrozenPartsHaveNeitherGradientsNorStates)
{
    const Question question = asked("Llama-3.1-8B", full_in_16_bits({{"freeze", {"embeddings", "layers:0-15"}}}));
    constexpr std::int64_t trained = 16LL * 218'112'000 + 4'096 + 525'336'576;
    EXPECT_EQ(term_at(question, "optimizer_step", "gradients.kept"), 2 * trained);
    EXPECT_EQ(term_at(question, "optimizer_step", "optimizer.states"), 4 * trained);
    EXPECT_EQ(term_at(question, "optimizer_step", "weights.resident"), 16'060'522'496);
    EXPECT_EQ(inputs_of_question(question).first_trained_layer, 16);
    // nothing below needs a gradient, so nothing below keeps its input
    EXPECT_EQ(term_at(question, "forward_end", "activations.checkpoints"), 16LL * 4096 * 4096 * 2);
}

TEST(Freeze, LayersAboveATrainedEmbeddingKeepTheirInputs)
{
    const Question question = asked("Llama-3.1-8B", full_in_16_bits({{"freeze", {"layers:0-15"}}}));
    EXPECT_EQ(inputs_of_question(question).first_trained_layer, 0);
    EXPECT_EQ(term_at(question, "forward_end", "activations.checkpoints"), 32LL * 4096 * 4096 * 2);
}

TEST(Freeze, FrozenMatricesKeepNoInput)
{
    const auto width_of = [](const json& freeze, std::string_view id) {
        const Question question = asked("Llama-3.1-8B", full_in_16_bits({{"freeze", freeze}, {"recompute", "none"}}));
        const std::vector<SavedTensor> rows = saved_tensors(inputs_of_question(question), *question.model, 0);
        return std::any_of(rows.begin(), rows.end(), [&](const SavedTensor& row) { return row.id == id; });
    };
    EXPECT_TRUE(width_of(json::array(), "ffn_input"));
    EXPECT_FALSE(width_of({"language_model"}, "ffn_input"));
    EXPECT_TRUE(width_of({"language_model"}, "gate_up")) << "the gradient passes through";
}

// Feed-forward, attention and two norms are checkpointed one by one, so a layer keeps four hidden states; while one
// goes back the others are not there.
TEST(AutoModel, CheckpointsByModule)
{
    const Question question = asked("Llama-3.2-1B", {{"framework", "automodel"},
                                                     {"method", "full"},
                                                     {"micro_batch_size", 8},
                                                     {"sequence_length", 2048},
                                                     {"recompute", "full"},
                                                     {"loss", "fused_linear"}});
    EXPECT_EQ(term_at(question, "forward_end", "activations.checkpoints"), 16LL * 4 * 16'384 * 2048 * 2);
    EXPECT_EQ(term_at(question, "backward_start", "activations.recomputed.queries"), 0);
}

TEST(Schedules, DecideMicroBatchesInFlight)
{
    const auto held = [](const std::string& schedule, std::int64_t stage) {
        const Question question = asked("Llama-3.1-8B", {{"framework", "megatron"}, {"pipeline_schedule", schedule}},
                                        {{"pipeline_parallel", 4}, {"num_microbatches", 16}});
        return micro_batches_in_flight(inputs_of_question(question), stage);
    };
    EXPECT_EQ(held("auto", 0), 4);
    EXPECT_EQ(held("1f1b", 3), 1);
    EXPECT_EQ(held("zero_bubble", 0), 4);
    EXPECT_EQ(held("zero_bubble", 3), 4);
    EXPECT_EQ(held("gpipe", 3), 16);
}

// 131,072 tokens over 8 ranks: 16,384 each; keys and values are 2 x 1,024 elements of 2 bytes per token.
TEST(ContextParallel, GathersOrPassesRoundKeysAndValues)
{
    const auto bytes = [](const std::string& framework, const std::string& method) {
        const Question question = asked("Llama-3.1-8B",
                                        {{"framework", framework},
                                         {"method", "full"},
                                         {"sequence_length", 131'072},
                                         {"context_parallel_method", method}},
                                        {{"context_parallel", 8}});
        const TrainingInputs inputs = inputs_of_question(question);
        for (const SavedTensor& row : working_tensors(inputs, *question.model, 0, true))
            if (row.id == "other_keys")
                return row.width * row.bytes * static_cast<double>(inputs.tokens);
        return 0.0;
    };
    EXPECT_EQ(bytes("hf_trainer", "auto"), 16'384.0 * 2 * 1024 * 2 * 9);
    EXPECT_EQ(bytes("megatron", "auto"), 16'384.0 * 2 * 1024 * 2 * 2);
    EXPECT_EQ(bytes("megatron", "allgather"), 16'384.0 * 2 * 1024 * 2 * 9);
    EXPECT_EQ(bytes("deepspeed", "auto"), 0) << "Ulysses exchanges, and a rank has its heads' alone";
}

TEST(Experts, TheFullestRankHasMoreTokens)
{
    const auto dispatched = [](const json& more) {
        json keys = {{"framework", "megatron"}, {"method", "full"}};
        keys.update(more);
        const Question question = asked("Mixtral-8x7B-v0.1", keys, {{"data_parallel", 8}, {"expert_parallel", 8}});
        for (const SavedTensor& row : saved_tensors(inputs_of_question(question), *question.model, 0))
            if (row.id == "dispatched")
                return row.width;
        return 0.0;
    };
    EXPECT_EQ(dispatched(json::object()), 2 * 4096);
    EXPECT_EQ(dispatched({{"moe_imbalance_factor", 1.5}}), 3 * 4096);
}

TEST(Lengths, AreRoundedUpAndTheirMeanIsKnown)
{
    const auto inputs = [](const json& more) {
        json keys = {{"framework", "ms_swift"}, {"sequence_length", 1000}};
        keys.update(more);
        const Question question = asked("Llama-3.1-8B", keys);
        const auto made = training_inputs(question.scenario, *question.model);
        return std::pair(made->sequence_length, made->average_share);
    };
    EXPECT_EQ(inputs({{"pad_to_multiple_of", 64}}).first, 1024);
    EXPECT_EQ(inputs({{"length_distribution", "uniform:0.5"}}).second, 0.75);
    EXPECT_EQ(inputs({{"length_distribution", "uniform:1"}}).second, 0) << "all alike";
    EXPECT_EQ(inputs({{"packing", true}}).second, 0);
    EXPECT_EQ(inputs(json::object()).second, 0.5) << "this framework pads, and nothing is known";
}

TEST(TrainingOptions, RefuseWhatTheyDoNotKnow)
{
    const auto refused = [](const json& keys) {
        const Question question = asked("Llama-3.1-8B", keys);
        for (const Issue& issue : check_training(question.scenario, *question.model))
            if (issue.severity == Severity::error)
                return issue.message;
        return std::string();
    };
    EXPECT_THAT(refused({{"freeze", {"banana"}}}), HasSubstr("tower, projector"));
    EXPECT_THAT(refused({{"freeze", {"layers:20-40"}}}), HasSubstr("layers 0 to 31"));
    EXPECT_THAT(refused({{"teacher_model", "banana"}}), HasSubstr("a preset's name"));
    EXPECT_THAT(refused({{"length_distribution", "uniform:2"}}), HasSubstr("uniform:X"));
    EXPECT_THAT(refused({{"pipeline_schedule", "interleaved"}}), HasSubstr("hardware.virtual_pipeline"));
    EXPECT_EQ(refused({{"freeze", {"embeddings"}}}), "");
}

} // namespace
} // namespace weighbridge::testing
