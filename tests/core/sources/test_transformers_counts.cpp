#include "core/sources/hf_config.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>
#include <string>

namespace weighbridge {

namespace {

/// Configs of every kind with the parameters that transformers 5.24 itself counts for the class that `architectures`
/// names, built on the meta device; `stored` and `biases` are elements that checkpoints hold beside parameters.
TEST(TransformersCounts, AreEqualToTheUnit)
{
    std::ifstream file(WEIGHBRIDGE_TEST_DATA "/models/transformers_counts.jsonl");
    ASSERT_TRUE(file);
    int count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        const nlohmann::json row = nlohmann::json::parse(line);
        const std::string id = row.at("id");
        const auto model = import_config(row.at("config"), id);
        ASSERT_TRUE(model) << id << ": " << model.error().message;
        const std::int64_t exact = row.at("parameters");
        const std::set<std::int64_t> right = {exact, exact + row.at("stored").get<std::int64_t>(),
                                              exact + row.at("biases").get<std::int64_t>()};
        EXPECT_TRUE(right.contains((*model)->parameters.total))
            << id << ": " << (*model)->parameters.total << ", exact " << exact;
    }
    EXPECT_GT(count, 200);
}

TEST(TransformersCounts, AMissingTowerIsSaid)
{
    const nlohmann::json text = {{"model_type", "llama"},       {"hidden_size", 64},        {"intermediate_size", 128},
                                 {"num_hidden_layers", 2},      {"num_attention_heads", 4}, {"vocab_size", 100},
                                 {"tie_word_embeddings", false}};
    const nlohmann::json config = {
        {"model_type", "marmot_vl"}, {"text_config", text}, {"vision_config", {{"model_type", "marmot_vision"}}}};
    const auto model = import_config(config, "marmot");
    ASSERT_TRUE(model) << model.error().message;
    const auto alone = import_config(text, "alone");
    ASSERT_TRUE(alone);
    EXPECT_EQ((*model)->parameters.total, (*alone)->parameters.total);
    EXPECT_EQ((*model)->architecture.family, "marmot_vl");
    bool said = false;
    for (const Issue& issue : (*model)->issues)
        said = said || issue.message.find("marmot_vision") != std::string::npos;
    EXPECT_TRUE(said);
}

} // namespace

} // namespace weighbridge
