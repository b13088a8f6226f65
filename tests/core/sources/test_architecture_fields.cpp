#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace weighbridge {

namespace {

using nlohmann::json;
using Field = ArchitectureField;

const std::vector<Field> all_fields = {
    Field::hidden_size,        Field::intermediate_size,  Field::num_layers,      Field::num_attention_heads,
    Field::num_kv_heads,       Field::head_dim,           Field::vocab_size,      Field::tie_word_embeddings,
    Field::num_routed_experts, Field::num_shared_experts, Field::expert_ffn_size, Field::experts_per_token,
};

json config_of(std::string_view name)
{
    auto config = preset_config(name);
    EXPECT_TRUE(config) << name;
    return config ? *config : json::object();
}

TEST(ArchitectureFields, AreWhatTheFormShowsForADenseModel)
{
    const auto model = preset_model("Llama-3.1-8B");
    ASSERT_TRUE(model);
    const std::vector<std::optional<std::int64_t>> expected = {
        4096, 14336, 32, 32, 8, 128, 128256, 0, std::nullopt, std::nullopt, std::nullopt, std::nullopt};
    for (std::size_t i = 0; i < all_fields.size(); ++i)
        EXPECT_EQ(architecture_field((*model)->architecture, all_fields[i]), expected[i]) << i;
}

TEST(ArchitectureFields, OfLatentAttentionHaveNoHeadDimension)
{
    const auto model = preset_model("DeepSeek-V3");
    ASSERT_TRUE(model);
    const std::vector<std::optional<std::int64_t>> expected = {7168,   18432, 61,  128, std::nullopt, std::nullopt,
                                                               129280, 0,     256, 1,   2048,         8};
    for (std::size_t i = 0; i < all_fields.size(); ++i)
        EXPECT_EQ(architecture_field((*model)->architecture, all_fields[i]), expected[i]) << i;
}

TEST(ArchitectureFields, OfTheFormShowOneExpertWhenDense)
{
    const json config = {{"model_type", "generic"}, {"hidden_size", 64},        {"intermediate_size", 256},
                         {"num_layers", 3},         {"num_attention_heads", 4}, {"vocab_size", 1000}};
    const auto model = import_config(config, "form");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ(architecture_field((*model)->architecture, Field::num_routed_experts), 1);
    EXPECT_EQ(architecture_field((*model)->architecture, Field::num_shared_experts), 0);
    EXPECT_EQ(architecture_field((*model)->architecture, Field::expert_ffn_size), 256);
    EXPECT_EQ(architecture_field((*model)->architecture, Field::experts_per_token), 1);
}

/// Edits that leave every model consistent.
std::int64_t edited(Field field, std::int64_t value)
{
    switch (field) {
    case Field::tie_word_embeddings:
        return 1 - value;
    case Field::num_layers:
        return value + 7;
    case Field::num_kv_heads:
        return 1;
    case Field::experts_per_token:
        return value > 1 ? value - 1 : 2;
    default:
        return 2 * value;
    }
}

/// What a family shows without a key for it: it follows from other keys, is fixed, or differs from layer to layer.
bool has_no_key(std::string_view family, Field field)
{
    static const std::multimap<std::string_view, Field> keyless = {
        {"dbrx", Field::head_dim},
        {"falcon", Field::head_dim},
        {"gpt2", Field::head_dim},
        {"gpt2", Field::num_kv_heads},
        {"llama4", Field::num_shared_experts},
        {"nemotron-nas", Field::intermediate_size},
        {"nemotron-nas", Field::num_kv_heads},
        {"qwen2_moe", Field::num_shared_experts},
        {"qwen3_5_moe", Field::num_shared_experts},
        {"qwen3_next", Field::num_shared_experts},
        {"step3p5", Field::num_shared_experts},
    };
    const auto [first, last] = keyless.equal_range(family);
    return std::any_of(first, last, [&](const auto& entry) { return entry.second == field; });
}

/// multi_query of falcon-7b leaves it one KV head, whatever num_kv_heads says.
bool is_overruled(std::string_view preset, Field field)
{
    return preset == "falcon-7b" && field == Field::num_kv_heads;
}

class EveryPreset : public ::testing::TestWithParam<std::string_view>
{
};

TEST_P(EveryPreset, ShowsEveryEditOfAFieldThatItHas)
{
    const json config = config_of(GetParam());
    const std::string family = config["model_type"];
    const auto before = import_config(config, "before");
    ASSERT_TRUE(before);
    for (const Field field : all_fields) {
        const auto value = architecture_field((*before)->architecture, field);
        if (!value)
            continue;
        const auto changed = with_architecture_field(config, field, edited(field, *value));
        if (!has_architecture_key(config, field)) {
            EXPECT_TRUE(*value == 0 || has_no_key(family, field)) << static_cast<int>(field);
            ASSERT_FALSE(changed) << static_cast<int>(field);
            EXPECT_TRUE(changed.error().message.starts_with("A " + family + " model has no field for the "));
            continue;
        }
        EXPECT_FALSE(has_no_key(family, field)) << static_cast<int>(field);
        if (*value == 0)
            continue;
        if (is_overruled(GetParam(), field)) {
            const auto overruled = with_architecture_field(config, field, 71);
            ASSERT_FALSE(overruled);
            EXPECT_EQ(overruled.error().message,
                      "Other keys of this falcon config decide the number of KV heads: it stays 1");
            continue;
        }
        ASSERT_TRUE(changed) << changed.error().message;
        const auto after = import_config(*changed, "after");
        ASSERT_TRUE(after) << after.error().message;
        EXPECT_EQ(architecture_field((*after)->architecture, field), edited(field, *value)) << static_cast<int>(field);
    }
}

TEST_P(EveryPreset, IsUnchangedByWritingWhatItShows)
{
    const json config = config_of(GetParam());
    const auto before = import_config(config, "same");
    ASSERT_TRUE(before);
    for (const Field field : all_fields) {
        const auto value = architecture_field((*before)->architecture, field);
        const auto changed = value ? with_architecture_field(config, field, *value) : Result<json>(config);
        if (!changed)
            continue;
        const auto after = import_config(*changed, "same");
        ASSERT_TRUE(after) << after.error().message;
        EXPECT_EQ((*after)->architecture, (*before)->architecture) << static_cast<int>(field);
    }
}

TEST_P(EveryPreset, RefusesImpossibleEditsCleanly)
{
    const json config = config_of(GetParam());
    for (const Field field : all_fields) {
        for (const std::int64_t value : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{3}, std::int64_t{1} << 60}) {
            const auto changed = with_architecture_field(config, field, value);
            if (!changed) {
                EXPECT_FALSE(changed.error().message.empty());
                continue;
            }
            const auto model = import_config(*changed, "edited");
            ASSERT_TRUE(model || !model.error().message.empty());
            const auto shown = model ? architecture_field((*model)->architecture, field) : std::nullopt;
            EXPECT_EQ(shown.value_or(value), value);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Presets, EveryPreset, ::testing::ValuesIn(preset_names()), [](const auto& tested) {
    std::string name(tested.param);
    for (char& c : name)
        c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name;
});

TEST(Edits, GoUnderTheKeyThatTheConfigUses)
{
    json config = config_of("Qwen3-235B-A22B");
    auto changed = with_architecture_field(config, Field::num_routed_experts, 64);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("num_experts"), 64);
    EXPECT_FALSE(changed->contains("num_local_experts"));

    config.erase("num_experts");
    config["num_local_experts"] = 128;
    changed = with_architecture_field(config, Field::num_routed_experts, 64);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("num_local_experts"), 64);
    EXPECT_FALSE(changed->contains("num_experts"));
}

TEST(Edits, ReachIntoNestedConfigs)
{
    const auto changed = with_architecture_field(config_of("gemma-3-4b-it"), Field::hidden_size, 5120);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("text_config").at("hidden_size"), 5120);
    const auto tied = with_architecture_field(config_of("gemma-3-4b-it"), Field::tie_word_embeddings, 0);
    ASSERT_TRUE(tied);
    EXPECT_EQ(tied->at("tie_word_embeddings"), false);
}

TEST(Edits, OfTheLayerCountKeepThePattern)
{
    json config = {{"model_type", "gemma3_text"}, {"num_hidden_layers", 4}};
    const std::string s = "sliding_attention";
    const std::string f = "full_attention";
    config["layer_types"] = {s, s, f, s};
    auto changed = with_architecture_field(config, Field::num_layers, 8);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("layer_types"), (json{s, s, f, s, s, f, s, s}));
    changed = with_architecture_field(*changed, Field::num_layers, 3);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("layer_types"), (json{s, s, f}));

    json llama4 = {{"model_type", "llama4"}, {"text_config", {{"num_hidden_layers", 4}, {"moe_layers", {1, 3}}}}};
    changed = with_architecture_field(llama4, Field::num_layers, 8);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("text_config").at("moe_layers"), (json{1, 3, 5, 7}));
    changed = with_architecture_field(llama4, Field::num_layers, 3);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("text_config").at("moe_layers"), (json{1}));
}

TEST(Edits, OfTheLayerCountLeavePredictionLayersTheirEntries)
{
    // 43 layers and one prediction layer: 0, 0, then 4 and 128 in turn, and 0 for the last.
    auto changed = with_architecture_field(config_of("DeepSeek-V4-Flash"), Field::num_layers, 5);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("compress_ratios"), (json{0, 0, 4, 128, 4, 0}));

    // 45 layers and three prediction layers; experts in layers 3 to 44.
    changed = with_architecture_field(config_of("Step-3.5-Flash"), Field::num_layers, 6);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("layer_types").size(), 9U);
    EXPECT_EQ(changed->at("moe_layers_enum"), "3,4,5");
    changed = with_architecture_field(config_of("Step-3.5-Flash"), Field::num_layers, 48);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("layer_types").size(), 51U);
    EXPECT_TRUE(changed->at("moe_layers_enum").get<std::string>().ends_with(",44,45,46,47"));
}

TEST(Edits, OfTheLayerCountFitAPatternOfLetters)
{
    json config = config_of("NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16");
    config.erase("layers_block_type");
    config["hybrid_override_pattern"] = "MEM*MEM*";
    config["num_hidden_layers"] = 8;
    auto changed = with_architecture_field(config, Field::num_layers, 11);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("hybrid_override_pattern"), "MEM*MEM*MEM");
    EXPECT_EQ(changed->at("num_hidden_layers"), 11);
    changed = with_architecture_field(*changed, Field::num_layers, 3);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("hybrid_override_pattern"), "MEM");
}

TEST(Edits, ChangeTheLayersThatTheFormShows)
{
    // 39 of 48 layers slide and have eight KV heads; the nine full ones have four. All have 64 query heads.
    const json config = config_of("MiMo-V2-Flash");
    auto changed = with_architecture_field(config, Field::num_kv_heads, 16);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("swa_num_key_value_heads"), 16);
    EXPECT_EQ(changed->at("num_key_value_heads"), 4);
    changed = with_architecture_field(config, Field::num_attention_heads, 128);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("swa_num_attention_heads"), 128);
    EXPECT_EQ(changed->at("num_attention_heads"), 128);

    // 50 of 60 layers slide, with 16 KV heads of 256; the ten full ones have four of 512.
    const json gemma = config_of("gemma-4-31B-it");
    const auto model = import_config(gemma, "gemma");
    ASSERT_TRUE(model);
    EXPECT_EQ(architecture_field((*model)->architecture, Field::num_kv_heads), 16);
    EXPECT_EQ(architecture_field((*model)->architecture, Field::head_dim), 256);
    changed = with_architecture_field(gemma, Field::head_dim, 128);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("text_config").at("head_dim"), 128);
    EXPECT_EQ(changed->at("text_config").at("global_head_dim"), 512);
}

TEST(Edits, GoIntoTheObjectThatHasTheKey)
{
    const auto changed = with_architecture_field(config_of("dbrx-instruct"), Field::num_routed_experts, 32);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("ffn_config").at("moe_num_experts"), 32);
    EXPECT_EQ(changed->at("ffn_config").at("moe_top_k"), 4);
    EXPECT_FALSE(changed->contains("ffn_config.moe_num_experts"));
}

TEST(Edits, OfAnUnknownFamilyGoByTheChosenOne)
{
    json config = config_of("Qwen3-235B-A22B");
    config["model_type"] = "qwen9_moe";
    EXPECT_TRUE(has_architecture_key(config, Field::num_routed_experts)); // it resembles qwen3_moe
    EXPECT_FALSE(has_architecture_key(config, Field::num_routed_experts, {.read_as = "llama-like"}));
    EXPECT_TRUE(has_architecture_key(config, Field::num_routed_experts, {.read_as = "qwen3_moe"}));
    const auto changed = with_architecture_field(config, Field::num_routed_experts, 64, {.read_as = "qwen3_moe"});
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(changed->at("num_experts"), 64);
    EXPECT_EQ(changed->at("model_type"), "qwen9_moe");
}

TEST(Edits, OfFieldsThatAFamilyLacksSayWhichFamily)
{
    const auto changed = with_architecture_field(config_of("Llama-3.1-8B"), Field::num_routed_experts, 8);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().message, "A llama model has no field for the number of routed experts");
    EXPECT_FALSE(with_architecture_field(config_of("DeepSeek-V3"), Field::head_dim, 64));
    EXPECT_FALSE(with_architecture_field(json::array(), Field::hidden_size, 64));
    EXPECT_FALSE(with_architecture_field({{"model_type", "gemma3"}, {"text_config", 3}}, Field::hidden_size, 64));
}

} // namespace

} // namespace weighbridge
