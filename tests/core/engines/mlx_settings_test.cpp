// Settings that mlx-lm 0.32.2 on mlx 0.32.4 was asked itself: networks laid out and quantized by its own code, and the
// bytes of their caches after a prompt in chunks and some decoded tokens (tests/data/mlx_settings.jsonl).

#include "core/engines/engine.h"
#include "core/fields/scenario_json.h"
#include "core/hardware/accelerator.h"
#include "tests/core/support/scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

namespace weighbridge::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Question question_of(const Scenario& scenario)
{
    Question question = scenario.model.config ? question_about_config(*scenario.model.config)
                                              : question_about_preset(scenario.model.text);
    question.scenario = scenario;
    question.accelerator = *Catalogue().find(scenario.hardware.accelerator);
    return question;
}

TEST(MlxSettings, WeightsAndCachesToTheByte)
{
    std::istringstream lines(read_test_data("mlx_settings.jsonl"));
    std::set<std::string> families;
    int settings = 0;
    for (std::string line; std::getline(lines, line); ++settings) {
        const json record = json::parse(line);
        const auto scenario = read_scenario(record.at("scenario"));
        ASSERT_TRUE(scenario) << record.at("id") << ": " << scenario.error().message;
        const Question question = question_of(*scenario);
        const EstimatePointer estimate = estimate_of(question);
        for (const auto& [term, bytes] : record.at("expected").items())
            EXPECT_EQ(bytes_of(*estimate, term), bytes.get<std::int64_t>()) << record.at("id") << ' ' << term;
        families.insert(question.model->architecture.family);
    }
    EXPECT_GE(settings, 50);
    EXPECT_GE(families.size(), 20U);
}

// Public runs on Macs: ml-explore/mlx-lm 1480 (Qwen3.6), 1781 (Qwen3.8), 839 (DeepSeek V3) and 40 (Mistral 7B), in GB.
TEST(MlxSettings, PeaksOfPublicRunsWithinThreePercent)
{
    const struct
    {
        const char* model;
        std::int64_t tokens;
        std::int64_t chunk;
        double peak;
    } runs[] = {
        {"Qwen3.6-35B-A3B", 8'192, 2'048, 21.7},  {"Qwen3.6-35B-A3B", 32'768, 2'048, 23.8},
        {"Qwen3.6-35B-A3B", 65'536, 2'048, 26.7}, {"Qwen3.6-35B-A3B", 196'608, 2'048, 38.0},
        {"Qwen3.8-27B", 131'072, 2'048, 39.78},   {"Qwen3.8-27B", 131'072, 1'024, 32.26},
        {"Qwen3.8-27B", 131'072, 512, 28.54},     {"Qwen3.8-27B", 131'072, 256, 26.52},
        {"DeepSeek-V3", 4'096, 2'048, 383.213},   {"DeepSeek-V3", 8'192, 2'048, 388.343},
        {"DeepSeek-V3", 16'384, 2'048, 398.605},  {"Mistral-7B-v0.1", 33'898, 2'048, 9.111},
    };
    for (const auto& run : runs) {
        Question question = question_about_preset(run.model);
        question.scenario.inference.engine = "mlx";
        question.scenario.inference.sequence_length = run.tokens;
        question.scenario.inference.mlx.prefill_step_size = run.chunk;
        question.scenario.precision.weights = "mlx:4bit";
        question.accelerator = *Catalogue().find("m3_ultra");
        const EstimatePointer estimate = estimate_of(question);
        const double peak = static_cast<double>(estimate->total.count) / 1e9;
        EXPECT_NEAR(peak / run.peak, 1, 0.03) << run.model << ' ' << run.tokens << ' ' << run.chunk;
        EXPECT_LE(static_cast<double>(estimate->low.count) / 1e9, run.peak) << run.model << ' ' << run.tokens;
        EXPECT_GE(static_cast<double>(estimate->high.count) / 1e9, run.peak) << run.model << ' ' << run.tokens;
    }
}

// The same pull request's figures of before: every head's keys and values were cached.
TEST(MlxSettings, LatentAttentionWasSpreadOutBefore030)
{
    for (const auto& [tokens, peak] :
         {std::pair{4'096, 401.668}, std::pair{8'192, 424.215}, std::pair{16'384, 469.906}}) {
        Question question = question_about_preset("DeepSeek-V3");
        question.scenario.inference.engine = "mlx";
        question.scenario.inference.engine_version = "0.28.3";
        question.scenario.inference.sequence_length = tokens;
        question.scenario.precision.weights = "mlx:4bit";
        question.accelerator = *Catalogue().find("m3_ultra");
        EXPECT_NEAR(static_cast<double>(estimate_of(question)->total.count) / 1e9 / peak, 1, 0.03) << tokens;
    }
}

struct Asked
{
    const char* model;
    const char* accelerator;
    std::optional<std::int64_t> kv_bits;
    const char* says;
};

class MlxRefusals : public ::testing::TestWithParam<Asked>
{
};

// Each was run on mlx-lm 0.32.2: rotating caches raise NotImplementedError, sinks a ValueError, latent attention fails
// on the tuple that a quantized cache returns; model types that it has no module for are refused by name.
TEST_P(MlxRefusals, CantRun)
{
    const Asked& asked = GetParam();
    Question question = question_about_preset(asked.model);
    question.scenario.inference.engine = "mlx";
    question.scenario.inference.mlx.kv_bits = asked.kv_bits;
    question.scenario.precision.weights = "mlx:4bit";
    question.scenario.hardware.accelerator = asked.accelerator;
    question.accelerator = *Catalogue().find(asked.accelerator);
    const EstimatePointer estimate = estimate_of(question, Detail::full);
    ASSERT_TRUE(estimate->fit.refusal);
    EXPECT_EQ(estimate->fit.verdict, Verdict::cant_run);
    EXPECT_THAT(estimate->fit.refusal->text, HasSubstr(asked.says));
}

INSTANTIATE_TEST_SUITE_P(All, MlxRefusals,
                         ::testing::Values(Asked{"gemma-3-12b-it", "m4_max", 8, "rotating"},
                                           Asked{"gpt-oss-120b", "m3_ultra", 8, "rotating"},
                                           Asked{"DeepSeek-V3", "m3_ultra", 8, "latent"},
                                           Asked{"Llama-3.2-11B-Vision-Instruct", "m4_max", {}, "mllama"},
                                           Asked{"Llama-3.1-8B", "mi300x", {}, "Metal"}));

EstimatePointer estimate_on_a_mac(const char* model, std::int64_t tokens, std::optional<std::int64_t> kv_bits)
{
    Question question = question_about_preset(model);
    question.scenario.inference.engine = "mlx";
    question.scenario.inference.sequence_length = tokens;
    question.scenario.inference.mlx.kv_bits = kv_bits;
    question.accelerator = *Catalogue().find("m4_max");
    return estimate_of(question);
}

// --quantized-kv-start is 5,000: below it the cache stays as it is, and nothing is refused.
TEST(MlxCaches, AreQuantizedFromTheStartOn)
{
    EXPECT_EQ(bytes_of(*estimate_on_a_mac("Llama-3.1-8B", 4'000, 8), "kv_cache"), 4'096 * 131'072LL);
    // 8,192 tokens of 8 bits and 32 of scale and bias for 64 of them: 1.0625 bytes a number
    EXPECT_EQ(bytes_of(*estimate_on_a_mac("Llama-3.1-8B", 8'192, 8), "kv_cache"), 8'192LL * 65'536 * 17 / 16);
    EXPECT_FALSE(estimate_on_a_mac("gemma-3-12b-it", 4'000, 8)->fit.refusal);
}

TEST(MlxEngine, IsReadUnderItsOtherNames)
{
    ASSERT_NE(find_engine("mlx"), nullptr);
    EXPECT_EQ(find_engine("mlx-lm"), find_engine("mlx"));
    EXPECT_EQ(find_engine("mlx_lm"), find_engine("mlx"));
    const auto scenario = read_scenario(json{{"version", 1}, {"inference", {{"engine", "mlx-lm"}}}});
    ASSERT_TRUE(scenario);
    EXPECT_EQ(scenario->inference.engine, "mlx");
}

// macOS 26 lets the GPU of a 128 GiB Mac have 84 %; iogpu.wired_limit_mb=114688 has been seen as 112 GiB.
TEST(MlxEngine, TheWiredLimitIsWhatMayBeUsed)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "mlx";
    question.scenario.hardware.accelerator = "m4_max";
    question.accelerator = *Catalogue().find("m4_max");
    constexpr std::int64_t gib = 1024LL * 1024 * 1024;
    EXPECT_NEAR(static_cast<double>(estimate_of(question, Detail::full)->fit.usable.count) / gib, 107.52, 0.005);
    question.scenario.hardware.wired_limit_mb = 114'688;
    EXPECT_EQ(estimate_of(question, Detail::full)->fit.usable.count, 112 * gib);
}

} // namespace
} // namespace weighbridge::testing
