#include "app/cli/command_line.h"
#include "app/cli/no_display.h"
#include "core/precision/gguf_mix.h"

#include "core/sources/presets.h"
#include "tests/cli/run_command.h"
#include "tests/cli/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

using nlohmann::json;
using testing::Answer;
using testing::Arguments;
using ::testing::HasSubstr;
using testing::run;
using testing::TemporaryFolder;

json estimate_json(Arguments arguments, const std::string& input = {})
{
    arguments.insert(arguments.begin(), "estimate");
    arguments.insert(arguments.end(), {"--format", "json"});
    const Answer result = run(arguments, input);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.status == 0 ? result.report() : json();
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

constexpr const char* example_scenario = R"({
  "version": 1,
  "model": "Llama-3.1-70B",
  "task": "inference",
  "precision": {"weights": "bf16", "kv_cache": "bf16", "activations": "bf16"},
  "inference": {
    "engine": "generic",
    "engine_version": "",
    "sequence_length": 32768,
    "concurrent_sequences": 12
  },
  "hardware": {"accelerator": "h100_sxm_80", "tensor_parallel": 4, "pipeline_parallel": 1}
}
)";

// The example's total, worked by hand in tests/core/report/report_test.cpp.
constexpr std::int64_t example_total = 82'523'471'872;

TEST(CommandLine, HelpAndVersion)
{
    for (const Arguments& arguments :
         {Arguments{"--help"}, {"-h"}, {"help"}, {"estimate", "--help"}, {"estimate", "-h"}, {"list", "--help"}}) {
        const Answer result = run(arguments);
        EXPECT_EQ(result.status, 0);
        EXPECT_THAT(result.out, HasSubstr("Usage: weighbridge"));
        EXPECT_EQ(result.err, "");
        for (const std::string& line : lines_of(result.out))
            EXPECT_LE(line.size(), 80U) << line;
    }
    EXPECT_EQ(run({"--version"}).out, "weighbridge " WEIGHBRIDGE_VERSION "\n");
}

TEST(CommandLine, HelpOfEstimateNamesEveryDocumentedOption)
{
    const std::string help = run({"estimate", "--help"}).out;
    for (const char* option : {"--gpu", "--tp", "--pp", "--context", "--concurrency", "--weights", "--kv-cache",
                               "--engine", "--set", "--scenario", "--format", "--output", "--require-fit"})
        EXPECT_THAT(help, HasSubstr(option));
}

TEST(CommandLine, KnowsItsArgumentsFromTheWindows)
{
    const TemporaryFolder folder;
    const std::string file = folder.write("scenario.json", "{}");
    for (const Arguments& arguments :
         {Arguments{}, {file}, {folder.path()}, {"-platform", "offscreen"}, {"--style=fusion"}})
        EXPECT_FALSE(is_command_line(arguments)) << ::testing::PrintToString(arguments);
    for (const Arguments& arguments : {Arguments{"estimate"},
                                       {"list"},
                                       {"--help"},
                                       {"--version"},
                                       {"estimat"},
                                       {"--verbose"},
                                       {folder.file("missing.json")}})
        EXPECT_TRUE(is_command_line(arguments)) << ::testing::PrintToString(arguments);
}

TEST(Estimate, PrintsATableByDefault)
{
    const Answer result = run({"estimate", "Llama-3.1-8B"});
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, HasSubstr("Llama-3.1-8B (llama): 8.03"));
    EXPECT_THAT(result.out, HasSubstr("Fits: "));
}

TEST(Estimate, TakesSeveralKindsOfGpus)
{
    const json report = estimate_json(
        {"Llama-3.1-8B", "--engine", "llama.cpp", "--gpu", "2xrtx_3090,rtx_3060_12", "--host-memory", "128GiB"});
    EXPECT_EQ(report["scenario"]["hardware"]["devices"],
              json::parse(R"([{"accelerator": "rtx_3090", "count": 2}, {"accelerator": "rtx_3060_12"}])"));
    EXPECT_EQ(report["scenario"]["hardware"]["host"]["memory_gib"], 128);
    EXPECT_EQ(report["filled_in"]["hardware"]["pipeline_parallel"], 3);
    EXPECT_EQ(report["filled_in"]["hardware"]["layout"], "auto");
    std::int64_t gpus = 0, layers = 0;
    for (const json& device : report["devices"]) {
        gpus += device["count"].get<std::int64_t>();
        layers += device["count"].get<std::int64_t>() * device["layers"].get<std::int64_t>();
        EXPECT_TRUE(device["rank"].is_null());
        EXPECT_GT(device["engine_prints"]["model_mib"], 0);
    }
    EXPECT_EQ(gpus, 3);
    EXPECT_EQ(layers, 33) << "32 and the output";
    EXPECT_EQ(report["host"]["usable_bytes"], 128LL << 30);
    EXPECT_EQ(report["host"]["state"], "fits");
    EXPECT_TRUE(report["fit"][0]["decided_by"].is_number());
    const Answer table = run({"estimate", "Llama-3.1-8B", "--engine", "llama.cpp", "--gpu", "2xrtx_3090,rtx_3060_12"});
    EXPECT_THAT(table.out, HasSubstr("2 × RTX 3090"));
    EXPECT_THAT(table.out, HasSubstr("its memory is not known"));
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--gpu", "2xrtx_3091"}).status, 2);
}

TEST(Estimate, ACheckpointIsTheFormatThatItsConfigNames)
{
    // gpt-oss says MXFP4 in the experts by itself; whoever names the format asks the same question.
    for (const char* preset : {"gpt-oss-20b", "gpt-oss-120b"})
        for (const char* engine : {"generic", "vllm", "sglang", "transformers"})
            for (const char* ranks : {"1", "2"}) {
                const Arguments asked = {preset, "--engine", engine, "--gpu", "h100_sxm_80", "--tp", ranks};
                Arguments named = asked;
                named.insert(named.end(), {"--weights", "mxfp4_experts"});
                const json by_config = estimate_json(asked), by_name = estimate_json(named);
                const std::string what = std::string(preset) + ' ' + engine + ' ' + ranks;
                EXPECT_NEAR(by_config["per_gpu"]["total_bytes"].get<double>(),
                            by_name["per_gpu"]["total_bytes"].get<double>(), 16.0)
                    << what;
                EXPECT_EQ(by_config["engine_prints"], by_name["engine_prints"]) << what;
            }
}

TEST(Estimate, OptionsSetTheirKeys)
{
    const json scenario = estimate_json({"Llama-3.1-70B", "--gpu",
                                         "a100_sxm_80",   "--tp=4",
                                         "--pp",          "1",
                                         "--context",     "32k",
                                         "--concurrency", "12",
                                         "--weights",     "fp8",
                                         "--kv-cache",    "q8_0,q4_0",
                                         "--engine",      "generic",
                                         "--set",         "inference.overhead_bytes=1 GiB",
                                         "--set",         "hardware.pinned=t4,l4"})["scenario"];
    EXPECT_EQ(scenario["model"], "Llama-3.1-70B");
    EXPECT_EQ(scenario["hardware"]["accelerator"], "a100_sxm_80");
    EXPECT_EQ(scenario["hardware"]["tensor_parallel"], 4);
    EXPECT_EQ(scenario["hardware"]["pinned"], json({"t4", "l4"}));
    EXPECT_EQ(scenario["inference"]["sequence_length"], 32768);
    EXPECT_EQ(scenario["inference"]["concurrent_sequences"], 12);
    EXPECT_EQ(scenario["inference"]["overhead_bytes"], 1073741824);
    EXPECT_EQ(scenario["precision"]["weights"], "fp8");
    EXPECT_EQ(scenario["precision"]["kv_cache"], json({{"k", "q8_0"}, {"v", "q4_0"}}));
}

TEST(Estimate, ReadsTheDocumentedScenarioFromAFileAndFromStandardInput)
{
    const TemporaryFolder folder;
    const std::string file = folder.write("scenario.json", example_scenario);
    const json from_file = estimate_json({"--scenario", file});
    EXPECT_EQ(from_file["per_gpu"]["total_bytes"], example_total);
    EXPECT_EQ(estimate_json({"--scenario", "-"}, example_scenario), from_file);
    json by_options = estimate_json({"Llama-3.1-70B", "--tp", "4", "--context", "32768", "--concurrency", "12"});
    by_options["scenario"] = from_file["scenario"]; // of what the file names, the options leave some to the program
    by_options["filled_in"] = from_file["filled_in"];
    EXPECT_EQ(by_options, from_file);
}

TEST(Estimate, ModelAndOptionsGoOverTheScenarioAndSetGoesLast)
{
    const json scenario = estimate_json(
        {"Llama-3.1-8B", "--scenario", "-", "--set", "inference.sequence_length=3", "--context", "2", "--tp", "2"},
        example_scenario)["scenario"];
    EXPECT_EQ(scenario["model"], "Llama-3.1-8B");
    EXPECT_EQ(scenario["inference"]["sequence_length"], 3);
    EXPECT_EQ(scenario["inference"]["concurrent_sequences"], 12);
    EXPECT_EQ(scenario["hardware"]["tensor_parallel"], 2);
    EXPECT_EQ(estimate_json({"--scenario", "-", "--set", "model=Qwen3-8B"}, "{}")["model"]["name"], "Qwen3-8B");
}

TEST(Estimate, SeveralScenariosGiveOneReportPerLine)
{
    std::string input;
    for (int length = 1; length <= 50; ++length)
        input += R"({"model": "Llama-3.1-8B", "inference": {"sequence_length": )" + std::to_string(length) + "}}\n";
    const Answer result = run({"estimate", "--scenario", "-", "--format", "json"}, input);
    EXPECT_EQ(result.status, 0) << result.err;
    const auto lines = lines_of(result.out);
    ASSERT_EQ(lines.size(), 50U);
    for (std::size_t i = 0; i < lines.size(); ++i)
        EXPECT_EQ(json::parse(lines[i])["scenario"]["inference"]["sequence_length"], i + 1);

    const TemporaryFolder folder;
    const std::string a = folder.write("a.json", R"({"model": "Qwen3-8B"})");
    const std::string b = folder.write("b.json", example_scenario);
    const auto two = lines_of(run({"estimate", "--scenario", a, "--scenario", b, "--format", "json"}).out);
    ASSERT_EQ(two.size(), 2U);
    EXPECT_EQ(json::parse(two[0])["model"]["name"], "Qwen3-8B");
    EXPECT_EQ(json::parse(two[1])["model"]["name"], "Llama-3.1-70B");
}

TEST(Estimate, AScenarioThatCannotBeAnsweredEndsTheStreamWithItsLine)
{
    const Answer result = run({"estimate", "--scenario", "-", "--format", "json"},
                              "{}\n\n{\"inference\": {\"sequence_length\": 0}}\n{}\n");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(lines_of(result.out).size(), 1U);
    EXPECT_THAT(result.err, HasSubstr("standard input, line 3: inference.sequence_length is 0; it must be"));
}

TEST(Estimate, ReadsModelsFromPathsConfigsAndArchitectures)
{
    const TemporaryFolder folder;
    const std::string config = preset_config("Qwen3-8B")->dump();
    folder.write("My-Qwen/config.json", config);
    const std::int64_t parameters = preset_model("Qwen3-8B").operator*()->parameters.total;
    for (const std::string& path : {folder.file("My-Qwen"), folder.file("My-Qwen/config.json")}) {
        const json model = estimate_json({path})["model"];
        EXPECT_EQ(model["name"], "My-Qwen");
        EXPECT_EQ(model["parameters"]["total"], parameters);
    }
    EXPECT_EQ(estimate_json({"--scenario", "-"},
                            R"({"model": {"path": ")" + folder.file("My-Qwen") + R"("}})")["model"]["name"],
              "My-Qwen");
    EXPECT_EQ(estimate_json({"--scenario", "-"},
                            R"({"model": {"config": )" + config + R"(, "name": "Q"}})")["model"]["parameters"]["total"],
              parameters);

    // 2 x 1,000 x 64 + 2 x (4 x 64 x 64 + 3 x 64 x 128 + 2 x 64) + 64
    const json typed = estimate_json({"--scenario", "-"}, R"({"model": {"architecture": {"hidden_size": 64,
        "intermediate_size": 128, "num_layers": 2, "num_attention_heads": 4, "vocab_size": 1000}}})");
    EXPECT_EQ(typed["model"]["parameters"]["total"], 210'240);
    EXPECT_EQ(typed["model"]["family"], "generic");
}

TEST(Estimate, APathThatEndsInAPresetsNameIsThePath)
{
    const TemporaryFolder folder;
    folder.write("Llama-3.1-8B/config.json", preset_config("Qwen3-8B")->dump());
    EXPECT_EQ(estimate_json({folder.file("Llama-3.1-8B")})["model"]["family"], "qwen3");
    const Answer missing = run({"estimate", folder.file("nowhere/Llama-3.1-70B")});
    EXPECT_EQ(missing.status, 2);
    EXPECT_THAT(missing.err, HasSubstr("no such file or folder"));
}

TEST(Estimate, AnUnknownModelTypeIsReadWithAWarning)
{
    const TemporaryFolder folder;
    const std::string path =
        folder.write("odd/config.json", R"({"model_type": "odd", "hidden_size": 64, "intermediate_size": 128,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100})");
    const json assumed = estimate_json({path});
    EXPECT_EQ(assumed["warnings"][0]["severity"], "warning");
    EXPECT_THAT(assumed["warnings"][0]["message"].get<std::string>(),
                HasSubstr("model_type odd is not known: read as a Llama-like decoder, which it resembles most."));
    const json report = estimate_json({path, "--read-unknown-as-llama"});
    EXPECT_EQ(report["warnings"][0]["severity"], "warning");
    EXPECT_THAT(report["warnings"][0]["message"].get<std::string>(), HasSubstr("odd"));
    EXPECT_EQ(report["scenario"]["model"]["read_unknown_as_llama"], true);
}

TEST(Estimate, AnUnknownModelTypeIsReadAsTheFamilyThatItResembles)
{
    const TemporaryFolder folder;
    const std::string path =
        folder.write("odd/config.json", R"({"model_type": "qwen9", "hidden_size": 64, "intermediate_size": 128,
        "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 100,
        "mixing_rank": 3})");
    EXPECT_THAT(estimate_json({path})["warnings"][0]["message"].get<std::string>(), HasSubstr("read as a qwen3 model"));
    const json report = estimate_json({path, "--read-as", "qwen3"});
    EXPECT_THAT(report["warnings"][0]["message"].get<std::string>(), HasSubstr("Not understood: mixing_rank"));
    EXPECT_EQ(report["scenario"]["model"]["read_as"], "qwen3");
    // Two layers of 64 x (64 + 32 + 32 + 64) + 3 x 64 x 128 + 2 x 16 + 2 x 64 weights; two tables of 100 x 64; a norm.
    EXPECT_EQ(report["model"]["parameters"]["total"], 2 * (12'288 + 24'576 + 32 + 128) + 12'800 + 64);
    const Answer misspelt = run({"estimate", path, "--read-as", "qwen33"});
    EXPECT_EQ(misspelt.status, 2);
    EXPECT_THAT(misspelt.err, HasSubstr("the nearest is \"qwen3\""));
}

// ---- exit statuses

TEST(ExitStatus, OneWhereItDoesNotFitAndThatIsRequired)
{
    const Arguments large = {"estimate", "Llama-3.1-405B", "--format", "json"};
    EXPECT_EQ(run(large).status, 0);
    Arguments required = large;
    required.emplace_back("--require-fit");
    const Answer result = run(required);
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.report()["fit"][0]["verdict"], "exceeds"); // the report is printed all the same
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--require-fit"}).status, 0);
    EXPECT_EQ(run({"estimate", "--scenario", "-", "--require-fit"}, "{\"model\": \"Llama-3.1-405B\"}\n{}\n").status, 1);
}

struct Refusal
{
    Arguments arguments;
    std::vector<std::string> names; ///< key or option, value, what is allowed
};

TEST(ExitStatus, TwoWithOneLineThatNamesKeyValueAndWhatIsAllowed)
{
    const std::vector<Refusal> cases = {
        {{}, {"estimate"}},
        {{"estimat"}, {"\"estimat\"", "estimate"}},
        {{"--verison"}, {"\"--verison\"", "--version"}},
        {{"--version", "x"}, {"\"x\""}},
        {{"estimate"}, {"MODEL", "--scenario"}},
        {{"estimate", "a", "b"}, {"\"b\""}},
        {{"estimate", "Llama-3.1-9B"}, {"model", "Llama-3.1-9B", "Llama-3.1-8B"}},
        {{"estimate", "no/such.json"}, {"no/such.json", "no such file"}},
        {{"estimate", "model.gguf"}, {"model.gguf", "there is no such file"}},
        {{"estimate", "model.safetensors.index.json"}, {"model.safetensors.index.json", "there is no such file"}},
        {{"estimate", "hf:not a name"}, {"hf:not a name", "hf:org/name"}},
        {{"estimate", "hf:"}, {"hf:", "hf:org/name"}},
        {{"estimate", "hf:../../etc"}, {"hf:../../etc", "hf:org/name"}},
        {{"estimate", "Llama-3.1-8B", "--contxt", "4"}, {"--contxt", "--context"}},
        {{"estimate", "Llama-3.1-8B", "--context"}, {"--context", "value"}},
        {{"estimate", "Llama-3.1-8B", "--require-fit=yes"}, {"--require-fit", "yes"}},
        {{"estimate", "Llama-3.1-8B", "--context", "0"}, {"inference.sequence_length", "0", "1,073,741,824"}},
        {{"estimate", "Llama-3.1-8B", "--context", "-1"}, {"inference.sequence_length", "-1", "1,073,741,824"}},
        {{"estimate", "Llama-3.1-8B", "--context", "1,5"}, {"inference.sequence_length", "1,5", "whole number"}},
        {{"estimate", "Llama-3.1-8B", "--tp", "3"}, {"hardware.tensor_parallel", "3", "divide"}},
        {{"estimate", "Llama-3.1-8B", "--tp", "64"}, {"hardware.tensor_parallel", "64", "32"}},
        {{"estimate", "Llama-3.1-8B", "--pp", "2"}, {"hardware.pipeline_parallel", "2", "only 1 is allowed"}},
        {{"estimate", "Llama-3.1-8B", "--gpu", "h100_sxm_81"}, {"hardware.accelerator", "h100_sxm_81", "h100_sxm_80"}},
        {{"estimate", "Llama-3.1-8B", "--gpu", "custom"}, {"hardware.accelerator", "custom"}},
        {{"estimate", "Llama-3.1-8B", "--weights", "fp9"}, {"precision.weights", "fp9", "fp8"}},
        {{"estimate", "Llama-3.1-8B", "--weights", "nominal:99"}, {"precision.weights", "nominal:99", "0.125 to 8"}},
        {{"estimate", "Llama-3.1-8B", "--kv-cache", "q9_0"}, {"precision.kv_cache", "q9_0", "q8_0"}},
        {{"estimate", "Llama-3.1-8B", "--engine", "llama.cp"}, {"inference.engine", "llama.cp", "llama.cpp"}},
        {{"estimate", "Llama-3.1-8B", "--set", "task=trian"}, {"task", "trian", "inference, fine_tune, train"}},
        {{"estimate", "Llama-3.1-8B", "--set", "inference.max_num_seqs=0"},
         {"inference.max_num_seqs", "0", "1,048,576"}},
        {{"estimate", "Llama-3.1-8B", "--set", "inference.sequence_lenght=4"},
         {"inference.sequence_lenght", "inference.sequence_length"}},
        {{"estimate", "Llama-3.1-8B", "--set", "nothing"}, {"--set", "nothing", "KEY=VALUE"}},
        {{"estimate", "Llama-3.1-8B", "--set", "hardware.count=0"}, {"hardware.count", "0"}},
        {{"estimate", "Llama-3.1-8B", "--tp", "2", "--set", "hardware.count=1"}, {"hardware.count", "1", "2"}},
        {{"estimate", "Llama-3.1-8B", "--format", "xml"}, {"--format", "xml", "table, json, csv or markdown"}},
        {{"estimate", "Llama-3.1-8B", "--output", "x.docx"}, {"--output", "x.docx", ".png"}},
        {{"estimate", "Llama-3.1-8B", "--output", ""}, {"--output"}},
        {{"estimate", "Llama-3.1-8B", "--output", "x.csv", "--format", "json"}, {"--output", "x.csv", "--format json"}},
        {{"estimate", "Llama-3.1-8B", "--output", "x.png"}, {"--output", "x.png", "no pictures"}},
        {{"estimate", "--scenario", "-", "--output", "x.png"}, {"--output", "x.png", "one scenario"}},
        {{"estimate", "Llama-3.1-8B", "--output", "/no/such/folder/x.csv"},
         {"/no/such/folder/x.csv", "can't be written"}},
        {{"estimate", "--scenario", "/no/such.json"}, {"/no/such.json", "no such file"}},
        {{"estimate", "--scenario", "/"}, {"/", "folder"}},
        {{"estimate", "--scenario", "-"}, {"standard input", "empty"}},
        {{"list"}, {"models, accelerators, systems, engines, formats, families or fields"}},
        {{"list", "gpus"}, {"\"gpus\"", "models, accelerators, systems, engines, formats, families or fields"}},
        {{"list", "models", "formats"}, {"\"formats\""}},
        {{"list", "models", "--format", "xml"}, {"--format", "xml", "json"}},
        {{"list", "models", "--output", "a.png"}, {"a.png", ".md"}},
    };
    for (const Refusal& row : cases) {
        const Answer result = run(row.arguments);
        EXPECT_EQ(result.status, 2) << ::testing::PrintToString(row.arguments);
        EXPECT_EQ(result.out, "") << ::testing::PrintToString(row.arguments);
        EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
        EXPECT_TRUE(result.err.starts_with("weighbridge: ")) << result.err;
        for (const std::string& name : row.names)
            EXPECT_THAT(result.err, HasSubstr(name)) << ::testing::PrintToString(row.arguments);
    }
}

TEST(ExitStatus, TwoForBrokenScenariosThatNamesTheFile)
{
    const TemporaryFolder folder;
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"{", "ends early"},
        {"[]", "object"},
        {"{\"model\": \"\xFF\"}", "UTF-8"},
        {std::string(100'000, '['), "deeper"},
        {std::string(9'000'000, ' '), "8388608"},
        {R"({"task": "inference", "task": "inference"})", "twice"},
        {R"({"modle": "x"})", "\"model\""},
        {R"({"model": {"architecture": {"hidden_size": 0}}})", "hidden_size"},
        {R"({"model": {"architecture": {"hiden_size": 8}}})", "hidden_size"},
        {R"({"model": {"config": {"model_type": "odd"}}})", "odd"},
    };
    for (const auto& [text, reason] : cases) {
        const std::string path = folder.write("scenario.json", text);
        const Answer result = run({"estimate", "--scenario", path});
        EXPECT_EQ(result.status, 2);
        EXPECT_EQ(result.out, "");
        EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
        EXPECT_THAT(result.err, HasSubstr(reason));
    }
    EXPECT_THAT(run({"estimate", "--scenario", folder.write("x.json", "{")}).err, HasSubstr(folder.file("x.json")));
    EXPECT_THAT(run({"estimate", "--scenario", folder.write("y.json", "[]")}).err, HasSubstr(folder.file("y.json")));
}

TEST(ExitStatus, ThreeWhereTheNetworkFailsOrIsNotThere)
{
    const Answer without = run({"estimate", "hf:org/name"});
    EXPECT_EQ(without.status, 3);
    EXPECT_THAT(without.err, HasSubstr("hf:org/name"));

    Environment environment;
    environment.fetch_model = [](const std::string& /*reference*/) -> Result<HubModel> {
        return Error{"", "the host\nis down"};
    };
    for (const Arguments& arguments :
         {Arguments{"estimate", "hf:org/name"}, Arguments{"estimate", "--scenario", "-"}}) {
        const Answer failed = run(arguments, R"({"model": {"hf": "org/name"}})", environment);
        EXPECT_EQ(failed.status, 3);
        EXPECT_EQ(failed.out, "");
        EXPECT_EQ(lines_of(failed.err).size(), 1U);
        EXPECT_THAT(failed.err, HasSubstr("hf:org/name: the host?is down"));
    }
}

TEST(Estimate, FetchesFromTheHub)
{
    Environment environment;
    std::vector<std::string> asked;
    environment.fetch_model = [&](const std::string& reference) -> Result<HubModel> {
        asked.push_back(reference);
        return HubModel{{.config = preset_config("Qwen3-8B")->dump()}, "the copy of an earlier fetch"};
    };
    const std::string line = R"({"model": {"hf": "Qwen/Qwen3-8B@v2"}})";
    const Answer result =
        run({"estimate", "--scenario", "-", "--format", "json"}, line + "\n" + line + "\n", environment);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(asked, Arguments{"Qwen/Qwen3-8B@v2"}); // once for both
    const json report = json::parse(lines_of(result.out).at(0));
    EXPECT_EQ(report["model"]["name"], "Qwen3-8B");
    EXPECT_THAT(report["warnings"].dump(), HasSubstr("the copy of an earlier fetch"));

    environment.fetch_model = [](const std::string& /*reference*/) -> Result<HubModel> {
        return HubModel{{.config = "{}"}, ""};
    };
    const Answer unusable = run({"estimate", "hf:org/name"}, {}, environment);
    EXPECT_EQ(unusable.status, 2);
    EXPECT_THAT(unusable.err, HasSubstr("hf:org/name"));
}

// ---- output

TEST(Output, TheEndingChoosesTheFormat)
{
    const TemporaryFolder folder;
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"a.json", "{\n  \"version\": 1"}, {"a.csv", "id,label,bytes"}, {"a.md", "## Llama-3.1-8B"},
        {"a.MD", "## Llama-3.1-8B"},       {"a.txt", "Llama-3.1-8B ("},
    };
    for (const auto& [name, beginning] : cases) {
        const Answer result = run({"estimate", "Llama-3.1-8B", "--output", folder.file(name)});
        EXPECT_EQ(result.status, 0) << result.err;
        EXPECT_EQ(result.out, "");
        EXPECT_TRUE(folder.read(name).starts_with(beginning)) << folder.read(name).substr(0, 100);
    }
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--format", "csv", "--output", folder.file("no-ending")}).status, 0);
    EXPECT_TRUE(folder.read("no-ending").starts_with("id,label"));
}

TEST(Output, AFailureLeavesTheOldFile)
{
    const TemporaryFolder folder;
    const std::string path = folder.write("a.json", "old");
    EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--tp", "3", "--output", path}).status, 2);
    EXPECT_EQ(folder.read("a.json"), "old");
    EXPECT_EQ(run({"estimate", "--scenario", "-", "--output", path}, "{}\n{\n").status, 2);
    EXPECT_EQ(folder.read("a.json"), "old");
    EXPECT_EQ(folder.files(), 1U);
    EXPECT_EQ(run({"estimate", "Llama-3.1-405B", "--require-fit", "--output", path}).status, 1);
    EXPECT_TRUE(folder.read("a.json").starts_with("{"));
}

TEST(Output, PicturesGoThroughTheEnvironment)
{
    Environment environment;
    std::string drawn;
    environment.write_picture = [&](const Estimate& estimate, const std::string& path) -> Outcome {
        drawn = estimate.model->name + " into " + path;
        return {};
    };
    for (const std::string name : {"x.png", "x.SVG", "x.pdf"}) {
        EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--output", name}, {}, environment).status, 0);
        EXPECT_EQ(drawn, "Llama-3.1-8B into " + name);
    }
    environment.write_picture = [](const Estimate&, const std::string& path) -> Outcome {
        return Error{path, path + " can't be written: the disk is full"};
    };
    const Answer failed = run({"estimate", "Llama-3.1-8B", "--output", "x.png"}, {}, environment);
    EXPECT_EQ(failed.status, 2);
    EXPECT_THAT(failed.err, HasSubstr("x.png can't be written: the disk is full"));
}

TEST(Output, AClosedStandardOutputIsNoticed)
{
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(run_command_line(Arguments{"estimate", "Llama-3.1-8B"}, in, out, err, {}), 2);
    EXPECT_THAT(err.str(), HasSubstr("standard output"));
    EXPECT_EQ(lines_of(err.str()).size(), 1U);
}

// ---- lists

TEST(Lists, AreTheSameAsTableAndAsJson)
{
    for (const std::string kind : {"models", "accelerators", "systems", "engines", "formats"}) {
        const Answer table = run({"list", kind});
        const Answer as_json = run({"list", kind, "--format", "json"});
        EXPECT_EQ(table.status, 0);
        EXPECT_EQ(as_json.status, 0);
        const json list = as_json.report();
        const auto lines = lines_of(table.out);
        ASSERT_EQ(lines.size(), list.size() + 1) << kind;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string id = list[i].contains("id") ? list[i]["id"] : list[i]["name"];
            EXPECT_TRUE(lines[i + 1].starts_with(id + " ")) << lines[i + 1];
        }
    }
}

TEST(Lists, AreWrittenInEveryFormat)
{
    for (const std::string kind : {"models", "accelerators", "systems", "engines", "formats"}) {
        const json list = run({"list", kind, "--format", "json"}).report();
        const auto csv = lines_of(run({"list", kind, "--format", "csv"}).out);
        const auto markdown = lines_of(run({"list", kind, "--format", "markdown"}).out);
        EXPECT_GE(csv.size(), list.size() + 1) << kind << ": a note may have several lines";
        ASSERT_EQ(markdown.size(), list.size() + 2) << kind;
        EXPECT_TRUE(markdown[1].starts_with("|---|")) << markdown[1];
    }
    EXPECT_EQ(lines_of(run({"list", "accelerators", "--format", "csv"}).out)[0],
              "id,name,vendor,segment,capacity_bytes,capacity_from_driver,unified_memory,bandwidth_gbs,bf16_tflops\r");
}

TEST(Lists, EveryListedNameIsTaken)
{
    for (const json& model : run({"list", "models", "--format", "json"}).report())
        EXPECT_EQ(run({"estimate", model["name"]}).status, 0) << model;
    for (const json& accelerator : run({"list", "accelerators", "--format", "json"}).report())
        EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--gpu", accelerator["id"]}).status, 0) << accelerator;
    for (const json& system : run({"list", "systems", "--format", "json"}).report())
        EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--gpu", system["accelerator"]}).status, 0) << system;
    for (const json& format : run({"list", "formats", "--format", "json"}).report()) {
        // A cache's type is a GGUF file's as well: "q8_0" of weights is gguf:Q8_0.
        const bool weights = format["weights"] || find_gguf_mix(format["id"].get<std::string>()) != nullptr;
        EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--weights", format["id"]}).status, weights ? 0 : 2) << format;
        const bool cache = format["kv_cache"];
        EXPECT_EQ(run({"estimate", "Llama-3.1-8B", "--kv-cache", format["id"]}).status, cache ? 0 : 2) << format;
    }
}

TEST(Lists, EnginesSayWhatIsNotBuilt)
{
    const json engines = run({"list", "engines", "--format", "json"}).report();
    EXPECT_EQ(engines[0], json({{"name", "generic"}, {"built", true}, {"versions", ""}}));
    EXPECT_EQ(engines.size(), 15U);
}

#if defined(__unix__) && !defined(__APPLE__)
TEST(NoDisplay, IsSaidOnlyWhereNothingNamesOne)
{
    struct Case
    {
        const char* name;
        std::map<std::string, std::string> environment;
        Arguments arguments;
        bool missing;
    };
    for (const Case& c :
         {Case{"nothing", {}, {}, true}, Case{"empty", {{"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}}, {"a.json"}, true},
          Case{"X11", {{"DISPLAY", ":0"}}, {}, false}, Case{"Wayland", {{"WAYLAND_DISPLAY", "wayland-0"}}, {}, false},
          Case{"a platform in the environment", {{"QT_QPA_PLATFORM", "offscreen"}}, {}, false},
          Case{"a platform as an argument", {}, {"-platform", "offscreen"}, false},
          Case{"the same with two dashes", {}, {"--platform=vnc", "a.json"}, false}}) {
        const auto why = no_display(c.arguments, [&](const char* name) {
            const auto found = c.environment.find(name);
            return found == c.environment.end() ? nullptr : found->second.c_str();
        });
        EXPECT_EQ(why.has_value(), c.missing) << c.name;
    }
}
#endif

} // namespace
} // namespace weighbridge
