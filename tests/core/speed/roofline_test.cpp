#include "core/speed/roofline.h"

#include "tests/core/support/networks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace weighbridge {
namespace {

Accelerator accelerator(std::string_view id)
{
    const auto found = Catalogue().find(id);
    EXPECT_TRUE(found) << id;
    return found ? *found : Accelerator{};
}

Workload decoding(std::int64_t sequences, std::int64_t context, std::int64_t tensor_parallel, std::string_view weights)
{
    const auto bf16 = find_format("bf16", FormatUse::kv_cache);
    const auto format = find_format(weights, FormatUse::weights);
    EXPECT_TRUE(bf16 && format);
    return {.sequences = sequences,
            .context = context,
            .tensor_parallel = tensor_parallel,
            .weights = *format,
            .kv_k = *bf16,
            .kv_v = *bf16,
            .activations = *bf16};
}

const RooflineRow& row(const Roofline& roofline, std::string_view id)
{
    const auto found = std::find_if(roofline.rows.begin(), roofline.rows.end(),
                                    [&](const RooflineRow& r) { return r.operation.id == id; });
    EXPECT_NE(found, roofline.rows.end()) << id;
    return *found;
}

std::vector<Roofline> llama_on(std::string_view id, std::string_view weights = "bf16")
{
    return rooflines(testing::llama_70b(), accelerator(id), decoding(12, 32768, 4, weights), false);
}

// 989.4 / 3.35 and 312 / 2.039: the ridges that the scaling literature quotes.
TEST(Rooflines, RidgeIsDensePeakOverBandwidth)
{
    EXPECT_NEAR(llama_on("h100_sxm_80")[0].ridge, 295, 0.5);
    EXPECT_NEAR(llama_on("a100_sxm_80")[0].ridge, 153, 0.5);
    EXPECT_NEAR(llama_on("h100_sxm_80", "fp8")[0].ridge, 1979 / 3.35, 0.01);
    EXPECT_NEAR(llama_on("a100_sxm_80", "fp8")[0].ridge, 153, 0.5) << "no FP8 units: computed in BF16";
    EXPECT_NEAR(llama_on("h100_sxm_80", "gptq_4bit_g128")[0].ridge, 295, 0.5) << "weight-only";
}

TEST(Rooflines, DecodeIsBoundByMemoryAndPrefillByCompute)
{
    const auto result = llama_on("h100_sxm_80");
    ASSERT_EQ(result.size(), 2U);
    const Roofline& decode = result[0];
    EXPECT_EQ(decode.phase, Phase::decode);
    EXPECT_EQ(decode.layers, 80);
    EXPECT_EQ(decode.layer_label, "full attention, dense");
    for (const RooflineRow& r : decode.rows)
        EXPECT_EQ(r.bound, Bound::memory) << r.operation.id;
    EXPECT_NEAR(decode.flops, 8.36e9, 0.01e9) << "the sum of the six operations";
    // QKV 42,213,376, scores and values 201,375,744 each, output 33,800,192, FFN 352,714,752, norms 819,200 bytes; the
    // design's picture, drawn by other means, has 839 MB. 80 layers read 66.6 GB: at 3.35 TB/s a token takes 19.9 ms.
    EXPECT_EQ(decode.bytes, 832299008);
    EXPECT_NEAR(decode.intensity(), 8.36e9 / 832299008, 0.02) << "10 FLOP per byte, far below the ridge";
    EXPECT_EQ(Roofline{}.intensity(), 0) << "nothing moved, nothing divided by";
    EXPECT_DOUBLE_EQ(80 * decode.seconds_at_least, 80 * 832299008.0 / 3.35e12);
    EXPECT_NEAR(row(decode, "ffn").attainable_flops, row(decode, "ffn").operation.intensity() * 3.35e12, 1e6);

    const Roofline& prefill = result[1];
    EXPECT_EQ(prefill.phase, Phase::prefill);
    for (const char* id : {"qkv_projection", "attention_scores", "attention_values", "output_projection", "ffn"}) {
        EXPECT_EQ(row(prefill, id).bound, Bound::compute) << id;
        EXPECT_EQ(row(prefill, id).attainable_flops, 989.4e12) << id;
    }
    EXPECT_EQ(row(prefill, "norms").bound, Bound::memory);
}

TEST(Rooflines, AttentionKeepsTheRoofOfItsOwnPrecision)
{
    const Roofline decode = llama_on("h100_sxm_80", "fp8")[0];
    EXPECT_EQ(decode.peak->type, ComputeType::fp8);
    EXPECT_EQ(row(decode, "ffn").peak->type, ComputeType::fp8);
    EXPECT_EQ(row(decode, "attention_scores").peak->type, ComputeType::bf16);
    EXPECT_NEAR(row(decode, "attention_scores").ridge, 295, 0.5);
}

TEST(Rooflines, WithoutFiguresTheBoundIsUnknown)
{
    const Roofline no_peak = llama_on("gb300_ws")[0];
    EXPECT_FALSE(no_peak.peak);
    EXPECT_EQ(no_peak.ridge, 0);
    EXPECT_GT(no_peak.seconds_at_least, 0) << "moving the bytes still takes its time";
    const Roofline nothing = llama_on("rtx_6000d")[0];
    EXPECT_EQ(nothing.seconds_at_least, 0);
    for (const Roofline* roofline : {&no_peak, &nothing})
        for (const RooflineRow& r : roofline->rows) {
            EXPECT_EQ(r.bound, Bound::unknown);
            EXPECT_EQ(r.attainable_flops, 0);
        }
    EXPECT_EQ(bound_name(Bound::unknown), "unknown");
}

TEST(Rooflines, MostFrequentKindOfLayerFirst)
{
    const auto result =
        rooflines(testing::deepseek_v3(), accelerator("h200_sxm_141"), decoding(1, 4096, 8, "fp8_block128"), true);
    ASSERT_EQ(result.size(), 4U);
    EXPECT_EQ(result[0].layers, 58);
    EXPECT_EQ(result[0].layer_label, "latent attention, experts");
    EXPECT_EQ(result[0].phase, Phase::decode);
    EXPECT_EQ(result[1].layers, 58);
    EXPECT_EQ(result[1].phase, Phase::prefill);
    EXPECT_EQ(result[2].layers, 3);
    EXPECT_EQ(result[2].layer_label, "latent attention, dense");
    const auto windowed =
        rooflines(testing::gpt_oss_20b(), accelerator("rtx_4090"), decoding(1, 4096, 1, "mxfp4_experts"), false);
    EXPECT_EQ(windowed[0].layer_label, "sliding window of 128, experts");
}

} // namespace
} // namespace weighbridge
