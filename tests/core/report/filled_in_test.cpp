// A report's own scenario, asked again, gives the same report: what nobody chose is no order.
#include "core/fields/scenario_json.h"
#include "core/report/csv.h"
#include "core/report/estimate_json.h"
#include "core/report/markdown.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace weighbridge {
namespace {

using nlohmann::json;

EstimatePointer answer_to(const json& scenario)
{
    const auto read = read_scenario(scenario);
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    if (!read)
        return nullptr;
    Question question = testing::question_about_preset(read->model.text);
    question.scenario = *read;
    question.accelerator =
        read->hardware.custom ? *read->hardware.custom : *Catalogue().find(read->hardware.accelerator);
    return testing::estimate_of(question, Detail::full);
}

class AskedAgain : public ::testing::TestWithParam<const char*>
{
};

TEST_P(AskedAgain, GivesTheSameReport)
{
    const EstimatePointer first = answer_to(json::parse(GetParam()));
    ASSERT_TRUE(first);
    const nlohmann::ordered_json report = to_json(*first);
    const EstimatePointer second = answer_to(report.at("scenario"));
    ASSERT_TRUE(second);
    EXPECT_EQ(to_json(*second).dump(1), report.dump(1));
    EXPECT_EQ(to_csv(*second), to_csv(*first));
    EXPECT_EQ(to_markdown(*second), to_markdown(*first));
    // Nothing is said to be chosen and filled in at once.
    for (const auto& [group, keys] : report.at("filled_in").items())
        for (const auto& [key, value] : keys.items())
            EXPECT_FALSE(value.is_null() || (report.at("scenario").contains(group) && !value.is_object() &&
                                             report.at("scenario").at(group).contains(key)))
                << group << '.' << key;
}

INSTANTIATE_TEST_SUITE_P(
    Tasks, AskedAgain,
    ::testing::Values(
        R"({"model": "Llama-3.1-8B"})", R"({"model": "Llama-3.1-8B", "task": "train"})",
        R"({"model": "Llama-3.1-8B", "task": "train", "train": {"framework": "torchtitan"}})",
        R"({"model": "Llama-3.1-8B", "task": "train", "precision": {"weights": "bf16"}})",
        R"({"model": "Llama-3.1-8B", "task": "fine_tune", "fine_tune": {"method": "qlora", "framework": "hf_trainer"}})",
        R"({"model": "gpt-oss-120b", "task": "fine_tune", "fine_tune": {"method": "qlora"}})",
        R"({"model": "gpt-oss-120b", "precision": {"kv_cache": {"k": "fp8"}}})",
        R"({"model": "Llama-3.1-8B", "inference": {"engine": "llama.cpp"}})",
        R"({"model": "Llama-3.1-8B", "inference": {"engine": "vllm"}})",
        R"({"model": "Llama-3.1-8B", "inference": {"engine": "sglang"}, "hardware": {"accelerator": "rtx_4090"}})",
        R"({"model": "Llama-3.1-8B", "inference": {"engine": "transformers", "output_tokens": 13}})"));

TEST(FilledIn, HoldsWhatEngineFrameworkModelAndProgramTook)
{
    const json vllm = to_json(
        *answer_to(json::parse(R"({"model": "Llama-3.1-8B", "inference": {"engine": "vllm", "max_num_seqs": 64}})")));
    EXPECT_EQ(vllm["scenario"], json::parse(R"({"version": 1, "model": "Llama-3.1-8B",
        "inference": {"engine": "vllm", "max_num_seqs": 64}})"));
    const json& filled = vllm["filled_in"];
    EXPECT_EQ(filled["inference"]["max_model_len"], 131072) << "as the network was made for";
    EXPECT_EQ(filled["inference"]["sequence_length"], 8192);
    EXPECT_EQ(filled["hardware"]["accelerator"], "h100_sxm_80");
    EXPECT_EQ(filled["precision"], json::parse(R"({"weights": "bf16", "kv_cache": "bf16", "activations": "bf16"})"));
    EXPECT_FALSE(filled["inference"].contains("max_num_seqs")) << "chosen";
    EXPECT_FALSE(filled["inference"].contains("n_ctx")) << "another engine's";
    EXPECT_FALSE(filled["inference"].contains("kv_cache_memory_bytes")) << "nobody set it";
    EXPECT_FALSE(filled.contains("train"));

    const json qlora = to_json(
        *answer_to(json::parse(R"({"model": "Llama-3.1-8B", "task": "fine_tune", "fine_tune": {"method": "qlora"}})")));
    EXPECT_EQ(qlora["filled_in"]["precision"]["weights"], "bnb_nf4");
    EXPECT_EQ(qlora["filled_in"]["fine_tune"]["lora_rank"], 16);
    EXPECT_FALSE(qlora["filled_in"]["fine_tune"].contains("optimizer_rank")) << "AdamW projects nothing";
    EXPECT_FALSE(qlora["filled_in"].contains("inference"));
}

// SGLang takes no share of 0, so none is said where a card is too small for any.
TEST(FilledIn, ACardTooSmallForAShareHasNone)
{
    const json report = to_json(*answer_to(json::parse(
        R"({"model": "Qwen3-0.6B", "inference": {"engine": "sglang"},
            "hardware": {"accelerator": {"name": "tiny", "memory_gib": 1}}})")));
    EXPECT_FALSE(report["filled_in"]["inference"].contains("mem_fraction_static"));
}

} // namespace
} // namespace weighbridge
