// Speed over the load: what must hold of a curve whatever the constants are.

#include "core/answers/ladder.h"
#include "core/answers/speed_curve.h"
#include "core/fields/fields.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weighbridge {
namespace {

using namespace testing;

Question asked_on(const char* model, const char* accelerator, const char* engine)
{
    Question question = question_about_preset(model);
    question.scenario.hardware.accelerator = accelerator;
    question.accelerator = *Catalogue().find(accelerator);
    question.scenario.inference.engine = engine;
    return question;
}

Question on_vllm()
{
    Question question = asked_on("Llama-3.1-8B", "h100_sxm_80", "vllm");
    question.scenario.inference.sequence_length = 8192;
    question.scenario.inference.concurrent_sequences = 12;
    return question;
}

SpeedCurvePointer curve_of(const Question& question)
{
    const auto curve = speed_curve(question);
    EXPECT_TRUE(curve) << (curve ? "" : curve.error().message);
    return curve ? *curve : std::make_shared<const SpeedCurve>();
}

const SpeedPoint* own_point(const SpeedCurve& curve)
{
    const auto found = std::find_if(curve.points.begin(), curve.points.end(),
                                    [&](const SpeedPoint& point) { return point.at == curve.own; });
    return found == curve.points.end() ? nullptr : &*found;
}

} // namespace

TEST(SpeedCurve, EachPointIsTheEstimateOfThatLoad)
{
    const Question question = on_vllm();
    const SpeedCurvePointer curve = curve_of(question);
    EXPECT_EQ(curve->axis, SpeedAxis::requests);
    EXPECT_EQ(curve->own, 12);
    ASSERT_GT(curve->points.size(), 10u);
    for (const std::size_t i : {std::size_t{0}, curve->points.size() / 2, curve->points.size() - 1}) {
        Question alone = question;
        ASSERT_FALSE(set_field(alone.scenario, "inference.concurrent_sequences",
                               std::to_string(static_cast<std::int64_t>(curve->points[i].at))));
        const EstimatePointer single = estimate_of(alone, Detail::full);
        EXPECT_EQ(curve->points[i].speed->output_tokens_per_second, single->speed->output_tokens_per_second);
        EXPECT_EQ(curve->points[i].speed->time_to_first_token_seconds, single->speed->time_to_first_token_seconds);
    }
    const SpeedPoint* own = own_point(*curve);
    ASSERT_NE(own, nullptr);
    EXPECT_EQ(own->speed->time_per_output_token_seconds,
              estimate_of(question, Detail::full)->speed->time_per_output_token_seconds);
}

TEST(SpeedCurve, PointsAscendAndTheCacheEndsWhereRequestsBeginToWait)
{
    const SpeedCurvePointer curve = curve_of(on_vllm());
    for (std::size_t i = 1; i < curve->points.size(); ++i)
        EXPECT_LT(curve->points[i - 1].at, curve->points[i].at);
    ASSERT_TRUE(curve->full);
    for (const SpeedPoint& point : curve->points)
        EXPECT_EQ(point.speed->waiting_requests > 0, point.at > *curve->full) << point.at;
}

TEST(SpeedCurve, TheKeyThatSaysTheLoadIsTheOneThatGrows)
{
    Question question = on_vllm();
    question.scenario.workload.prompt_tokens = 1000;
    question.scenario.workload.answer_tokens = 200;
    question.scenario.workload.concurrent_requests = 32;
    EXPECT_EQ(curve_of(question)->own, 32);
    question.scenario.workload.concurrent_requests.reset();
    question.scenario.workload.requests_per_second = 2;
    const SpeedCurvePointer open = curve_of(question);
    EXPECT_EQ(open->axis, SpeedAxis::per_second);
    EXPECT_EQ(open->own, 2);
    EXPECT_NE(own_point(*open), nullptr);
    EXPECT_LE(open->points.back().at, 4);
}

/// Of one stream length is what its speed is asked over.
TEST(SpeedCurve, OneStreamIsDrawnOverItsLength)
{
    Question question = asked_on("Llama-3.1-8B", "rtx_4090", "llama.cpp");
    question.scenario.precision.weights = "gguf:Q4_K_M";
    question.scenario.inference.sequence_length = 4096;
    const SpeedCurvePointer curve = curve_of(question);
    EXPECT_EQ(curve->axis, SpeedAxis::context);
    EXPECT_EQ(curve->own, 4096);
    ASSERT_GT(curve->points.size(), 2u);
    const auto rate = [](const SpeedPoint& point) { return point.speed->decode_tokens_per_second->value; };
    EXPECT_GT(rate(curve->points.front()), rate(curve->points.back())); // a longer cache is read for longer
}

TEST(SpeedCurve, IsNothingWhereNobodyKnowsAndOfNoTraining)
{
    EXPECT_TRUE(curve_of(asked_on("Llama-3.1-8B", "m4_max", "generic"))->points.empty());
    Question training = on_vllm();
    training.scenario.task = "train";
    EXPECT_FALSE(speed_curve(training));
}

TEST(SpeedCurve, EndsWhenItIsStopped)
{
    std::size_t asked = 0;
    const auto curve = speed_curve(on_vllm(), [&](std::size_t, std::size_t) { return ++asked < 3; });
    EXPECT_FALSE(curve);
    EXPECT_EQ(asked, 3u);
}

TEST(Reach, ByTheWholeRange)
{
    const SpeedFigure figure{.value = 2, .low = 1, .high = 4};
    EXPECT_EQ(reach_of(figure, 4.0), Reach::reached);
    EXPECT_EQ(reach_of(figure, 3.0), Reach::uncertain);
    EXPECT_EQ(reach_of(figure, 1.0), Reach::uncertain);
    EXPECT_EQ(reach_of(figure, 0.9), Reach::missed);
    EXPECT_FALSE(reach_of(figure, std::nullopt));
    EXPECT_FALSE(reach_of(std::nullopt, 3.0));
}

TEST(Ladder, TellsHowFarItIsAndTakesARowsFormats)
{
    const Question question = asked_on("Llama-3.1-8B", "rtx_4090", "llama.cpp");
    const LadderRange range{{"gguf:Q4_K_M", "gguf:Q8_0"}, {"fp16", "q8_0"}};
    std::size_t asked = 0;
    const auto rows = ladder(question, range, [&](std::size_t done, std::size_t all) {
        EXPECT_EQ(done, asked++);
        EXPECT_EQ(all, 4u);
        return true;
    });
    ASSERT_TRUE(rows);
    EXPECT_EQ(asked, 4u);
    EXPECT_FALSE(ladder(question, range, [](std::size_t, std::size_t) { return false; }));
    for (const LadderRow& row : (*rows)->rows) {
        Question taken = question;
        taken.scenario = *in_formats_of(question.scenario, row);
        EXPECT_EQ(estimate_of(taken, Detail::verdict)->total, row.total) << row.weights << ' ' << row.kv_cache;
    }
}

} // namespace weighbridge
