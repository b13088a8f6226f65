#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace weighbridge {

namespace {

using nlohmann::json;
using Field = ArchitectureField;

const std::vector<Field> all_fields = {
    Field::hidden_size,        Field::intermediate_size,  Field::num_layers,      Field::num_attention_heads,
    Field::num_kv_heads,       Field::head_dim,           Field::vocab_size,      Field::tie_word_embeddings,
    Field::num_routed_experts, Field::num_shared_experts, Field::expert_ffn_size, Field::experts_per_token,
};

json preset(std::string_view name)
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

class EveryPreset : public testing::TestWithParam<std::string_view>
{
};

TEST_P(EveryPreset, ShowsEveryEditOfAFieldThatItHas)
{
    const json config = preset(GetParam());
    const auto before = import_config(config, "before");
    ASSERT_TRUE(before);
    // The one shared expert of these families is no key.
    static constexpr std::array<std::string_view, 4> one_shared = {"llama4", "qwen2_moe", "qwen3_next", "qwen3_5_moe"};
    const bool fixed_shared =
        std::find(one_shared.begin(), one_shared.end(), config["model_type"].get<std::string>()) != one_shared.end();
    for (const Field field : all_fields) {
        const auto value = architecture_field((*before)->architecture, field);
        if (!value)
            continue;
        const bool writable = with_architecture_field(config, field, *value).operator bool();
        const bool absent = field == Field::num_shared_experts && (fixed_shared || *value == 0);
        EXPECT_TRUE(writable || absent) << static_cast<int>(field);
        if (!writable || *value == 0)
            continue;
        const auto changed = with_architecture_field(config, field, edited(field, *value));
        ASSERT_TRUE(changed) << changed.error().message;
        const auto after = import_config(*changed, "after");
        ASSERT_TRUE(after) << after.error().message;
        EXPECT_EQ(architecture_field((*after)->architecture, field), edited(field, *value)) << static_cast<int>(field);
    }
}

TEST_P(EveryPreset, IsUnchangedByWritingWhatItShows)
{
    const json config = preset(GetParam());
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
    const json config = preset(GetParam());
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

INSTANTIATE_TEST_SUITE_P(Presets, EveryPreset, testing::ValuesIn(preset_names()), [](const auto& tested) {
    std::string name(tested.param);
    for (char& c : name)
        c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name;
});

TEST(Edits, GoUnderTheKeyThatTheConfigUses)
{
    json config = preset("Qwen3-235B-A22B");
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
    const auto changed = with_architecture_field(preset("gemma-3-4b-it"), Field::hidden_size, 5120);
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->at("text_config").at("hidden_size"), 5120);
    const auto tied = with_architecture_field(preset("gemma-3-4b-it"), Field::tie_word_embeddings, 0);
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

TEST(Edits, OfFieldsThatAFamilyLacksSayWhichFamily)
{
    const auto changed = with_architecture_field(preset("Llama-3.1-8B"), Field::num_routed_experts, 8);
    ASSERT_FALSE(changed);
    EXPECT_EQ(changed.error().message, "A llama model has no field for the number of routed experts");
    EXPECT_FALSE(with_architecture_field(preset("DeepSeek-V3"), Field::head_dim, 64));
    EXPECT_FALSE(with_architecture_field(json::array(), Field::hidden_size, 64));
    EXPECT_FALSE(with_architecture_field({{"model_type", "gemma3"}, {"text_config", 3}}, Field::hidden_size, 64));
}

} // namespace

} // namespace weighbridge
