// More of anything never takes less memory, and wider formats never take less than narrower ones.

#include "core/sources/presets.h"
#include "tests/properties/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

constexpr std::size_t growth_scenarios = 8;
constexpr std::uint32_t growth_seed = 12;

/// A scenario, and the same with more of something.
struct Pair
{
    std::string what;
    Asked less;
    json more;
};

std::int64_t number(const json& scenario, std::string_view section, std::string_view key, std::int64_t otherwise)
{
    return scenario[std::string(section)].value(std::string(key), otherwise);
}

/// With more tokens, more at a time, and of adapters a higher rank.
std::vector<Pair> grown(const Asked& asked, const Owner& owner)
{
    const json& scenario = asked.scenario;
    const std::string section = owner.trains() ? owner.name : "inference";
    const std::string batch = owner.trains() ? "micro_batch_size" : "concurrent_sequences";
    const std::int64_t length = number(scenario, section, "sequence_length", 1);
    const std::int64_t count = number(scenario, section, batch, 1);
    std::vector<Pair> pairs = {
        {"one token more", asked, but(scenario, section + ".sequence_length", length + 1)},
        {"twice the tokens", asked, but(scenario, section + ".sequence_length", 2 * length)},
        {"one more at a time", asked, but(scenario, section + '.' + batch, count + 1)},
        {"twice as many at a time", asked, but(scenario, section + '.' + batch, 2 * count)},
    };
    if (owner.trains()) {
        const std::string method = scenario[section].value("method", owner.name == "train" ? "full" : "lora");
        if (method != "full")
            pairs.push_back({"twice the rank", asked,
                             but(scenario, section + ".lora_rank", 2 * number(scenario, section, "lora_rank", 16))});
    }
    return pairs;
}

/// Holds each pair whose second question has an answer against `held`.
template<class Held>
void judge(const std::vector<Pair>& pairs, const Held& held)
{
    std::vector<json> more;
    more.reserve(pairs.size());
    for (const Pair& pair : pairs)
        more.push_back(pair.more);
    const std::vector<Answer> answers = ask(more);
    for (std::size_t i = 0; i < pairs.size(); ++i)
        if (answers[i])
            held(pairs[i], answers[i].report);
}

class Growth : public ::testing::TestWithParam<Owner>
{
};

TEST_P(Growth, MoreTakesNoLess)
{
    std::vector<Pair> pairs;
    for (const Asked& asked : answered(GetParam(), growth_scenarios, growth_seed))
        for (Pair& pair : grown(asked, GetParam()))
            pairs.push_back(std::move(pair));
    judge(pairs, [](const Pair& pair, const json& report) {
        EXPECT_GE(total(report), total(pair.less.report)) << pair.what << pasted(pair.less.scenario, pair.more);
        EXPECT_GE(term(report, "kv_cache"), term(pair.less.report, "kv_cache"))
            << pair.what << pasted(pair.less.scenario, pair.more);
    });
}

TEST_P(Growth, LayersTakeMemory)
{
    for (const std::string& name : {std::string("Llama-3.1-8B"), std::string("Mixtral-8x22B-v0.1"),
                                    std::string("gemma-7b"), std::string("Moonlight-16B-A3B")}) {
        json config = *preset_config(name);
        const auto layers = config["num_hidden_layers"].get<std::int64_t>();
        std::vector<json> scenarios;
        for (std::int64_t more = 0; more < 3; ++more) {
            config["num_hidden_layers"] = layers + more;
            json scenario{{"model", {{"config", config}, {"name", name}}}};
            if (GetParam().trains())
                scenario["task"] = GetParam().name;
            else
                scenario["inference"] = {{"engine", GetParam().name}, {"concurrent_sequences", 2}};
            scenarios.push_back(scenario);
        }
        const std::vector<Answer> answers = ask(scenarios);
        ASSERT_TRUE(answers[0] && answers[1] && answers[2]) << answers[0].refusal << pasted(scenarios[0]);
        EXPECT_LT(total(answers[0].report), total(answers[1].report)) << pasted(scenarios[0], scenarios[1]);
        EXPECT_LT(total(answers[1].report), total(answers[2].report)) << pasted(scenarios[1], scenarios[2]);
        if (GetParam().trains())
            continue; // what is gathered or trained of a layer depends on where it stands
        const auto step = [&](int i) {
            return term(answers[i + 1].report, "weights") - term(answers[i].report, "weights");
        };
        EXPECT_NEAR(static_cast<double>(step(0)), static_cast<double>(step(1)), 4 * 1024 * 1024.0)
            << "layers of one kind weigh alike" << pasted(scenarios[1], scenarios[2]);
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Growth, ::testing::ValuesIn(every_owner()),
                         [](const auto& instance) { return owner_name(instance.param); });

class Formats : public ::testing::TestWithParam<Owner>
{
};

/// The same with each format in turn; a refusal is passed over.
void never_grows(const json& scenario, const std::string& key, const std::vector<json>& formats, const char* of)
{
    std::vector<json> scenarios;
    for (const json& format : formats)
        scenarios.push_back(but(scenario, key, format));
    const std::vector<Answer> answers = ask(scenarios);
    const Answer* wider = nullptr;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (!answers[i])
            continue;
        if (wider != nullptr) {
            EXPECT_LE(term(answers[i].report, of), term(wider->report, of)) << formats[i] << pasted(scenarios[i]);
        }
        wider = &answers[i];
    }
}

TEST_P(Formats, NarrowerTakesNoMore)
{
    for (const Asked& asked : answered(GetParam(), growth_scenarios, growth_seed + 1)) {
        const json& inference = asked.scenario["inference"];
        const bool partly_on_cpu = inference.contains("n_gpu_layers") || inference.contains("n_cpu_moe");
        // Which of several GPUs is the fullest depends on the widths where layers lie on the CPU.
        if (!partly_on_cpu)
            never_grows(asked.scenario, "precision.weights", {"fp32", "bf16", "fp8", "nvfp4"}, "weights");
        never_grows(asked.scenario, "precision.kv_cache", {"fp32", "bf16", "fp8"}, "kv_cache");
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Formats, ::testing::ValuesIn(engines()),
                         [](const auto& instance) { return owner_name(instance.param); });

class Steps : public ::testing::TestWithParam<Owner>
{
};

/// Buckets of gradients and of gathered parameters come with more ranks and further stages.
constexpr double bucket_bytes = 256.0 * 1024 * 1024;

TEST_P(Steps, WhatIsMeantToSaveTakesNoMore)
{
    std::vector<Pair> pairs;
    for (const Asked& asked : answered(GetParam(), growth_scenarios, growth_seed + 2)) {
        const json& scenario = asked.scenario;
        const json& step = scenario[GetParam().name];
        if (step.value("recompute", "") == "none")
            for (const char* recompute : {"full", "selective"})
                pairs.push_back({"recomputation", asked, but(scenario, GetParam().name + ".recompute", recompute)});
        const std::int64_t ranks = number(scenario, "hardware", "data_parallel", 1);
        if (ranks == 1)
            continue;
        pairs.push_back({"twice the replicas", asked, but(scenario, "hardware.data_parallel", 2 * ranks)});
        if (const std::int64_t stage = number(scenario, GetParam().name, "zero_stage", 3); stage < 3)
            pairs.push_back({"a further ZeRO stage", asked, but(scenario, GetParam().name + ".zero_stage", stage + 1)});
    }
    judge(pairs, [](const Pair& pair, const json& report) {
        const auto before = static_cast<double>(total(pair.less.report));
        EXPECT_LE(static_cast<double>(total(report)), before * 1.001 + bucket_bytes)
            << pair.what << pasted(pair.less.scenario, pair.more);
    });
}

INSTANTIATE_TEST_SUITE_P(Of, Steps, ::testing::ValuesIn(trainers()),
                         [](const auto& instance) { return owner_name(instance.param); });

} // namespace
} // namespace weighbridge::testing
