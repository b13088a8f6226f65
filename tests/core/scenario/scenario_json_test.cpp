#include "core/fields/scenario_json.h"

#include "core/fields/fields.h"
#include "core/sources/hf_config.h"
#include "tests/core/support/scenario_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace weighbridge {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using Kind = ModelReference::Kind;

TEST(ScenarioJson, ReadsTheExampleOfTheDocumentation)
{
    const Scenario scenario = testing::scenario_from(R"({
      "version": 1,
      "model": "Llama-3.1-70B",
      "task": "inference",
      "precision": {"weights": "bf16", "kv_cache": "bf16", "activations": "bf16"},
      "inference": {"engine": "generic", "engine_version": "", "sequence_length": 32768, "concurrent_sequences": 12},
      "hardware": {"accelerator": "h100_sxm_80", "tensor_parallel": 4, "pipeline_parallel": 1}
    })");
    EXPECT_EQ(scenario.model.kind, Kind::preset);
    EXPECT_EQ(scenario.model.text, "Llama-3.1-70B");
    EXPECT_EQ(scenario.inference.sequence_length, 32768);
    EXPECT_EQ(scenario.inference.concurrent_sequences, 12);
    EXPECT_EQ(scenario.hardware.tensor_parallel, 4);
    EXPECT_EQ(scenario.hardware.accelerator, "h100_sxm_80");
}

TEST(ScenarioJson, EveryKeyIsOptional)
{
    EXPECT_EQ(testing::scenario_from("{}"), Scenario{});
    EXPECT_EQ(testing::scenario_from(R"({"inference": {}, "hardware": {}, "precision": {}})"), Scenario{});
}

TEST(ScenarioJson, ReadsEachShapeOfModel)
{
    EXPECT_EQ(testing::scenario_from(R"({"model": "meta-llama/llama-3.1-8b"})").model.text, "Llama-3.1-8B");

    const ModelReference path = testing::scenario_from(R"({"model": {"path": "/models/x", "name": "X"}})").model;
    EXPECT_EQ(path.kind, Kind::path);
    EXPECT_EQ(path.text, "/models/x");
    EXPECT_EQ(path.name, "X");

    const ModelReference hub = testing::scenario_from(R"({"model": {"hf": "org/name@v1"}})").model;
    EXPECT_EQ(hub.kind, Kind::hub);
    EXPECT_EQ(hub.text, "org/name@v1");

    const ModelReference config =
        testing::scenario_from(R"({"model": {"config": {"model_type": "odd"}, "read_unknown_as_llama": true}})").model;
    EXPECT_EQ(config.kind, Kind::config);
    EXPECT_EQ(config.read_as, llama_like);
    EXPECT_EQ(*config.config, json({{"model_type", "odd"}}));

    const ModelReference resembling =
        testing::scenario_from(
            R"({"model": {"config": {"model_type": "odd"}, "read_as": "qwen3", "read_unknown_as_llama": true}})")
            .model;
    EXPECT_EQ(resembling.read_as, "qwen3");
    EXPECT_THAT(testing::scenario_refusal(R"({"model": {"path": "/x", "read_as": "qwen33"}})"),
                HasSubstr("the nearest is \"qwen3\""));
    EXPECT_THAT(testing::scenario_refusal(R"({"model": {"path": "/x", "read_as": 3}})"),
                HasSubstr("model.read_as is 3"));

    const ModelReference typed = testing::scenario_from(R"({"model": {"architecture": {"hidden_size": 64}}})").model;
    EXPECT_EQ(typed.kind, Kind::architecture);
    EXPECT_EQ(*typed.config, json({{"hidden_size", 64}}));
}

TEST(ScenarioJson, ReadsTheCacheAsOneFormatOrTwo)
{
    const PrecisionChoice one = testing::scenario_from(R"({"precision": {"kv_cache": "fp8"}})").precision;
    EXPECT_EQ(one.kv_cache_k, "fp8");
    EXPECT_EQ(one.kv_cache_v, "fp8");
    const PrecisionChoice two =
        testing::scenario_from(R"({"precision": {"kv_cache": {"k": "q8_0", "v": "q4_0"}}})").precision;
    EXPECT_EQ(two.kv_cache_k, "q8_0");
    EXPECT_EQ(two.kv_cache_v, "q4_0");
}

TEST(ScenarioJson, ReadsACustomAccelerator)
{
    const HardwareChoice hardware =
        testing::scenario_from(R"({"hardware": {"accelerator": {"name": "My card", "memory_gib": 48,
        "bandwidth_gbs": 900.5, "tflops": {"bf16": 150, "fp8": 300}, "unified_memory": true}}})")
            .hardware;
    EXPECT_EQ(hardware.accelerator, "custom");
    ASSERT_TRUE(hardware.custom);
    EXPECT_EQ(hardware.custom->id, "custom");
    EXPECT_EQ(hardware.custom->name, "My card");
    EXPECT_EQ(hardware.custom->capacity.count, 51539607552); // 48 x 2^30
    EXPECT_EQ(hardware.custom->bandwidth_gbs, 900.5);
    EXPECT_EQ(hardware.custom->tflops.bf16, 150);
    EXPECT_EQ(hardware.custom->tflops.fp8, 300);
    EXPECT_EQ(hardware.custom->tflops.fp32, std::nullopt);
    EXPECT_TRUE(hardware.custom->unified_memory);
    EXPECT_EQ(testing::scenario_from(R"({"hardware": {"accelerator": {"capacity_bytes": 12345}}})")
                  .hardware.custom->capacity.count,
              12345);
}

TEST(ScenarioJson, WritesWhatWasChosenAndNothingElse)
{
    EXPECT_EQ(json(write_scenario(Scenario{})), json::parse(R"({"version": 1, "model": "Llama-3.1-8B"})"));
    struct Case
    {
        std::string_view read;
        std::string_view written; ///< empty: the same
    };
    const Case cases[] = {
        {R"({"inference": {"sequence_length": 8192}})", ""}, // chosen, though it is what a new scenario has
        {R"({"inference": {"engine": "vllm", "enforce_eager": false}})", ""},
        {R"({"inference": {"engine": "vllm", "n_ctx": 4096}})", ""}, // another engine's is kept
        {R"({"inference": {"max_model_len": null, "parameters": null}})", "{}"},
        {R"({"precision": {"weights": "bf16"}})", ""},
        {R"({"precision": {"kv_cache": "bf16"}})", ""},
        {R"({"precision": {"kv_cache": {"k": "fp8"}}})", ""},
        {R"({"precision": {"kv_cache": {"v": "bf16"}}})", ""},
        {R"({"precision": {"kv_cache": {"k": "q8_0", "v": "q4_0"}}})", ""},
        {R"({"precision": {"kv_cache": {"k": "fp8", "v": "fp8"}}})", R"({"precision": {"kv_cache": "fp8"}})"},
        {R"({"task": "inference", "hardware": {"pinned": []}})", ""},
        {R"({"inference": {"max_batched_tokens": 8192}})", R"({"inference": {"max_num_batched_tokens": 8192}})"},
    };
    for (const Case& row : cases) {
        json wanted = json::parse(row.written.empty() ? row.read : row.written);
        wanted["version"] = 1;
        wanted["model"] = "Llama-3.1-8B";
        const json written = write_scenario(testing::scenario_from(row.read));
        EXPECT_EQ(written, wanted) << row.read;
        EXPECT_EQ(json(write_scenario(testing::scenario_from(written.dump()))), written) << row.read;
    }
}

TEST(ScenarioJson, WhatHasBeenEmptiedIsChosenNoLonger)
{
    Scenario scenario = testing::scenario_from(
        R"({"inference": {"engine": "vllm", "max_num_seqs": 64}, "precision": {"weights": "fp8"}})");
    ASSERT_FALSE(set_field(scenario, "inference.max_num_seqs", ""));
    ASSERT_FALSE(set_field(scenario, "precision.weights", ""));
    EXPECT_EQ(json(write_scenario(scenario)),
              json::parse(R"({"version": 1, "model": "Llama-3.1-8B", "inference": {"engine": "vllm"}})"));
}

TEST(ScenarioJson, OfAFileThatNamesEveryDefaultOnlyTheOthersWereChosen)
{
    // As 0.1.0 wrote it: everything, null where nothing was set.
    const Scenario scenario = testing::scenario_from(R"({"version": 1, "model": "Llama-3.1-8B", "task": "train",
        "precision": {"weights": "bf16", "activations": "bf16"},
        "train": {"framework": "torchtitan", "method": "full", "lora_rank": 16, "compile": null, "recompute": "none"},
        "hardware": {"accelerator": "h100_sxm_80", "count": null, "usable_fraction": null, "tensor_parallel": 4,
            "pipeline_parallel": 1, "data_parallel": 1, "context_parallel": 1, "expert_parallel": 1,
            "sequence_parallel": false, "virtual_pipeline": 1, "num_microbatches": 1, "pinned": []}})");
    EXPECT_EQ(scenario.precision.weights, std::nullopt);
    EXPECT_EQ(json(write_scenario(scenario)), json::parse(R"({"version": 1, "model": "Llama-3.1-8B", "task": "train",
        "train": {"framework": "torchtitan", "recompute": "none"}, "hardware": {"tensor_parallel": 4}})"));
}

std::vector<Scenario> different_scenarios()
{
    std::vector<Scenario> scenarios(6);
    scenarios[1].model.kind = Kind::path;
    scenarios[1].model.text = "/a/b";
    scenarios[1].precision.weights = "nominal:0.5";
    scenarios[1].precision.kv_cache_k = "q8_0";
    scenarios[1].precision.kv_cache_v = "q4_0";
    scenarios[1].precision.activations = "fp32";
    scenarios[2].model.kind = Kind::hub;
    scenarios[2].model.text = "org/name";
    scenarios[2].model.read_as = "qwen3_moe";
    scenarios[2].inference.overhead_fraction = 0.1;
    scenarios[2].inference.parameters = 123;
    scenarios[3].model.kind = Kind::config;
    scenarios[3].model.text = "where it came from";
    scenarios[3].model.name = "X (edited)";
    scenarios[3].model.read_as = llama_like;
    scenarios[3].model.config =
        std::make_shared<const json>(json{{"hidden_size", 8}, {"rope", {{"a", {1, 2.5, "x"}}}}});
    scenarios[3].hardware.pinned = {"t4"};
    scenarios[4].model.kind = Kind::architecture;
    scenarios[4].model.config = std::make_shared<const json>(json{{"hidden_size", 8}});
    scenarios[4].hardware.accelerator = "custom";
    Accelerator custom;
    custom.id = "custom";
    custom.name = "Mine";
    custom.capacity = {1'000'000'007};
    custom.bandwidth_gbs = 1.0 / 3;
    custom.tflops.int4 = 7;
    scenarios[4].hardware.custom = custom;
    scenarios[5].hardware.custom = custom; // typed in, then another chosen
    scenarios[5].hardware.usable_fraction = 1.0 / 3;
    return scenarios;
}

TEST(ScenarioJson, WhatIsWrittenReadsBackEqual)
{
    for (const Scenario& scenario : different_scenarios()) {
        const std::string text = write_scenario(scenario).dump();
        EXPECT_EQ(testing::scenario_from(text), scenario) << text;
    }
}

TEST(ScenarioJson, TwoSpellingsOfAKeyMustSayTheSame)
{
    EXPECT_EQ(testing::scenario_from(R"({"hardware": {"tensor_parallel": 4}, "inference": {"tp_size": 4}})")
                  .hardware.tensor_parallel,
              4);
    EXPECT_EQ(json(write_scenario(testing::scenario_from(R"({"inference": {"tp_size": 4}})"))),
              json::parse(R"({"version": 1, "model": "Llama-3.1-8B", "hardware": {"tensor_parallel": 4}})"));
    const std::string message =
        testing::scenario_refusal(R"({"hardware": {"tensor_parallel": 4}, "inference": {"tp_size": 2}})");
    EXPECT_THAT(message, HasSubstr("hardware.tensor_parallel"));
    EXPECT_THAT(message, HasSubstr("inference.tp_size"));
    EXPECT_THAT(testing::scenario_refusal(R"({"train": {"max_length": 5, "seq_length": 6}})"),
                HasSubstr("train.sequence_length"));
}

TEST(ModelReference, EqualityComparesTheContentsOfTheConfig)
{
    ModelReference a;
    a.kind = Kind::config;
    a.config = std::make_shared<const json>(json{{"hidden_size", 8}});
    ModelReference b = a;
    b.config = std::make_shared<const json>(json{{"hidden_size", 8}});
    EXPECT_EQ(a, b);
    b.config = std::make_shared<const json>(json{{"hidden_size", 9}});
    EXPECT_NE(a, b);
    b.config = nullptr;
    EXPECT_NE(a, b);
}

struct RefusedScenario
{
    std::string json;
    std::vector<std::string> names;
};

TEST(ScenarioJson, RefusalsNameKeyValueAndWhatIsAllowed)
{
    const std::vector<RefusedScenario> cases = {
        {R"({"version": 2})", {"version", "2", "1"}},
        {R"({"version": "1"})", {"version", "\"1\""}},
        {R"([])", {"scenario", "object"}},
        {R"({"modle": "x"})", {"\"modle\"", "\"model\""}},
        {R"({"inference": {"sequence_lenght": 5}})", {"inference.sequence_lenght", "inference.sequence_length"}},
        {R"({"hardware": {"accelerator": {"memory_gib": 8, "bandwith_gbs": 5}}})",
         {"hardware.accelerator.bandwith_gbs", "hardware.accelerator.bandwidth_gbs"}},
        {R"({"hardware": {"accelerator": {"memory_gib": 8, "tflops": {"bf17": 5}}}})", {"tflops.bf17", "tflops.bf16"}},
        {R"({"hardware": {"accelerator": {"name": "x"}}})", {"hardware.accelerator.memory_gib", "missing"}},
        {R"({"hardware": {"accelerator": {"memory_gib": -1}}})", {"hardware.accelerator.memory_gib", "-1", "above 0"}},
        {R"({"hardware": {"accelerator": {"memory_gib": 8, "capacity_bytes": 5}}})", {"capacity_bytes", "memory_gib"}},
        {R"({"hardware": {"accelerator": {"capacity_bytes": 5.5}}})", {"capacity_bytes", "5.5", "whole"}},
        {R"({"hardware": {"accelerator": {"memory_gib": "8"}}})", {"memory_gib", "\"8\"", "number"}},
        {R"({"hardware": {"accelerator": 7}})", {"hardware.accelerator", "7"}},
        {R"({"hardware": {"accelerator": "custom"}})", {"hardware.accelerator", "custom"}},
        {R"({"hardware": {"accelerator": "rtx_4091"}})", {"hardware.accelerator", "rtx_4091", "rtx_4090"}},
        {R"({"hardware": {"pinned": "t4"}})", {"hardware.pinned", "\"t4\"", "list"}},
        {R"({"hardware": {"pinned": [4]}})", {"hardware.pinned[0]", "4"}},
        {R"({"hardware": {"pipeline_parallel": 0}})", {"hardware.pipeline_parallel", "0", "from 1 to 4,096"}},
        {R"({"hardware": {"context_parallel": 0}})", {"hardware.context_parallel", "0", "from 1 to 4,096"}},
        {R"({"hardware": {"sequence_parallel": 1}})", {"hardware.sequence_parallel", "1", "true or false"}},
        {R"({"hardware": {"virtual_pipeline": 1.5}})", {"hardware.virtual_pipeline", "1.5", "whole"}},
        {R"({"hardware": 4})", {"hardware", "4", "object"}},
        {R"({"task": "finetune"})", {"task", "finetune", "inference, fine_tune, train"}},
        {R"({"train": {"optimizer": "adamq"}})", {"train.optimizer", "adamq", "adamw"}},
        {R"({"train": {"recompute": "every:0"}})", {"train.recompute", "every:0", "every:K"}},
        {R"({"train": {"optimizer_state_dtype": "int9"}})", {"train.optimizer_state_dtype", "int9", "int8"}},
        {R"({"fine_tune": {"lora_target_modules": ["q_projj"]}})",
         {"fine_tune.lora_target_modules", "q_projj", "q_proj"}},
        {R"({"fine_tune": {"offload": ["weights"]}})", {"fine_tune.offload", "weights", "optimizer, parameters"}},
        {R"({"fine_tune": {"zero_stage": 4}})", {"fine_tune.zero_stage", "4", "from 0 to 3"}},
        {R"({"fine_tune": {"lora_rnak": 8}})", {"fine_tune.lora_rnak", "fine_tune.lora_rank"}},
        {R"({"inference": {"engine": "llama"}})", {"inference.engine", "llama", "llama.cpp"}},
        {R"({"inference": {"engine": "generic", "max_num_seqs": 0.5}})", {"inference.max_num_seqs", "0.5", "whole"}},
        {R"({"inference": {"sequence_length": 0}})", {"inference.sequence_length", "0", "from 1 to 1,073,741,824"}},
        {R"({"inference": {"concurrent_sequences": null}})", {"inference.concurrent_sequences", "null"}},
        {R"({"inference": {"use_kv_cache": 1}})", {"inference.use_kv_cache", "1", "true or false"}},
        {R"({"precision": {"weights": 16}})", {"precision.weights", "16"}},
        {R"({"precision": {"kv_cache": {"q": "q8_0"}}})", {"precision.kv_cache.q", "nearest"}},
        {R"({"model": "Llama-3.1-9B"})", {"model", "Llama-3.1-9B", "Llama-3.1-8B"}},
        {R"({"model": "/data/Llama-3.1-8B"})", {"model", "/data/Llama-3.1-8B"}},
        {R"({"model": {}})", {"model", "path, hf, config, architecture"}},
        {R"({"model": {"path": "a", "hf": "b/c"}})", {"model", "exactly one"}},
        {R"({"model": {"path": 4}})", {"model.path", "4"}},
        {R"({"model": {"config": "x"}})", {"model.config", "\"x\"", "object"}},
        {R"({"model": {"confg": {}}})", {"model.confg", "model.config"}},
        {R"({"model": 4})", {"model", "4"}},
    };
    for (const RefusedScenario& row : cases) {
        const std::string message = testing::scenario_refusal(row.json);
        for (const std::string& name : row.names)
            EXPECT_THAT(message, HasSubstr(name)) << row.json;
        EXPECT_EQ(message.find('\n'), std::string::npos);
    }
}

} // namespace
} // namespace weighbridge
