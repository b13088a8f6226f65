// Ladder and solve: what an answer says of a value or a row is what an estimate says of that scenario.

#include "app/cli/command_line.h"
#include "tests/cli/run_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace weighbridge {
namespace {

using nlohmann::json;
using testing::Answer;
using testing::Arguments;
using ::testing::HasSubstr;
using testing::report_of;
using testing::run;

Arguments with(Arguments arguments, const Arguments& more)
{
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

bool fits(const json& report)
{
    return report["fit"][0]["verdict"] == "fits" || report["fit"][0]["verdict"] == "tight";
}

TEST(Ladder, EachRowIsTheEstimateOfItsScenario)
{
    const Arguments question = {
        "Ministral-8B-Instruct-2410", "--engine", "llama.cpp", "--context", "16384", "--gpu", "rtx_4080"};
    const json ladder =
        report_of(with(question, {"--ladder", "--ladder-weights", "gguf:Q4_K_M,gguf:Q8_0,bf16,gguf:Q2_K", "--ladder-kv",
                                  "q8_0,fp16"}))["ladder"];
    ASSERT_EQ(ladder["rows"].size(), 8u);
    double bits = 100;
    int first = -1;
    for (std::size_t i = 0; i < 8; ++i) {
        const json& row = ladder["rows"][i];
        const std::string weights = row["weights"];
        const std::string cache = row["kv_cache"];
        EXPECT_LE(row["bits_per_weight"], bits);
        bits = row["bits_per_weight"];
        EXPECT_EQ(cache, i % 2 == 0 ? "fp16" : "q8_0"); // from the most bits to the fewest, of each format
        if (!row["loads"].get<bool>()) {
            EXPECT_TRUE(row["total_bytes"].is_null());
            EXPECT_THAT(row["refusal"].get<std::string>(), HasSubstr("can't load"));
            continue;
        }
        const json alone = report_of(with(question, {"--weights", weights, "--kv-cache", cache}));
        EXPECT_EQ(row["total_bytes"], alone["per_gpu"]["total_bytes"]) << weights;
        EXPECT_EQ(row["state"], alone["fit"][0]["state"]) << weights;
        EXPECT_EQ(row["max_sequence_length"], alone["capacity"]["max_sequence_length"]) << weights;
        EXPECT_EQ(row["max_concurrent_sequences"], alone["capacity"]["max_concurrent_sequences"]) << weights;
        if (first < 0 && fits(alone))
            first = static_cast<int>(i);
    }
    EXPECT_EQ(ladder["largest_that_fits"], first);
}

// Files of llama-quantize: 8.5 bits a weight of Q8_0; what people expect of a Q4_K_M is 4.8 to 4.9 of 8 B.
TEST(Ladder, BitsAreThoseOfTheWholeFile)
{
    const json rows = report_of({"Llama-3.1-8B", "--engine", "llama.cpp", "--gpu", "2xrtx_4090", "--ladder",
                                 "--ladder-weights", "gguf:Q8_0,gguf:Q4_K_M"})["ladder"]["rows"];
    EXPECT_NEAR(rows.front()["bits_per_weight"].get<double>(), 8.5, 0.01);
    EXPECT_NEAR(rows.back()["bits_per_weight"].get<double>(), 4.89, 0.05);
}

TEST(Ladder, LeftOutItHasWhatTheEngineLoads)
{
    const json rows =
        report_of({"Llama-3.1-8B", "--engine", "vllm", "--ladder", "--ladder-kv", "bf16"})["ladder"]["rows"];
    std::string names;
    for (const json& row : rows) {
        EXPECT_TRUE(row["loads"].get<bool>()) << row["weights"] << ' ' << row["refusal"];
        names += row["weights"].get<std::string>() + ' ';
    }
    EXPECT_THAT(names, HasSubstr("awq_4bit_g128"));
    EXPECT_THAT(names, HasSubstr("fp8"));
    EXPECT_THAT(names, ::testing::Not(HasSubstr("mlx:")));
}

TEST(Ladder, SaysWhatIsKnownOfTheLossOfQuality)
{
    const json rows =
        report_of({"Llama-3.1-8B", "--engine", "llama.cpp", "--ladder", "--ladder-weights",
                   "gguf:Q4_K_S,gguf:Q4_K_M,gguf:TQ2_0,gguf:Q2_K_S", "--ladder-kv", "fp16"})["ladder"]["rows"];
    for (const json& row : rows) {
        const json& quality = row["quality"];
        if (row["weights"] == "gguf:Q4_K_S") { // measured on 11 models of 4 to 15 B: 1.24, 2.22, 3.85 %
            EXPECT_EQ(quality["basis"], "measured");
            EXPECT_NEAR(quality["low"].get<double>(), 1.24, 0.01);
            EXPECT_NEAR(quality["loss"].get<double>(), 2.22, 0.01);
            EXPECT_EQ(quality["models"], 11);
        } else if (row["weights"] == "gguf:TQ2_0") {
            EXPECT_EQ(quality["basis"], "not_known");
            EXPECT_TRUE(quality["loss"].is_null());
        } else if (row["weights"] == "gguf:Q2_K_S") {
            EXPECT_THAT(quality["text"].get<std::string>(), HasSubstr("varies widely"));
        }
    }
    // c (8 / N)^0.5 of Q6_K for 72 B: KLD 0.0025 / 3, perplexity exp(0.8 KLD); no measurement of dense ones above 80 B
    const json large = report_of({"Llama-3.1-405B", "--engine", "llama.cpp", "--ladder", "--ladder-weights",
                                  "gguf:Q6_K", "--ladder-kv", "fp16"})["ladder"]["rows"][0]["quality"];
    EXPECT_EQ(large["basis"], "estimated");
    EXPECT_NEAR(large["loss"].get<double>(), 100 * 0.8 * 0.0025 * 0.1404, 0.001);
}

struct Solved
{
    const char* field;
    Arguments question;
    int step; ///< to what must not fit
};

class Solve : public ::testing::TestWithParam<Solved>
{
};

TEST_P(Solve, FindsAValueThatFitsAndWhoseNextDoesNot)
{
    const Solved& asked = GetParam();
    const json solution = report_of(with(asked.question, {"--solve", asked.field}))["solve"][0];
    EXPECT_EQ(solution["field"], asked.field);
    ASSERT_FALSE(solution["value"].is_null()) << solution["why"];
    const std::string key = asked.field;
    const auto at = [&](std::int64_t value) {
        const Answer answer = run(
            with(with({"estimate"}, asked.question), {"--set", key + "=" + std::to_string(value), "--format", "json"}));
        return answer.status == 0 && fits(json::parse(answer.out));
    };
    const std::int64_t value = solution["value"];
    EXPECT_TRUE(at(value)) << value;
    EXPECT_FALSE(at(value + asked.step)) << value;
    EXPECT_EQ(solution["set"][key], value);
}

INSTANTIATE_TEST_SUITE_P(
    Of, Solve,
    ::testing::Values(Solved{"inference.sequence_length",
                             {"Qwen3-14B", "--engine", "llama.cpp", "--gpu", "rtx_4060_ti_16", "--weights",
                              "gguf:Q4_K_M"},
                             1},
                      Solved{"inference.concurrent_sequences",
                             {"Llama-3.1-8B", "--engine", "sglang", "--gpu", "h100_sxm_80", "--context", "8192"},
                             1},
                      Solved{"hardware.tensor_parallel",
                             {"Llama-3.1-405B", "--engine", "vllm", "--gpu", "h100_sxm_80", "--context", "8192",
                              "--weights", "fp8", "--concurrency", "8"},
                             -1},
                      Solved{"fine_tune.micro_batch_size",
                             {"Qwen3-8B", "--set", "task=fine_tune", "--set", "fine_tune.method=lora", "--set",
                              "fine_tune.sequence_length=2048", "--set", "fine_tune.recompute=full"},
                             1},
                      Solved{"fine_tune.lora_rank",
                             {"Llama-3.1-8B", "--gpu", "rtx_4090", "--set", "task=fine_tune", "--set",
                              "fine_tune.framework=unsloth", "--set", "fine_tune.method=qlora"},
                             1},
                      Solved{"inference.n_gpu_layers",
                             {"phi-4", "--engine", "llama.cpp", "--gpu", "rtx_3080_10", "--context", "8192",
                              "--weights", "gguf:Q5_K_M"},
                             1},
                      Solved{"inference.n_cpu_moe",
                             {"Qwen3-30B-A3B", "--engine", "llama.cpp", "--gpu", "rtx_4070", "--context", "8192",
                              "--weights", "gguf:Q4_K_M"},
                             -1}));

TEST(Solve, FewestGpusComeWithTheirLayout)
{
    const Arguments question = {"Llama-3.1-70B", "--engine", "vllm", "--gpu", "h100_sxm_80", "--context", "8192"};
    const json solution = report_of(with(question, {"--solve", "hardware.count"}))["solve"][0];
    ASSERT_TRUE(solution["value"].is_number()) << solution["why"];
    Arguments laid_out = question;
    for (const auto& [key, value] : solution["set"].items())
        laid_out.insert(laid_out.end(), {"--set", key + "=" + value.dump()});
    EXPECT_TRUE(fits(report_of(laid_out)));
}

TEST(Solve, TheSmallestCardIsTheFirstInOrderOfMemory)
{
    const Arguments question = {"Llama-3.1-8B", "--engine", "llama.cpp", "--context", "8192", "--weights", "gguf:Q6_K"};
    const json solution = report_of(with(question, {"--solve", "hardware.accelerator"}))["solve"][0];
    const json found = report_of(with(question, {"--gpu", solution["value"].get<std::string>()}));
    EXPECT_TRUE(fits(found));
    for (const json& card : run({"list", "accelerators", "--format", "json"}).report())
        if (const json smaller = report_of(with(question, {"--gpu", card["id"]}));
            smaller["fit"][0]["capacity_bytes"] < found["fit"][0]["capacity_bytes"]) {
            EXPECT_FALSE(fits(smaller)) << card["id"];
        }
}

TEST(Solve, NamesWhatItCantSolveFor)
{
    const Answer unknown = run({"estimate", "Llama-3.1-8B", "--solve", "inference.sequence_lenght"});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_THAT(unknown.err, HasSubstr("inference.sequence_length"));
    const Answer other = run({"estimate", "Llama-3.1-8B", "--engine", "vllm", "--solve", "inference.n_gpu_layers"});
    EXPECT_EQ(other.status, 2);
    EXPECT_THAT(other.err, HasSubstr("n_gpu_layers"));
    const Answer lone = run({"estimate", "Llama-3.1-8B", "--ladder-weights", "bf16"});
    EXPECT_EQ(lone.status, 2);
    EXPECT_THAT(lone.err, HasSubstr("--ladder"));
}

TEST(Placement, IsAnObjectThatCanBeAskedAgain)
{
    const json solution = report_of({"Llama-3.1-8B", "--engine", "llama.cpp", "--gpu", "rtx_3080_10", "--weights",
                                     "gguf:BF16", "--context", "8192", "--solve", "inference.placement"})["solve"][0];
    ASSERT_TRUE(solution["value"].is_object()) << solution["why"];
    for (const char* name : {"n_gpu_layers", "n_cpu_moe", "tensor_split", "override_tensor"})
        EXPECT_EQ(solution["value"][name], solution["set"][std::string("inference.") + name]) << name;
    EXPECT_EQ(solution["limited_by"], "memory");
    const Answer found = run({"estimate", "--scenario", "-", "--format", "json"}, solution["scenario"].dump());
    ASSERT_EQ(found.status, 0) << found.err;
    EXPECT_TRUE(fits(found.report()));
    EXPECT_EQ(found.report()["fit"][0]["needed_bytes"], solution["needed_bytes"]);
}

TEST(Placement, IsOfEnginesThatShareOutLayers)
{
    const Answer other = run({"estimate", "Llama-3.1-8B", "--engine", "vllm", "--solve", "inference.placement"});
    EXPECT_EQ(other.status, 2);
    EXPECT_THAT(other.err, HasSubstr("n_gpu_layers"));
}

// Nothing of a model that no card of this size holds: null, with the reason.
TEST(Solve, IsNullWhereNothingFits)
{
    const json solution = report_of({"Llama-3.1-405B", "--engine", "vllm", "--gpu", "rtx_4090", "--solve",
                                     "inference.sequence_length"})["solve"][0];
    EXPECT_TRUE(solution["value"].is_null());
    EXPECT_TRUE(solution["scenario"].is_null());
    EXPECT_FALSE(solution["why"].get<std::string>().empty());
}

// Of bytes and their reasons: the same as two estimates say, first-level differences sum to that of the totals.
TEST(Compare, IsWhatTheEstimatesSay)
{
    const json compared = report_of({"Llama-3.1-8B", "--engine", "vllm", "--context", "8192", "--compare",
                                     "precision.weights=bf16,fp8"})["compare"];
    ASSERT_EQ(compared["setups"].size(), 2u);
    std::int64_t sum = 0;
    for (const json& term : compared["terms"])
        if (term["depth"] == 0)
            sum += term["differences"][1].get<std::int64_t>();
    const std::int64_t before = compared["setups"][0]["total_bytes"];
    const std::int64_t after = compared["setups"][1]["total_bytes"];
    EXPECT_EQ(sum, after - before);
    const json alone = report_of({"Llama-3.1-8B", "--engine", "vllm", "--context", "8192", "--weights", "fp8"});
    EXPECT_EQ(after, alone["per_gpu"]["total_bytes"]);
    for (const json& term : compared["terms"])
        if (term["id"] == "weights.attention") { // 2 bytes become 1: half of 2.5 GiB
            EXPECT_EQ(term["differences"][1], -1'342'177'280);
            EXPECT_EQ(term["reasons"][1]["kind"], "number");
            EXPECT_EQ(term["reasons"][1]["symbol"], "B_w");
            EXPECT_EQ(term["reasons"][1]["keys"], json::array({"precision.weights"}));
            EXPECT_TRUE(term["reasons"][0].is_null());
        }
}

TEST(Compare, ASetupThatIsRefusedLetsTheOthersStand)
{
    const json setups = report_of(
        {"Llama-3.1-8B", "--engine", "vllm", "--compare", "hardware.tensor_parallel=1,2,5"})["compare"]["setups"];
    ASSERT_EQ(setups.size(), 3u);
    EXPECT_TRUE(setups[1]["error"].is_null());
    EXPECT_TRUE(setups[2]["total_bytes"].is_null());
    EXPECT_FALSE(setups[2]["error"].get<std::string>().empty());
}

TEST(Compare, TakesTwoToEight)
{
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--compare", "engine=vllm"}).status, 2);
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--compare", "hardware.count=1,2,3,4,5,6,7,8,9"}).status, 2);
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--compare"}).status, 2);
}

} // namespace
} // namespace weighbridge
