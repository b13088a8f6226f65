#include "tests/cli/run_command.h"
#include "tests/cli/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace weighbridge::testing {

namespace {

using nlohmann::json;

Environment dated()
{
    Environment environment;
    environment.today = "2026-12-01";
    return environment;
}

class PlanTest : public ::testing::Test
{
protected:
    Answer asked(const json& plan, Arguments arguments, const std::string& format = "json")
    {
        const std::string path = folder_.write("plan.json", plan.dump());
        arguments.insert(arguments.begin(), "estimate");
        arguments.insert(arguments.end(), {"--plan", path, "--format", format});
        return run(arguments, {}, dated());
    }

    json plan_of(const json& plan, const Arguments& arguments)
    {
        const Answer answer = asked(plan, arguments);
        EXPECT_EQ(answer.status, 0) << answer.err;
        return answer.status == 0 ? json::parse(answer.out).at("plan") : json();
    }

    /// The report of a deployment's own scenario.
    static json estimated(const json& scenario)
    {
        const Answer answer = run({"estimate", "--scenario", "-", "--format", "json"}, scenario.dump(), dated());
        EXPECT_EQ(answer.status, 0) << answer.err;
        return answer.status == 0 ? json::parse(answer.out) : json();
    }

    TemporaryFolder folder_;
};

const json three_cards = json::parse(R"({
    "workload": {"prompt_tokens": 2000, "answer_tokens": 500, "concurrent_requests": 16},
    "candidates": {"accelerators": ["l4", "a10g", "h100_sxm_80"], "counts": [1, 2, 4], "weights": ["bf16", "fp8"],
                   "layouts": [{"tensor_parallel": 1}, {"tensor_parallel": 2}, {"tensor_parallel": 4}]},
    "prices": {"l4": {"per_accelerator_hour": 0.7, "currency": "USD", "date": "2026-11-29", "source": "mine"},
               "a10g": {"per_accelerator_hour": 1.0, "currency": "USD", "date": "2026-11-29", "source": "mine"},
               "h100_sxm_80": {"per_accelerator_hour": 3.0, "currency": "USD", "date": "2026-11-29", "source": "mine"}}
})");

/// A deployment says what an estimate of its scenario says, times its replicas.
void expect_as_estimated(const json& one, const json& report)
{
    const double replicas = one["replicas"];
    EXPECT_EQ(one["needed_bytes"], report["fit"][0]["needed_bytes"]);
    EXPECT_EQ(one["usable_bytes"], report["fit"][0]["usable_bytes"]);
    EXPECT_EQ(one["state"], report["fit"][0]["state"]);
    EXPECT_EQ(one["max_sequence_length"], report["capacity"]["max_sequence_length"]);
    for (const char* figure : {"time_to_first_token_seconds", "time_per_output_token_seconds", "end_to_end_seconds",
                               "output_tokens_per_second_per_gpu"})
        EXPECT_EQ(one["speed"][figure], report["speed"][figure]) << figure;
    if (report["price"].is_null()) {
        EXPECT_TRUE(one["price"].is_null());
        return;
    }
    EXPECT_DOUBLE_EQ(one["price"]["per_hour"], report["price"]["per_hour"].get<double>() * replicas);
    EXPECT_EQ(one["price"]["source"], report["price"]["source"]);
    if (!report["price"]["per_million_output_tokens"].is_null()) {
        EXPECT_EQ(one["price"]["per_million_output_tokens"], report["price"]["per_million_output_tokens"]["value"]);
    }
    if (!report["energy"].is_null()) {
        EXPECT_DOUBLE_EQ(one["energy"]["watts"], report["energy"]["watts"].get<double>() * replicas);
    }
}

/// In order, and nobody in front is beaten.
void expect_order_and_front(const json& list)
{
    bool met = true;
    for (std::size_t i = 0; i < list.size(); ++i) {
        EXPECT_TRUE(met || !list[i]["meets"].get<bool>());
        met = list[i]["meets"];
        EXPECT_EQ(list[i]["meets"].get<bool>(), list[i]["fails"].empty());
        if (list[i]["price"].is_null() || list[i]["speed"]["output_tokens_per_second"].is_null()) {
            EXPECT_FALSE(list[i]["front"].get<bool>());
            continue;
        }
        const auto price = [](const json& one) { return one["price"]["per_hour"].get<double>(); };
        const auto rate = [](const json& one) {
            return one["speed"]["output_tokens_per_second"]["value"].get<double>();
        };
        const bool beaten = std::any_of(list.begin(), list.end(), [&](const json& other) {
            if (other["price"].is_null() || other["speed"]["output_tokens_per_second"].is_null())
                return false;
            return price(other) <= price(list[i]) && rate(other) >= rate(list[i]) &&
                   (price(other) < price(list[i]) || rate(other) > rate(list[i]));
        });
        EXPECT_EQ(list[i]["front"].get<bool>(), !beaten) << i;
    }
}

TEST_F(PlanTest, EveryCombinationAsBruteForceFindsIt)
{
    const json plan = plan_of(three_cards, {"Llama-3.1-8B", "--engine", "vllm", "--context", "2500", "--concurrency",
                                            "16", "--gpu", "h100_sxm_80"});
    std::size_t fit = 0;
    for (const char* card : {"l4", "a10g", "h100_sxm_80"})
        for (const char* ranks : {"1", "2", "4"})
            for (const char* weights : {"bf16", "fp8"}) {
                const Answer one =
                    run({"estimate", "Llama-3.1-8B", "--engine", "vllm", "--context",  "2500",      "--concurrency",
                         "16",       "--gpu",        card,       "--tp", ranks,        "--weights", weights,
                         "--prompt", "2000",         "--answer", "500",  "--requests", "16",        "--require-fit"});
                fit += one.status == 0 ? 1 : 0;
            }
    EXPECT_EQ(plan["candidates"], 18);
    EXPECT_EQ(plan["feasible"], fit);
    EXPECT_EQ(plan["refused"].get<std::size_t>() + plan["do_not_fit"].get<std::size_t>(), 18 - fit);
    EXPECT_EQ(plan["deployments"].size(), fit);
    for (const json& one : plan["deployments"]) {
        SCOPED_TRACE(one["scenario"].dump());
        expect_as_estimated(one, estimated(one["scenario"]));
        EXPECT_EQ(one["price"]["old"], false);
        const double tokens = one["speed"]["output_tokens_per_second"]["value"];
        EXPECT_NEAR(one["price"]["per_million_output_tokens"],
                    one["price"]["per_hour"].get<double>() / (3600 * tokens) * 1e6, 1e-9);
    }
    expect_order_and_front(plan["deployments"]);
    for (std::size_t i = 1; i < plan["deployments"].size(); ++i)
        EXPECT_LE(plan["deployments"][i - 1]["price"]["per_million_output_tokens"],
                  plan["deployments"][i]["price"]["per_million_output_tokens"]);
}

/// Seeded: what a plan says of a deployment, an estimate says of its scenario.
TEST_F(PlanTest, AnswersEqualSingleEstimates)
{
    std::mt19937 random(20261201);
    const auto one_of = [&](const char* list) {
        const json all = json::parse(list);
        return all[random() % all.size()];
    };
    for (int round = 0; round < 12; ++round) {
        json plan;
        plan["workload"] = one_of(R"([{"concurrent_requests": 8}, {"requests_per_second": 2.0}])");
        plan["workload"]["prompt_tokens"] = one_of("[500, 2000, 8000]");
        plan["workload"]["answer_tokens"] = one_of("[100, 500]");
        plan["wanted"] =
            one_of(R"([{}, {"time_per_output_token_seconds": 0.02}, {"price_per_hour": 10, "headroom": 0.1}])");
        json& candidates = plan["candidates"];
        candidates["accelerators"] = one_of(R"([["l40s"], ["h100_sxm_80", "rtx_4090"], ["mi300x"]])");
        candidates["counts"] = one_of("[[1, 2], [4]]");
        candidates["engines"] = one_of(R"([["vllm"], ["sglang", "llama.cpp"]])");
        candidates["layouts"] = "all";
        candidates["replicas"] = one_of("[[1], [1, 2]]");
        plan["sort"] = one_of(R"(["price_per_hour", "output_tokens_per_second", "time_to_first_token_seconds"])");
        plan["limit"] = 4;
        const std::string model = one_of(R"(["Llama-3.1-8B", "Qwen3-30B-A3B"])");
        SCOPED_TRACE(plan.dump() + model);
        const json found = plan_of(plan, {model});
        ASSERT_FALSE(found.is_null());
        EXPECT_EQ(found["candidates"].get<int>(),
                  found["refused"].get<int>() + found["do_not_fit"].get<int>() + found["feasible"].get<int>());
        int refused = 0;
        for (const json& refusal : found["refusals"])
            refused += refusal["candidates"].get<int>();
        EXPECT_EQ(refused, found["refused"].get<int>());
        EXPECT_EQ(found["deployments"].size(), std::min<std::size_t>(4, found["feasible"].get<std::size_t>()));
        for (const json& one : found["deployments"]) {
            SCOPED_TRACE(one["scenario"].dump());
            expect_as_estimated(one, estimated(one["scenario"]));
        }
    }
}

TEST_F(PlanTest, ReplicasShareTheRequests)
{
    json plan = three_cards;
    plan["candidates"] = json::parse(R"({"accelerators": ["h100_sxm_80"], "counts": [1], "replicas": [1, 2]})");
    plan["sort"] = "gpus";
    const json found = plan_of(plan, {"Llama-3.1-8B", "--engine", "vllm"});
    ASSERT_EQ(found["deployments"].size(), 2U);
    const json& two = found["deployments"][1];
    EXPECT_EQ(two["gpus"], 2);
    EXPECT_DOUBLE_EQ(two["price"]["per_hour"], 6.0);
    EXPECT_EQ(two["scenario"]["workload"]["concurrent_requests"], 8);
}

TEST_F(PlanTest, NamesWhatComesNearest)
{
    json plan = three_cards;
    plan["wanted"] = {{"time_per_output_token_seconds", 1e-6}};
    const json found = plan_of(plan, {"Llama-3.1-8B", "--engine", "vllm"});
    EXPECT_EQ(found["meet_wanted"], 0);
    EXPECT_NE(found["nearest_miss"].get<std::string>().find("time_per_output_token_seconds"), std::string::npos);
    for (const json& one : found["deployments"])
        EXPECT_EQ(one["fails"], json::array({"time_per_output_token_seconds"}));
    const Answer none = asked(json::parse(R"({"candidates": {"accelerators": ["t4"], "weights": ["bf16"]}})"),
                              {"Llama-3.1-70B", "--require-fit"});
    EXPECT_EQ(none.status, 1) << none.err;
    EXPECT_NE(json::parse(none.out)["plan"]["nearest_miss"].get<std::string>().find("GiB"), std::string::npos);
}

TEST_F(PlanTest, FormatsAndMistakes)
{
    for (const char* format : {"table", "csv", "markdown"}) {
        const Answer answer = asked(three_cards, {"Llama-3.1-8B", "--engine", "vllm"}, format);
        EXPECT_EQ(answer.status, 0) << answer.err;
        EXPECT_NE(answer.out.find("a10g"), std::string::npos) << answer.out;
    }
    const std::vector<std::pair<const char*, const char*>> wrong = {
        {R"({"workload": {}})", "candidates"},
        {R"({"candidates": {"accelerators": ["h1000"]}})", "h1000"},
        {R"({"candidates": {"counts": [0]}})", "candidates.counts"},
        {R"({"candidates": {"layouts": "some"}})", "candidates.layouts"},
        {R"({"candidates": {"gpus": [1]}})", "gpus"},
        {R"({"candidates": {}, "sort": "beauty"})", "beauty"},
        {R"({"candidates": {}, "workload": {"prompts": 1}})", "prompts"},
        {R"({"candidates": {}, "limit": 0})", "limit"},
    };
    for (const auto& [plan, word] : wrong) {
        const Answer answer = asked(json::parse(plan), {"Llama-3.1-8B"});
        EXPECT_EQ(answer.status, 2) << plan;
        EXPECT_NE(answer.err.find(word), std::string::npos) << answer.err;
        EXPECT_TRUE(answer.out.empty());
    }
}

} // namespace

} // namespace weighbridge::testing
