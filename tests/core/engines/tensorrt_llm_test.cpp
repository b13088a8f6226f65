// TensorRT-LLM's rules worked by hand, and what public logs print.

#include "core/engines/tensorrtllm/rank.h"
#include "tests/core/support/scenario_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weighbridge::testing {
namespace {

constexpr double trt_gib = 1'073'741'824;

EstimatePointer trt_answer(std::string_view preset, const std::string& inference, const std::string& rest = "",
                           const std::string& hardware = R"({"accelerator": "h200_sxm_141"})")
{
    return answer_to(preset,
                     R"({"inference": {"engine": "tensorrt-llm", )" + inference + R"(}, "hardware": )" + hardware +
                         rest + "}",
                     Card::named);
}

double trt_print(const Estimate& estimate, std::string_view id)
{
    for (const EnginePrint& print : estimate.engine_prints)
        if (print.id == id)
            return print.value;
    return 0;
}

// Bytes of a token on one rank, as 13 logs divide out.
TEST(TensorRtLlmCache, BytesOfAToken)
{
    struct Case
    {
        const char* preset;
        const char* cache;
        std::int64_t ranks;
        std::int64_t bytes;
    };
    for (const Case& c : {Case{"gpt-oss-120b", "bf16", 1, 73'728}, // all layers full: windows are not looked at
                          {"DeepSeek-V3", "fp8", 8, 35'136},
                          {"SmolLM-135M", "bf16", 1, 23'040},
                          {"DeepSeek-R1-Distill-Llama-8B", "bf16", 1, 131'072},
                          {"Llama-3.1-8B", "fp8", 1, 65'536},
                          {"Llama-2-7b-hf", "fp8", 1, 262'144},
                          {"gemma-7b", "fp8", 1, 229'376},
                          {"Qwen1.5-7B", "bf16", 1, 524'288},
                          {"Qwen2.5-0.5B-Instruct", "bf16", 1, 12'288},
                          {"Qwen2.5-1.5B-Instruct", "bf16", 1, 28'672},
                          {"Llama-3.1-8B", "bf16", 4, 32'768},
                          {"Llama-3.1-8B", "bf16", 16, 16'384}}) { // a head in every rank
        const auto answer = trt_answer(
            c.preset, R"("sequence_length": 3200)", R"(, "precision": {"kv_cache": ")" + std::string(c.cache) + R"("})",
            R"({"accelerator": "h200_sxm_141", "tensor_parallel": )" + std::to_string(c.ranks) + "}");
        EXPECT_EQ(bytes_of(*answer, "kv_cache"), 3200 * c.bytes) << c.preset << ", " << c.ranks;
    }
}

// 1.1.0rc3 on a GB10: what is available is 86,711 tokens of 73,728 bytes, laid out in blocks of 32.
TEST(TensorRtLlmPool, TokensFillWholeBlocks)
{
    tensorrt_llm::Settings settings;
    tensorrt_llm::Rank rank;
    rank.pools.push_back({.window = 131072, .whole = true, .layers = 36, .per_token = 73'728});
    rank.available = 86'711.0 * 73'728;
    EXPECT_EQ(rank.tokens(settings), 86'720);
    settings.max_tokens = 8'256;
    EXPECT_EQ(rank.tokens(settings), 8'256);
    settings.tokens_per_block = 64; // issue 2268: 630.4 blocks of 64 become 631
    settings.max_tokens.reset();
    rank.pools.front().per_token = 524'288;
    rank.available = 0.9 * 21.89 * trt_gib;
    EXPECT_EQ(rank.tokens(settings), 631 * 64);
}

// The share is of what is left beside weights and trial run, not of the card.
TEST(TensorRtLlmPool, IsAShareOfWhatIsLeft)
{
    const auto most = trt_answer("Llama-3.1-8B", R"("sequence_length": 8192, "free_gpu_memory_fraction": 1)");
    const auto half = trt_answer("Llama-3.1-8B", R"("sequence_length": 8192, "free_gpu_memory_fraction": 0.5)");
    EXPECT_NEAR(trt_print(*half, "kv_cache_gib"), trt_print(*most, "kv_cache_gib") / 2, 0.01);
    EXPECT_EQ(half->capacity.limited_by, Limit::pool);
    EXPECT_EQ(trt_print(*half, "kv_tokens"), static_cast<double>(half->capacity.kv_tokens));
    const auto capped = trt_answer("Llama-3.1-8B", R"("sequence_length": 8192, "max_gpu_total_bytes": 13107200000)");
    EXPECT_EQ(trt_print(*capped, "kv_tokens"), 100'000);
    const auto few = trt_answer("Llama-3.1-8B", R"("sequence_length": 8192, "max_tokens": 8256)");
    EXPECT_EQ(few->capacity.kv_tokens, 8'256);
    EXPECT_EQ(few->capacity.max_concurrent_sequences, 1);
}

// Two windows in turns: pools get bytes by layers · window, so 16 · 1,024 and 16 · 8,192 tokens, here of 4,096 bytes.
TEST(TensorRtLlmPool, WindowsHavePoolsOfTheirOwn)
{
    const auto answer = trt_answer(
        "Llama-3.1-8B", R"("sequence_length": 8192, "max_seq_len": 8192, "max_attention_window": [1024, 8192])");
    // Each pool holds its share with one sequence: 16 layers · 1,024 (8,192) tokens · 4,096 bytes, both tight.
    EXPECT_EQ(bytes_of(*answer, "kv_cache"), 16LL * (1024 + 8192) * 4096);
    const auto longer = trt_answer("Llama-3.1-8B", R"("sequence_length": 8192, "max_seq_len": 8192)");
    EXPECT_EQ(bytes_of(*longer, "kv_cache"), 32LL * 8192 * 4096);
}

// Every rank has the whole embedding; with data-parallel attention attention and head too, and requests of its own.
TEST(TensorRtLlmWeights, OverRanks)
{
    const std::string two = R"({"accelerator": "h200_sxm_141", "tensor_parallel": 2})";
    const auto whole = trt_answer("Llama-3.1-8B", R"("sequence_length": 8192)");
    const auto split = trt_answer("Llama-3.1-8B", R"("sequence_length": 8192)", "", two);
    const std::int64_t table = 128'256LL * 4096 * 2;
    EXPECT_EQ(bytes_of(*split, "weights.embedding"), table + table / 2);
    const auto spread = trt_answer(
        "Llama-3.1-8B", R"("sequence_length": 8192, "concurrent_sequences": 2, "enable_attention_dp": true)", "", two);
    EXPECT_EQ(bytes_of(*spread, "weights.attention"), bytes_of(*whole, "weights.attention"));
    EXPECT_EQ(bytes_of(*spread, "weights.feed_forward"), bytes_of(*whole, "weights.feed_forward") / 2);
    EXPECT_EQ(bytes_of(*spread, "weights.embedding"), 2 * table);
    EXPECT_EQ(bytes_of(*spread, "kv_cache"), 8192LL * 131'072);
}

// GB10 printed 63.52 GiB of gpt-oss-120b: its experts of 2,880 · 2,880 lie in 2,944 · 2,944.
TEST(TensorRtLlmWeights, Mxfp4ExpertsArePadded)
{
    const auto answer = trt_answer("gpt-oss-120b", R"("sequence_length": 8192)");
    EXPECT_NEAR(static_cast<double>(bytes_of(*answer, "weights")) / trt_gib, 63.52, 0.32);
    EXPECT_EQ(bytes_of(*answer, "weights.expert_padding"),
              std::llround(36.0 * 128 * 3 * (2944.0 * 2944 - 2880.0 * 2880) * 4.25 / 8));
}

// k_b_proj_trans and v_b_proj of 61 layers: 512 · 128 heads · 256 of 2 bytes over 8 ranks.
TEST(TensorRtLlmWeights, LatentAttentionHasSomeTwice)
{
    const auto answer = trt_answer("DeepSeek-V3", R"("sequence_length": 8192)", "",
                                   R"({"accelerator": "h200_sxm_141", "tensor_parallel": 8})");
    EXPECT_EQ(bytes_of(*answer, "weights.absorbed"), 61LL * 512 * 128 * 256 * 2 / 8);
    const auto drafts = trt_answer("DeepSeek-V3", R"("sequence_length": 3200, "max_draft_len": 1)", "",
                                   R"({"accelerator": "h200_sxm_141", "tensor_parallel": 8})");
    EXPECT_EQ(bytes_of(*drafts, "kv_cache"), 62LL * 3200 * 576 * 2);
    EXPECT_GT(bytes_of(*drafts, "weights.draft"), 0);
}

// A log of Gemma-7B: 1.14 GB and 4.35 GB for 2,048 slots of 256,000 words.
TEST(TensorRtLlmEngines, HaveBuffersOfEverySlot)
{
    const auto answer = trt_answer("gemma-7b", R"("sequence_length": 2048, "engine_version": "0.13")");
    EXPECT_NEAR(static_cast<double>(bytes_of(*answer, "overhead.buffers")), 1.14e9 + 4.35e9, 0.3e9);
    const auto pytorch = trt_answer("gemma-7b", R"("sequence_length": 2048)");
    EXPECT_EQ(find_term(pytorch->terms, "overhead.buffers"), nullptr);
}

TEST(TensorRtLlmHost, CachesOfEveryRank)
{
    const auto answer =
        trt_answer("Llama-3.1-8B", R"("sequence_length": 8192, "host_cache_size": 8000000000)", "",
                   R"({"accelerator": "h200_sxm_141", "tensor_parallel": 4, "host": {"memory_gib": 128}})");
    ASSERT_TRUE(answer->host);
    EXPECT_EQ(answer->host->total.count, 4 * 8'000'000'000LL);
}

TEST(TensorRtLlmSupport, SaysWhatItCantRun)
{
    const auto verdict = [](const std::string& weights, const std::string& card) {
        return trt_answer("Llama-3.1-8B", R"("sequence_length": 2048)",
                          R"(, "precision": {"weights": ")" + weights + R"("})",
                          R"({"accelerator": ")" + card + R"("})")
            ->fit.verdict;
    };
    EXPECT_EQ(verdict("nvfp4", "b200_sxm"), Verdict::fits);
    EXPECT_EQ(verdict("nvfp4", "h100_sxm_80"), Verdict::cant_run);
    EXPECT_EQ(verdict("fp8", "a100_sxm_80"), Verdict::cant_run);
    EXPECT_EQ(verdict("awq_4bit_g128", "a100_sxm_80"), Verdict::fits);
    EXPECT_EQ(verdict("gptq_4bit_g128", "h100_sxm_80"), Verdict::not_known);
    EXPECT_EQ(verdict("bf16", "mi300x"), Verdict::cant_run);
    EXPECT_NE(
        refusal_of("Mixtral-8x7B-v0.1",
                   R"({"inference": {"engine": "trtllm"}, "hardware": {"tensor_parallel": 2, "expert_parallel": 4}})")
            .find("must divide"),
        std::string::npos);
}

} // namespace
} // namespace weighbridge::testing
