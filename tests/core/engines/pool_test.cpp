// What an engine's own cache holds decides room, verdict and serving tables; worked by hand.

#include "core/answers/serving.h"
#include "tests/core/support/prints.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

constexpr std::int64_t gib = 1'073'741'824;

Question served_by(std::string_view engine, std::string_view preset)
{
    Question question = question_about_preset(preset);
    question.scenario.inference.engine = engine;
    return question;
}

// Qwen3-8B: 2 x 8 heads x 128 x 2 bytes x 36 layers = 147,456 bytes a token, 2,359,296 a block of 16. A GiB has 455
// blocks, 7,280 tokens: none of 8,192 tokens, 14 blocks or 224 tokens each for 32 requests.
TEST(OnePool, OfVllmWithAGivenCache)
{
    Question question = served_by("vllm", "Qwen3-8B");
    question.scenario.inference.concurrent_sequences = 32;
    question.scenario.inference.vllm.max_model_len = 8192;
    question.scenario.inference.vllm.kv_cache_memory_bytes = gib;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->capacity.kv_tokens, 7280);
    EXPECT_EQ(result->capacity.kv_tokens_all, 7280);
    EXPECT_EQ(result->capacity.pool_bytes.count, 455 * 2'359'296);
    EXPECT_EQ(result->capacity.max_concurrent_sequences, 0);
    EXPECT_EQ(result->capacity.max_sequence_length, 224);
    EXPECT_EQ(result->capacity.limited_by, Limit::engine); // one request of 8,192 tokens must have its blocks
    EXPECT_EQ(result->fit.verdict, Verdict::exceeds);

    question.scenario.inference.concurrent_sequences = 1;
    EXPECT_EQ(estimate_of(question, Detail::full)->capacity.max_sequence_length, 7280);

    question.scenario.inference.vllm.max_model_len = 4096; // 256 blocks each
    question.scenario.inference.sequence_length = 4096;
    const auto starts = estimate_of(question, Detail::full);
    EXPECT_EQ(starts->capacity.max_concurrent_sequences, 1);
    EXPECT_EQ(starts->capacity.limited_by, Limit::pool);
    EXPECT_NE(starts->fit.verdict, Verdict::exceeds);
    question.scenario.inference.concurrent_sequences = 2;
    EXPECT_EQ(estimate_of(question, Detail::full)->fit.verdict, Verdict::exceeds);
}

// Nobody said how long a request is: as the engine was told, never longer; and no room beyond what it takes.
TEST(RequestLimit, DecidesTheLengthThatNobodyChose)
{
    Question question = served_by("vllm", "Llama-3.1-8B");
    EXPECT_EQ(estimate_of(question, Detail::full)->scenario.inference.sequence_length, 8192);
    question.scenario.inference.vllm.max_model_len = 32768;
    EXPECT_EQ(estimate_of(question, Detail::full)->scenario.inference.sequence_length, 8192);
    question.scenario.inference.vllm.max_model_len = 4096;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->scenario.inference.sequence_length, 4096);
    EXPECT_FALSE(result->asked.inference.sequence_length) << "filled in, not chosen";
    EXPECT_EQ(result->capacity.max_sequence_length, 4096);
    EXPECT_EQ(result->capacity.max_concurrent_sequences, result->capacity.kv_tokens / 4096);

    Question sglang = served_by("sglang", "Llama-3.1-8B");
    sglang.scenario.inference.sglang.context_length = 2048;
    EXPECT_EQ(estimate_of(sglang, Detail::full)->scenario.inference.sequence_length, 2048);
    EXPECT_EQ(estimate_of(sglang, Detail::full)->capacity.max_sequence_length, 2048);
    Question cells = served_by("llama.cpp", "Llama-3.1-8B");
    cells.scenario.inference.llama_cpp.n_ctx = 512;
    EXPECT_EQ(estimate_of(cells, Detail::full)->scenario.inference.sequence_length, 512);
}

// A request that vLLM turns away has a cache all the same: 147,456 bytes a token of Qwen3-8B, in whole blocks of 16.
TEST(RequestLimit, TurnsAwayRowsOfTheServingTable)
{
    Question question = served_by("vllm", "Qwen3-8B");
    question.scenario.inference.vllm.max_model_len = 4096;
    ServingRange range;
    range.lengths = {4096, 8192};
    const auto serving = serving_capacity(question, range);
    ASSERT_TRUE(serving) << serving.error().message;
    const LengthRow& longer = (*serving)->by_length.back();
    EXPECT_EQ(longer.tokens, 8192);
    EXPECT_EQ(longer.max_concurrent_sequences, 0);
    EXPECT_EQ(longer.one_sequence.count, 8192 * 147'456);
    EXPECT_NE(longer.remark.find("takes no longer request"), std::string::npos) << longer.remark;
    for (const ConcurrencyRow& row : (*serving)->by_concurrency)
        EXPECT_LE(row.max_sequence_length, 4096);
}

// 2,048 tokens would fit a 24 GiB card beside the weights, one request of 131,072 (16 GiB) does not.
TEST(OnePool, WhatAnEngineInsistsOnIsNeeded)
{
    Question question = served_by("vllm", "Llama-3.1-8B");
    question.accelerator = *Catalogue().find("rtx_4090");
    question.scenario.inference.sequence_length = 2048;
    const auto refused = estimate_of(question, Detail::full);
    EXPECT_EQ(refused->fit.verdict, Verdict::would_not_start);
    EXPECT_GT(refused->fit.needed.count, 14 * gib + 16 * gib);
    EXPECT_EQ(refused->capacity.max_concurrent_sequences, 0);
    question.scenario.inference.vllm.max_model_len = 2048;
    const auto started = estimate_of(question, Detail::full);
    EXPECT_NE(started->fit.verdict, Verdict::exceeds);
    EXPECT_EQ(started->fit.needed, started->total);
    EXPECT_GT(started->capacity.max_concurrent_sequences, 0);
}

// A token of Llama-3.1-8B is a slot: as many requests as whole lengths in max_total_num_tokens, one as long as it.
TEST(OnePool, OfSglang)
{
    Question question = served_by("sglang", "Llama-3.1-8B");
    const auto result = estimate_of(question, Detail::full);
    const auto tokens = static_cast<std::int64_t>(print_of(*result, "max_total_num_tokens"));
    EXPECT_EQ(result->capacity.kv_tokens, tokens);
    EXPECT_EQ(result->capacity.max_concurrent_sequences, tokens / 8192);
    EXPECT_EQ(result->capacity.max_sequence_length, tokens);
    EXPECT_EQ(result->capacity.limited_by, Limit::pool);
    question.scenario.inference.sequence_length = tokens;
    EXPECT_NE(estimate_of(question, Detail::full)->fit.verdict, Verdict::exceeds);
    question.scenario.inference.sequence_length = tokens + 1;
    EXPECT_EQ(estimate_of(question, Detail::full)->fit.verdict, Verdict::exceeds);
}

// Five slots of states for each request (three before 0.5.14): short requests are as many as a fifth of the slots.
TEST(OnePool, SlotsOfStatesBoundTheRequests)
{
    Question question = served_by("sglang", "Qwen3-Coder-Next");
    question.scenario.hardware.tensor_parallel = 4;
    question.scenario.inference.sequence_length = 16;
    const auto result = estimate_of(question, Detail::full);
    const auto slots = static_cast<std::int64_t>(print_of(*result, "max_mamba_cache_size"));
    ASSERT_GT(slots, 5);
    EXPECT_EQ(result->capacity.max_concurrent_sequences, slots / 5);
    EXPECT_EQ(result->capacity.limited_by, Limit::states);
    question.scenario.inference.engine_version = "0.5.9";
    const auto older = estimate_of(question, Detail::full);
    const auto older_slots = static_cast<std::int64_t>(print_of(*older, "max_mamba_cache_size"));
    EXPECT_EQ(older->capacity.max_concurrent_sequences, older_slots / 3);
}

TEST(OnePool, OfLlamaCppIsTheContextTypedIn)
{
    Question question = served_by("llama.cpp", "Llama-3.1-8B");
    question.scenario.inference.llama_cpp.n_ctx = 16384;
    question.scenario.inference.sequence_length = 16384;
    question.scenario.inference.concurrent_sequences = 2;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->capacity.kv_tokens, 16384);
    EXPECT_EQ(result->capacity.pool_bytes.count, std::int64_t{16384} * 131'072);
    EXPECT_EQ(result->capacity.max_concurrent_sequences, 1);
    EXPECT_EQ(result->capacity.max_sequence_length, 8192);
    EXPECT_EQ(result->capacity.limited_by, Limit::pool);
    EXPECT_EQ(result->fit.verdict, Verdict::exceeds);
    question.scenario.inference.concurrent_sequences = 1;
    EXPECT_NE(estimate_of(question, Detail::full)->fit.verdict, Verdict::exceeds);
}

// DeepSeek-V3.2: 61 layers of 576 x 2 bytes and 132 of the indexer are 78,324 bytes a token, 1,253,184 a block; 32,768
// tokens are 2,048 blocks, 2.390 GiB. Eight replicas have a pool each.
TEST(OnePool, EveryReplicaHasItsOwn)
{
    Question question = served_by("vllm", "DeepSeek-V3.2");
    question.accelerator = *Catalogue().find("h200_sxm_141");
    question.scenario.hardware.data_parallel = 8;
    question.scenario.hardware.expert_parallel = 8;
    question.scenario.inference.sequence_length = 32768;
    question.scenario.inference.concurrent_sequences = 64;
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->gpus, 8);
    EXPECT_EQ(result->cache.bytes_per_token, 78'324);
    EXPECT_EQ(result->capacity.kv_tokens_all, 8 * result->capacity.kv_tokens);
    const auto serving = serving_capacity(question);
    ASSERT_TRUE(serving);
    for (const LengthRow& row : (*serving)->by_length) {
        if (row.tokens == 32768) {
            EXPECT_EQ(row.one_sequence.count, std::int64_t{2048} * 1'253'184);
        }
        EXPECT_GT(row.one_sequence.count, 0) << row.tokens;
    }
}

// Bytes per token are the engine's in every panel: before 5.14 transformers expands the latents of DeepSeek-V3 to 128
// heads of 192 and 128.
TEST(OneFigure, BytesPerTokenAreTheEngines)
{
    Question question = served_by("transformers", "DeepSeek-V3");
    question.scenario.inference.engine_version = "4.51.3";
    const auto result = estimate_of(question, Detail::full);
    EXPECT_EQ(result->cache.bytes_per_token, 61.0 * 128 * (192 + 128) * 2);
    for (const LayerRow& row : result->layers)
        if (row.kind == LayerRowKind::total) {
            EXPECT_EQ(row.cache_per_token, result->cache.bytes_per_token);
        }
    question.scenario.inference.engine = "generic";
    EXPECT_EQ(estimate_of(question, Detail::full)->cache.bytes_per_token, 61.0 * 576 * 2);
}

// What would not be printed is not: 671 B parameters die while they are loaded.
TEST(EnginePrints, EndWhereTheEngineDies)
{
    for (const char* engine : {"vllm", "sglang"}) {
        Question question = served_by(engine, "DeepSeek-V3");
        question.accelerator = *Catalogue().find("rtx_4090");
        const auto result = estimate_of(question);
        for (const EnginePrint& print : result->engine_prints)
            EXPECT_TRUE(print.id == "mem_fraction_static" || print.id == "load_weight_gib")
                << engine << ' ' << print.id;
    }
}

} // namespace
} // namespace weighbridge::testing
