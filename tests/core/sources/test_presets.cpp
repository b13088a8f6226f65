#include "core/sources/hf_config.h"
#include "core/sources/presets.h"
#include "tests/core/sources/known_models.h"

#include <gtest/gtest.h>

#include <map>

namespace weighbridge {

namespace {

class Presets : public ::testing::TestWithParam<std::string_view>
{
};

TEST_P(Presets, ImportUnderTheirOwnName)
{
    const auto model = preset_model(GetParam());
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->name, GetParam());
    EXPECT_GT((*model)->architecture.max_position_embeddings, 0);
    EXPECT_FALSE(preset_source(GetParam()).empty());
}

TEST_P(Presets, AreReadWithoutWarningsOrGuesses)
{
    const auto model = preset_model(GetParam());
    ASSERT_TRUE(model) << model.error().message;
    for (const Issue& issue : (*model)->issues)
        EXPECT_EQ(issue.field, "quantization_config") << issue.message;
}

TEST_P(Presets, HaveThePublishedParameterCount)
{
    std::map<std::string, KnownModel> by_repository;
    for (KnownModel& known : known_models())
        by_repository.emplace(known.id, known);

    const auto config = preset_config(GetParam());
    ASSERT_TRUE(config) << config.error().message;
    const std::string repository = config->at("_weighbridge").at("repository");
    ASSERT_TRUE(repository.ends_with(GetParam()));
    ASSERT_TRUE(by_repository.contains(repository)) << "no known figures for " << repository;
    const auto model = preset_model(GetParam());
    ASSERT_TRUE(model) << model.error().message;
    const auto& expected = by_repository.at(repository).expected;
    EXPECT_EQ((*model)->parameters.total, expected.at("parameters"));
    EXPECT_EQ((*model)->architecture.max_position_embeddings, expected.at("context"));
}

INSTANTIATE_TEST_SUITE_P(All, Presets, ::testing::ValuesIn(preset_names()),
                         [](const auto& tested) { return test_name(std::string(tested.param)); });

TEST(PresetNames, HoldTheModelsOfTheWebFormAndOfTheAppendix)
{
    for (const char* name :
         {"Llama-3.1-8B", "Llama-3.1-70B", "Llama-3.1-405B", "Qwen3-8B", "Qwen3-235B-A22B", "DeepSeek-V3",
          "Meta-Llama-3-8B", "Meta-Llama-3-70B", "Llama-4-Maverick-17B-128E-Instruct", "Mistral-7B-v0.1"})
        EXPECT_TRUE(preset_config(name)) << name;
    EXPECT_GE(preset_names().size(), 46U);
}

TEST(PresetNames, AreFoundInAnyCaseAndWithTheOrganisation)
{
    for (const char* name : {"llama-3.1-8b", "LLAMA-3.1-8B", "meta-llama/Llama-3.1-8B"}) {
        const auto model = preset_model(name);
        ASSERT_TRUE(model) << name;
        EXPECT_EQ((*model)->name, "Llama-3.1-8B");
    }
}

TEST(PresetNames, ThatAreNotThereNameTheNearest)
{
    const auto model = preset_model("Llama-3.1-8");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().field, "model");
    EXPECT_NE(model.error().message.find("\"Llama-3.1-8\""), std::string::npos) << model.error().message;
    EXPECT_NE(model.error().message.find("Llama-3.1-8B"), std::string::npos) << model.error().message;
    EXPECT_FALSE(preset_config(""));
    EXPECT_FALSE(preset_model("entirely unlike anything at all \xff"));
    EXPECT_EQ(preset_source("entirely unlike"), "");
}

} // namespace

} // namespace weighbridge
