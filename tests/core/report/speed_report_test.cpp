// How speed is written. Texts worked out by hand.

#include "core/report/speed_report.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge {
namespace {

Speed some_speed()
{
    Speed speed;
    speed.decode_step_seconds = SpeedFigure{0.0142, 0.0091, 0.0197, Basis::calibrated};
    speed.output_tokens_per_second = SpeedFigure{4321.9, 2500, 6000, Basis::assumed};
    speed.running_requests = 32;
    speed.gpus = 4;
    speed.terms = {{"weights", "Dense weights and head", 0.0088, {"n · bytes / W", "1 × 2 / 3"}},
                   {"cache", "Reading the cache", 0.0054, {}}};
    speed.bound = largest_of(speed.terms);
    speed.constants = {"vllm", "hopper", "2026-11", 304};
    return speed;
}

TEST(SpeedReport, SaysThreeDigitsAndMillisecondsBelowASecond)
{
    EXPECT_EQ(seconds_text(0.01423), "14.2\u00A0ms");
    EXPECT_EQ(seconds_text(0.9994), "999\u00A0ms");
    EXPECT_EQ(seconds_text(1.3149), "1.31\u00A0s");
    EXPECT_EQ(seconds_text(0.0000312), "0.0312\u00A0ms");
    EXPECT_EQ(seconds_text(12345), "12,300\u00A0s");
}

TEST(SpeedReport, UnknownFiguresAreNull)
{
    const auto json = speed_json(some_speed());
    EXPECT_EQ(json["decode_step_seconds"]["value"], 0.0142);
    EXPECT_EQ(json["decode_step_seconds"]["basis"], "calibrated");
    EXPECT_TRUE(json["time_to_first_token_seconds"].is_null());
    EXPECT_EQ(json["output_tokens_per_second"]["basis"], "assumed");
    EXPECT_EQ(json["running_requests"], 32);
    EXPECT_EQ(json["waiting_requests"], 0);
    EXPECT_EQ(json["gpus"], 4);
    EXPECT_EQ(json["bound"], "weights");
    EXPECT_EQ(json["terms"][0]["id"], "weights");
    EXPECT_NEAR(json["terms"][0]["share"].get<double>(), 0.0088 / 0.0142, 1e-12);
    EXPECT_EQ(json["constants"]["records"], 304);
    EXPECT_FALSE(json.contains("train_step_seconds"));
    const auto unknown = speed_json({});
    EXPECT_TRUE(unknown["decode_step_seconds"].is_null());
    EXPECT_TRUE(unknown["running_requests"].is_null());
    EXPECT_TRUE(unknown["bound"].is_null());
}

TEST(SpeedReport, TableHasTheKnownFigures)
{
    const Table table = speed_table(some_speed());
    ASSERT_EQ(table.rows.size(), 2U);
    EXPECT_EQ(table.rows[0].cells[0].text, "decode_step_seconds");
    EXPECT_EQ(table.rows[0].cells[2].text, "14.2\u00A0ms");
    EXPECT_EQ(table.rows[1].cells[2].text, "4,320");
    EXPECT_TRUE(speed_table({}).rows.empty());
}

TEST(SpeedReport, LineSaysWhatBinds)
{
    EXPECT_EQ(speed_line(some_speed()), "32 requests run; most of a step: Dense weights and head, 62\u00A0%");
    EXPECT_EQ(speed_line({}), "");
}

} // namespace
} // namespace weighbridge
