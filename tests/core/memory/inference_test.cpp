// Weights, caches and activations of the generic engine, worked by hand.

#include "core/engines/inference.h"
#include "tests/core/support/evaluate.h"
#include "tests/core/support/scenarios.h"

#include <cmath>

namespace weighbridge::testing {
namespace {

// Llama-3.1-70B: 80 layers of 855,638,016 matrix elements (attention 150,994,944, FFN 704,643,072), 2 · 128,256 · 8,192
// for embedding and head, and 161 norms of 8,192.
constexpr std::int64_t matrices_70b = 80 * (150'994'944LL + 704'643'072LL) + 2 * 128'256LL * 8'192;
constexpr std::int64_t norms_70b = 161 * 8'192LL;

TEST(Weights, NormsAreHeldByEveryRank)
{
    Question question = question_about_preset("Llama-3.1-70B");
    question.scenario.hardware.tensor_parallel = 4;
    const auto result = estimate_of(question);
    EXPECT_EQ(result->model->parameters.total, 70'553'706'496);
    EXPECT_EQ(bytes_of(*result, "weights"), matrices_70b / 4 * 2 + norms_70b * 2);
    EXPECT_EQ(bytes_of(*result, "weights.norms"), norms_70b * 2);
    EXPECT_EQ(find_term(result->terms, "weights")->basis, Basis::exact);
}

TEST(Weights, PartsSumToTheWhole)
{
    for (const std::string_view name :
         {"Llama-3.1-8B", "DeepSeek-V3", "gpt-oss-120b", "gemma-3-12b-it", "Llama-4-Scout-17B-16E-Instruct"}) {
        for (const char* format : {"bf16", "fp8", "gptq_4bit_g128"}) {
            Question question = question_about_preset(name);
            question.scenario.precision.weights = format;
            const auto result = estimate_of(question);
            const Term& weights = result->terms.front();
            std::int64_t sum = 0;
            for (const Term& part : weights.children)
                sum += part.bytes.count;
            EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(weights.bytes.count), 8) << name << ' ' << format;
        }
    }
}

// One key/value head per rank is the least there is: with 16 ranks and 8 heads, k_proj and v_proj are divided by 8.
TEST(Weights, KvHeadsAreCopiedBeyondTheirNumber)
{
    Question question = question_about_config(generic_70b());
    question.scenario.hardware.tensor_parallel = 16;
    const std::int64_t kv_matrices = 80 * 2 * 8'192LL * 1'024;
    const std::int64_t expected = (matrices_70b - kv_matrices) / 16 * 2 + kv_matrices / 8 * 2 + norms_70b * 2;
    EXPECT_EQ(bytes_of(*estimate_of(question), "weights"), expected);
}

// GPTQ with groups of 128: 4 + 16/128 + 4/128 bits; embeddings, head and norms stay in 16 bits.
TEST(Weights, QuantizationLeavesEmbeddingsAlone)
{
    Question question = question_about_preset("Llama-3.1-70B");
    question.scenario.precision.weights = "gptq_4bit_g128";
    const auto result = estimate_of(question);
    const double layers = 80 * (150'994'944.0 + 704'643'072.0) * 4.15625 / 8;
    const double rest = (2 * 128'256.0 * 8'192 + norms_70b) * 2;
    EXPECT_EQ(bytes_of(*result, "weights"), std::llround(layers + rest));
    const Term& weights = result->terms.front();
    EXPECT_EQ(weights.basis, Basis::derived);
    EXPECT_LT(weights.low, weights.bytes);
    EXPECT_GT(weights.high, weights.bytes);
}

TEST(Weights, ATypedCountTakesThePlaceOfTheComputedOne)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.inference.parameters = 8'000'000'000;
    question.scenario.precision.weights = "bits:4";
    question.scenario.hardware.tensor_parallel = 2;
    EXPECT_EQ(bytes_of(*estimate_of(question), "weights"), 2'000'000'000);
}

TEST(Weights, OfAFamilyThatAPersonChoseAreNoFact)
{
    auto config = preset_config("Llama-3.1-70B");
    ASSERT_TRUE(config);
    (*config)["model_type"] = "unheard_of";
    const auto model = import_config(*config, "new", {.read_as = "llama"});
    ASSERT_TRUE(model) << model.error().message;
    const auto result = estimate_of(question_about(*model));
    EXPECT_EQ(result->total, estimate_of(question_about_preset("Llama-3.1-70B"))->total);
    for (const Term& term : result->terms)
        EXPECT_EQ(term.basis, Basis::assumed) << term.id;
    EXPECT_EQ(find_term(result->terms, "weights.attention")->basis, Basis::assumed);

    Question typed = question_about(*model);
    typed.scenario.inference.parameters = 70'000'000'000;
    EXPECT_EQ(find_term(estimate_of(typed)->terms, "weights")->basis, Basis::derived);
}

TEST(Cache, IsDividedOverKvHeadsAndNotBeyond)
{
    Question question = question_about_config(generic_70b());
    question.scenario.inference.sequence_length = 32768;
    question.scenario.inference.concurrent_sequences = 12;
    const std::int64_t whole = std::int64_t{327'680} * 32768 * 12;
    for (const auto& [ranks, divisor] : {std::pair{1, 1}, {4, 4}, {8, 8}, {16, 8}, {64, 8}}) {
        question.scenario.hardware.tensor_parallel = ranks;
        EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), whole / divisor) << ranks;
    }
}

TEST(Cache, LatentVectorsAreOnEveryRank)
{
    Question question = question_about_preset("DeepSeek-V3");
    for (const int ranks : {1, 8, 16}) {
        question.scenario.hardware.tensor_parallel = ranks;
        EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{70'272} * 8192) << ranks;
    }
}

// gpt-oss-120b: 18 full layers and 18 with a window of 128; 8 heads of 64. At 131,072 tokens: 18 · 2,048 · (131,072 +
// 128) bytes.
TEST(Cache, WindowsStopGrowing)
{
    Question question = question_about_preset("gpt-oss-120b");
    question.scenario.inference.sequence_length = 131072;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(bytes_of(*result, "kv_cache"), std::int64_t{18} * 2048 * (131072 + 128));
    EXPECT_EQ(result->cache.bytes_per_token, 18 * 2048);
    EXPECT_EQ(result->cache.fixed_bytes_per_sequence, 18 * 2048 * 128);

    question.scenario.inference.sequence_length = 100; // shorter than the window
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{36} * 2048 * 100);
}

// q8_0 stores 32 values in 34 bytes, q4_0 in 18.
TEST(Cache, QuantizedEntriesCarryTheirScales)
{
    Question question = question_about_preset("Llama-3.1-8B");
    question.scenario.precision.kv_cache_k = question.scenario.precision.kv_cache_v = "q8_0";
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{65'536} * 8192 / 32 * 34);
    question.scenario.precision.kv_cache_v = "q4_0";
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{32'768} * 8192 / 32 * (34 + 18));
}

TEST(Activations, AreThoseOfTheWidestLayer)
{
    Question question = question_about_preset("DeepSeek-V3"); // dense layers of 18,432; experts 8 · 2,048 = 16,384
    EXPECT_EQ(bytes_of(*estimate_of(question), "activations"), std::int64_t{8192} * (2 * 7168 + 2 * 18432) * 2);
}

TEST(Overhead, IsHalfAGibibyteOrAShareOfTheWeights)
{
    Question question = question_about_preset("Llama-3.1-8B");
    EXPECT_EQ(bytes_of(*estimate_of(question), "overhead"), 536'870'912);
    EXPECT_EQ(estimate_of(question)->terms.back().basis, Basis::assumed);
    question.scenario.inference.overhead_fraction = 0.5;
    EXPECT_EQ(bytes_of(*estimate_of(question), "overhead"), 8'030'261'248);
}

void expect_lines_evaluate(const std::vector<Term>& terms, const std::string& where)
{
    for (const Term& term : terms) {
        const auto value = evaluate(term.formula.numbers);
        ASSERT_TRUE(value.has_value()) << where << ' ' << term.id << ": " << term.formula.numbers;
        EXPECT_NEAR(*value, static_cast<double>(term.bytes.count), 0.5 + 1e-12 * std::abs(*value))
            << where << ' ' << term.id << ": " << term.formula.numbers;
        EXPECT_FALSE(term.formula.symbols.empty());
        EXPECT_FALSE(term.source.empty()) << term.id;
        EXPECT_LE(term.low, term.bytes);
        EXPECT_GE(term.high, term.bytes);
        expect_lines_evaluate(term.children, where);
    }
}

TEST(Formulas, EveryNumbersLineEvaluatesToItsTerm)
{
    for (const std::string_view name : preset_names()) {
        for (const char* format : {"bf16", "fp8_block128", "bnb_nf4", "nominal:0.5"}) {
            for (const char* method : {"peak_layer", "vanilla", "gqa", "flash", "fraction"}) {
                Question question = question_about_preset(name);
                question.scenario.precision.weights = format;
                question.scenario.precision.kv_cache_k = "q8_0";
                question.scenario.inference.activation_method = method;
                question.scenario.inference.sequence_length = 5000;
                question.scenario.inference.concurrent_sequences = 3;
                const auto choices = tensor_parallel_choices(question.model->architecture);
                question.scenario.hardware.tensor_parallel = choices.back();
                expect_lines_evaluate(estimate_of(question)->terms, std::string(name) + ' ' + format);
            }
        }
    }
}

TEST(Formulas, TextAndSearchAgree)
{
    for (const std::string_view name : preset_names()) {
        const Question question = question_about_preset(name);
        const auto inputs = inference_inputs(question.scenario, *question.model);
        ASSERT_TRUE(inputs);
        EXPECT_NEAR(inference_bytes(*inputs), static_cast<double>(estimate_of(question)->total.count), 4) << name;
    }
}

TEST(Formulas, ReadAsTheDesignShowsThem)
{
    Question question = question_about_preset("Llama-3.1-70B");
    question.scenario.inference.sequence_length = 32768;
    question.scenario.inference.concurrent_sequences = 12;
    question.scenario.hardware.tensor_parallel = 4;
    const auto result = estimate_of(question);
    const Term* cache = find_term(result->terms, "kv_cache");
    EXPECT_EQ(cache->formula.symbols, "2 · L · k · d · s · b · B_kv / tp");
    EXPECT_EQ(cache->formula.numbers, "2 × 80 × 8 × 128 × 32,768 × 12 × 2 / 4");
    const Term* attention = find_term(result->terms, "weights.attention");
    EXPECT_EQ(attention->formula.symbols, "L · (2 · h · a·d + 2 · h · k·d) · B_w / tp");
    EXPECT_EQ(attention->formula.numbers, "80 × (2 × 8,192 × 8,192 + 2 × 8,192 × 1,024) × 2 / 4");

    question.scenario.hardware.tensor_parallel = 1;
    const auto single = estimate_of(question);
    EXPECT_EQ(single->terms.front().formula.symbols, "P · B_w");
    EXPECT_EQ(single->terms.front().formula.numbers, "70,553,706,496 × 2");
}

} // namespace
} // namespace weighbridge::testing
