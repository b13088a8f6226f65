// What would make it fit, or free memory: every lever applied says what the list said of it.

#include "tests/cli/run_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

using nlohmann::json;
using testing::Answer;
using testing::Arguments;
using ::testing::HasSubstr;
using testing::report_of;
using testing::run;

const std::vector<std::string> lever_costs = {"nothing", "slower", "quality", "host_memory", "hardware"};

std::ptrdiff_t rank_of(const json& lever)
{
    const auto found = std::find(lever_costs.begin(), lever_costs.end(), lever["cost"].get<std::string>());
    EXPECT_NE(found, lever_costs.end()) << lever["cost"];
    return found - lever_costs.begin();
}

/// The scenario of a report with the keys of a lever set.
json applied(const json& report, const json& lever)
{
    json scenario = report["scenario"];
    for (const auto& [key, value] : lever["set"].items()) {
        json* place = &scenario;
        std::size_t begin = 0;
        for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
            place = &(*place)[key.substr(begin, dot - begin)];
            begin = dot + 1;
        }
        (*place)[key.substr(begin)] = value;
    }
    return scenario;
}

void expect_levers_hold(Arguments arguments)
{
    SCOPED_TRACE(::testing::PrintToString(arguments));
    arguments.push_back("--levers");
    const json report = report_of(arguments);
    ASSERT_TRUE(report.contains("levers"));
    ASSERT_FALSE(report["levers"].empty());
    for (const json& lever : report["levers"]) {
        const Answer asked = run({"estimate", "--scenario", "-", "--format", "json"}, applied(report, lever).dump());
        ASSERT_EQ(asked.status, 0) << asked.err << lever;
        const json after = asked.report();
        EXPECT_EQ(after["per_gpu"]["total_bytes"], lever["total_bytes"]) << lever;
        EXPECT_EQ(after["fit"][0]["state"], lever["state"]) << lever;
        EXPECT_EQ(report["per_gpu"]["total_bytes"].get<std::int64_t>() - lever["total_bytes"].get<std::int64_t>(),
                  lever["saved_bytes"].get<std::int64_t>());
    }
}

TEST(Levers, AppliedSayWhatTheListSaysOfThem)
{
    expect_levers_hold({"Llama-3.1-70B", "--engine", "vllm", "--gpu", "h100_sxm_80", "--tp", "2", "--context", "32k",
                        "--concurrency", "12"});
    expect_levers_hold({"Qwen3-14B", "--engine", "llama.cpp", "--gpu", "rtx_3060_12", "--weights", "gguf:Q8_0"});
    expect_levers_hold({"Qwen3-8B", "--engine", "sglang", "--gpu", "rtx_4090", "--concurrency", "8"});
    expect_levers_hold({"Llama-3.1-8B"});
    expect_levers_hold({"Llama-3.1-8B", "--set", "task=train", "--gpu", "h100_sxm_80"});
    expect_levers_hold(
        {"Qwen3-14B", "--set", "task=fine_tune", "--set", "fine_tune.framework=trl", "--gpu", "rtx_4090"});
}

TEST(Levers, WhatMakesItFitComesFirstTheCheapestKindAhead)
{
    const json report = report_of({"Llama-3.1-70B", "--engine", "vllm", "--gpu", "h100_sxm_80", "--tp", "2",
                                   "--context", "32k", "--concurrency", "12", "--levers"});
    bool fitting = true;
    std::ptrdiff_t rank = 0;
    std::int64_t saved = 0;
    for (const json& lever : report["levers"]) {
        if (lever["makes_it_fit"].get<bool>()) {
            EXPECT_TRUE(fitting) << lever;
            EXPECT_GE(rank_of(lever), rank) << lever;
            rank = rank_of(lever);
            EXPECT_THAT(lever["verdict"].get<std::string>(), ::testing::AnyOf("fits", "tight"));
            continue;
        }
        if (!fitting) {
            EXPECT_LE(lever["saved_bytes"].get<std::int64_t>(), saved) << lever;
        }
        fitting = false;
        saved = lever["saved_bytes"].get<std::int64_t>();
    }
    EXPECT_FALSE(fitting);
    EXPECT_TRUE(report["levers"][0]["makes_it_fit"].get<bool>());
}

/// Two cards with FSDP do not hold it; what lets them (offloaded weights, 13.3 GiB) is told, and so are the figures of
/// whoever asks with it.
TEST(Levers, OffloadedWeightsAreAmongThoseOfTraining)
{
    const json report = report_of({"Llama-3.1-70B", "--gpu", "rtx_4090", "--set", "task=fine_tune", "--set",
                                   "precision.weights=bnb_nf4", "--set", "fine_tune.method=qlora", "--set",
                                   "fine_tune.fsdp=true", "--set", "hardware.data_parallel=2", "--levers"});
    const auto& levers = report["levers"];
    const auto offload = std::find_if(levers.begin(), levers.end(), [](const json& lever) {
        return lever["set"] == json{{"fine_tune.offload", {"parameters"}}};
    });
    ASSERT_NE(offload, levers.end()) << levers;
    EXPECT_TRUE((*offload)["makes_it_fit"].get<bool>());
    EXPECT_EQ((*offload)["cost"], "host_memory");
}

TEST(Levers, AShorterContextAndFewerRequestsAreLeversWhereNothingFits)
{
    const json report = report_of({"Llama-3.1-8B", "--gpu", "rtx_4090", "--context", "40000", "--set",
                                   "inference.concurrent_sequences=4", "--levers"});
    for (const char* key : {"inference.sequence_length", "inference.concurrent_sequences"}) {
        const auto& levers = report["levers"];
        const auto found =
            std::find_if(levers.begin(), levers.end(), [&](const json& lever) { return lever["set"].contains(key); });
        ASSERT_NE(found, levers.end()) << key;
        EXPECT_TRUE((*found)["makes_it_fit"].get<bool>()) << key;
    }
}

TEST(Levers, PairsAreNamedWhereNoneAloneWillDo)
{
    const json report = report_of({"Llama-3.1-70B", "--engine", "llama.cpp", "--gpu", "rtx_4090", "--weights",
                                   "gguf:Q8_0", "--context", "128k", "--set", "inference.n_gpu_layers=81", "--levers"});
    const json& first = report["levers"][0];
    for (const json& lever : report["levers"])
        if (!lever["pair"].is_null()) {
            EXPECT_EQ(lever["pair"].size(), 2u);
            EXPECT_TRUE(lever["makes_it_fit"].get<bool>());
            EXPECT_EQ(lever["set"].size(), 2u) << lever;
        }
    EXPECT_TRUE(first["makes_it_fit"].get<bool>() || first["saved_bytes"].get<std::int64_t>() > 0);
}

TEST(Levers, AreInEveryFormatAndAsManyAsAskedFor)
{
    const Arguments asked = {"estimate", "Llama-3.1-8B", "--engine", "vllm", "--levers", "--limit", "2"};
    for (const std::string& format : {std::string("table"), std::string("csv"), std::string("markdown")}) {
        Arguments arguments = asked;
        arguments.insert(arguments.end(), {"--format", format});
        EXPECT_THAT(run(arguments).out, HasSubstr(format == "csv" ? "\nlever,label,set," : "Saves, GiB")) << format;
    }
    EXPECT_EQ(report_of({"Llama-3.1-8B", "--engine", "vllm", "--levers", "--limit", "2"})["levers"].size(), 2u);
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--limit", "2"}).status, 2);
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--levers", "--limit", "none"}).status, 2);
}

} // namespace
} // namespace weighbridge
