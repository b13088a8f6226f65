// exllamav3's rules worked by hand from its source (1.4.1), and public runs.

#include "core/engines/exllamav3/networks.h"
#include "core/fields/fields.h"
#include "core/precision/exl_rules.h"
#include "core/precision/model_format.h"
#include "tests/core/support/scenario_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace weighbridge::testing {
namespace {

EstimatePointer exl_answer(std::string_view preset, const std::string& precision, const std::string& inference,
                           const std::string& hardware = R"({"accelerator": "h100_sxm_80"})")
{
    return answer_to(preset,
                     R"({"precision": )" + precision + R"(, "inference": {"engine": "exllamav3", )" + inference +
                         R"(}, "hardware": )" + hardware + "}",
                     Card::named);
}

std::int64_t host_bytes(const Estimate& estimate, std::string_view id)
{
    const Term* term = estimate.host ? find_term(estimate.host->terms, id) : nullptr;
    return term != nullptr ? term->bytes.count : -1;
}

bool exl_says(const Estimate& estimate, std::string_view words)
{
    return std::any_of(estimate.issues.begin(), estimate.issues.end(),
                       [&](const Issue& issue) { return issue.message.find(words) != std::string::npos; });
}

TEST(ExlFormats, AreReadAsPeopleSpellThem)
{
    struct Case
    {
        const char* said;
        const char* id;
    };
    for (const Case& c : {Case{"exl3:4", "exl3:4.0"},
                          {"exl3:4.0bpw", "exl3:4.0"},
                          {"EXL3_3.5", "exl3:3.5"},
                          {"exl3:3.05bpw_h5", "exl3:3.05_h5"},
                          {"4.0bpw_h6", "exl3:4.0"},
                          {"exl3:2.5_h8_hq", "exl3:2.5_h8_hq"},
                          {"exl2:4.65bpw", "exl2:4.65"},
                          {"exl2_4.0", "exl2:4.0"}}) {
        const auto format = find_format(c.said, FormatUse::weights);
        ASSERT_TRUE(format) << c.said;
        EXPECT_EQ(format->id, c.id);
    }
    for (const char* wrong : {"exl3:", "exl3:9", "exl3:0.5", "exl3:4_h0", "exl3:4_h5.5", "exl3:4x", "exl2:4_hq"})
        EXPECT_FALSE(find_format(wrong, FormatUse::weights)) << wrong;
}

TEST(ExlFormats, CachesAreReadAsTabbyApiSpellsThem)
{
    struct Case
    {
        const char* said;
        const char* id;
        double bits;
    };
    for (const Case& c : {Case{"Q4", "exl3:4,4", 4.5},
                          {"Q8", "exl3:8,8", 8.5},
                          {"6,5", "exl3:6,5", 6},
                          {"exl3:8", "exl3:8,8", 8.5},
                          {"exl3:3,2", "exl3:3,2", 3},
                          {"FP16", "fp16", 16}}) {
        const auto format = find_format(c.said, FormatUse::kv_cache);
        ASSERT_TRUE(format) << c.said;
        EXPECT_EQ(format->id, c.id);
        EXPECT_EQ(format->bits, c.bits) << c.said;
    }
    for (const char* wrong : {"Q1", "Q9", "9,4", "6,1", "exl3:4,5,6", "exl3:4.0"})
        EXPECT_FALSE(find_format(wrong, FormatUse::kv_cache)) << wrong;
}

TEST(ExlFormats, ACacheModeIsTheCachesFormat)
{
    Scenario scenario;
    ASSERT_FALSE(set_field(scenario, "inference.cache_mode", "6,5"));
    EXPECT_EQ(scenario.precision.kv_cache_k, "exl3:6,5");
    EXPECT_EQ(scenario.precision.kv_cache_v, "exl3:6,5");
    ASSERT_FALSE(set_field(scenario, "precision.kv_cache", "q8_0,q4_0"));
    EXPECT_EQ(scenario.precision.kv_cache_k, "q8_0");
    EXPECT_EQ(scenario.precision.kv_cache_v, "q4_0");
    EXPECT_EQ(scenario_from(R"({"inference": {"engine": "tabbyapi", "cache_mode": "Q6"}})").precision.kv_cache_v,
              "exl3:6,6");
    EXPECT_EQ(scenario_from(R"({"inference": {"engine": "tabbyapi"}})").inference.engine, "exllamav3");
}

// A trellis of 16 · 16 numbers at K bits, and 16 bits for each row and column; both sides in steps of 128.
TEST(ExlWeights, OfOneMatrix)
{
    EXPECT_EQ(exl3_matrix_bits(4096, 14336, 4), 4096.0 * 14336 * 4 + 16 * (4096 + 14336));
    EXPECT_EQ(exl3_matrix_bits(100, 130, 3), 128.0 * 256 * 3 + 16 * (128 + 256));
}

// Llama-3.1-8B: a layer has 218,103,808 numbers in matrices whose sides sum to 81,920; the head is 128,256 · 4,096.
TEST(ExlWeights, OfANetworkAreThoseOfItsMatrices)
{
    const auto answer = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0"})", R"("sequence_length": 8192)");
    const std::int64_t layers = 32 * (218'103'808LL / 2 + 2 * 81'920);
    const std::int64_t head = 128'256LL * 4096 * 6 / 8 + 2 * (128'256 + 4096);
    const std::int64_t norms = 65 * 4096 * 2;
    EXPECT_EQ(bytes_of(*answer, "weights"), layers + head + norms);
    EXPECT_EQ(bytes_of(*answer, "weights.embedding"), head);
    EXPECT_EQ(host_bytes(*answer, "weights"), 128'256LL * 4096 * 2);
    const auto wider = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0_h8"})", R"("sequence_length": 8192)");
    EXPECT_EQ(bytes_of(*wider, "weights") - bytes_of(*answer, "weights"), 128'256LL * 4096 * 2 / 8);
}

// Llama-3.2-1B ties its head to the embedding, which lies in system memory.
TEST(ExlWeights, ATiedHeadIsATensorOfItsOwn)
{
    const auto answer = exl_answer("Llama-3.2-1B", R"({"weights": "exl3:4.0"})", R"("sequence_length": 2048)");
    EXPECT_EQ(bytes_of(*answer, "weights.embedding"), 128'256LL * 2048 * 6 / 8 + 2 * (128'256 + 2048));
    EXPECT_EQ(host_bytes(*answer, "weights"), 128'256LL * 2048 * 2);
}

// What config.json says is counted like the format of that name, with its own head.
TEST(ExlWeights, OfACheckpoint)
{
    const nlohmann::json config = {
        {"model_type", "llama"},
        {"hidden_size", 256},
        {"intermediate_size", 512},
        {"num_hidden_layers", 2},
        {"num_attention_heads", 4},
        {"num_key_value_heads", 4},
        {"head_dim", 64},
        {"vocab_size", 1024},
        {"tie_word_embeddings", true},
        {"quantization_config", {{"quant_method", "exl3"}, {"bits", 3.0}, {"head_bits", 8}}}};
    Question question = question_about_config(config);
    question.scenario.inference.engine = "exllamav3";
    const auto answer = estimate_of(question, Detail::full);
    const std::int64_t layer = (4 * 256 * 256 + 3 * 256 * 512) * 3 / 8 + 2 * (4 * 512 + 3 * 768);
    EXPECT_EQ(bytes_of(*answer, "weights"), 2 * layer + 1024 * 256 + 2 * (1024 + 256) + 5 * 256 * 2);
}

// Qwen3-30B-A3B: 48 layers of 128 experts of three 2,048 · 768 matrices.
TEST(ExlWeights, OfExpertsInSystemMemory)
{
    const std::string four = R"({"weights": "exl3:4.0"})";
    const auto all = exl_answer("Qwen3-30B-A3B", four, R"("sequence_length": 4096)");
    const auto split = exl_answer("Qwen3-30B-A3B", four, R"("sequence_length": 4096, "cpu_moe_offload_layers": 10)");
    const std::int64_t layer = 128 * 3 * (2048LL * 768 / 2 + 2 * (2048 + 768));
    EXPECT_EQ(bytes_of(*all, "weights.experts"), 48 * layer);
    EXPECT_EQ(bytes_of(*split, "weights.experts"), 38 * layer);
    EXPECT_EQ(host_bytes(*split, "weights.experts"), 10 * layer);
    const auto none = exl_answer("Qwen3-30B-A3B", four, R"("sequence_length": 4096, "cpu_moe_offload_layers": 999)");
    EXPECT_EQ(host_bytes(*none, "weights.experts"), 48 * layer);
    const auto old = exl_answer("Qwen3-30B-A3B", four,
                                R"("sequence_length": 4096, "cpu_moe_offload_layers": 10, "engine_version": "1.1")");
    EXPECT_EQ(bytes_of(*old, "weights.experts"), 48 * layer);
    EXPECT_TRUE(exl_says(*old, "since 1.2"));
}

// -hq of a network with experts: attention 2 bits more; of others nothing.
TEST(ExlWeights, HighQualityLiftsAttention)
{
    const auto plain = exl_answer("Qwen3-30B-A3B", R"({"weights": "exl3:4.0"})", R"("sequence_length": 4096)");
    const auto high = exl_answer("Qwen3-30B-A3B", R"({"weights": "exl3:4.0_hq"})", R"("sequence_length": 4096)");
    const std::int64_t attention = 48LL * 2048 * (4096 + 512 + 512 + 4096);
    EXPECT_EQ(bytes_of(*high, "weights") - bytes_of(*plain, "weights"), attention * 2 / 8);
    const auto dense = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0_hq"})", R"("sequence_length": 4096)");
    const auto same = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0"})", R"("sequence_length": 4096)");
    EXPECT_EQ(bytes_of(*dense, "weights"), bytes_of(*same, "weights"));
}

// Llama-3.1-8B: 32 layers of 8 heads of 128; Q6 has 6 + 16/32 bits a number, "6,5" also 5 + 16/32.
TEST(ExlCache, PagesByFormat)
{
    struct Case
    {
        const char* mode;
        double bits; ///< of a key and a value
    };
    for (const Case& c : {Case{"FP16", 32}, {"Q6", 13}, {"6,5", 12}, {"Q4", 9}, {"2,2", 5}}) {
        const auto answer = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0"})",
                                       R"("sequence_length": 8000, "concurrent_sequences": 2, "cache_mode": ")" +
                                           std::string(c.mode) + '"');
        EXPECT_EQ(bytes_of(*answer, "kv_cache"), std::llround(2 * 8192 * 32 * 8 * 128 * c.bits / 8)) << c.mode;
    }
}

// The latent of 512 at its bits and the rotary key of 64 in 16 (cache/mla.py): 1,152, 672, 544 and 416 bytes a token.
TEST(ExlCache, OfLatentAttention)
{
    struct Case
    {
        const char* mode;
        std::int64_t bytes;
    };
    for (const Case& c : {Case{"FP16", 1152}, {"Q8", 672}, {"Q6", 544}, {"Q4", 416}}) {
        const auto answer = exl_answer("DeepSeek-V3", R"({"weights": "exl3:2.0"})",
                                       R"("sequence_length": 4096, "cache_mode": ")" + std::string(c.mode) + '"');
        EXPECT_EQ(bytes_of(*answer, "kv_cache"), 61 * 4096 * c.bytes) << c.mode;
    }
}

// gpt-oss-20b: 12 layers of a window of 128, in rings of 768 tokens for each of 4 slots, 2,048 bytes a token; before
// 0.0.30 as long as the others.
TEST(ExlCache, WindowsByRelease)
{
    const std::string asked = R"("sequence_length": 8192)";
    const auto now = exl_answer("gpt-oss-20b", R"({"weights": "exl3:4.0"})", asked);
    EXPECT_EQ(bytes_of(*now, "kv_cache.pages"), 12 * 8192 * 2048);
    EXPECT_EQ(bytes_of(*now, "kv_cache.rings"), 12 * 4 * 768 * 2048);
    const auto before =
        exl_answer("gpt-oss-20b", R"({"weights": "exl3:4.0"})", asked + R"(, "engine_version": "0.0.29")");
    EXPECT_EQ(bytes_of(*before, "kv_cache"), 24 * 8192 * 2048);
    const auto slots = exl_answer("gpt-oss-20b", R"({"weights": "exl3:4.0"})", asked + R"(, "max_batch_size": 16)");
    EXPECT_EQ(bytes_of(*slots, "kv_cache.rings"), 12 * 16 * 768 * 2048);
    const auto gemma = exl_answer("gemma-3-27b-it", R"({"weights": "exl3:4.0"})", asked); // no SlidingAttention
    EXPECT_EQ(bytes_of(*gemma, "kv_cache"), 62LL * 8192 * 16 * 128 * 2 * 2);
}

// Qwen3-Next: 36 layers, 8,192 channels under a kernel of 4, 32 heads of 128 · 128 in fp32; drafts keep a step each.
TEST(ExlCache, StatesOfEverySlot)
{
    const auto plain =
        exl_answer("Qwen3-Next-80B-A3B-Instruct", R"({"weights": "exl3:4.0"})", R"("sequence_length": 4096)");
    EXPECT_EQ(bytes_of(*plain, "kv_cache.states"), 36LL * 4 * (8192 * 4 * 2 + 32 * 128 * 128 * 4));
    EXPECT_EQ(host_bytes(*plain, "prompt_cache"), 4LL << 30);
    const auto drafts =
        exl_answer("Qwen3-Next-80B-A3B-Instruct", R"({"weights": "exl3:4.0"})",
                   R"("sequence_length": 4096, "draft_mode": "ngram", "draft_num_tokens": 4, "max_batch_size": 2)");
    EXPECT_EQ(bytes_of(*drafts, "kv_cache.states"), 36LL * 2 * (8192 * 8 * 2 + 5LL * 32 * 128 * 128 * 4));
}

// Qwen3.5's prediction layers draft with a cache of their own in 16 bits; other networks' are not run.
TEST(ExlDrafts, OfPredictionLayers)
{
    const std::string four = R"({"weights": "exl3:4.0"})";
    const auto plain = exl_answer("Qwen3.5-27B", four, R"("sequence_length": 4096, "cache_mode": "Q4")");
    const auto drafts =
        exl_answer("Qwen3.5-27B", four, R"("sequence_length": 4096, "cache_mode": "Q4", "draft_mode": "mtp")");
    const Term* weights = find_term(drafts->terms, "weights.draft");
    ASSERT_NE(weights, nullptr);
    EXPECT_EQ(bytes_of(*drafts, "weights") - bytes_of(*plain, "weights"), weights->bytes.count);
    const ModelPointer model = question_about_preset("Qwen3.5-27B").model;
    ASSERT_FALSE(model->architecture.mtp.empty());
    const PredictionLayers& run = model->architecture.mtp.front();
    const auto* attention = first_of<Attention>(run.layer.mixers);
    ASSERT_NE(attention, nullptr);
    EXPECT_EQ(bytes_of(*drafts, "kv_cache.draft"), 4096 * run.count * attention->kv_heads * attention->head_dim * 4);
    EXPECT_NE(refusal_of("GLM-4.5-Air", R"({"inference": {"engine": "exllamav3", "draft_mode": "mtp"}})")
                  .find("no prediction layers of model_type"),
              std::string::npos);
}

// Builds before 1.0 and from 1.3 on unpack one layer's quantized cache: tokens · 8 heads · 128 · 2 · 2 bytes.
TEST(ExlWork, UnpacksALayersCache)
{
    const auto unpacked = [](const char* version) {
        const auto answer = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0", "kv_cache": "Q4"})",
                                       R"("sequence_length": 8192, "engine_version": ")" + std::string(version) + '"');
        const Term* term = find_term(answer->terms, "activations.unpacked");
        return term != nullptr ? term->bytes.count : 0;
    };
    EXPECT_EQ(unpacked("0.0.3"), 8192 * 8 * 128 * 4);
    EXPECT_EQ(unpacked("1.2"), 0);
    EXPECT_EQ(unpacked("1.4.1"), 8192 * 8 * 128 * 4);
}

// 2,048 rows of 4,096 · 2 + 14,336 · 10 bytes in a feed-forward of 32-bit numbers, and its largest matrix in 16 bits.
TEST(ExlWork, OfTheLayerThatTakesMost)
{
    const auto answer = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0"})", R"("sequence_length": 8192)");
    EXPECT_EQ(bytes_of(*answer, "activations"), 2048LL * (4096 * 2 + 14336 * 10) + 2LL * 4096 * 14336);
}

TEST(ExlRelease, IsReadFromNumbersAndDays)
{
    EXPECT_EQ(read_exl_release("0.0.3"), (ExlRelease{0, 0, 3}));
    EXPECT_EQ(read_exl_release("v1.4.1"), (ExlRelease{1, 4, 1}));
    EXPECT_EQ(read_exl_release("2026-04"), (ExlRelease{0, 0, 30}));
    EXPECT_EQ(read_exl_release("2025"), (ExlRelease{0, 0, 18}));
    EXPECT_EQ(read_exl_release(""), newest_exl_release);
    EXPECT_TRUE(read_exl_release("1.4") > newest_exl_release); // the last of its line
}

// Layers in order, as many as fit below what is free less the reserve; the rest on the next card.
TEST(ExlPlacement, FillsUnequalCardsInOrder)
{
    const std::string cards =
        R"({"devices": [{"accelerator": "rtx_3090"}, {"accelerator": "rtx_3060_12"}, {"accelerator": "rtx_3090"}]})";
    const auto answer = exl_answer("Llama-3.1-70B", R"({"weights": "exl3:4.0"})", R"("sequence_length": 8192)", cards);
    ASSERT_EQ(answer->devices.size(), 3U);
    std::int64_t layers = 0;
    for (const DeviceShare& share : answer->devices) {
        layers += share.layers.value_or(0);
        EXPECT_LE(share.total.count, share.fit.usable.count);
    }
    EXPECT_EQ(layers, 81);
    EXPECT_GT(answer->devices[0].layers.value_or(0), 2 * answer->devices[1].layers.value_or(0) - 8);
    // One more layer, with its cache, would not have fitted on the first.
    const std::int64_t layer = 855'638'016 / 2 + 2 * 163'840 + 8192 * 8 * 128 * 4;
    EXPECT_GT(answer->devices[0].total.count + layer, answer->devices[0].fit.usable.count - (96LL << 20));
}

TEST(ExlPlacement, GpuSplitIsWhatEachTakes)
{
    const std::string cards = R"({"devices": [{"accelerator": "rtx_3090", "count": 2}]})";
    const auto answer = exl_answer("Qwen3-32B", R"({"weights": "exl3:4.0"})",
                                   R"("sequence_length": 8192, "gpu_split": [8, 20])", cards);
    ASSERT_EQ(answer->devices.size(), 2U);
    EXPECT_LE(answer->devices[0].total.count, 8LL << 30);
    EXPECT_GT(answer->devices[1].total.count, 8LL << 30);
    EXPECT_NE(refusal_of("Qwen3-32B",
                         R"({"inference": {"engine": "exllamav3", "gpu_split": [8, 20, 3]},
                         "hardware": {"devices": [{"accelerator": "rtx_3090", "count": 2}]}})",
                         Card::named)
                  .find("gpu_split has 3 entries"),
              std::string::npos);
}

TEST(ExlCache, ASizeOfItsOwnBoundsWhatIsServed)
{
    const auto answer = exl_answer("Llama-3.1-8B", R"({"weights": "exl3:4.0"})",
                                   R"("sequence_length": 4096, "concurrent_sequences": 3, "cache_size": 8192)");
    EXPECT_EQ(bytes_of(*answer, "kv_cache"), 8192LL * 32 * 8 * 128 * 4);
    EXPECT_EQ(answer->fit.verdict, Verdict::exceeds);
    EXPECT_EQ(answer->capacity.kv_tokens, 8192);
    EXPECT_EQ(answer->capacity.max_concurrent_sequences, 2);
    EXPECT_EQ(answer->capacity.limited_by, Limit::pool);
}

TEST(ExlSupport, SaysWhatItCantRun)
{
    const auto verdict = [](std::string_view preset, const std::string& weights, const std::string& card) {
        return exl_answer(preset, R"({"weights": ")" + weights + R"("})", R"("sequence_length": 2048)",
                          R"({"accelerator": ")" + card + R"("})")
            ->fit.verdict;
    };
    EXPECT_EQ(verdict("Llama-3.1-8B", "exl3:4.0", "rtx_4090"), Verdict::fits);
    EXPECT_EQ(verdict("Llama-3.1-8B", "bits:4", "rtx_4090"), Verdict::fits);
    EXPECT_EQ(verdict("Llama-3.1-8B", "awq_4bit_g128", "rtx_4090"), Verdict::cant_run);
    EXPECT_EQ(verdict("Llama-3.1-8B", "exl3:4.0", "m4_max"), Verdict::cant_run);
    EXPECT_EQ(verdict("gpt2-xl", "exl3:4.0", "rtx_4090"), Verdict::cant_run);
    const auto vllm =
        answer_to("Llama-3.1-8B", R"({"precision": {"weights": "exl3:4.0"}, "inference": {"engine": "vllm"}})");
    EXPECT_EQ(vllm->fit.verdict, Verdict::cant_run);
}

/// Public runs, whole GPU as nvidia-smi counts it; contexts are told as 2k, 12k, 20k.
TEST(ExlMeasured, PublicRunsAreMetWithinFourPercent)
{
    struct Run
    {
        const char* preset;
        const char* weights;
        const char* cache;
        std::int64_t tokens;
        double mib;
        const char* source;
    };
    const Run runs[] = {
        {"Llama-3_3-Nemotron-Super-49B-v1", "exl3:3.0", "FP16", 2048, 19162, "turboderp-org/exllamav3#50"},
        {"Llama-3_3-Nemotron-Super-49B-v1", "exl3:3.0", "FP16", 12288, 21342, "turboderp-org/exllamav3#50"},
        {"Llama-3_3-Nemotron-Super-49B-v1", "exl3:3.0", "FP16", 20480, 23094, "turboderp-org/exllamav3#50"},
        {"gemma-3-27b-it", "exl3:5.0", "Q6", 2048, 17404, "turboderp-org/exllamav3#50"},
        {"gemma-3-27b-it", "exl3:5.0", "Q6", 12288, 19404, "turboderp-org/exllamav3#50"},
        {"gemma-3-27b-it", "exl3:5.0", "Q6", 22528, 21660, "turboderp-org/exllamav3#50"},
        {"gemma-3-27b-it", "exl3:5.0", "Q6", 30720, 23238, "turboderp-org/exllamav3#50"},
        {"Qwen2.5-32B-Instruct", "exl3:4.0", "FP16", 8192, 18665, "oobabooga/textgen#6903: cogito-v1"},
        {"Qwen2.5-32B-Instruct", "exl3:4.0", "Q4", 8192, 16827, "oobabooga/textgen#6903: cogito-v1"},
        {"Qwen2.5-32B-Instruct", "exl3:4.0", "4,8", 8192, 17097, "oobabooga/textgen#6903: cogito-v1"}};
    constexpr double mebibyte = 1'048'576;
    for (const Run& run : runs) {
        const auto answer = exl_answer(run.preset, R"({"weights": ")" + std::string(run.weights) + R"("})",
                                       R"("engine_version": "0.0.3", "cache_mode": ")" + std::string(run.cache) +
                                           R"(", "sequence_length": )" + std::to_string(run.tokens),
                                       R"({"accelerator": "rtx_4090"})");
        const double total = static_cast<double>(answer->total.count) / mebibyte;
        EXPECT_NEAR(total / run.mib, 1, 0.04) << run.source << ", " << run.tokens << " tokens: " << total;
        EXPECT_LE(static_cast<double>(answer->low.count) / mebibyte, run.mib) << run.source;
        EXPECT_GE(static_cast<double>(answer->high.count) / mebibyte, run.mib) << run.source;
    }
}

} // namespace
} // namespace weighbridge::testing
