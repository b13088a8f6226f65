// hardware.devices, hardware.host and hardware.links: read, written, refused.

#include "core/fields/devices_json.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "tests/core/support/scenario_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge {
namespace {

using ::testing::HasSubstr;

TEST(Devices, AreReadAndWrittenBack)
{
    const Scenario scenario = testing::scenario_from(R"({"hardware": {
        "devices": [{"accelerator": "RTX_3090", "count": 2, "memory_in_use_gib": 0.8},
                    {"accelerator": {"name": "Old card", "memory_gib": 12}, "memory_free_gib": 11.5},
                    {"memory_gib": 20}],
        "host": {"memory_gib": 128, "memory_in_use_gib": 6.5, "cpu_threads": 32, "name": "box"},
        "links": {"pcie_gbs": 16}}})");
    const auto& groups = scenario.hardware.devices;
    ASSERT_EQ(groups.size(), 3u);
    EXPECT_EQ(groups[0].accelerator, "rtx_3090");
    EXPECT_EQ(groups[0].count, 2);
    EXPECT_EQ(groups[0].memory_in_use_gib, 0.8);
    ASSERT_TRUE(groups[1].custom);
    EXPECT_EQ(groups[1].custom->name, "Old card");
    EXPECT_EQ(groups[1].memory_free_gib, 11.5);
    EXPECT_EQ(groups[2].accelerator, "");
    EXPECT_EQ(groups[2].memory_gib, 20.0);
    EXPECT_EQ(scenario.hardware.host.memory_gib, 128.0);
    EXPECT_EQ(scenario.hardware.host.memory_in_use_gib, 6.5);
    EXPECT_EQ(scenario.hardware.host.name, "box");
    EXPECT_EQ(scenario.hardware.links.pcie_gbs, 16.0);
    const auto again = read_scenario(nlohmann::json(write_scenario(scenario)));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, scenario);
    EXPECT_FALSE(write_scenario(Scenario()).contains("hardware")) << "what nobody chose is absent";
}

TEST(Devices, ASystemIsItsAccelerators)
{
    Scenario scenario;
    ASSERT_FALSE(set_gpus(scenario, "dgx_h200"));
    ASSERT_EQ(scenario.hardware.devices.size(), 1u);
    EXPECT_EQ(scenario.hardware.devices[0].accelerator, "h200_sxm_141");
    EXPECT_EQ(scenario.hardware.devices[0].count, 8);
    ASSERT_FALSE(set_gpus(scenario, "2xdgx_h200, rtx_3090"));
    ASSERT_EQ(scenario.hardware.devices.size(), 2u);
    EXPECT_EQ(scenario.hardware.devices[0].count, 16);
    EXPECT_TRUE(set_gpus(scenario, "dgx_h9000"));
}

TEST(Devices, EarlyRecordsAndNothingAreRead)
{
    const Scenario early =
        testing::scenario_from(R"({"hardware": {"accelerators": [{"accelerator": "rtx_3090", "memory_mib_free": 23552}],
                                                 "host_memory": 64}})");
    ASSERT_EQ(early.hardware.devices.size(), 1u);
    EXPECT_EQ(early.hardware.devices[0].memory_free_gib, 23.0);
    EXPECT_EQ(early.hardware.host.memory_gib, 64.0);
    EXPECT_EQ(testing::scenario_from(R"({"hardware": {"devices": null, "host": null, "links": null}})"), Scenario{});
}

TEST(Devices, AreRefusedByName)
{
    const auto of = [](const std::string& group) {
        return testing::scenario_refusal(R"({"hardware": {"devices": [{"accelerator": "rtx_3090"}, )" + group + "]}}");
    };
    EXPECT_THAT(of(R"({"acelerator": "rtx_3090"})"),
                ::testing::AllOf(HasSubstr("hardware.devices[1].acelerator"), HasSubstr("devices[1].accelerator")));
    EXPECT_THAT(of(R"({"accelerator": "rtx_3091"})"), HasSubstr("hardware.devices[1].accelerator"));
    EXPECT_THAT(of(R"({"count": 0})"), HasSubstr("hardware.devices[1].count is 0; it must be a whole number from 1"));
    EXPECT_THAT(of(R"({"memory_in_use_gib": -1})"), HasSubstr("hardware.devices[1].memory_in_use_gib is -1"));
    EXPECT_THAT(of(R"({"memory_in_use_gib": 1, "memory_free_gib": 20})"),
                HasSubstr("hardware.devices[1].memory_free_gib stands beside memory_in_use_gib"));
    EXPECT_THAT(of("24"), HasSubstr("hardware.devices[1] is 24"));
    EXPECT_THAT(testing::scenario_refusal(R"({"hardware": {"devices": []}})"), HasSubstr("a list of 1 to 64 groups"));
    EXPECT_THAT(testing::scenario_refusal(R"({"hardware": {"host": {"memory_gib": 0}}})"),
                HasSubstr("hardware.host.memory_gib"));
    EXPECT_THAT(testing::scenario_refusal(R"({"hardware": {"host": {"memory": 1}}})"),
                HasSubstr("hardware.host.memory"));
    EXPECT_THAT(testing::scenario_refusal(R"({"hardware": {"host": 128}})"), HasSubstr("hardware.host"));
}

TEST(Devices, AreTyped)
{
    Scenario scenario;
    scenario.hardware.count = 4;
    scenario.hardware.memory_in_use_gib = 1;
    ASSERT_FALSE(set_gpus(scenario, "2x RTX_3090, rtx_3060_12"));
    ASSERT_EQ(scenario.hardware.devices.size(), 2u);
    EXPECT_EQ(scenario.hardware.devices[0].accelerator, "rtx_3090");
    EXPECT_EQ(scenario.hardware.devices[0].count, 2);
    EXPECT_EQ(scenario.hardware.devices[1].accelerator, "rtx_3060_12");
    EXPECT_EQ(scenario.hardware.devices[1].count, 1);
    EXPECT_FALSE(scenario.hardware.count) << "that was of the other machine";
    EXPECT_FALSE(scenario.hardware.memory_in_use_gib);
    const ScenarioField& field = *field_named("hardware.devices");
    EXPECT_EQ(field_text(scenario, field), "2xrtx_3090,rtx_3060_12");
    ASSERT_FALSE(set_gpus(scenario, "rtx_4090"));
    EXPECT_TRUE(scenario.hardware.devices.empty());
    EXPECT_EQ(scenario.hardware.accelerator, "rtx_4090");
    ASSERT_FALSE(set_field(scenario, "hardware.host.memory_gib", "128GiB"));
    EXPECT_EQ(scenario.hardware.host.memory_gib, 128.0);
    ASSERT_FALSE(set_field(scenario, "hardware.host.memory_gib", "64"));
    EXPECT_EQ(scenario.hardware.host.memory_gib, 64.0);
    ASSERT_TRUE(set_gpus(scenario, "2xrtx_3090,rtx_3061"));
    ASSERT_FALSE(set_field(scenario, "inference.tensor_split", "[24, 12]"));
    EXPECT_EQ(scenario.inference.llama_cpp.tensor_split, (std::vector<double>{24, 12}));
    ASSERT_TRUE(set_field(scenario, "inference.tensor_split", "24,-1"));
}

TEST(Devices, TextReadsBack)
{
    for (const char* text :
         {"rtx_3090", "2xrtx_3090,rtx_3060_12", R"([{"accelerator":"rtx_3090","memory_in_use_gib":1.5}])",
          R"([{"accelerator":{"memory_gib":10},"count":3}])"}) {
        const auto groups = parse_devices(text, "key");
        ASSERT_TRUE(groups) << text;
        const auto again = parse_devices(devices_text(*groups), "key");
        ASSERT_TRUE(again) << devices_text(*groups);
        EXPECT_EQ(*again, *groups);
    }
}

} // namespace
} // namespace weighbridge
