// LMDeploy's rules worked by hand from its source (0.16), and what public logs print.

#include "tests/core/support/scenario_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace weighbridge::testing {
namespace {

EstimatePointer lmdeploy_answer(std::string_view preset, const std::string& inference,
                                const std::string& hardware = R"({"accelerator": "a100_sxm_80"})")
{
    return answer_to(preset,
                     R"({"inference": {"engine": "lmdeploy", )" + inference + R"(}, "hardware": )" + hardware + "}",
                     Card::named);
}

double lmdeploy_print(const Estimate& estimate, std::string_view id)
{
    for (const EnginePrint& print : estimate.engine_prints)
        if (print.id == id)
            return print.value;
    return 0;
}

bool lmdeploy_says(const Estimate& estimate, std::string_view words)
{
    return std::any_of(estimate.issues.begin(), estimate.issues.end(),
                       [&](const Issue& issue) { return issue.message.find(words) != std::string::npos; });
}

// MiB of a block as logs print them: issues 3411 (32 layers of 8 heads of 128), 3825 and 990, and 0.1.
TEST(LmDeployBlocks, AreAsLogsPrintThem)
{
    struct Case
    {
        const char* preset;
        const char* more;
        double mib;
    };
    for (const Case& c : {Case{"Llama-3.1-8B", "", 8},
                          {"Qwen3-8B", "", 9},
                          {"Llama-3.1-8B", R"(, "cache_block_seq_len": 128)", 16},
                          {"Llama-2-7b-hf", R"(, "engine_version": "0.1")", 64},
                          {"Llama-3.1-8B", R"(, "quant_policy": 8)", 64 * 32 * 8 * (256 + 8) / 1048576.0},
                          {"Llama-3.1-8B", R"(, "quant_policy": 4)", 64 * 32 * 8 * (128 + 8) / 1048576.0},
                          {"Llama-3.1-8B", R"(, "engine_backend": "pytorch", "quant_policy": 16)", 4}}) {
        const auto answer = lmdeploy_answer(c.preset, R"("sequence_length": 4096)" + std::string(c.more));
        EXPECT_DOUBLE_EQ(lmdeploy_print(*answer, "block_mib"), c.mib) << c.preset << c.more;
    }
}

// 0.8 of what is free once weights and context are there; 0.5 of the whole card in 0.2.0.
TEST(LmDeployCache, IsAShareOfWhatIsFree)
{
    const auto answer = lmdeploy_answer("Llama-3.1-8B", R"("sequence_length": 4096)");
    const double reported = static_cast<double>(answer->scenario.inference.total_memory_bytes.value_or(0));
    const double context = static_cast<double>(bytes_of(*answer, "overhead"));
    const double cache = std::floor(0.8 * (reported - static_cast<double>(bytes_of(*answer, "weights")) - context));
    EXPECT_EQ(lmdeploy_print(*answer, "blocks"), std::floor(cache / (8 * 1048576)));
    EXPECT_EQ(answer->capacity.kv_tokens, static_cast<std::int64_t>(cache / (8 * 1048576)) * 64);
    const auto old = lmdeploy_answer("Llama-3.1-8B", R"("sequence_length": 4096, "engine_version": "0.2.0")");
    EXPECT_EQ(lmdeploy_print(*old, "blocks"), std::floor(0.5 * reported / (16 * 1048576)));
}

// (8,192 + 2 · 128) rows of logits of 16 bits are taken off first, and states of 130 slots for linear layers.
TEST(LmDeployCache, ThePyTorchEngineSetsLogitsAside)
{
    const std::string card = R"({"accelerator": "rtx_3090"})";
    const auto answer = lmdeploy_answer("Qwen3-4B", R"("sequence_length": 4096, "engine_backend": "pytorch")", card);
    const double reported = static_cast<double>(answer->scenario.inference.total_memory_bytes.value_or(0));
    const double runtime = (8192.0 + 256) * 151'936 * 2;
    const double free = reported - static_cast<double>(bytes_of(*answer, "weights")) -
                        static_cast<double>(bytes_of(*answer, "overhead")) - runtime;
    EXPECT_EQ(lmdeploy_print(*answer, "blocks"), std::floor(std::floor(0.8 * free) / (9 * 1048576)));
    EXPECT_EQ(bytes_of(*answer, "activations"), static_cast<std::int64_t>(runtime));
    const auto states =
        lmdeploy_answer("Qwen3-Next-80B-A3B-Instruct", R"("sequence_length": 4096, "max_batch_size": 64)",
                        R"({"accelerator": "h200_sxm_141", "tensor_parallel": 2})");
    const auto plain = lmdeploy_answer("Qwen3-30B-A3B", R"("sequence_length": 4096, "engine_backend": "pytorch")",
                                       R"({"accelerator": "h200_sxm_141", "tensor_parallel": 2})");
    EXPECT_EQ(bytes_of(*states, "overhead") - bytes_of(*plain, "overhead"),
              36LL * 66 * (8192 * 4 + 32 * 128 * 128) * 2 / 2);
}

TEST(LmDeployCache, BlocksByNumberUntilTheArena)
{
    const auto answer = lmdeploy_answer(
        "Llama-3.1-8B", R"("sequence_length": 4096, "cache_max_entry_count": 1740, "engine_version": "0.9")");
    EXPECT_EQ(lmdeploy_print(*answer, "blocks"), 1740);
    EXPECT_EQ(answer->capacity.kv_tokens, 111'360); // issue 3950
    EXPECT_TRUE(lmdeploy_says(*answer, "cuts session_len"));
    EXPECT_NE(refusal_of("Llama-3.1-8B", R"({"inference": {"engine": "lmdeploy", "cache_max_entry_count": 1740}})")
                  .find("since 0.14"),
              std::string::npos);
}

TEST(LmDeployEngines, AreChosenByNetwork)
{
    const auto backend = [](std::string_view preset) {
        return lmdeploy_answer(preset, R"("sequence_length": 2048)")
            ->scenario.inference.served.engine_backend.value_or("");
    };
    EXPECT_EQ(backend("Qwen3-8B"), "turbomind");
    EXPECT_EQ(backend("gpt-oss-20b"), "turbomind");
    EXPECT_EQ(backend("gemma-3-12b-it"), "pytorch");
    EXPECT_EQ(backend("DeepSeek-V2.5"), "pytorch");
    EXPECT_NE(refusal_of("gemma-3-12b-it", R"({"inference": {"engine": "lmdeploy", "engine_backend": "turbomind"}})")
                  .find("TurboMind has no network"),
              std::string::npos);
    EXPECT_NE(
        refusal_of("Qwen3-8B", R"({"inference": {"engine": "lmdeploy", "quant_policy": 16}})").find("no FP8 cache"),
        std::string::npos);
    EXPECT_NE(
        refusal_of("Qwen3-30B-A3B",
                   R"({"inference": {"engine": "lmdeploy"}, "hardware": {"tensor_parallel": 2, "expert_parallel": 2}})")
            .find("only 1 is allowed"),
        std::string::npos);
}

TEST(LmDeployDefaults, BatchesByCard)
{
    const auto batch = [](const char* card) {
        return lmdeploy_answer("Qwen3-8B", R"("sequence_length": 2048)",
                               R"({"accelerator": ")" + std::string(card) + R"("})")
            ->scenario.inference.served.max_batch_size.value_or(0);
    };
    EXPECT_EQ(batch("a100_sxm_80"), 384);
    EXPECT_EQ(batch("h200_sxm_141"), 1024);
    EXPECT_EQ(batch("rtx_4090"), 128);
}

// Qwen3-4B ties its head: TurboMind loads the embedding twice.
TEST(LmDeployWeights, ATiedHeadIsLoadedTwice)
{
    const auto turbomind = lmdeploy_answer("Qwen3-4B", R"("sequence_length": 2048)");
    const auto pytorch = lmdeploy_answer("Qwen3-4B", R"("sequence_length": 2048, "engine_backend": "pytorch")");
    EXPECT_EQ(bytes_of(*turbomind, "weights") - bytes_of(*pytorch, "weights"), 151'936LL * 2560 * 2);
}

} // namespace
} // namespace weighbridge::testing
