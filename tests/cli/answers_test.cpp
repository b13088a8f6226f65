// What the command line answers on request: recommended configurations, serving capacity, reference tables.

#include "app/cli/command_line.h"
#include "tests/cli/run_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

using nlohmann::json;
using testing::Answer;
using testing::Arguments;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::report_of;
using testing::run;

TEST(Recommend, OnlyWhereItIsAskedFor)
{
    const json plain = report_of({"Llama-3.1-70B"});
    EXPECT_FALSE(plain.contains("recommended"));
    EXPECT_FALSE(plain.contains("serving"));
    const json asked = report_of({"Llama-3.1-70B", "--recommend"});
    EXPECT_TRUE(asked["recommended"]["usable_share"].is_null()); // the verdict's
    EXPECT_EQ(asked["recommended"]["smallest"], "1x_h200_sxm_141");
    EXPECT_GT(asked["recommended"]["configurations"].size(), 60u);
    EXPECT_EQ(report_of({"Llama-3.1-70B", "--recommend", "--usable-share", "75%"})["recommended"]["usable_share"],
              0.75);
}

TEST(Recommend, IsInEveryFormat)
{
    EXPECT_THAT(run({"estimate", "Llama-3.1-70B", "--recommend"}).out, HasSubstr("1× H200 SXM 141 GB (1 GPU)"));
    EXPECT_THAT(run({"estimate", "Llama-3.1-70B", "--recommend", "--format", "markdown"}).out,
                HasSubstr("| 2× H100 SXM 80 GB | 2 | TP 2 |"));
    EXPECT_THAT(run({"estimate", "Llama-3.1-70B", "--recommend", "--format", "csv"}).out,
                HasSubstr("\r\n2x_h100_sxm_80,2× H100 SXM 80 GB,cards,true,h100_sxm_80,2,"));
}

/// Scripts find a table of a CSV report by how its heading begins.
void expect_tables_told_apart(Arguments arguments)
{
    arguments.insert(arguments.begin(), "estimate");
    arguments.insert(arguments.end(), {"--format", "csv"});
    const std::string csv = run(arguments).out;
    std::set<std::string> headings;
    std::istringstream lines(csv);
    bool heads = true;
    for (std::string line; std::getline(lines, line); heads = line == "\r" || line.empty()) {
        if (!heads || line == "\r" || line.empty())
            continue;
        const std::size_t second = line.find(',', line.find(',') + 1);
        EXPECT_TRUE(headings.insert(line.substr(0, second)).second) << line;
    }
    EXPECT_GT(headings.size(), 5u);
}

TEST(Csv, TablesAreToldApartByTheirFirstColumns)
{
    expect_tables_told_apart({"Qwen3-4B", "--serving", "--recommend", "--ladder"});
    expect_tables_told_apart({"Qwen3-4B", "--set", "task=train", "--serving", "--recommend"});
    expect_tables_told_apart({"Qwen3-4B", "--set", "task=fine_tune", "--serving", "--timeline"});
}

TEST(Serving, TakesLengthsAndConcurrencies)
{
    const json report =
        report_of({"Llama-3.1-8B", "--serving", "--lengths", "1000,4k", "--concurrencies", "2", "--context", "2000"});
    const json& rows = report["serving"]["by_length"];
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0]["sequence_length"], 1000);
    EXPECT_EQ(rows[1]["sequence_length"], 2000);
    EXPECT_EQ(rows[1]["max_concurrent_sequences"], report["capacity"]["max_concurrent_sequences"]);
    EXPECT_EQ(rows[2]["sequence_length"], 4096);
    EXPECT_EQ(report["serving"]["by_concurrency"].size(), 2u);
    EXPECT_EQ(report["serving"]["over_context"].size(), 200u);
    EXPECT_THAT(run({"estimate", "Llama-3.1-8B", "--serving"}).out, HasSubstr("Concurrent requests"));
}

TEST(Savings, AreInEveryReport)
{
    const Arguments lora = {"Llama-3.1-8B", "--set", "task=fine_tune", "--set", "fine_tune.framework=pytorch",
                            "--savings"};
    const json report = report_of(lora);
    const json& list = report["savings"];
    ASSERT_FALSE(list.empty());
    EXPECT_EQ(list[0]["field"], "fine_tune.offload"); // 15 GiB of frozen weights; then 4 GiB of logits
    EXPECT_EQ(list[1]["field"], "fine_tune.loss");
    EXPECT_EQ(list[0]["total_bytes"].get<std::int64_t>() + list[0]["saved_bytes"].get<std::int64_t>(),
              report["per_gpu"]["total_bytes"].get<std::int64_t>());
    Arguments arguments = {"estimate"};
    arguments.insert(arguments.end(), lora.begin(), lora.end());
    EXPECT_THAT(run(arguments).out, HasSubstr("; of logits and loss, 3.91"));
    arguments.insert(arguments.end(), {"--format", "csv"});
    EXPECT_THAT(run(arguments).out, HasSubstr("\r\nfine_tune.loss,fused_linear,"));
    arguments.back() = "markdown";
    EXPECT_THAT(run(arguments).out, HasSubstr("; each alone.\n"));
}

/// Of training the same option says what fits by length, by batch and by card; the scenario's own row says what
/// capacity says.
TEST(OnRequest, ServingOfATrainingStepIsWhatFits)
{
    Arguments arguments = {"Llama-3.2-1B",          "--set",     "task=fine_tune", "--set",
                           "fine_tune.method=lora", "--serving", "--lengths",      "1000,4k",
                           "--concurrencies",       "2",         "--gpu",          "h100_sxm_80"};
    const json report = report_of(arguments);
    const json& capacity = report["capacity"];
    const json& answers = report["training_capacity"];
    ASSERT_EQ(answers["by_length"].size(), 3U) << "with the scenario's own";
    EXPECT_EQ(answers["by_length"][1]["sequence_length"], 2048);
    EXPECT_EQ(answers["by_length"][1]["max_micro_batch_size"], capacity["max_micro_batch_size"]);
    EXPECT_GT(answers["by_length"][0]["max_micro_batch_size"], answers["by_length"][2]["max_micro_batch_size"]);
    ASSERT_EQ(answers["by_batch"].size(), 2U);
    EXPECT_EQ(answers["by_batch"][0]["max_sequence_length"], capacity["max_sequence_length"]);
    EXPECT_GT(answers["by_accelerator"].size(), 5U);
    EXPECT_EQ(answers["by_accelerator"][0]["accelerator"], "h100_sxm_80");
    EXPECT_EQ(answers["by_accelerator"][0]["max_lora_rank"], capacity["max_lora_rank"]);
}

TEST(OnRequest, WhatCannotBeAskedIsRefused)
{
    struct Case
    {
        Arguments arguments;
        std::string says;
    };
    for (const Case& c :
         {Case{{"--usable-share", "0.9"}, "--recommend"},
          Case{{"--recommend", "--usable-share", "0"}, "--usable-share is \"0\""},
          Case{{"--recommend", "--usable-share", "110%"}, "at most 100%"}, Case{{"--lengths", "2000"}, "--serving"},
          Case{{"--serving", "--lengths", "2000,,8000"}, "--lengths is \"2000,,8000\""},
          Case{{"--serving", "--lengths", "0"}, "from 1 to"},
          Case{{"--serving", "--concurrencies", "9999999999"}, "1,048,576"},
          Case{{"--savings"}, "task is \"inference\""}, Case{{"--timeline"}, "task is \"inference\""}}) {
        Arguments arguments = {"estimate", "Llama-3.1-8B"};
        arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
        const Answer answer = run(arguments);
        EXPECT_EQ(answer.status, 2) << c.says;
        EXPECT_EQ(answer.out, "") << c.says;
        EXPECT_THAT(answer.err, HasSubstr(c.says));
    }
}

TEST(Tables, AreOfTheAppendixsModelsOrOfThoseNamed)
{
    const Answer usual = run({"tables"});
    EXPECT_EQ(usual.status, 0) << usual.err;
    EXPECT_THAT(usual.out, HasSubstr("Llama-4-Maverick"));
    const Answer named = run({"tables", "Qwen3-8B", "gpt-oss-120b", "--format", "csv", "--sort", "parameters"});
    EXPECT_THAT(named.out, HasSubstr("Qwen3-8B,8190735360,"));
    EXPECT_THAT(named.out, Not(HasSubstr("Maverick")));
    EXPECT_LT(named.out.find("Qwen3-8B"), named.out.find("gpt-oss-120b"));
    const Answer turned =
        run({"tables", "Qwen3-8B", "gpt-oss-120b", "--format", "csv", "--sort", "parameters", "--descending"});
    EXPECT_GT(turned.out.find("Qwen3-8B"), turned.out.find("gpt-oss-120b"));
    EXPECT_THAT(run({"tables", "Qwen3-8B", "--book-rules", "--format", "markdown"}).out, HasSubstr("0.5 bytes"));
}

TEST(Tables, HardwareAndPrecisionArePrintedWithTheirSources)
{
    const Answer hardware = run({"tables", "hardware", "--format", "csv", "--sort", "bandwidth_gbs", "--descending"});
    EXPECT_EQ(hardware.status, 0) << hardware.err;
    EXPECT_THAT(hardware.out, HasSubstr("h100_sxm_80,stas00/ml-engineering"));
    EXPECT_THAT(hardware.out, HasSubstr("dgx_h100"));
    EXPECT_LT(hardware.out.find("h200_sxm_141"), hardware.out.find("h100_sxm_80"));
    const Answer precision = run({"tables", "precision", "--format", "markdown"});
    EXPECT_EQ(precision.status, 0) << precision.err;
    EXPECT_THAT(precision.out, HasSubstr("| FP8 E4M3 | 8 | 1 / 4 / 3 | 448 |"));
    EXPECT_THAT(precision.out, HasSubstr("| NVFP4 | 4.5 |"));
    const Answer text = run({"tables", "precision"});
    EXPECT_THAT(text.out, HasSubstr("GPTQ 4-bit, group 128"));
}

TEST(Estimate, CountsAsTheNotebookWhereThatIsTheMethod)
{
    const Answer answer = run({"estimate", "Llama-3.1-70B", "--method", "notebook", "--context", "8192",
                               "--concurrency", "16", "--set", "inference.parameters=70600000000"});
    EXPECT_EQ(answer.status, 0) << answer.err;
    for (const char* line : {"By the notebook's rules", "141.20", "618.48", "129.39", "68.85", "42.95", "253.00"})
        EXPECT_THAT(answer.out, HasSubstr(line));
    const Answer report = run({"estimate", "Llama-3.1-70B", "--method", "notebook", "--weights", "bits:8", "--format",
                               "json", "--set", "inference.parameters=70600000000"});
    EXPECT_THAT(report.out, HasSubstr("\"model_gb\": 70.6"));
    const Answer unknown = run({"estimate", "Llama-3.1-70B", "--method", "notes"});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_THAT(unknown.err, HasSubstr("detailed, book or notebook"));
}

TEST(Tables, WhatCannotBeShownIsRefused)
{
    struct Case
    {
        Arguments arguments;
        std::string says;
    };
    for (const Case& c :
         {Case{{"tables", "Qwen3-9000B"}, "Qwen3-9000B"}, Case{{"tables", "--sort", "int4"}, "int4_bytes"},
          Case{{"tables", "--context", "0"}, "--context is \"0\""},
          Case{{"tables", "--format", "xml"}, "table, json, csv or markdown"},
          Case{{"tables", "hardware", "Qwen3-8B"}, "\"Qwen3-8B\" is one too many"},
          Case{{"tables", "precision", "--all"}, "--all is about tables of models"},
          Case{{"tables", "hardware", "--sort", "bandwidth"}, "bandwidth_gbs"},
          Case{{"tables", "--lora-fraction", "2"}, "--lora-fraction is \"2\""}}) {
        const Answer answer = run(c.arguments);
        EXPECT_EQ(answer.status, 2) << c.says;
        EXPECT_THAT(answer.err, HasSubstr(c.says));
    }
}

} // namespace
} // namespace weighbridge
