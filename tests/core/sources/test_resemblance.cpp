#include "core/sources/hf_config.h"
#include "core/sources/presets.h"
#include "core/sources/resemblance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace weighbridge {

namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

json renamed(std::string_view preset, std::string_view model_type)
{
    const auto config = preset_config(preset);
    EXPECT_TRUE(config) << preset;
    json changed = config ? *config : json::object();
    changed["model_type"] = model_type;
    return changed;
}

std::vector<std::string> families_like(const json& config)
{
    std::vector<std::string> names;
    for (const Resemblance& resemblance : resembled_families(config))
        names.emplace_back(resemblance.family);
    return names;
}

TEST(Resemblance, GoesByTheNameAndTheKeys)
{
    // The same name with keys of three families: keys decide where letters don't.
    EXPECT_EQ(families_like(renamed("Qwen3-235B-A22B", "qwen9_moe")).front(), "qwen3_moe");
    EXPECT_EQ(families_like(renamed("DeepSeek-V3", "deepseek_v9")).front(), "deepseek_v3");
    EXPECT_EQ(families_like(renamed("DeepSeek-V4-Flash", "deepseek_v9")).front(), "deepseek_v4");
    EXPECT_EQ(families_like(renamed("gemma-3-4b-it", "gemma9")).front(), "gemma3");
}

TEST(Resemblance, IsSeenByKeysAloneWhereALlamaUnderstandsFewer)
{
    // MLA with an indexer: only these have its keys.
    EXPECT_THAT(families_like(renamed("DeepSeek-V3.2", "zebra")),
                Each(AnyOf("deepseek_v32", "dots3_note_text", "glm_moe_dsa")));
    // A plain decoder is like all of them: only its name could tell.
    EXPECT_THAT(families_like(renamed("Llama-3.1-8B", "zebra")), IsEmpty());
    EXPECT_THAT(families_like(renamed("Llama-3.1-8B", "llama9")), Contains("llama"));
}

TEST(Resemblance, NamesTheKeysOnBothSides)
{
    json config = renamed("Qwen3-8B", "qwen9");
    config["mixing_rank"] = 64;
    config["mixing_off"] = nullptr;
    config["final_loss_coef"] = 0.1;
    const auto resembled = resembled_families(config);
    ASSERT_FALSE(resembled.empty());
    EXPECT_EQ(resembled.front().family, "qwen3");
    EXPECT_THAT(resembled.front().understood, Contains("num_key_value_heads"));
    EXPECT_THAT(resembled.front().understood, Not(Contains("mixing_rank")));
    EXPECT_THAT(resembled.front().not_understood, ElementsAre("mixing_rank"));
    EXPECT_THAT(sentence(resembled.front()), HasSubstr("As a qwen3 model it is understood in "));
    EXPECT_THAT(sentence(resembled.front()), HasSubstr(", not in mixing_rank."));
}

TEST(Resemblance, OffersNothingThatWouldBeRefused)
{
    json config = renamed("Qwen3-8B", "qwen9");
    config["num_attention_heads"] = "many";
    EXPECT_THAT(families_like(config), IsEmpty());
    EXPECT_THAT(families_like(json::object()), IsEmpty());
    EXPECT_THAT(families_like(json::array({1, 2})), IsEmpty());
    EXPECT_THAT(families_like({{"model_type", "generics"}, {"hidden_size", 8}}), IsEmpty());
}

TEST(Resemblance, DecidesWhereNobodyChoosesAndIsSaid)
{
    json config = renamed("Qwen3-235B-A22B", "qwen9_moe");
    config["mixing_rank"] = 64;
    const auto assumed = import_config(config, "new");
    ASSERT_TRUE(assumed) << assumed.error().message;
    EXPECT_TRUE((*assumed)->family_assumed);
    EXPECT_EQ((*assumed)->issues.front().severity, Severity::warning);
    EXPECT_EQ((*assumed)->issues.front().message,
              "model_type qwen9_moe is not known: read as a qwen3_moe model, which it resembles most. Not understood: "
              "mixing_rank. Weights and cache may be wrong.");

    const auto chosen = import_config(config, "new", {.read_as = "qwen3_moe"});
    ASSERT_TRUE(chosen) << chosen.error().message;
    const auto known = preset_model("Qwen3-235B-A22B");
    ASSERT_TRUE(known);
    EXPECT_EQ((*chosen)->parameters.total, (*known)->parameters.total);
    EXPECT_EQ((*chosen)->architecture.family, "qwen9_moe");
    ASSERT_FALSE((*chosen)->issues.empty());
    EXPECT_EQ((*chosen)->issues.front().severity, Severity::warning);
    EXPECT_EQ((*chosen)->issues.front().message,
              "model_type qwen9_moe is not known: read as a qwen3_moe model because you chose so. Not understood: "
              "mixing_rank. Weights and cache may be wrong.");
    EXPECT_TRUE((*chosen)->family_assumed);
    EXPECT_FALSE((*known)->family_assumed);
}

TEST(Resemblance, UnderstandsAllOfAFamilysOwnFiles)
{
    for (const std::string_view name : preset_names()) {
        const auto config = preset_config(name);
        ASSERT_TRUE(config) << name;
        const std::string family = config->at("model_type");
        const auto model = import_config(renamed(name, "unheard_of"), "new", {.read_as = family});
        ASSERT_TRUE(model) << name << ": " << model.error().message;
        EXPECT_THAT((*model)->issues.front().message, Not(HasSubstr("Not understood"))) << name;
    }
}

TEST(Resemblance, OfNestedConfigsReachesTheTower)
{
    const json config = renamed("gemma-3-4b-it", "gemma9");
    const auto chosen = import_config(config, "new", {.read_as = "gemma3"});
    ASSERT_TRUE(chosen) << chosen.error().message;
    EXPECT_EQ((*chosen)->parameters.total, (*preset_model("gemma-3-4b-it"))->parameters.total);
}

TEST(Resemblance, ChosenWhereItIsNotNeededIsANote)
{
    const auto config = preset_config("Llama-3.1-8B");
    ASSERT_TRUE(config);
    const auto model = import_config(*config, "known", {.read_as = "qwen3"});
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->parameters.total, 8'030'261'248);
    ASSERT_EQ((*model)->issues.size(), 1U);
    EXPECT_EQ((*model)->issues.front().severity, Severity::note);
    EXPECT_THAT((*model)->issues.front().message, HasSubstr("\"qwen3\" is not used"));
}

TEST(Resemblance, ToAFamilyThatIsNotThereIsRefusedByName)
{
    const json config = renamed("Llama-3.1-8B", "odd");
    for (const char* name : {"qwen33", "generic", "\x01", "Llama-like"}) {
        const auto model = import_config(config, "new", {.read_as = name});
        ASSERT_FALSE(model) << name;
        EXPECT_EQ(model.error().field, "read_as");
    }
    EXPECT_THAT(import_config(config, "new", {.read_as = "qwen33"}).error().message, HasSubstr("nearest is \"qwen3\""));
}

TEST(Resemblance, ListsKeysAsStrangersWriteThem)
{
    EXPECT_EQ(listed_keys({"a", "b"}), "a, b");
    EXPECT_EQ(listed_keys({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}), "1, 2, 3, 4, 5, 6, 7, 8 and 2 more");
    for (const char letter : listed_keys({"\x1b[2J\n"}))
        EXPECT_GE(letter, ' ');
}

} // namespace

} // namespace weighbridge
