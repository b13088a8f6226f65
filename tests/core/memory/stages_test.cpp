// What a pipeline's stages hold: together the network and what is on several of them, each its own layers in their own
// types, whatever decides about the types.

#include "core/memory/stages.h"

#include "core/precision/model_format.h"
#include "core/training/training.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {
namespace {

using namespace testing;

double stored_bytes(const Model& model, const NumberFormat& format)
{
    double bytes = 0;
    for (const Tensor& tensor : model.tensors)
        bytes += static_cast<double>(tensor.elements()) * bytes_per_element(format, tensor);
    return bytes;
}

/// What more than one stage holds, once for every stage beside the first.
double held_again(const Model& model, const NumberFormat& format, std::int64_t stages, TowerStages towers)
{
    double bytes = 0;
    for (const Tensor& tensor : model.tensors) {
        const bool everywhere =
            tensor.end == End::throughout || (tensor.part == Part::vision && towers == TowerStages::every);
        const double copies = tensor.kind != Tensor::no_index ? 0
                              : everywhere                    ? static_cast<double>(stages - 1)
                              : tensor.end == End::both       ? 1
                                                              : 0;
        bytes += copies * static_cast<double>(tensor.elements()) * bytes_per_element(format, tensor);
    }
    return bytes;
}

TEST(PipelineStages, SumToTheWholeInEveryPrecision)
{
    for (const std::string_view preset : preset_names()) {
        const ModelPointer model = *preset_model(preset);
        for (const char* id :
             {"bf16", "fp8", "checkpoint", "mxfp4_experts", "gguf:Q4_K_M", "gguf:IQ2_M", "gguf:Q3_K_L"})
            for (const auto& [count, towers] :
                 {std::pair{std::int64_t{2}, TowerStages::first}, std::pair{std::int64_t{3}, TowerStages::every}}) {
                const NumberFormat format = for_model(*find_format(id, FormatUse::weights), *model);
                if (model->architecture.layers() < count)
                    continue;
                const auto stages = pipeline_stages(*model, count, towers, format.column);
                double sum = 0;
                std::int64_t layers = 0;
                for (const PipelineStage& stage : *stages) {
                    NumberFormat of_stage = format;
                    of_stage.column = stage.column;
                    sum += stored_bytes(*stage.model, of_stage);
                    layers += stage.model->architecture.layers();
                    for (std::size_t row = 0; row < stage.model->tensors.size(); ++row)
                        ASSERT_EQ(stage.model->tensors[row].row, row);
                }
                const double whole = stored_bytes(*model, format) + held_again(*model, format, count, towers);
                EXPECT_EQ(layers, model->architecture.layers()) << preset;
                EXPECT_NEAR(sum / whole, 1, 1e-12) << preset << ", " << id << ", " << count << " stages";
            }
    }
}

double elements_of(const PipelineStage& stage, std::string_view name, std::string_view type)
{
    double elements = 0;
    for (const Tensor& tensor : stage.model->tensors)
        if (tensor.name == name)
            for (const StoredShare& share : stage.column->rows().at(tensor.row))
                elements += share.type == type ? share.elements : 0;
    return elements;
}

// Q4_K_M has Q6_K in the first and the last eighth of the down-projections and in every third between (llama-quant.cpp,
// use_more_bits). Of 32 layers: 0 to 3, 6, 9, ..., 27, 28 to 31. In four stages of eight: 0-3 and 6; 9, 12, 15; 18, 21;
// 24, 27 and 28-31. The output is Q6_K, the embedding Q4_K.
TEST(PipelineStages, HaveTheTypesOfTheirOwnLayers)
{
    const ModelPointer model = *preset_model("Llama-3.1-8B");
    const NumberFormat format = for_model(*find_format("gguf:Q4_K_M", FormatUse::weights), *model);
    const auto stages = pipeline_stages(*model, 4, TowerStages::first, format.column);
    constexpr double down = 4096.0 * 14336;
    const std::vector<double> raised = {5, 3, 2, 6};
    for (std::size_t stage = 0; stage < 4; ++stage) {
        EXPECT_EQ(elements_of((*stages)[stage], "mlp.down_proj.weight", "Q6_K"), raised[stage] * down) << stage;
        EXPECT_EQ(elements_of((*stages)[stage], "mlp.down_proj.weight", "Q4_K"), (8 - raised[stage]) * down) << stage;
    }
    EXPECT_EQ(elements_of(stages->front(), "model.embed_tokens.weight", "Q4_K"), 128256.0 * 4096);
    EXPECT_EQ(elements_of(stages->back(), "lm_head.weight", "Q6_K"), 128256.0 * 4096);
}

// DeepSeek-V3 has 3 dense layers and 58 with experts; two stages of 31 and 30 (vLLM's rule), so that the second has one
// kind of layer less and its experts stand in another row than in the whole.
TEST(PipelineStages, RowsFollowTheirKindOfLayer)
{
    const ModelPointer model = *preset_model("DeepSeek-V3");
    const NumberFormat format = for_model(*find_format("checkpoint", FormatUse::weights), *model);
    const auto stages = pipeline_stages(*model, 2, TowerStages::first, format.column);
    const std::vector<std::int64_t> with_experts = {28, 30};
    for (std::size_t stage = 0; stage < 2; ++stage) {
        EXPECT_EQ((*stages)[stage].model->architecture.kinds.size(), 2 - stage);
        // 256 experts of 2048 x 7168.
        EXPECT_EQ(elements_of((*stages)[stage], "mlp.experts.down_proj.weight", "w"),
                  static_cast<double>(with_experts[stage]) * 256 * 2048 * 7168)
            << stage;
        const Tensor* expert = nullptr;
        for (const Tensor& tensor : (*stages)[stage].model->tensors)
            if (tensor.name == "mlp.experts.down_proj.weight")
                expert = &tensor;
        ASSERT_NE(expert, nullptr);
        EXPECT_EQ(expert->layers_symbol, stage == 0 ? "L_2" : "L");
        // FP8 and an fp32 scale per 128 x 128.
        EXPECT_DOUBLE_EQ((*stages)[stage].column->bits(*expert), 8 + 32.0 / (128 * 128));
    }
}

struct Ends
{
    const char* preset;
    const char* tensor;
    std::vector<bool> stages; ///< of three
};

// Where vLLM's models and Megatron put what stands outside the layers: embeddings, positions and their norms first, the
// head and what goes before it last, a tied embedding on both, Zamba's shared blocks on all.
TEST(PipelineStages, HoldWhatTheirEndOfTheNetworkNeeds)
{
    const std::vector<Ends> rows = {
        {"Llama-3.1-8B", "model.embed_tokens.weight", {true, false, false}},
        {"Llama-3.1-8B", "model.norm.weight", {false, false, true}},
        {"Llama-3.1-8B", "lm_head.weight", {false, false, true}},
        {"gemma-3-4b-it", "model.embed_tokens.weight", {true, false, true}},
        {"gemma-3n-E4B-it", "model.embed_tokens_per_layer.weight", {true, false, false}},
        {"gemma-3n-E4B-it", "model.altup_unembed_projections.weight", {false, false, true}},
    };
    for (const Ends& row : rows) {
        const auto model = preset_model(row.preset);
        ASSERT_TRUE(model) << row.preset;
        const auto stages = pipeline_stages(**model, 3, TowerStages::first);
        for (std::size_t stage = 0; stage < 3; ++stage) {
            bool held = false;
            for (const Tensor& tensor : (*stages)[stage].model->tensors)
                held = held || tensor.name == row.tensor;
            EXPECT_EQ(held, row.stages[stage]) << row.preset << ", " << row.tensor << ", stage " << stage;
        }
    }
}

std::int64_t weights_among(const Estimate& estimate, std::initializer_list<std::string_view> ids)
{
    std::int64_t bytes = 0;
    for (const Term& term : estimate.terms.front().children)
        if (std::find(ids.begin(), ids.end(), term.id) != ids.end())
            bytes += term.bytes.count;
    return bytes;
}

/// Of the whole, and the head that SGLang's classes after Llama make on stages that don't use it.
std::int64_t outside_layers(const Estimate& whole, const Estimate& stage)
{
    return weights_among(whole, {"weights.embedding", "weights.vision", "weights.rope_tables"}) +
           weights_among(stage, {"weights.idle_head"});
}

// W / pp <= fullest stage <= 1.15 W / pp and what stands outside the layers, for whoever stores the weights as he
// likes.
TEST(PipelineStages, WeighTheirShareInEveryEngine)
{
    for (const char* engine : {"vllm", "sglang"})
        for (const char* preset : {"Llama-3.1-8B", "Qwen3-14B", "DeepSeek-V3", "Kimi-K2.5", "gpt-oss-120b",
                                   "Qwen3-235B-A22B", "gemma-3-12b-it"})
            for (const char* format : {"checkpoint", "bf16", "fp8", "gguf:Q4_K_M"}) {
                Question question = question_about_preset(preset);
                question.scenario.inference.engine = engine;
                question.scenario.precision.weights = format;
                const EstimatePointer whole = estimate_of(question);
                const auto all = static_cast<double>(whole->terms.front().bytes.count);
                for (const std::int64_t count : {2, 4}) {
                    question.scenario.hardware.pipeline_parallel = count;
                    const EstimatePointer of_stage = estimate_of(question);
                    const auto weights = static_cast<double>(of_stage->terms.front().bytes.count);
                    const std::string what = std::string(engine) + ", " + preset + ", " + format;
                    EXPECT_GE(weights, all / static_cast<double>(count) * 0.98) << what;
                    EXPECT_LE(weights, 1.15 * all / static_cast<double>(count) +
                                           static_cast<double>(outside_layers(*whole, *of_stage)))
                        << what << ", " << count << " stages";
                }
            }
}

// QLoRA over a checkpoint's own types in Megatron: half of the 671 GB is frozen on each of two stages.
TEST(PipelineStages, WeighTheirShareInTraining)
{
    Question question = question_about_preset("DeepSeek-V3");
    question.scenario.task = "fine_tune";
    question.scenario.fine_tune.framework = "megatron";
    question.scenario.fine_tune.method = "lora";
    question.scenario.precision.weights = "checkpoint";
    const EstimatePointer whole = estimate_of(question);
    question.scenario.hardware.pipeline_parallel = 2;
    const EstimatePointer half = estimate_of(question);
    const auto all = static_cast<double>(bytes_of(*whole, "weights.resident"));
    const auto stage = static_cast<double>(bytes_of(*half, "weights.resident"));
    EXPECT_GE(stage, 0.45 * all);
    EXPECT_LE(stage, 0.575 * all);
}

} // namespace
} // namespace weighbridge
