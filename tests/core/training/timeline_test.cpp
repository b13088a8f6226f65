// A step from left to right: its largest point is what is allocated, and every point is what the rules say there.

#include "core/answers/more_answers.h"
#include "core/fields/scenario_json.h"
#include "core/report/csv.h"
#include "core/report/estimate_json.h"
#include "core/report/markdown.h"
#include "core/report/text_table.h"
#include "core/training/timeline.h"
#include "tests/core/support/scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>

namespace weighbridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

EstimatePointer with_timeline(const std::string& text)
{
    const auto scenario = read_scenario_text(text);
    EXPECT_TRUE(scenario) << text << ": " << (scenario ? "" : scenario.error().message);
    Question question = question_about_preset(scenario->model.text);
    question.scenario = *scenario;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    MoreAnswers wanted;
    wanted.timeline = true;
    const auto answered = with_answers(estimate_of(question, Detail::full), wanted);
    EXPECT_TRUE(answered) << (answered ? "" : answered.error().message);
    return answered ? *answered : nullptr;
}

std::string fine_tune(const std::string& options, const std::string& hardware = "",
                      const std::string& model = "Llama-3.1-8B")
{
    return R"({"model": ")" + model + R"(", "task": "fine_tune", "fine_tune": {"sequence_length": 4096, )" + options +
           R"(}, "hardware": {"accelerator": "h100_sxm_80")" + hardware + "}}";
}

struct Setting
{
    const char* name;
    std::string scenario;
};

std::vector<Setting> settings()
{
    const std::string lora = R"("method": "lora", "framework": "hf_trainer")";
    const std::string full = R"("method": "full", "framework": "hf_trainer")";
    return {
        {"full", fine_tune(full + R"(, "recompute": "full")")},
        {"full, nothing computed again", fine_tune(full + R"(, "recompute": "none")")},
        {"full, a fused loss", fine_tune(full + R"(, "recompute": "full", "loss": "fused_linear")")},
        {"LoRA", fine_tune(lora + R"(, "recompute": "none")")},
        {"LoRA, checkpoints", fine_tune(lora + R"(, "recompute": "full")")},
        {"QLoRA", fine_tune(R"("method": "qlora", "framework": "hf_trainer", "recompute": "full")")},
        {"accumulation", fine_tune(full + R"(, "recompute": "full", "gradient_accumulation_steps": 8)")},
        {"tied", fine_tune(full + R"(, "recompute": "full")", "", "Llama-3.2-1B")},
        {"groups of layers", fine_tune(R"("method": "full", "framework": "megatron", "recompute": "uniform:5")")},
        {"some layers", fine_tune(R"("method": "full", "framework": "megatron", "recompute": "block:5")")},
        {"FSDP1",
         fine_tune(full + R"(, "recompute": "full", "fsdp": true, "fsdp_version": 1)", R"(, "data_parallel": 8)")},
        {"FSDP2",
         fine_tune(full + R"(, "recompute": "full", "fsdp": true, "fsdp_version": 2)", R"(, "data_parallel": 8)")},
        {"FSDP2, LoRA",
         fine_tune(lora + R"(, "recompute": "full", "fsdp": true, "fsdp_version": 2)", R"(, "data_parallel": 8)")},
        {"ZeRO-3",
         fine_tune(R"("method": "full", "framework": "deepspeed", "zero_stage": 3)", R"(, "data_parallel": 8)")},
        {"pipeline", fine_tune(R"("method": "full", "framework": "megatron", "recompute": "selective")",
                               R"(, "tensor_parallel": 2, "pipeline_parallel": 4, "num_microbatches": 16)")},
        {"interleaved", fine_tune(R"("method": "full", "framework": "megatron", "recompute": "full")",
                                  R"(, "tensor_parallel": 2, "pipeline_parallel": 4, "virtual_pipeline": 2,
                                      "num_microbatches": 16)")},
        {"experts behind dense layers",
         fine_tune(R"("method": "full", "framework": "torchtitan")", R"(, "data_parallel": 64)", "DeepSeek-V3")},
        {"hybrid", fine_tune(full + R"(, "recompute": "none")", "", "AI21-Jamba-Mini-1.5")},
        {"generation",
         fine_tune(
             R"("method": "lora", "framework": "trl", "trainer": "grpo", "num_generations": 8, "micro_batch_size": 8,
                                    "generation": "transformers", "max_completion_length": 2048)")},
    };
}

TEST(Timeline, ItsLargestPointIsWhatIsAllocated)
{
    for (const Setting& setting : settings()) {
        SCOPED_TRACE(setting.name);
        const EstimatePointer estimate = with_timeline(setting.scenario);
        ASSERT_TRUE(estimate);
        const TrainingMemory& memory = *estimate->training;
        const Timeline& timeline = *estimate->timeline;
        std::int64_t peaks = 0;
        for (const TimelinePoint& point : timeline.points) {
            EXPECT_LE(point.total, memory.allocated) << point.label;
            EXPECT_EQ(std::accumulate(point.bytes.begin(), point.bytes.end(), Bytes{},
                                      [](Bytes sum, Bytes bytes) { return sum += bytes; }),
                      point.total);
            peaks += point.peak ? 1 : 0;
            if (point.peak) {
                EXPECT_EQ(point.total, memory.allocated) << point.label;
                EXPECT_EQ(point.moment, memory.peak().id);
                EXPECT_EQ(point.stage, memory.stage().stage);
            }
        }
        EXPECT_EQ(peaks, 1);
        EXPECT_EQ(timeline.fullest, static_cast<std::int64_t>(memory.fullest));
    }
}

TEST(Timeline, TheLargestPointOfEachMomentIsTheMoment)
{
    for (const Setting& setting : settings()) {
        SCOPED_TRACE(setting.name);
        const EstimatePointer estimate = with_timeline(setting.scenario);
        ASSERT_TRUE(estimate);
        for (const TrainingStage& stage : estimate->training->stages)
            for (const Moment& moment : stage.moments) {
                Bytes largest;
                for (const TimelinePoint* point : estimate->timeline->of_stage(stage.stage))
                    if (point->moment == moment.id)
                        largest = std::max(largest, point->total);
                EXPECT_EQ(largest, moment.total) << stage.stage << " " << moment.id;
            }
    }
}

std::vector<const TimelinePoint*> of_operation(const Timeline& timeline, std::string_view operation)
{
    std::vector<const TimelinePoint*> list;
    for (const TimelinePoint& point : timeline.points)
        if (point.operation == operation)
            list.push_back(&point);
    return list;
}

Bytes of_kind(const TimelinePoint& point, TimelineKind kind)
{
    return point.bytes[static_cast<std::size_t>(kind)];
}

// Llama-3.1-8B, 4,096 tokens, checkpoints: a layer's input is 4,096 tokens x 4,096 elements x 2 bytes = 33,554,432
// bytes. Its layer has 218,112,000 parameters, whose gradients in 16 bits are 436,224,000 bytes, the head's
// 128,256 x 4,096 x 2 = 1,050,673,152.
TEST(Timeline, LayerByLayerCheckpointsComeAndGradientsStay)
{
    const EstimatePointer estimate =
        with_timeline(fine_tune(R"("method": "full", "framework": "hf_trainer", "recompute": "full",
                                    "precision_recipe": "bf16")"));
    ASSERT_TRUE(estimate);
    const Timeline& timeline = *estimate->timeline;
    const auto forward = of_operation(timeline, "forward");
    ASSERT_EQ(forward.size(), 32U);
    for (std::size_t layer = 0; layer < forward.size(); ++layer) {
        EXPECT_EQ(forward[layer]->layer, static_cast<std::int64_t>(layer));
        EXPECT_EQ(of_kind(*forward[layer], TimelineKind::activations).count,
                  33'554'432 * static_cast<std::int64_t>(layer + 1));
        EXPECT_EQ(of_kind(*forward[layer], TimelineKind::gradients).count, 0);
    }
    const auto backward = of_operation(timeline, "backward_attention");
    ASSERT_EQ(backward.size(), 32U);
    EXPECT_EQ(backward.front()->layer, 31);
    EXPECT_EQ(backward.back()->layer, 0);
    for (std::size_t done = 1; done < backward.size(); ++done) {
        EXPECT_EQ(of_kind(*backward[done], TimelineKind::gradients).count -
                      of_kind(*backward[done - 1], TimelineKind::gradients).count,
                  436'224'000);
        EXPECT_EQ(of_kind(*backward[done - 1], TimelineKind::activations).count -
                      of_kind(*backward[done], TimelineKind::activations).count,
                  33'554'432);
    }
    // the head, the final norm of 4,096 and the last layer
    EXPECT_EQ(of_kind(*backward.front(), TimelineKind::gradients).count, 1'050'673'152 + 8'192 + 436'224'000);
    EXPECT_EQ(timeline.points.back().operation, "optimizer_step");
}

// 1F1B: the first of four stages holds four micro batches, the last one.
TEST(Timeline, MicroBatchesInFlightStandBesideEachOther)
{
    const EstimatePointer estimate =
        with_timeline(fine_tune(R"("method": "full", "framework": "megatron", "recompute": "full")",
                                R"(, "pipeline_parallel": 4, "num_microbatches": 16)"));
    ASSERT_TRUE(estimate);
    const auto most_beside = [&](std::int64_t stage) {
        double most = 0;
        for (const TimelinePoint* point : estimate->timeline->of_stage(stage))
            most = std::max(most, point->others);
        return most;
    };
    EXPECT_EQ(most_beside(0), 3);
    EXPECT_EQ(most_beside(3), 0);
    std::int64_t layers = 0;
    for (std::int64_t stage = 0; stage < 4; ++stage)
        for (const TimelinePoint* point : estimate->timeline->of_stage(stage))
            if (point->operation == "forward" && point->layer == layers)
                ++layers;
    EXPECT_EQ(layers, 32) << "every layer of the network once, in order";
}

TEST(Timeline, IsInEveryReportOnlyWhereAskedFor)
{
    const std::string text = fine_tune(R"("method": "lora", "framework": "hf_trainer")");
    const EstimatePointer estimate = with_timeline(text);
    ASSERT_TRUE(estimate);
    const json report = json::parse(to_json(*estimate).dump());
    const json& points = report.at("timeline");
    ASSERT_EQ(points.size(), estimate->timeline->points.size());
    std::int64_t largest = 0;
    for (const json& point : points) {
        std::int64_t sum = 0;
        for (const auto& [kind, bytes] : point.at("bytes").items())
            sum += bytes.get<std::int64_t>();
        EXPECT_EQ(sum, point.at("total_bytes"));
        largest = std::max(largest, sum);
        EXPECT_EQ(point.at("peak"), point.at("total_bytes") == report.at("per_gpu").at("allocated_bytes") &&
                                        point.at("moment") == report.at("per_gpu").at("peak_moment") &&
                                        point.at("peak").get<bool>());
    }
    EXPECT_EQ(largest, report.at("per_gpu").at("allocated_bytes"));
    EXPECT_THAT(to_text(*estimate), HasSubstr("(peak)"));
    EXPECT_THAT(to_text(*estimate), HasSubstr("Layer 31 forward"));
    EXPECT_THAT(to_markdown(*estimate), HasSubstr("Layer 31 forward"));
    EXPECT_THAT(to_csv(*estimate), HasSubstr("bytes_workspace"));

    auto plain = std::make_shared<Estimate>(*estimate);
    plain->timeline = nullptr;
    EXPECT_FALSE(to_json(*plain).contains("timeline"));
}

TEST(Timeline, IsOfTrainingOnly)
{
    MoreAnswers wanted;
    wanted.timeline = true;
    const auto answered = with_answers(estimate_of(question_about_preset("Llama-3.1-8B"), Detail::full), wanted);
    ASSERT_FALSE(answered);
    EXPECT_EQ(answered.error().field, "task");
}

} // namespace
} // namespace weighbridge::testing
