// transformers' peaks against the tables that Qwen published (tests/data/measured/transformers.jsonl) and rules worked
// by hand.

#include "core/engines/transformers/peak.h"
#include "core/engines/transformers/transformers.h"
#include "tests/core/engines/measured_runs.h"
#include "tests/core/support/evaluate.h"
#include "tests/core/support/networks.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

using nlohmann::json;

constexpr double gibibyte = 1073741824;

/// Where the table names no prompt ("a short one"), 16 tokens stand for it.
MeasuredRun measured(const json& row, const json& configs)
{
    MeasuredRun run;
    run.model = imported(configs.at(row.at("network").get<std::string>()));
    run.scenario.precision.weights = row.at("weights");
    run.scenario.precision.kv_cache_k = run.scenario.precision.kv_cache_v = row.at("kv_cache");
    InferenceChoice& choice = run.scenario.inference;
    choice.engine = "transformers";
    choice.engine_version = row.at("engine_version");
    choice.transformers.attn_implementation = row.at("attn_implementation");
    choice.transformers.input_tokens = optional_value<std::int64_t>(row, "input_tokens").value_or(16);
    choice.transformers.output_tokens = row.at("output_tokens").get<std::int64_t>();
    choice.transformers.batch_size = row.at("batch_size").get<std::int64_t>();
    return run;
}

/// What misses by more than 8 % and why:
/// - sums over several GPUs of long prompts (Qwen1.5-72B, Qwen2-72B, Qwen2.5-72B with gpus > 1): the table adds up
/// peaks
///   that single GPUs reach at different moments;
/// - Qwen3 with 14,336 and 30,720 prompt tokens: its table's peaks grow by the cache alone, so those prompts were not
///   passed through the layers at once; the table does not say how;
/// - Qwen3-0.6B-FP8 with short prompts: 0.29 GiB more than the tensors of the network, the size of a head of its own;
/// - Qwen1.5-4B-GPTQ with one token: 0.46 GiB of kernel workspace that no source names;
/// - two of the Qwen-7B sweeps (batch 4, batch 100), whose prompts are not named.
TEST(TransformersTables, MedianWithinThreePercentNineOfTenWithinEight)
{
    const json configs = measured_networks("qwen_configs.json");
    Errors errors;
    for (const json& row : measured_rows("transformers.jsonl"))
        errors.add(measured(row, configs).printed("peak_allocated_bytes") / gibibyte, row.at("peak_gib"), row.at("id"));
    EXPECT_EQ(errors.count(), 195u);
    EXPECT_LE(errors.median(), 0.03);
    EXPECT_GE(errors.within(0.08), 0.9) << errors.list();
}

TEST(TransformersTables, RangesHoldNineOfTenPeaks)
{
    const json configs = measured_networks("qwen_configs.json");
    int inside = 0;
    int all = 0;
    for (const json& row : measured_rows("transformers.jsonl")) {
        if (row.at("gpus") != 1)
            continue;
        const MeasuredRun run = measured(row, configs);
        const InferenceInputs inputs = run.inputs();
        const double peak = run.printed("peak_allocated_bytes");
        const std::vector<Term> terms = inputs.engine->terms(inputs, true);
        const Term* activations = find_term(terms, "activations");
        ASSERT_NE(activations, nullptr);
        const double low = peak - static_cast<double>(activations->bytes.count - activations->low.count);
        const double high = peak + static_cast<double>(activations->high.count - activations->bytes.count);
        const double bytes = row.at("peak_gib").get<double>() * gibibyte;
        inside += bytes >= low && bytes <= high;
        ++all;
    }
    EXPECT_GE(all, 170);
    EXPECT_GE(inside, all * 9 / 10);
}

struct VersionCase
{
    std::string_view text;
    TransformersRelease release;
};

TEST(TransformersReleases, AreReadFromTheVersionText)
{
    constexpr VersionCase cases[] = {
        {"4.51.3", {4, 51}},
        {"v4.46", {4, 46}},
        {"transformers 4.38.2 (torch 2.1.2, FA 2.3.3)", {4, 38}},
        {"transformers (torch 2.1.2, FA2 2.5.6)", {4, 36}},
        {"torch 2.0.1, FA2, AutoGPTQ", {4, 31}},
        {"torch 1.13", {4, 31}},
        {"", {5, 16}},
        {"newest", {5, 16}},
        {"4.", {5, 16}},
        {"99999999999999999999.1", {5, 16}},
    };
    for (const VersionCase& expected : cases)
        EXPECT_EQ(transformers_release(expected.text), expected.release) << expected.text;
}

TransformersRun run_of(const Model& model, TransformersRelease release)
{
    TransformersRun run;
    run.model = &model;
    run.widths = layer_widths(model.architecture);
    run.release = release;
    run.weights = run.kv_k = run.kv_v = run.activations = *find_format("bf16", FormatUse::weights);
    run.input_tokens = 1000;
    return run;
}

/// Qwen3-8B, 36 layers of 8 heads of 128: 147,456 bytes per token.
TEST(TransformersCache, IsHeldTwiceByOldReleases)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    EXPECT_EQ(transformers_cache_at<double>(run_of(*model, {4, 51}), PeakMoment::first_decode), 147456.0 * 1000);
    EXPECT_EQ(transformers_cache_at<double>(run_of(*model, {4, 38}), PeakMoment::first_decode), 2 * 147456.0 * 1000);
    EXPECT_EQ(transformers_cache_at<double>(run_of(*model, {4, 38}), PeakMoment::prefill), 147456.0 * 1000);
}

/// DeepSeek-V3: 61 layers of 128 heads of 192 and 128 expanded, 576 latent elements since 5.14.
TEST(TransformersCache, IsLatentInNewReleases)
{
    const auto model = preset_model("DeepSeek-V3");
    ASSERT_TRUE(model);
    EXPECT_EQ(transformers_cache_at<double>(run_of(**model, {5, 13}), PeakMoment::prefill), 4997120.0 * 1000);
    EXPECT_EQ(transformers_cache_at<double>(run_of(**model, {5, 16}), PeakMoment::prefill), 70272.0 * 1000);
}

/// gpt-oss-20b: 12 full layers keep every token, 12 sliding ones 127 of their window of 128; 2,048 bytes per token.
TEST(TransformersCache, DropsTokensOutsideTheWindow)
{
    const ModelPointer model = make_model("gpt-oss", gpt_oss_20b());
    EXPECT_EQ(transformers_cache_at<double>(run_of(*model, {5, 0}), PeakMoment::prefill),
              12 * 2048.0 * 1000 + 12 * 2048.0 * 127);
    EXPECT_EQ(transformers_cache_at<double>(run_of(*model, {4, 50}), PeakMoment::prefill), 24 * 2048.0 * 1000);
}

/// 152,064 x (2 + 4) + 3,584 x 2 bytes per prompt token for Qwen2-7B before 4.45 (measured slope less cache: 919,800).
TEST(TransformersLogits, WholePromptBeforeRelease445)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    TransformersRun run = run_of(*model, {4, 44});
    EXPECT_EQ(transformers_activations_at<double>(run, PeakMoment::prompt_logits), 1000 * (151936.0 * 6 + 4096 * 2));
    run.release = {4, 45};
    EXPECT_EQ(transformers_activations_at<double>(run, PeakMoment::prompt_logits),
              151936.0 * 2 + 2 * 1000 * 4096.0 * 2);
    run.logits_to_keep = 0;
    EXPECT_EQ(transformers_activations_at<double>(run, PeakMoment::prompt_logits),
              1000 * 151936.0 * 2 + 2 * 1000 * 4096.0 * 2);
}

/// Scores, their fp32 softmax and its copy: 32 heads x 1000 x 1000 x 8 bytes more than SDPA.
TEST(TransformersAttention, EagerHoldsTheScores)
{
    const ModelPointer model = make_model("qwen3", qwen3_8b());
    TransformersRun run = run_of(*model, {5, 16});
    run.attention = AttentionImplementation::eager;
    const double eager = transformers_activations_at<double>(run, PeakMoment::prefill);
    EXPECT_GT(eager, 32.0 * 1000 * 1000 * 8);
    run.attention = AttentionImplementation::flash;
    EXPECT_EQ(transformers_activations_at<double>(run, PeakMoment::prefill), 1000 * (3 * 12288.0 + 4 * 4096) * 2);
}

void expect_numbers_to_evaluate(const std::vector<Term>& terms)
{
    for (const Term& term : terms) {
        const auto value = Evaluator::evaluate(term.formula.numbers);
        ASSERT_TRUE(value) << term.id << ": " << term.formula.numbers;
        EXPECT_NEAR(*value, static_cast<double>(term.bytes.count), 1) << term.id << ": " << term.formula.numbers;
        EXPECT_LE(term.low.count, term.bytes.count) << term.id;
        EXPECT_GE(term.high.count, term.bytes.count) << term.id;
        expect_numbers_to_evaluate(term.children);
    }
}

TEST(TransformersTerms, NumbersEvaluateToTheBytes)
{
    for (const std::string_view name : {"Llama-3.1-8B", "DeepSeek-V3", "gpt-oss-120b"}) {
        for (const std::string_view version : {"4.37", "4.44", "4.51", "5.16"}) {
            Question question = question_about_preset(name);
            question.scenario.inference.engine = "transformers";
            question.scenario.inference.engine_version = version;
            const auto estimate = estimate_of(question);
            expect_numbers_to_evaluate(estimate->terms);
            ASSERT_EQ(estimate->engine_prints.size(), 1u);
            EXPECT_LE(estimate->engine_prints.front().value, static_cast<double>(estimate->total.count));
        }
    }
}

TEST(TransformersTerms, FillWhatWasLeftOut)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.engine = "transformers";
    question.scenario.inference.sequence_length = 5000;
    question.scenario.inference.transformers.output_tokens = 1000;
    const auto estimate = estimate_of(question);
    EXPECT_EQ(estimate->scenario.inference.transformers.input_tokens, 4000);
    EXPECT_EQ(estimate->scenario.inference.transformers.batch_size, 1);
}

} // namespace
} // namespace weighbridge::testing
