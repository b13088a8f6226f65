// llama.cpp over unequal cards, against what the real one allocated on each.

#include "core/fields/scenario_json.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge::testing {
namespace {

using nlohmann::json;

json scenario_of(const json& record)
{
    const bool unified = record.value("kv_unified", false);
    const auto n_ctx = record["n_ctx"].get<std::int64_t>();
    const auto sequences = record["n_seq_max"].get<std::int64_t>();
    json inference = {{"engine", "llama.cpp"},
                      {"sequence_length", unified ? n_ctx : n_ctx / sequences},
                      {"concurrent_sequences", unified ? 1 : sequences},
                      {"n_ctx", n_ctx},
                      {"n_seq_max", sequences},
                      {"n_ubatch", record["n_ubatch"]},
                      {"kv_unified", unified}};
    for (const char* option : {"split_mode", "main_gpu", "n_gpu_layers", "tensor_split"})
        if (record.contains(option))
            inference[option] = record[option];
    json devices = json::array();
    for (const json& gib : record["gpus"])
        devices.push_back({{"accelerator", {{"name", "GPU"}, {"memory_gib", gib}}}});
    return {{"inference", inference},
            {"precision", {{"weights", record["weights"]}, {"kv_cache", record["kv"]}}},
            {"hardware", {{"devices", devices}}}};
}

EstimatePointer answer(const json& record)
{
    Question question = question_about_preset(record["model"].get<std::string>());
    const auto scenario = read_scenario(scenario_of(record));
    EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().message);
    if (scenario)
        question.scenario = *scenario;
    return estimate_of(question, Detail::full);
}

/// Of the device with that index; -1 where it prints nothing.
double printed(const Estimate& estimate, std::int64_t index, std::string_view id)
{
    for (const DeviceShare& share : estimate.devices) {
        if (index < share.index || index >= share.index + share.count)
            continue;
        for (const EnginePrint& print : share.prints)
            if (print.id == id)
                return print.value;
        return -1;
    }
    return -1;
}

const DeviceShare& share_at(const Estimate& estimate, std::int64_t index)
{
    for (const DeviceShare& share : estimate.devices)
        if (index >= share.index && index < share.index + share.count)
            return share;
    return estimate.devices.at(0);
}

/// To what llama.cpp rounds; of a file to 0.02 %, as its header and alignment may differ.
TEST(UnequalGpus, HoldWhatTheRealOnesHeld)
{
    const json data = json::parse(read_test_data("llama_cpp_unequal_gpus.json"));
    for (const json& record : data["records"]) {
        const EstimatePointer estimate = answer(record);
        const std::string id = record["id"];
        std::int64_t index = 0;
        for (const json& device : record["devices"]) {
            const DeviceShare& share = share_at(*estimate, index);
            const auto model = device["model"].get<double>();
            EXPECT_EQ(share.layers.value_or(0), device["layers"].get<std::int64_t>()) << id << " GPU " << index;
            if (model > 0) {
                EXPECT_NEAR(printed(*estimate, index, "model_mib"), model, 0.0002 * model) << id << " GPU " << index;
                EXPECT_NEAR(printed(*estimate, index, "kv_mib"), device["kv"].get<double>(), 0.011) << id;
            } else {
                EXPECT_EQ(share.total.count, 0) << id << " GPU " << index;
            }
            ++index;
        }
        ASSERT_TRUE(estimate->host) << id;
        const auto host = record["host_model"].get<double>();
        const double mib = 1048576;
        const Term* weights = find_term(estimate->host->terms, "weights");
        ASSERT_NE(weights, nullptr);
        EXPECT_NEAR(static_cast<double>(weights->bytes.count) / mib, host, 0.0002 * host) << id;
        const Term* cache = find_term(estimate->host->terms, "kv_cache");
        const double kv = cache == nullptr ? 0 : static_cast<double>(cache->bytes.count) / mib;
        EXPECT_NEAR(kv, record.value("host_kv", 0.0), 0.011) << id;
    }
}

TEST(UnequalGpus, ShareAsTensorSplitSays)
{
    json record = json::parse(read_test_data("llama_cpp_unequal_gpus.json"))["records"][0];
    record["tensor_split"] = {1, 3}; // 37 slots: slot i is on GPU 1 from i / 37 >= 1 / 4 on, so 10 and 27
    const EstimatePointer estimate = answer(record);
    EXPECT_EQ(share_at(*estimate, 0).layers, 10);
    EXPECT_EQ(share_at(*estimate, 1).layers, 27);
}

TEST(UnequalGpus, WhatOthersHaveTakenMovesLayers)
{
    json record = json::parse(read_test_data("llama_cpp_unequal_gpus.json"))["records"][0];
    Question question = question_about_preset("Qwen3-8B");
    json scenario = scenario_of(record);
    scenario["hardware"]["devices"][0]["memory_in_use_gib"] = 12; // two times 12 GiB: 19 and 18 of 37
    question.scenario = *read_scenario(scenario);
    const EstimatePointer estimate = estimate_of(question, Detail::full);
    EXPECT_EQ(share_at(*estimate, 0).layers, 19);
    EXPECT_EQ(share_at(*estimate, 1).layers, 18);
    EXPECT_EQ(share_at(*estimate, 0).fit.usable.count, 12LL << 30);
}

TEST(UnequalGpus, RefuseWhatIsNotThere)
{
    json record = json::parse(read_test_data("llama_cpp_unequal_gpus.json"))["records"][4];
    Question question = question_about_preset("Llama-3.1-8B");
    json scenario = scenario_of(record);
    scenario["inference"]["main_gpu"] = 2;
    question.scenario = *read_scenario(scenario);
    auto refused = estimate(question);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "inference.main_gpu");
    scenario["inference"]["main_gpu"] = 1;
    scenario["inference"]["tensor_split"] = {1, 2, 3};
    question.scenario = *read_scenario(scenario);
    refused = estimate(question);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "inference.tensor_split");
}

} // namespace
} // namespace weighbridge::testing
