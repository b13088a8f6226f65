// What vLLM's own classes and its planner make of settings, by version and card: vLLM 0.22.0, 0.23.0, 0.27.1 and 0.33.0
// built each network on a device without memory and laid out its cache (tests/data/engines/vllm_plans.jsonl).

#include "core/estimate/fit.h"
#include "core/fields/scenario_json.h"
#include "core/hardware/accelerator.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace weighbridge::testing {
namespace {

std::vector<nlohmann::json> plans()
{
    std::istringstream lines(read_test_data("engines/vllm_plans.jsonl"));
    std::vector<nlohmann::json> list;
    for (std::string line; std::getline(lines, line);)
        list.push_back(nlohmann::json::parse(line));
    return list;
}

EstimatePointer estimate_of_plan(const nlohmann::json& plan)
{
    const auto scenario = read_scenario(plan.at("scenario"));
    EXPECT_TRUE(scenario) << plan.at("id");
    Question question = question_about_preset(plan.at("scenario").at("model").get<std::string>());
    question.scenario = *scenario;
    question.accelerator = *Catalogue().find(plan.at("scenario").at("hardware").at("accelerator").get<std::string>());
    return estimate_of(question, Detail::full);
}

std::optional<double> print_in(const Estimate& estimate, std::string_view id)
{
    for (const EnginePrint& print : estimate.engine_prints)
        if (print.id == id)
            return print.value;
    return std::nullopt; // before it would run out of memory
}

double weights_of(const Estimate& estimate, bool staged)
{
    if (staged)
        return print_in(estimate, "model_loading_gib").value_or(0) * 1024 * 1024 * 1024;
    for (const Term& term : estimate.terms)
        if (term.id == "weights")
            return static_cast<double>(term.bytes.count);
    return 0;
}

TEST(VllmPlans, AreVllmsOwn)
{
    for (const nlohmann::json& plan : plans()) {
        SCOPED_TRACE(plan.at("id").get<std::string>());
        const EstimatePointer estimate = estimate_of_plan(plan);
        ASSERT_TRUE(estimate);
        const bool never = estimate->fit.verdict == Verdict::cant_run && estimate->fit.refusal &&
                           estimate->fit.refusal->text.find("would not start") != std::string::npos;
        EXPECT_EQ(never, plan.contains("refuses"));
        if (plan.contains("weights_bytes")) {
            const auto wanted = plan.at("weights_bytes").get<double>();
            EXPECT_NEAR(weights_of(*estimate, plan.at("staged").get<bool>()), wanted, 0.005 * wanted);
        }
        if (plan.value("starts", true)) {
            const auto blocks = print_in(*estimate, "num_gpu_blocks");
            const auto tokens = print_in(*estimate, "gpu_kv_cache_size_tokens");
            if (blocks && plan.contains("num_blocks")) {
                EXPECT_EQ(*blocks, plan.at("num_blocks").get<double>());
            }
            if (tokens && plan.contains("tokens")) {
                EXPECT_EQ(*tokens, plan.at("tokens").get<double>());
            }
        } else {
            EXPECT_NE(estimate->fit.verdict, Verdict::fits);
        }
    }
}

// Two of its parts were rounded up each.
TEST(VllmWeights, PartsAddUpToTheTerm)
{
    Question question = question_about_preset("gemma-4-E2B-it");
    question.scenario.inference.engine = "vllm";
    question.scenario.precision.weights = "nominal:0.5";
    question.scenario.inference.vllm.num_speculative_tokens = 3;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    const EstimatePointer estimate = estimate_of(question, Detail::full);
    for (const Term& term : estimate->terms) {
        if (term.id != "weights")
            continue;
        std::int64_t sum = 0;
        for (const Term& part : term.children)
            sum += part.bytes.count;
        EXPECT_EQ(sum, term.bytes.count);
    }
}

// Llama-3.1-8B, four slots of rank 32, by hand: 2 x 4 x 32 x (32 layers x (3 x 4,096 + 6,144 + 2 x 4,096 + 2 x 4,096 +
// 2 x 14,336 + 14,336 + 4,096) + 2 x (128,256 + 4,096)) = 738,852,864.
TEST(VllmWeights, AdaptersHaveBuffersAtEveryMatrix)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "vllm";
    question.accelerator = *Catalogue().find("h100_sxm_80");
    const auto weights = [&] { return weights_of(*estimate_of(question), false); };
    const double without = weights();
    question.scenario.inference.served.enable_lora = true;
    question.scenario.inference.vllm.max_loras = 4;
    question.scenario.inference.served.max_lora_rank = 32;
    EXPECT_EQ(weights() - without, 738'852'864);
}

TEST(VllmPool, ANumberOfBlocksIsTakenAsItIs)
{
    Question question = question_about_preset("Qwen3-8B");
    question.scenario.inference.engine = "vllm";
    question.scenario.inference.vllm.max_model_len = 4096;
    question.scenario.inference.vllm.num_gpu_blocks_override = 500;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    EXPECT_EQ(print_in(*estimate_of(question, Detail::full), "num_gpu_blocks"), 500);
}

} // namespace
} // namespace weighbridge::testing
