// What GPUs share out between them adds up to the whole.

#include "tests/properties/scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace weighbridge::testing {
namespace {

json asked_of(const std::string& engine, const std::string& model)
{
    return {{"model", model}, {"inference", {{"engine", engine}, {"concurrent_sequences", 4}}}};
}

class TensorParallel : public ::testing::TestWithParam<Owner>
{
};

std::int64_t part(const json& report, const std::string& id)
{
    for (const json& term : report["per_gpu"]["terms"])
        for (const json& each : term["terms"])
            if (each["id"] == id)
                return each["bytes"].get<std::int64_t>();
    return 0;
}

/// Of dense decoders attention, feed-forward and embeddings are split, norms,
/// RoPE tables and what the allocator rounds up are whole in each rank. The
/// key/value heads divide by 2, 4 and 8, so that ranks are alike. llama.cpp
/// gives whole layers instead.
TEST_P(TensorParallel, RanksHoldTheWholeOnce)
{
    for (const char* model : {"Llama-3.1-8B", "Qwen3-8B", "Qwen3-0.6B"}) {
        const json scenario = asked_of(GetParam().name, model);
        const Answer alone = ask(scenario);
        ASSERT_TRUE(alone) << alone.refusal << pasted(scenario);
        for (const int ranks : {2, 4, 8}) {
            const json shared = but(scenario, "hardware.tensor_parallel", ranks);
            const Answer answer = ask(shared);
            ASSERT_TRUE(answer) << answer.refusal << pasted(shared);
            if (answer.report["per_gpu"]["terms"][0]["terms"].empty()) { // transformers: even shares of everything
                EXPECT_EQ(term(answer.report, "weights") * ranks, term(alone.report, "weights"))
                    << pasted(scenario, shared);
                continue;
            }
            for (const char* id : {"weights.attention", "weights.feed_forward", "weights.embedding"}) {
                EXPECT_EQ(part(answer.report, id) * ranks, part(alone.report, id)) << id << pasted(scenario, shared);
            }
            // 4 sequences of 8,192 tokens are whole pages of any size.
            EXPECT_EQ(term(answer.report, "kv_cache") * ranks, term(alone.report, "kv_cache"))
                << pasted(scenario, shared);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, TensorParallel,
                         ::testing::Values(Owner{"generic"}, Owner{"vllm"}, Owner{"sglang"}, Owner{"transformers"}),
                         [](const auto& instance) { return owner_name(instance.param); });

class Shares : public ::testing::TestWithParam<Owner>
{
};

TEST_P(Shares, NoRankHoldsMoreThanTheWhole)
{
    for (const auto& [scenario, report] : answered(GetParam(), 15, 21)) {
        const int ranks = scenario["hardware"]["tensor_parallel"].get<int>();
        const int more = ranks == 1 ? 2 : 1;
        if (scenario["hardware"].contains("pipeline_parallel"))
            continue; // with stages another one may be the fullest
        const json other = but(scenario, "hardware.tensor_parallel", more);
        const Answer answer = ask(other);
        if (!answer)
            continue;
        const json& alone = ranks == 1 ? report : answer.report;
        const json& shared = ranks == 1 ? answer.report : report;
        const double count = std::max(ranks, more);
        for (const char* id : {"weights", "kv_cache"}) {
            const auto whole = static_cast<double>(term(alone, id));
            const auto share = static_cast<double>(term(shared, id));
            EXPECT_LE(share, whole + 64) << id << pasted(scenario, other);
            EXPECT_GE(share * count, whole * 0.99 - 64 * 1024 * 1024) << id << pasted(scenario, other);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Shares,
                         ::testing::Values(Owner{"generic"}, Owner{"vllm"}, Owner{"sglang"}, Owner{"transformers"}),
                         [](const auto& instance) { return owner_name(instance.param); });

struct Staged
{
    std::string engine;
    std::string model;
    std::string weights; ///< empty: as the model says
};

void PrintTo(const Staged& staged, std::ostream* out)
{
    *out << staged.engine << ' ' << staged.model << ' ' << staged.weights;
}

class Stages : public ::testing::TestWithParam<Staged>
{
};

/// What a stage may hold outside its layers: both ends' embeddings, towers, and
/// a layer that does not divide.
double outside_layers(const json& whole)
{
    std::int64_t bytes = 0;
    for (const json& part : whole["per_gpu"]["terms"][0]["terms"]) {
        const std::string id = part["id"].get<std::string>();
        if (id.find("embedding") != std::string::npos || id.find("vision") != std::string::npos)
            bytes = std::max(bytes, part["bytes"].get<std::int64_t>());
    }
    return static_cast<double>(bytes);
}

TEST_P(Stages, HoldsItsShare)
{
    const auto& [engine, model, weights] = GetParam();
    json scenario = asked_of(engine, model);
    if (!weights.empty())
        scenario["precision"]["weights"] = weights;
    const Answer whole = ask(scenario);
    ASSERT_TRUE(whole) << whole.refusal << pasted(scenario);
    const auto all = static_cast<double>(term(whole.report, "weights"));
    const auto layers = whole.report["model"]["layers"].get<double>();
    for (const int stages : {2, 4}) {
        const json staged = but(scenario, "hardware.pipeline_parallel", stages);
        const Answer answer = ask(staged);
        ASSERT_TRUE(answer) << answer.refusal << pasted(staged);
        const auto one = static_cast<double>(term(answer.report, "weights"));
        const double fewest_layers = std::floor(layers / stages); // of any stage, and another may be the fullest
        EXPECT_GE(one, 0.95 * all * fewest_layers / layers) << pasted(scenario, staged);
        EXPECT_LE(one, 1.15 * all / stages * (1 + stages / layers) + 2 * outside_layers(whole.report))
            << pasted(scenario, staged);
    }
}

TEST_P(Stages, PartsAreTheirWeights)
{
    const auto& [engine, model, weights] = GetParam();
    if (engine == "sglang")
        GTEST_SKIP() << "the second copies that SGLang makes have no part of their own yet";
    json scenario = asked_of(engine, model);
    if (!weights.empty())
        scenario["precision"]["weights"] = weights;
    for (const int stages : {2, 3}) {
        const json staged = but(scenario, "hardware.pipeline_parallel", stages);
        const Answer answer = ask(staged);
        ASSERT_TRUE(answer) << answer.refusal << pasted(staged);
        std::int64_t parts = 0;
        for (const json& each : answer.report["per_gpu"]["terms"][0]["terms"])
            parts += each["bytes"].get<std::int64_t>();
        EXPECT_EQ(parts, term(answer.report, "weights")) << pasted(staged);
    }
}

std::vector<Staged> staged()
{
    std::vector<Staged> all;
    for (const char* engine : {"vllm", "sglang"}) {
        for (const char* model : {"DeepSeek-V3", "gpt-oss-120b", "MiniMax-M2.5", "Kimi-K2.5", "Qwen3-14B"})
            all.push_back({engine, model, ""});
        for (const char* weights : {"bf16", "fp8", "gguf:Q4_K_M", "gguf:Q8_0", "awq_4bit_g128"})
            all.push_back({engine, "Qwen3-14B", weights});
        all.push_back({engine, "Qwen2-57B-A14B", "gguf:Q4_K_M"});
        all.push_back({engine, "gemma-3-12b-it", "gguf:Q4_K_M"});
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(Of, Stages, ::testing::ValuesIn(staged()), [](const auto& instance) {
    std::string name = instance.param.engine + '_' + instance.param.model + '_' + instance.param.weights;
    std::replace_if(
        name.begin(), name.end(), [](char letter) { return letter == '.' || letter == '-' || letter == ':'; }, '_');
    return name;
});

} // namespace
} // namespace weighbridge::testing
