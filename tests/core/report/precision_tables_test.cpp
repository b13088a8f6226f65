// The precision guide: number formats from their bits, schemes from the table of formats, and what the book appendix
// prints of both (seed 002, B.1).

#include "core/report/precision_tables.h"

#include "core/engines/engine.h"
#include "core/report/guide.h"
#include "core/report/table_writers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weighbridge {
namespace {

struct Published
{
    const char* id;
    int bits;
    double largest;
    double smallest;
};

void PrintTo(const Published& type, std::ostream* out)
{
    *out << type.id;
}

class ElementTypes : public ::testing::TestWithParam<Published>
{
};

TEST_P(ElementTypes, HaveTheRangeThatTheirStandardPrints)
{
    const Published& published = GetParam();
    const auto types = element_types();
    const auto type =
        std::find_if(types.begin(), types.end(), [&](const ElementType& other) { return other.id == published.id; });
    ASSERT_NE(type, types.end());
    EXPECT_EQ(type->bits(), published.bits);
    EXPECT_NEAR(type->largest() / published.largest, 1, 1e-6);
    EXPECT_NEAR(type->smallest() / published.smallest, 1, 1e-3);
    EXPECT_FALSE(type->source.empty());
    EXPECT_FALSE(type->use.empty());
}

// IEEE 754-2019 (binary32, binary16), numpy.finfo of ml_dtypes (bfloat16), arXiv:2209.05433 table 1 (E4M3: 448 and
// 2^-9; E5M2: 57,344 and 2^-16), OCP MX 1.0 (E2M1: 6 and 0.5; E8M0: 2^127 and 2^-127), arXiv:2305.14314 appendix E
// (NF4).
INSTANTIATE_TEST_SUITE_P(All, ElementTypes,
                         ::testing::Values(Published{"fp32", 32, 3.4028234663852886e38, 1.401298464324817e-45},
                                           Published{"bf16", 16, 3.3895313892515355e38, 9.183549615799121e-41},
                                           Published{"fp16", 16, 65504, 5.960464477539063e-8},
                                           Published{"e4m3", 8, 448, 0.001953125},
                                           Published{"e5m2", 8, 57344, 1.52587890625e-5}, Published{"e2m1", 4, 6, 0.5},
                                           Published{"e8m0", 8, 1.7014118346046923e38, 5.877471754111438e-39},
                                           Published{"int8", 8, 127, 1}, Published{"int4", 4, 7, 1},
                                           Published{"nf4", 4, 1, 0.0795803}));

TEST(PrecisionGuide, EveryFormatOfTheProgramHasARowWithItsFacts)
{
    const auto guide = precision_guide();
    ASSERT_EQ(guide.size(), number_formats().size());
    for (const GuidedFormat& row : guide) {
        EXPECT_FALSE(row.facts.element.empty()) << row.format->id;
        EXPECT_FALSE(row.facts.group.empty()) << row.format->id;
        EXPECT_FALSE(row.facts.use.empty()) << row.format->id;
        EXPECT_FALSE(row.facts.source.empty()) << row.format->id;
        EXPECT_EQ(row.facts.engines.empty(), row.format->nominal) << row.format->id;
        for (const std::string& engine : row.facts.engines)
            EXPECT_NE(find_engine(engine), nullptr) << engine;
    }
    const Table table = quantization_table();
    ASSERT_EQ(table.rows.size(), guide.size());
    for (std::size_t i = 0; i < guide.size(); ++i)
        EXPECT_EQ(table.rows[i].cells.front().text, guide[i].format->label);
}

/// Bits of a scale as the guide words it: "fp16, 4-bit zero" is 20.
double scale_bits(const std::string& words)
{
    double bits = 0;
    for (const auto& [word, count] : {std::pair<std::string_view, double>{"fp32", 32},
                                      {"fp16 zero", 16},
                                      {"E8M0", 8},
                                      {"FP8 E4M3", 8},
                                      {"4-bit zero", 4},
                                      {"8-bit zero", 8}})
        bits += words.find(word) != std::string::npos ? count : 0;
    return bits + (words.starts_with("fp16") || words.starts_with("bf16") ? 16 : 0);
}

/// Element, group and scale in the guide are those that the table of formats counts.
TEST(PrecisionGuide, GroupsAndScalesMakeTheBitsPerWeight)
{
    const auto types = element_types();
    int checked = 0;
    for (const GuidedFormat& row : precision_guide()) {
        int group = 0;
        const std::string& words = row.facts.group;
        const auto [end, status] = std::from_chars(words.data(), words.data() + words.size(), group);
        const auto type = std::find_if(types.begin(), types.end(),
                                       [&](const ElementType& other) { return other.id == row.facts.element; });
        if (status != std::errc{} || end != words.data() + words.size() || type == types.end())
            continue;
        // The two fp32 scales of a whole NVFP4 tensor are not counted.
        const std::string scale = row.facts.scale.substr(0, row.facts.scale.find(", fp32 per tensor"));
        EXPECT_DOUBLE_EQ(row.format->bits, type->bits() + scale_bits(scale) / group) << row.format->id;
        ++checked;
    }
    EXPECT_EQ(checked, 18); // mxfp8, gptq 8-bit, nvfp4, mxfp4 twice, gptq 4-bit in three groups, awq, w4a16, nf4, hqq
}

bool has(const std::vector<std::string>& list, std::string_view name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

// NVIDIA's white papers: FP8 tensor cores came with Ada and Hopper, FP4 with Blackwell, BF16 with Ampere; AMD's: FP8
// with CDNA3.
TEST(PrecisionGuide, GenerationsThatComputeWithAType)
{
    const auto fp8 = generations_with(ComputeType::fp8);
    for (const char* generation : {"Ada", "Hopper", "Blackwell", "CDNA3"})
        EXPECT_TRUE(has(fp8, generation)) << generation;
    for (const char* generation : {"Ampere", "Turing", "Volta", "CDNA2"})
        EXPECT_FALSE(has(fp8, generation)) << generation;
    const auto fp4 = generations_with(ComputeType::fp4);
    EXPECT_TRUE(has(fp4, "Blackwell"));
    EXPECT_FALSE(has(fp4, "Hopper"));
    const auto bf16 = generations_with(ComputeType::bf16);
    EXPECT_TRUE(has(bf16, "Ampere"));
    EXPECT_FALSE(has(bf16, "Volta"));
    EXPECT_FALSE(has(generations_with(ComputeType::int8), "Pascal")) << "it has no tensor cores";
}

TEST(PrecisionGuide, SaysWhatTheBitsAre)
{
    const Table table = quantization_table();
    const auto bits = [&](std::string_view format) -> std::string {
        for (const auto& row : table.rows)
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                if (table.columns[i].id == "format" && row.cells[i].text == format)
                    return row.cells[1].text;
        return "no row";
    };
    EXPECT_EQ(bits("nvfp4"), "4.5");
    EXPECT_EQ(bits("gptq_4bit_g128"), "4.15625");
    EXPECT_EQ(bits("fp8_per_channel"), "8 + 32/n");
    EXPECT_EQ(bits("gguf:Q4_K_M"), "~4.89");
    EXPECT_EQ(bits("checkpoint"), "—");
    std::vector<Table> tables = {number_formats_table(), table};
    ASSERT_FALSE(sort_tables(tables, "bits_per_weight"));
    EXPECT_EQ(tables[1].rows.front().cells.at(1).text, "~1.48");
    // Q1_0: of 8,030,261,248 weights the 525,336,576 of the output are Q6_K at 6.5625 bits, the rest has 1.125
    EXPECT_TRUE(tables_csv(tables).starts_with("name,bits,layout,largest,smallest,computed_by,use,source"));
}

/// B.1 gives NVFP4 half a byte and, from NVIDIA, 3.5 times less than FP16 and 1.8 times less than FP8. Half a byte
/// would be 4 and 2 times; with the scales of 16 it is 0.5625 bytes, 3.56 and 1.78 times.
TEST(AppendixPrecision, Nvfp4IsMoreThanHalfAByte)
{
    const double nvfp4 = find_format("nvfp4", FormatUse::weights)->bits;
    EXPECT_DOUBLE_EQ(nvfp4 / 8, 0.5625);
    EXPECT_NEAR(16 / nvfp4, 3.5, 0.06);
    EXPECT_NEAR(8 / nvfp4, 1.8, 0.03);
}

/// B.1 and B.13: "INT4 reduces weight memory by 4x". With a scale and a zero point for 128 weights it is 3.85 times.
TEST(AppendixPrecision, Int4HasScalesToo)
{
    EXPECT_NEAR(16 / find_format("gptq_4bit_g128", FormatUse::weights)->bits, 3.85, 0.005);
}

/// B.1 has FP8 for "Blackwell/Hopper GPUs": Ada's tensor cores compute with it as well.
TEST(AppendixPrecision, AdaHasFp8)
{
    EXPECT_TRUE(has(generations_with(ComputeType::fp8), "Ada"));
}

} // namespace
} // namespace weighbridge
