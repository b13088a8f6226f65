#include "core/fields/scenario_json.h"
#include "core/report/csv.h"
#include "core/report/estimate_json.h"
#include "core/report/markdown.h"
#include "core/report/summary.h"
#include "core/report/text_lines.h"
#include "core/report/text_table.h"
#include "tests/core/support/evaluate.h"
#include "tests/core/support/networks.h"
#include "tests/core/support/scenarios.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace weighbridge {
namespace {

using nlohmann::json;
using testing::estimate_of;
using ::testing::HasSubstr;
using testing::question_about_preset;

/// The example of docs/scenario.md: Llama-3.1-70B on four H100, twelve sequences of 32,768 tokens.
Question example()
{
    Question question = question_about_preset("Llama-3.1-70B");
    question.scenario.model.text = "Llama-3.1-70B";
    question.scenario.inference.sequence_length = 32768;
    question.scenario.inference.concurrent_sequences = 12;
    question.scenario.hardware.tensor_parallel = 4;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    return question;
}

json report_of(const Question& question)
{
    return to_json(*estimate_of(question, Detail::full));
}

EstimatePointer renamed(const std::string& name)
{
    Question question = question_about_preset("Llama-3.1-8B");
    auto model = std::make_shared<Model>(*question.model);
    model->name = name;
    question.model = model;
    return estimate_of(question, Detail::full);
}

TEST(Report, HasTheDocumentedKeys)
{
    const json report = report_of(example());
    for (const char* pointer : {"/version",
                                "/scenario",
                                "/model/name",
                                "/model/family",
                                "/model/parameters/total",
                                "/model/parameters/active",
                                "/model/parameters/multi_token_prediction",
                                "/model/parameters/vision",
                                "/model/kv_cache/bytes_per_token",
                                "/model/kv_cache/fixed_bytes_per_sequence",
                                "/per_gpu/total_bytes",
                                "/per_gpu/low_bytes",
                                "/per_gpu/high_bytes",
                                "/per_gpu/terms/0/id",
                                "/per_gpu/terms/0/label",
                                "/per_gpu/terms/0/bytes",
                                "/per_gpu/terms/0/low_bytes",
                                "/per_gpu/terms/0/high_bytes",
                                "/per_gpu/terms/0/basis",
                                "/per_gpu/terms/0/formula/symbols",
                                "/per_gpu/terms/0/formula/numbers",
                                "/per_gpu/terms/0/terms",
                                "/fit/0/accelerator",
                                "/fit/0/capacity_bytes",
                                "/fit/0/usable_bytes",
                                "/fit/0/fraction",
                                "/fit/0/verdict",
                                "/fit/0/gpus_needed",
                                "/engine_prints",
                                "/capacity/max_concurrent_sequences",
                                "/capacity/max_sequence_length",
                                "/capacity/kv_tokens",
                                "/capacity/kv_tokens_all",
                                "/capacity/pool_bytes",
                                "/capacity/limited_by",
                                "/roofline/0/phase",
                                "/roofline/0/ridge_flops_per_byte",
                                "/roofline/0/operations/0/id",
                                "/roofline/0/operations/0/label",
                                "/roofline/0/operations/0/flops",
                                "/roofline/0/operations/0/bytes",
                                "/roofline/0/operations/0/intensity",
                                "/roofline/0/operations/0/bound",
                                "/warnings"})
        EXPECT_TRUE(report.contains(json::json_pointer(pointer))) << pointer;
}

TEST(Report, HasTheExamplesFigures)
{
    const json report = report_of(example());
    EXPECT_EQ(report["model"]["parameters"]["total"], 70'553'706'496);
    EXPECT_EQ(report["model"]["kv_cache"]["bytes_per_token"], 327'680);

    // 80 x 2 x 8,192 + 8,192 = 1,318,912 norm weights stand on every GPU; the other 70,552,387,584 are divided by four.
    const std::vector<std::pair<std::string, std::int64_t>> terms = {
        {"weights", 35'278'831'616},     // 70,552,387,584 x 2 / 4 + 1,318,912 x 2
        {"kv_cache", 32'212'254'720},    // 327,680 x 32,768 x 12 / 4
        {"activations", 14'495'514'624}, // 32,768 x 12 x (2 x 8,192 + 2 x 28,672) x 2 / 4
        {"overhead", 536'870'912},       // 0.5 GiB
    };
    ASSERT_EQ(report["per_gpu"]["terms"].size(), terms.size());
    for (std::size_t i = 0; i < terms.size(); ++i) {
        EXPECT_EQ(report["per_gpu"]["terms"][i]["id"], terms[i].first);
        EXPECT_EQ(report["per_gpu"]["terms"][i]["bytes"], terms[i].second);
    }
    EXPECT_EQ(report["per_gpu"]["total_bytes"], 82'523'471'872);

    const json& fit = report["fit"][0];
    EXPECT_EQ(fit["accelerator"], "h100_sxm_80");
    EXPECT_EQ(fit["capacity_bytes"], 85'520'809'984); // 81,559 MiB as the driver reports
    EXPECT_EQ(fit["verdict"], "tight");
    EXPECT_NEAR(fit["fraction"].get<double>(), 0.96495, 1e-5);
    // (85,520,809,984 - 35,278,831,616 - 536,870,912) / (32,768 x (327,680 + 147,456) / 4) = 12.77
    EXPECT_EQ(report["capacity"]["max_concurrent_sequences"], 12);
    // 49,705,107,456 / ((327,680 + 147,456) / 4) = 418,449 tokens: 34,870 for each of twelve, more than whole 32,768s
    EXPECT_EQ(report["capacity"]["max_sequence_length"], 34'870);
    EXPECT_EQ(report["capacity"]["kv_tokens"], 418'440);
    EXPECT_EQ(report["capacity"]["limited_by"], "memory");
}

TEST(Report, AddsUpTheGpus)
{
    const EstimatePointer four = estimate_of(example(), Detail::memory);
    EXPECT_EQ(four->total_all_gpus(), (Bytes{330'093'887'488})); // 82,523,471,872 x 4
    Estimate huge;
    huge.total = {std::int64_t{1} << 53};
    huge.gpus = 1024; // 2^63 bytes are one more than are counted
    EXPECT_EQ(huge.total_all_gpus(), std::nullopt);
    huge.gpus = 1023;
    EXPECT_EQ(huge.total_all_gpus(), (Bytes{9'214'364'837'600'034'816}));
}

TEST(Report, OrdersTheKeysAsDocumented)
{
    const auto report = to_json(*estimate_of(example(), Detail::full));
    std::vector<std::string> keys;
    for (const auto& [key, value] : report.items())
        keys.push_back(key);
    EXPECT_EQ(keys, (std::vector<std::string>{"version", "scenario", "filled_in", "model", "per_gpu", "devices", "host",
                                              "fit", "layers", "engine_prints", "capacity", "speed", "price", "energy",
                                              "roofline", "warnings"}));
}

TEST(Report, FillsInWhatTheScenarioLeavesToTheHardware)
{
    const json report = report_of(example());
    EXPECT_EQ(report["filled_in"]["hardware"]["count"], 4);
    EXPECT_EQ(report["filled_in"]["hardware"]["usable_fraction"], 1.0);
    EXPECT_FALSE(report["scenario"]["hardware"].contains("count"));
    const auto read = read_scenario(report["scenario"]);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->inference, example().scenario.inference);
}

TEST(Report, DecodeOperationsHaveTheDocumentedIds)
{
    const json report = report_of(example());
    EXPECT_EQ(report["roofline"][0]["phase"], "decode");
    std::vector<std::string> ids;
    for (const json& operation : report["roofline"][0]["operations"])
        ids.push_back(operation["id"]);
    EXPECT_THAT(ids, ::testing::UnorderedElementsAre("qkv_projection", "attention_scores", "attention_values",
                                                     "output_projection", "ffn", "norms"));
}

void expect_numbers_to_evaluate(const json& terms)
{
    for (const json& term : terms) {
        const std::string numbers = term["formula"]["numbers"];
        const auto value = testing::evaluate(numbers);
        ASSERT_TRUE(value) << numbers;
        EXPECT_NEAR(*value, term["bytes"].get<double>(), 0.5) << term["id"] << ": " << numbers;
        expect_numbers_to_evaluate(term["terms"]);
    }
}

TEST(Report, NumbersLinesEvaluateToTheBytes)
{
    expect_numbers_to_evaluate(report_of(example())["per_gpu"]["terms"]);
}

TEST(Report, UnknownFiguresAreNullAndNothingIsNaN)
{
    Question question = example();
    question.accelerator = testing::plain_accelerator(1);
    question.accelerator.bandwidth_gbs = 0;
    question.accelerator.tflops = {};
    const json report = report_of(question);
    EXPECT_TRUE(report["roofline"][0]["ridge_flops_per_byte"].is_null());
    EXPECT_EQ(report["roofline"][0]["operations"][0]["bound"], "unknown");
    EXPECT_EQ(report["fit"][0]["verdict"], "exceeds");
    const std::string text = report.dump();
    EXPECT_EQ(text.find("nan"), std::string::npos);
    EXPECT_EQ(text.find("inf,"), std::string::npos);
}

// ---- CSV

using Line = std::vector<std::string>;

/// RFC 4180, so that the test reads what a spreadsheet would.
std::vector<Line> parse_csv(const std::string& csv)
{
    std::vector<Line> rows(1, Line(1));
    bool quoted = false;
    for (std::size_t i = 0; i < csv.size(); ++i) {
        std::string& cell = rows.back().back();
        if (quoted && csv[i] == '"' && i + 1 < csv.size() && csv[i + 1] == '"')
            cell += csv[i++];
        else if (csv[i] == '"')
            quoted = !quoted;
        else if (!quoted && csv[i] == ',')
            rows.back().emplace_back();
        else if (!quoted && csv.compare(i, 2, "\r\n") == 0 && ++i != 0)
            rows.emplace_back(1);
        else
            cell += csv[i];
    }
    EXPECT_FALSE(quoted);
    return rows;
}

TEST(Csv, EverySectionIsATableWithAHeader)
{
    const auto rows = parse_csv(to_csv(*estimate_of(example(), Detail::full)));
    EXPECT_EQ(rows[0],
              (Line{"id", "label", "bytes", "low_bytes", "high_bytes", "basis", "symbols", "numbers", "source"}));
    EXPECT_EQ(rows[1][0], "weights");
    EXPECT_EQ(rows[1][2], "35278831616");
    std::size_t width = 0;
    std::vector<std::string> headers;
    for (const Line& row : rows) {
        const bool blank = row == Line{""};
        if (width == 0 && !blank)
            headers.push_back(row[0]);
        if (!blank && width != 0) {
            EXPECT_EQ(row.size(), width) << row[0];
        }
        width = blank ? 0 : row.size();
    }
    EXPECT_EQ(headers, (std::vector<std::string>{"id", "key", "model", "accelerator", "max_concurrent_sequences",
                                                 "kv_tokens_all", "figure", "cost_figure", "part", "phase"}));
}

TEST(Csv, NamesThatASpreadsheetWouldRunAreGuarded)
{
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"=HYPERLINK(\"http://x\",\"y\")", "'=HYPERLINK(\"http://x\",\"y\")"},
        {"+1", "'+1"},
        {"-1", "'-1"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\t=1", "'\t=1"},
        {"a,b \"c\"\nd", "a,b \"c\"\nd"},
        {"plain", "plain"},
    };
    for (const auto& [name, cell] : cases) {
        const auto rows = parse_csv(to_csv(*renamed(name)));
        const bool found = std::any_of(rows.begin(), rows.end(), [&cell = cell](const Line& row) {
            return row.size() == 3 && row[0] == "model" && row[1] == cell;
        });
        EXPECT_TRUE(found) << name;
    }
}

TEST(Csv, NegativeAmountsStayNumbers)
{
    Question question = example();
    question.accelerator = testing::plain_accelerator(1);
    EXPECT_THAT(to_csv(*estimate_of(question, Detail::full)), HasSubstr(",-81449730048,")); // 2^30 - 82,523,471,872
}

// ---- Markdown and text

TEST(Markdown, EscapesNames)
{
    const std::string page = to_markdown(*renamed("a|b *c* <script> [x](y)\n# z"));
    EXPECT_THAT(page, HasSubstr("## a\\|b \\*c\\* \\<script\\> \\[x\\](y) \\# z\n"));
}

TEST(Markdown, RowsHaveAsManyCellsAsTheirHeader)
{
    const std::string page = to_markdown(*estimate_of(example(), Detail::full));
    std::size_t bars = 0;
    for (std::size_t at = 0; at < page.size();) {
        const std::size_t end = page.find('\n', at);
        const std::string line = page.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with('|')) {
            bars = 0;
            continue;
        }
        const auto count = static_cast<std::size_t>(std::count(line.begin(), line.end(), '|'));
        if (bars != 0) {
            EXPECT_EQ(count, bars) << line;
        }
        bars = count;
    }
}

TEST(Text, StaysWithinEightyColumnsForEveryPreset)
{
    for (const std::string_view name : preset_names()) {
        const std::string text = to_text(*estimate_of(question_about_preset(name), Detail::full));
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            const std::string line = text.substr(at, end - at);
            at = end + 1;
            EXPECT_LE(text_width(line), 80U) << name << ": " << line;
            EXPECT_FALSE(line.ends_with(' ')) << name << ": '" << line << "'";
        }
    }
}

TEST(Text, ShowsTheVerdictAndBothFormulaLines)
{
    const std::string text = to_text(*estimate_of(example(), Detail::full));
    EXPECT_THAT(
        text, HasSubstr("Tight: 76.86\u00A0GiB of 79.65\u00A0GiB per GPU")); // 82,523,471,872 and 85,520,809,984 / 2^30
    EXPECT_THAT(text, HasSubstr("2 · L · k · d · s · b · B_kv / tp"));
    EXPECT_THAT(text, HasSubstr("= 2 × 80 × 8 × 128 × 32,768 × 12 × 2 / 4"));
    EXPECT_THAT(text, HasSubstr("KV cache                 30.00"));
}

TEST(Text, ControlCharactersReachNoTerminal)
{
    const std::string text = to_text(*renamed("\x1b[2Jname\u009b31m"));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\u009b"), std::string::npos);
    EXPECT_THAT(text, HasSubstr("?[2Jname?31m"));
}

TEST(Text, AmountsTooSmallToShowAreNotShownAsNothing)
{
    const std::string text = to_text(*estimate_of(example(), Detail::full));
    EXPECT_THAT(text, HasSubstr("  Norms                  <0.01")); // 2,637,824 B
}

TEST(Text, WrapsAtSpaces)
{
    EXPECT_EQ(wrapped("one two three", 8, "", "  "), "one two\n  three\n");
    EXPECT_EQ(wrapped("αβγ δεζ", 7, "", ""), "αβγ δεζ\n");
    EXPECT_EQ(wrapped("averylongword x", 5, "> ", "  "), "> averylongword\n  x\n");
    EXPECT_EQ(wrapped("", 5, "", ""), "\n");
}

TEST(Summary, SaysWhatALayerIsMadeOf)
{
    struct Case
    {
        const char* name;
        Architecture architecture;
        const char* feed_forward;
        const char* heads;
    };
    Architecture two_sizes = testing::llama_70b();
    Layer wide = two_sizes.kinds.front();
    std::get<Attention>(wide.mixers.front()).head_dim = 512;
    two_sizes.append(wide);
    Architecture ungated = testing::llama_70b();
    std::get<DenseFeedForward>(ungated.kinds.front().feed_forwards.front()).gated = false;
    for (const Case& c :
         {Case{"dense", testing::llama_70b(), "dense gated FFN", "head_dim 128"},
          Case{"experts", testing::gpt_oss_20b(), "MoE 4 of 32", "head_dim 64"},
          Case{"latent", testing::deepseek_v3(), "MoE 8 of 256 + 1 shared, 3 dense layers", "kv_lora_rank 512"},
          Case{"two sizes of heads", two_sizes, "dense gated FFN", "head_dim 128/512"},
          Case{"no gate", ungated, "dense FFN", "head_dim 128"}, Case{"nothing", Architecture{}, "", ""}}) {
        EXPECT_EQ(feed_forward_summary(c.architecture), c.feed_forward) << c.name;
        EXPECT_EQ(head_summary(c.architecture), c.heads) << c.name;
    }
}

} // namespace
} // namespace weighbridge
