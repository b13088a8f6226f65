// mlx-lm's rules worked by hand: what config.json says of a quantization, and the recipes of mlx_lm.convert.

#include "core/precision/mlx_rules.h"
#include "core/precision/model_format.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weighbridge::testing {
namespace {

using nlohmann::json;

/// Two layers of 128 wide: q and o of 128 × 128, k and v of 64 × 128, three matrices of 256 × 128, and a vocabulary of
/// 1,000 with a head of its own: 2 · (49,152 + 98,304) + 2 · 128,000 = 550,912 weights in matrices, 640 in five norms.
json small_llama()
{
    return {{"model_type", "llama"},
            {"hidden_size", 128},
            {"intermediate_size", 256},
            {"num_hidden_layers", 2},
            {"num_attention_heads", 4},
            {"num_key_value_heads", 2},
            {"head_dim", 32},
            {"vocab_size", 1000},
            {"tie_word_embeddings", false},
            {"max_position_embeddings", 64}};
}

constexpr double matrices = 550'912, norms = 640;

double stored_bytes(const json& config)
{
    const auto model = import_config(config, "test");
    EXPECT_TRUE(model);
    const NumberFormat format = for_model(*find_format("checkpoint", FormatUse::weights), **model);
    EXPECT_TRUE(format.column);
    return format.column ? format.column->bytes() : 0;
}

TEST(MlxCheckpoint, EmbeddingAndHeadAreQuantizedToo)
{
    json config = small_llama();
    config["quantization"] = {{"group_size", 64}, {"bits", 4}};
    EXPECT_EQ(stored_bytes(config), matrices * 4.5 / 8 + norms * 2);
    config["quantization_config"] = config["quantization"]; // mlx-lm writes both
    EXPECT_EQ(stored_bytes(config), matrices * 4.5 / 8 + norms * 2);
    const auto model = import_config(config, "test");
    ASSERT_TRUE(model);
    ASSERT_TRUE((*model)->published);
    EXPECT_EQ((*model)->published->method, "mlx");
}

TEST(MlxCheckpoint, ModesOfOneByteScales)
{
    json config = small_llama();
    config["quantization"] = {{"group_size", 32}, {"bits", 4}, {"mode", "mxfp4"}};
    EXPECT_EQ(stored_bytes(config), matrices * 4.25 / 8 + norms * 2);
    config["quantization"] = {{"group_size", 16}, {"bits", 4}, {"mode", "nvfp4"}};
    EXPECT_EQ(stored_bytes(config), matrices * 4.5 / 8 + norms * 2);
    config["quantization"] = {{"group_size", 32}, {"bits", 8}, {"mode", "mxfp8"}};
    EXPECT_EQ(stored_bytes(config), matrices * 8.25 / 8 + norms * 2);
}

TEST(MlxCheckpoint, ALayersOwnEntryCountsBeforeTheGeneralOne)
{
    json config = small_llama();
    config["quantization"] = {{"group_size", 64},
                              {"bits", 4},
                              {"model.layers.1.mlp.down_proj", {{"group_size", 64}, {"bits", 8}}},
                              {"model.embed_tokens", {{"group_size", 32}, {"bits", 6}}},
                              {"lm_head", false}};
    constexpr double down = 256 * 128, vocabulary = 128'000;
    EXPECT_EQ(stored_bytes(config), (matrices - down - 2 * vocabulary) * 4.5 / 8 + down * 8.5 / 8 +
                                        vocabulary * 7.0 / 8 + vocabulary * 2 + norms * 2);
}

TEST(MlxCheckpoint, WhatAGroupDoesNotDivideStaysWhole)
{
    json config = small_llama();
    config["intermediate_size"] = 200; // of down_proj, which is 128 × 200
    config["quantization"] = {{"group_size", 64}, {"bits", 4}};
    constexpr double down = 2 * 200 * 128, others = 2 * 49'152 + 2 * 2 * 200 * 128 + 2 * 128'000;
    EXPECT_EQ(stored_bytes(config), others * 4.5 / 8 + down * 2 + norms * 2);
}

TEST(MlxFormats, AreSpelledByBitsAndGroups)
{
    const struct
    {
        const char* spelled;
        const char* id;
        double bits;
    } cases[] = {
        {"mlx:4bit", "mlx:4bit", 4.5},       {"mlx:4bit_g64", "mlx:4bit", 4.5},
        {"MLX:4bit_g32", "mlx:4bit_g32", 5}, {"mlx:8bit_g128", "mlx:8bit_g128", 8.25},
        {"mlx_4bit_g64", "mlx:4bit", 4.5},   {"mlx:mxfp4", "mlx:mxfp4", 4.25},
        {"mlx:nvfp4", "mlx:nvfp4", 4.5},     {"mlx:mxfp8", "mlx:mxfp8", 8.25},
    };
    for (const auto& c : cases) {
        const auto format = find_format(c.spelled, FormatUse::weights);
        ASSERT_TRUE(format) << c.spelled;
        EXPECT_EQ(format->id, c.id);
        EXPECT_EQ(format->bits, c.bits) << c.spelled;
    }
    EXPECT_FALSE(find_format("mlx:7bit", FormatUse::weights));
    EXPECT_FALSE(find_format("mlx:4bit_g48", FormatUse::weights));
    EXPECT_TRUE(find_format("mlx:8bit", FormatUse::kv_cache));
    EXPECT_FALSE(find_format("mlx:mixed_4_6", FormatUse::kv_cache));
}

} // namespace
} // namespace weighbridge::testing
