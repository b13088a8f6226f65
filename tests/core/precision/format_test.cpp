#include "core/precision/format.h"

#include "core/model/inventory.h"
#include "core/quantity/bytes.h"
#include "tests/core/support/networks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>

namespace weighbridge {
namespace {

NumberFormat format(std::string_view id, FormatUse use = FormatUse::weights)
{
    const auto found = find_format(id, use);
    EXPECT_TRUE(found) << id << ": " << (found ? "" : found.error().message);
    return found ? *found : NumberFormat{};
}

std::string refusal(std::string_view id, FormatUse use = FormatUse::weights)
{
    const auto found = find_format(id, use);
    return found ? "read as " + found->id : found.error().message;
}

double weight_gib(const Architecture& architecture, std::string_view format_id)
{
    const NumberFormat weights = format(format_id);
    double bytes = 0;
    for (const Tensor& tensor : weight_inventory(architecture))
        bytes += static_cast<double>(tensor.elements()) * bytes_per_element(weights, tensor);
    return bytes / bytes_per_gib;
}

TEST(Formats, BitsPerWeightFollowFromTheirComposition)
{
    struct Case
    {
        const char* id;
        double bits;
        ComputeType compute;
    };
    const Case cases[] = {
        {"fp32", 32, ComputeType::fp32},
        {"bf16", 16, ComputeType::bf16},
        {"fp16", 16, ComputeType::fp16},
        {"fp8", 8, ComputeType::fp8},
        {"fp8_per_channel", 8, ComputeType::fp8},
        {"fp8_block128", 8.001953125, ComputeType::fp8},
        {"int8", 8, ComputeType::int8},
        {"mxfp8", 8.25, ComputeType::fp8},
        {"nvfp4", 4.5, ComputeType::fp4},
        {"mxfp4", 4.25, ComputeType::bf16},
        {"mxfp4_experts", 4.25, ComputeType::bf16},
        {"gptq_4bit_g128", 4.15625, ComputeType::bf16},
        {"gptq_4bit_g64", 4.3125, ComputeType::bf16},
        {"gptq_4bit_g32", 4.625, ComputeType::bf16},
        {"gptq_8bit_g128", 8.1875, ComputeType::bf16},
        {"awq_4bit_g128", 4.15625, ComputeType::bf16},
        {"w4a16_g128", 4.125, ComputeType::bf16},
        {"bnb_int8", 8, ComputeType::int8},
        {"bnb_nf4", 4.5, ComputeType::bf16},
        {"bnb_nf4_double_quant", 4.126953125, ComputeType::bf16},
        {"hqq_4bit_g64", 4.5, ComputeType::bf16},
        {"nominal:4", 32, ComputeType::fp32},
        {"nominal:2", 16, ComputeType::bf16},
        {"nominal:1", 8, ComputeType::fp8},
        {"nominal:0.5", 4, ComputeType::bf16},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(format(c.id).bits, c.bits) << c.id;
        EXPECT_EQ(format(c.id).compute, c.compute) << c.id;
    }
}

TEST(Formats, CacheTypesCountTheirBlockScales)
{
    struct Case
    {
        const char* id;
        double bits;
    };
    for (const Case& c : {Case{"fp32", 32}, Case{"bf16", 16}, Case{"f16", 16}, Case{"fp8", 8}, Case{"int8", 8},
                          Case{"nvfp4", 4.5}, Case{"q8_0", 8.5}, Case{"q5_1", 6}, Case{"q5_0", 5.5}, Case{"q4_1", 5},
                          Case{"q4_0", 4.5}, Case{"iq4_nl", 4.5}})
        EXPECT_EQ(format(c.id, FormatUse::kv_cache).bits, c.bits) << c.id;
}

// Weights as vLLM logs them, without its RoPE table. 67.7229 GiB (vllm#12569) and 14.9888 GiB hold one of 131,072 x 128
// BF16 numbers, 0.03125 GiB; Qwen3-8B-FP8's 8.8011 GiB (gpustack#4660) one of 40,960 x 128; gpt-oss-20b's 12.88 GiB
// (vllm#22331) was logged to that digit.
TEST(Formats, ReproduceWeightsMeasuredInRealRuns)
{
    EXPECT_NEAR(weight_gib(testing::llama_70b(), "int8") + 0.03125, 67.7229, 0.0002);
    EXPECT_NEAR(weight_gib(testing::qwen3_8b(), "fp8_block128"), 8.8011, 0.012);
    EXPECT_NEAR(weight_gib(testing::gpt_oss_20b(), "mxfp4_experts"), 12.8848, 0.07);
}

TEST(Formats, QuantizationLeavesTheOthersIn16Bits)
{
    const std::string quantized[] = {"fp8", "fp8_block128", "int8", "nvfp4", "mxfp4", "gptq_4bit_g128", "bnb_nf4"};
    for (const std::string& id : quantized)
        for (const Tensor& tensor : weight_inventory(testing::deepseek_v3())) {
            const bool stays =
                tensor.part == Part::embedding || tensor.part == Part::router || tensor.part == Part::norms;
            EXPECT_EQ(bytes_per_element(format(id), tensor) == 2, stays) << id << ' ' << tensor.name;
        }
    for (const Tensor& tensor : weight_inventory(testing::gpt_oss_20b()))
        EXPECT_EQ(takes(format("mxfp4_experts"), tensor), tensor.part == Part::experts && tensor.quantizable)
            << tensor.name;
}

TEST(Formats, NominalAndPlainWidthsTakeEveryTensor)
{
    for (const Tensor& tensor : weight_inventory(testing::gpt_oss_20b())) {
        EXPECT_EQ(bytes_per_element(format("nominal:0.5"), tensor), 0.5) << tensor.name;
        EXPECT_EQ(bytes_per_element(format("fp32"), tensor), 4) << tensor.name;
        EXPECT_EQ(bytes_per_element(format("bits:3"), tensor), 0.375) << tensor.name;
    }
}

TEST(Formats, PerChannelScalesSpreadOverTheRow)
{
    Tensor tensor;
    tensor.quantizable = true;
    tensor.columns.value = 4096;
    EXPECT_EQ(bytes_per_element(format("int8"), tensor), 1 + 4.0 / 4096);
}

TEST(Formats, ReadsWidthsTypedIn)
{
    EXPECT_EQ(format("nominal:0.5").label, "NVFP4 / MXFP4 / INT4 (0.5 bytes)");
    EXPECT_EQ(format("nominal:2.0").id, "nominal:2");
    EXPECT_EQ(format("nominal:2.0").label, "BF16 / FP16 (2 bytes)");
    EXPECT_EQ(format("nominal:0.75").bits, 6);
    EXPECT_TRUE(format("nominal:0.75").nominal);
    EXPECT_EQ(format("nominal:8").bits, 64);
    EXPECT_EQ(format("nominal:0.125").bits, 1);
    EXPECT_EQ(format("bits:3.5").bits, 3.5);
    EXPECT_EQ(format("bits:3.5", FormatUse::activations).id, "bits:3.5");
    EXPECT_FALSE(format("bits:3.5").nominal);
}

TEST(Formats, NamesIgnoreCaseAndHaveAliases)
{
    EXPECT_EQ(format("BF16").id, "bf16");
    EXPECT_EQ(format("F16", FormatUse::kv_cache).id, "fp16");
    EXPECT_EQ(format("Q8_0", FormatUse::kv_cache).id, "q8_0");
    EXPECT_EQ(format("fp8_e4m3", FormatUse::kv_cache).id, "fp8");
    EXPECT_EQ(format("NOMINAL:1").id, "nominal:1");
}

TEST(Formats, RefusesWithTheNearestName)
{
    struct Case
    {
        std::string id;
        FormatUse use;
        const char* field;
        const char* says;
    };
    const Case cases[] = {
        {"gptq_4bit_g12", FormatUse::weights, "precision.weights", "\"gptq_4bit_g128\""},
        {"bf61", FormatUse::weights, "precision.weights", "\"bf16\""},
        {"q80", FormatUse::kv_cache, "precision.kv_cache", "\"q8_0\""},
        {"gptq_4bit_g128", FormatUse::kv_cache, "precision.kv_cache", "no format for the KV cache"},
        {"nvfp4", FormatUse::activations, "precision.activations", "no format for activations"},
        {"gguf:Q4_K_X", FormatUse::weights, "precision.weights", "the nearest is \"gguf:Q4_K_"},
        {"gguf:", FormatUse::weights, "precision.weights", "is not a format for weights"},
        {"gguf:Q4_K_M", FormatUse::kv_cache, "precision.kv_cache", "no format for the KV cache"},
        {"checkpoint", FormatUse::activations, "precision.activations", "no format for activations"},
        {"", FormatUse::weights, "precision.weights", "weighbridge list formats"},
        {"nominal:", FormatUse::weights, "precision.weights", "0.125 to 8"},
        {"nominal:0", FormatUse::weights, "precision.weights", "0.125 to 8"},
        {"nominal:9", FormatUse::weights, "precision.weights", "0.125 to 8"},
        {"nominal:nan", FormatUse::weights, "precision.weights", "0.125 to 8"},
        {"nominal:2x", FormatUse::weights, "precision.weights", "0.125 to 8"},
        {"bits:inf", FormatUse::weights, "precision.weights", "1 to 64"},
        {"bits:-4", FormatUse::weights, "precision.weights", "1 to 64"},
        {"bits:1e9", FormatUse::weights, "precision.weights", "1 to 64"},
    };
    for (const Case& c : cases) {
        const auto found = find_format(c.id, c.use);
        ASSERT_FALSE(found) << c.id;
        EXPECT_EQ(found.error().field, c.field) << c.id;
        EXPECT_NE(found.error().message.find(c.says), std::string::npos) << c.id << ": " << found.error().message;
    }
}

TEST(Formats, HostileNamesMakeShortPrintableMessages)
{
    const std::string hostile = std::string(10'000'000, 'x') + "\xff\n";
    EXPECT_LT(refusal(hostile).size(), 400U);
    EXPECT_NE(refusal("bf\xff\n16").find("\"bf??16\""), std::string::npos) << refusal("bf\xff\n16");
}

TEST(Formats, TheListIsConsistent)
{
    std::set<std::string> ids;
    for (const NumberFormat& known : number_formats()) {
        EXPECT_TRUE(ids.insert(known.id).second) << known.id << " is there twice";
        EXPECT_FALSE(known.label.empty()) << known.id;
        EXPECT_FALSE(known.source.empty()) << known.id;
        EXPECT_TRUE(known.for_weights || known.for_kv_cache || known.for_activations) << known.id;
        if (known.for_weights) {
            EXPECT_EQ(format(known.id), known);
        }
    }
}

TEST(Formats, AreFoundAsPeopleCallThem)
{
    EXPECT_EQ(find_format("Q4_K_M", FormatUse::weights)->id, "gguf:Q4_K_M");
    EXPECT_EQ(find_format("q8_0", FormatUse::weights)->id, "gguf:Q8_0");
    EXPECT_EQ(find_format("q8_0", FormatUse::kv_cache)->id, "q8_0");
    EXPECT_EQ(find_format("AWQ", FormatUse::weights)->id, "awq_4bit_g128");
    EXPECT_EQ(find_format("gptq", FormatUse::weights)->id, "gptq_4bit_g128");
    EXPECT_FALSE(find_format("awq", FormatUse::kv_cache));
}

} // namespace
} // namespace weighbridge
