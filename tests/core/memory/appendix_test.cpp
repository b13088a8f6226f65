// The inference examples and tables of the book appendix (seed 002). The appendix counts weights and overhead in 10^9
// bytes and the KV cache in 2^30 bytes and adds them as one unit; the product never mixes them, so each part is
// compared in the unit the appendix used.

#include "tests/core/support/scenarios.h"

#include <cmath>

namespace weighbridge::testing {
namespace {

struct Example
{
    const char* name;
    const char* preset;
    double parameters; ///< typed in, as the appendix does
    double width;      ///< bytes per parameter
    std::int64_t tokens;
    double weights_gb;
    double kv_gib;
    double total_mixed; ///< as printed: GB + GiB + GB
};

double tenths(double value)
{
    return std::round(value * 10) / 10;
}

class Appendix : public ::testing::TestWithParam<Example>
{
};

TEST_P(Appendix, PrintedFiguresAreReproduced)
{
    const Example& example = GetParam();
    Question question = question_about_preset(example.preset);
    Scenario& scenario = question.scenario;
    scenario.precision.weights = "nominal:" + nlohmann::json(example.width).dump();
    scenario.inference.parameters = static_cast<std::int64_t>(example.parameters * 1e9);
    scenario.inference.sequence_length = example.tokens;
    scenario.inference.activation_method =
        "fraction"; // 15 % of the weights stand for activations, context and fragmentation
    scenario.inference.activation_fraction = 0.15;
    scenario.inference.overhead_bytes = 0;

    const auto result = estimate_of(question);
    const double weights = static_cast<double>(bytes_of(*result, "weights")) / 1e9;
    const double cache = static_cast<double>(bytes_of(*result, "kv_cache")) / bytes_per_gib;
    const double rest = static_cast<double>(bytes_of(*result, "activations")) / 1e9;
    EXPECT_DOUBLE_EQ(tenths(weights), example.weights_gb);
    EXPECT_DOUBLE_EQ(tenths(cache), example.kv_gib);
    EXPECT_DOUBLE_EQ(tenths(weights + cache + rest), example.total_mixed);
}

INSTANTIATE_TEST_SUITE_P(
    B5toB7, Appendix,
    ::testing::Values(
        Example{"Llama8B_BF16_8K", "Meta-Llama-3-8B", 8.0, 2, 8192, 16.0, 1.0, 19.4},
        Example{"Llama8B_INT8_8K", "Meta-Llama-3-8B", 8.0, 1, 8192, 8.0, 1.0, 10.2},
        Example{"Llama8B_INT4_8K", "Meta-Llama-3-8B", 8.0, 0.5, 8192, 4.0, 1.0, 5.6},
        Example{"Llama8B_BF16_32K", "Meta-Llama-3-8B", 8.0, 2, 32768, 16.0, 4.0, 22.4},
        Example{"Llama8B_BF16_128K", "Meta-Llama-3-8B", 8.0, 2, 131072, 16.0, 16.0, 34.4},
        Example{"Llama70B_BF16_8K", "Meta-Llama-3-70B", 70.6, 2, 8192, 141.2, 2.5, 164.9},
        Example{"Llama70B_INT8_8K", "Meta-Llama-3-70B", 70.6, 1, 8192, 70.6, 2.5, 83.7},
        Example{"Llama70B_INT4_8K", "Meta-Llama-3-70B", 70.6, 0.5, 8192, 35.3, 2.5, 43.1},
        Example{"DeepSeekV3_INT8_8K", "DeepSeek-V3", 671.0, 1, 8192, 671.0, 0.5, 772.2},
        Example{"DeepSeekV3_INT4_8K", "DeepSeek-V3", 671.0, 0.5, 8192, 335.5, 0.5, 386.4},
        Example{"DeepSeekV3_BF16_8K", "DeepSeek-V3", 671.0, 2, 8192, 1342.0, 0.5, 1543.8}, // printed as 1,544
        Example{"Maverick_BF16_8K", "Llama-4-Maverick-17B-128E-Instruct", 400.0, 2, 8192, 800.0, 1.5, 921.5},
        Example{"Maverick_INT8_8K", "Llama-4-Maverick-17B-128E-Instruct", 400.0, 1, 8192, 400.0, 1.5, 461.5},
        Example{"Maverick_INT4_8K", "Llama-4-Maverick-17B-128E-Instruct", 400.0, 0.5, 8192, 200.0, 1.5, 231.5},
        Example{"Mistral7B_BF16_8K", "Mistral-7B-Instruct-v0.2", 7.3, 2, 8192, 14.6, 1.0, 17.8},
        Example{"Mistral7B_INT8_8K", "Mistral-7B-Instruct-v0.2", 7.3, 1, 8192, 7.3, 1.0, 9.4},
        Example{"Mistral7B_INT4_8K", "Mistral-7B-Instruct-v0.2", 7.3, 0.5, 8192, 3.7, 1.0, 5.2},
        Example{"Qwen3_8B_BF16_8K", "Qwen3-8B", 8.2, 2, 8192, 16.4, 1.1, 20.0},
        Example{"Qwen3_8B_INT8_8K", "Qwen3-8B", 8.2, 1, 8192, 8.2, 1.1, 10.6},
        Example{"Qwen3_8B_INT4_8K", "Qwen3-8B", 8.2, 0.5, 8192, 4.1, 1.1, 5.8}),
    [](const auto& test) { return std::string(test.param.name); });

struct CacheRow
{
    const char* preset;
    std::int64_t bytes_per_token;
};

class AppendixCache : public ::testing::TestWithParam<CacheRow>
{
};

TEST_P(AppendixCache, BytesPerTokenAreThoseOfTheTable)
{
    const auto result = estimate_of(question_about_preset(GetParam().preset), Detail::full);
    EXPECT_EQ(static_cast<std::int64_t>(result->cache.bytes_per_token), GetParam().bytes_per_token);
}

// B.10, column "Per Token"; DeepSeek-V3 as its footnote works it out.
INSTANTIATE_TEST_SUITE_P(B10, AppendixCache,
                         ::testing::Values(CacheRow{"Meta-Llama-3-8B", 128 * 1024}, CacheRow{"Qwen3-8B", 144 * 1024},
                                           CacheRow{"Meta-Llama-3-70B", 320 * 1024}, CacheRow{"DeepSeek-V3", 70'272}));

// The appendix gives Llama-3.1-405B 16 key/value heads; its config.json has 8, so the real cache is half of the
// printed 7.9 and 126 GiB.
TEST(AppendixDiffers, Llama405BHasEightKvHeads)
{
    Question question = question_about_preset("Llama-3.1-405B");
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{1008} * 1024 * 8192 / 2);
    question.scenario.inference.sequence_length = 131072;
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{63} * 1024 * 1024 * 1024);
}

// With 8 key/value heads the 405B rows of table B.10 lose half of their 7.9 GiB: 939.4, 473.6 and 240.8 become 935.4,
// 469.7 and 236.8.
TEST(AppendixDiffers, Llama405BTotals)
{
    struct Row
    {
        const char* width;
        double total_mixed;
    };
    for (const Row& row : {Row{"nominal:2", 935.4}, Row{"nominal:1", 469.7}, Row{"nominal:0.5", 236.8}}) {
        Question question = question_about_preset("Llama-3.1-405B");
        question.scenario.precision.weights = row.width;
        question.scenario.inference.parameters = 405'000'000'000;
        question.scenario.inference.activation_method = "fraction";
        question.scenario.inference.overhead_bytes = 0;
        const auto result = estimate_of(question);
        const double decimal =
            static_cast<double>(bytes_of(*result, "weights") + bytes_of(*result, "activations")) / 1e9;
        const double binary = static_cast<double>(bytes_of(*result, "kv_cache")) / bytes_per_gib;
        EXPECT_DOUBLE_EQ(tenths(decimal + binary), row.total_mixed) << row.width;
    }
}

// The appendix lets every layer of Llama-4-Maverick cache all tokens (192 KiB each). Three layers in four attend within
// chunks of 8,192 tokens, so beyond the first chunk only 12 of 48 layers grow.
TEST(AppendixDiffers, MaverickCachesChunks)
{
    Question question = question_about_preset("Llama-4-Maverick-17B-128E-Instruct");
    question.scenario.inference.sequence_length = 8192;
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{192} * 1024 * 8192);
    question.scenario.inference.sequence_length = 32768;
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"),
              std::int64_t{48} * 1024 * 32768 + std::int64_t{144} * 1024 * 8192);
}

// Its DeepSeek-V3 total at 128K tokens: "about 8.6 GB" for the latent cache.
TEST(Appendix128K, DeepSeekLatentCache)
{
    Question question = question_about_preset("DeepSeek-V3");
    question.scenario.inference.sequence_length = 131072;
    question.accelerator = plain_accelerator(4096);
    EXPECT_EQ(bytes_of(*estimate_of(question), "kv_cache"), std::int64_t{70'272} * 131072);
}

} // namespace
} // namespace weighbridge::testing
