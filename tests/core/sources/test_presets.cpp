#include "core/precision/model_format.h"
#include "core/sources/hf_config.h"
#include "core/sources/presets.h"
#include "tests/core/sources/known_models.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
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
    const auto config = preset_config(GetParam());
    ASSERT_TRUE(config) << config.error().message;
    const std::string repository = config->at("_weighbridge").at("repository");
    ASSERT_TRUE(repository.ends_with(GetParam()));
    const auto known = known_model(repository);
    ASSERT_TRUE(known) << "no known figures for " << repository;
    const auto model = preset_model(GetParam());
    ASSERT_TRUE(model) << model.error().message;
    const auto& expected = known->expected;
    // Of these two the known count is that of a config without its audio tower; test_hybrids.cpp has the published one.
    const bool without_audio = GetParam() == "gemma-4-E2B-it" || GetParam() == "gemma-4-E4B-it";
    if (!without_audio) {
        EXPECT_EQ((*model)->parameters.total, expected.at("parameters"));
    }
    EXPECT_EQ((*model)->architecture.max_position_embeddings, expected.at("context"));
}

INSTANTIATE_TEST_SUITE_P(All, Presets, ::testing::ValuesIn(preset_names()),
                         [](const auto& tested) { return test_name(std::string(tested.param)); });

/// Repositories that publish their weights quantized: bytes per parameter between the two, in all that engines load.
struct PublishedQuantized
{
    const char* preset;
    double low;
    double high;
};

/// Blocks of 128 × 128 in FP8 have 4 bytes of scale for 16,384 parameters; embeddings, head, norms, routers and towers
/// stay in 16 bits, which adds the more the smaller a model is. OpenAI's card of gpt-oss (table 1) says 60.8 and 12.8
/// GiB for 116.83 and 20.91 billion: 0.559 and 0.657. Kimi K2.5's card says INT4 in groups of 32 for the experts, 4.5
/// bits and 595 GB for 1.03 trillion; Kimi K3's MXFP4, 4.25 bits.
constexpr PublishedQuantized stored_quantized[] = {
    {"DeepSeek-R1", 1.0, 1.01},
    {"DeepSeek-R1-0528", 1.0, 1.01},
    {"DeepSeek-V3", 1.0, 1.01},
    {"DeepSeek-V3-0324", 1.0, 1.01},
    {"DeepSeek-V3.1", 1.0, 1.01},
    {"DeepSeek-V3.2", 1.0, 1.01},
    {"DeepSeek-V4-Flash", 0.5, 1.05}, // its experts are in FP4
    {"DeepSeek-V4-Pro", 0.5, 1.05},
    {"Devstral-2-123B-Instruct-2512", 1.0, 1.06},
    {"Devstral-Small-2-24B-Instruct-2512", 1.0, 1.1},
    {"Kimi-K2-Instruct", 1.0, 1.01},
    {"Kimi-K2.5", 0.56, 0.6},
    {"MiMo-V2-Flash", 1.0, 1.03},
    {"MiniMax-M2", 1.0, 1.01},
    {"MiniMax-M2.5", 1.0, 1.01},
    {"MiniMax-M2.7", 1.0, 1.01},
    {"gpt-oss-120b", 0.555, 0.563},
    {"gpt-oss-20b", 0.653, 0.661},
};

TEST_P(Presets, AreStoredAsTheirRepositoryStoresThem)
{
    // Half of what a config.json says is how the weights are stored: another repository's file would say another half.
    const auto model = preset_model(GetParam());
    ASSERT_TRUE(model) << model.error().message;
    const NumberFormat format = for_model(*find_format(checkpoint_format, FormatUse::weights), **model);
    double bytes = 0;
    for (const Tensor& tensor : (*model)->tensors)
        bytes += static_cast<double>(tensor.elements()) * bytes_per_element(format, tensor);
    const auto* row = std::find_if(std::begin(stored_quantized), std::end(stored_quantized),
                                   [](const PublishedQuantized& known) { return known.preset == GetParam(); });
    const double each = bytes / static_cast<double>((*model)->parameters.total);
    if (row == std::end(stored_quantized)) {
        EXPECT_EQ(each, (*model)->architecture.torch_dtype == "float32" ? 4 : 2)
            << "of the data type, and nothing else";
        EXPECT_FALSE((*model)->published);
    } else {
        EXPECT_GE(each, row->low);
        EXPECT_LE(each, row->high);
    }
}

TEST(PresetNames, HoldTheModelsThatAreUsedMost)
{
    for (const char* name : {"Qwen3-0.6B",
                             "Qwen3-1.7B",
                             "Qwen3-4B",
                             "Qwen3-8B",
                             "Qwen3-14B",
                             "Qwen3-32B",
                             "Qwen3-30B-A3B",
                             "Qwen3-235B-A22B",
                             "Qwen3-Next-80B-A3B-Instruct",
                             "Qwen2.5-7B-Instruct",
                             "Qwen2.5-32B-Instruct",
                             "Qwen2.5-72B-Instruct",
                             "Llama-3.1-8B-Instruct",
                             "Llama-3.3-70B-Instruct",
                             "gemma-3-27b-it",
                             "gemma-3-4b-it",
                             "gemma-4-31B-it",
                             "gemma-4-26B-A4B",
                             "gpt-oss-20b",
                             "gpt-oss-120b",
                             "DeepSeek-R1",
                             "DeepSeek-V3.2",
                             "GLM-4.5-Air",
                             "GLM-4.6",
                             "Kimi-K2.5",
                             "MiniMax-M2",
                             "Mixtral-8x7B-Instruct-v0.1",
                             "Mistral-Small-24B-Instruct-2501",
                             "phi-4",
                             "Phi-4-mini-instruct",
                             "DeepSeek-R1-Distill-Llama-70B",
                             "Qwen3-VL-8B-Instruct"})
        EXPECT_TRUE(preset_config(name)) << name;
}

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
