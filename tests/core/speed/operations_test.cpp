#include "core/speed/operations.h"

#include "core/model/inventory.h"
#include "tests/core/support/evaluate.h"
#include "tests/core/support/networks.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>

namespace weighbridge {
namespace {

NumberFormat format(std::string_view id, FormatUse use = FormatUse::weights)
{
    const auto found = find_format(id, use);
    EXPECT_TRUE(found) << id;
    return found ? *found : NumberFormat{};
}

Workload workload(Phase phase, std::int64_t sequences, std::int64_t context, std::int64_t tensor_parallel = 1,
                  std::string_view weights = "bf16", std::string_view kv_cache = "bf16")
{
    return {.phase = phase,
            .sequences = sequences,
            .context = context,
            .tensor_parallel = tensor_parallel,
            .weights = format(weights),
            .kv_k = format(kv_cache, FormatUse::kv_cache),
            .kv_v = format(kv_cache, FormatUse::kv_cache),
            .activations = format("bf16", FormatUse::activations)};
}

const Layer& kind(const Architecture& architecture, std::size_t index)
{
    return architecture.kinds.at(index);
}

Operation operation(const std::vector<Operation>& operations, std::string_view id)
{
    const auto found =
        std::find_if(operations.begin(), operations.end(), [&](const Operation& o) { return o.id == id; });
    EXPECT_NE(found, operations.end()) << id;
    return found == operations.end() ? Operation{} : *found;
}

double total_flops(const std::vector<Operation>& operations, const std::set<std::string>& ids)
{
    double sum = 0;
    for (const Operation& o : operations)
        sum += ids.contains(o.id) ? o.flops : 0;
    return sum;
}

std::vector<Operation> plainly(const Architecture& architecture, std::size_t kind_index, const Workload& work)
{
    return layer_operations(architecture, kind(architecture, kind_index), work, false);
}

Layer with_attention(AttentionSpan span, std::int64_t window)
{
    return {Attention{.heads = 4, .kv_heads = 2, .head_dim = 8, .value_head_dim = 8, .span = span, .window = window},
            DenseFeedForward{.intermediate_size = 64}};
}

// The design's first example: Llama-3.1-70B in BF16, TP 4, 12 sequences of 32,768 tokens, one H100's share.
TEST(Operations, Llama70bDecodeAsInTheDesign)
{
    const auto operations = plainly(testing::llama_70b(), 0, workload(Phase::decode, 12, 32768, 4));
    ASSERT_EQ(operations.size(), 6U);

    const Operation qkv = operation(operations, "qkv_projection");
    EXPECT_EQ(qkv.flops, 503316480); // 2 x 12 x 8192 x (64 + 16) x 128 / 4
    EXPECT_EQ(qkv.weight_bytes, 41943040);
    EXPECT_EQ(qkv.activation_bytes, 12 * 8192 * 2 + 12 * 2560 * 2);
    EXPECT_EQ(qkv.cache_bytes, 12 * 2 * 2 * 128 * 2) << "two KV heads' new key and value per sequence";
    EXPECT_NEAR(qkv.bytes(), 42.2e6, 0.05e6);
    EXPECT_NEAR(qkv.intensity(), 11.9, 0.05);

    const Operation scores = operation(operations, "attention_scores");
    EXPECT_EQ(scores.flops, 1610612736);      // 2 x 12 x 64 x 128 x 32768 / 4
    EXPECT_EQ(scores.cache_bytes, 201326592); // 12 x 32768 x 2 x 128 x 2
    EXPECT_EQ(scores.activation_bytes, 12 * 16 * 128 * 2);
    EXPECT_EQ(operation(operations, "attention_values").flops, 1610612736);
    EXPECT_EQ(operation(operations, "attention_values").cache_bytes, 201326592);

    const Operation output = operation(operations, "output_projection");
    EXPECT_EQ(output.flops, 402653184);
    EXPECT_NEAR(output.bytes(), 33.8e6, 0.05e6);
    const Operation ffn = operation(operations, "ffn");
    EXPECT_EQ(ffn.flops, 4227858432); // 6 x 12 x 8192 x 28672 / 4
    EXPECT_NEAR(ffn.bytes(), 353e6, 0.5e6);
    const Operation norms = operation(operations, "norms");
    EXPECT_EQ(norms.flops, 2 * 4 * 12 * 8192);
    EXPECT_EQ(norms.bytes(), 2 * (2 * 12 * 8192 * 2 + 8192 * 2));
}

Architecture web_form_architecture(const nlohmann::json& inputs)
{
    const auto number = [&](const char* key) { return inputs.at(key).get<std::int64_t>(); };
    Layer layer{Attention{.heads = number("num_attention_heads"),
                          .kv_heads = number("num_kv_heads"),
                          .head_dim = number("head_dim"),
                          .value_head_dim = number("head_dim")},
                DenseFeedForward{.intermediate_size = number("intermediate_size")}};
    if (number("num_routed_experts") > 1)
        layer.feed_forwards = {
            MixtureOfExperts{.routed_experts = number("num_routed_experts"),
                             .experts_per_token = number("experts_per_token"),
                             .expert_intermediate_size = number("expert_ffn_size"),
                             .shared_experts = number("num_shared_experts"),
                             .shared_intermediate_size = number("num_shared_experts") * number("expert_ffn_size")}};
    return testing::equal_layers(number("hidden_size"), number("vocab_size"), number("num_layers"), layer);
}

TEST(Operations, DecodeFlopsEqualTheWebForms)
{
    std::ifstream file(WEIGHBRIDGE_TEST_DATA "/web_form_cases.json");
    ASSERT_TRUE(file);
    const auto cases = nlohmann::json::parse(file).at("cases");
    ASSERT_EQ(cases.size(), 60U);
    for (const auto& c : cases) {
        const auto& inputs = c.at("inputs");
        const auto operations = plainly(web_form_architecture(inputs), 0,
                                        workload(Phase::decode, inputs.at("batch_size"), inputs.at("sequence_length"),
                                                 inputs.at("tensor_parallel")));
        for (const auto& [id, flops] : c.at("outputs").at("decode_flops").items())
            EXPECT_EQ(operation(operations, id).flops, flops.get<double>()) << c.at("id") << ' ' << id;
    }
}

// What the web form leaves out, so that nothing of a layer is missing: DeepSeek-V3's 256 x 7168 router and one shared
// expert of 2048.
TEST(Operations, RouterAndSharedExpertsAreOperationsOfTheirOwn)
{
    const auto operations = plainly(testing::deepseek_v3(), 1, workload(Phase::decode, 1, 4096));
    EXPECT_EQ(operation(operations, "router").flops, 2.0 * 7168 * 256);
    EXPECT_EQ(operation(operations, "shared_experts").flops, 6.0 * 7168 * 2048);
    EXPECT_EQ(operation(operations, "ffn").flops, 6.0 * 7168 * 8 * 2048);
    EXPECT_EQ(operation(operations, "ffn").weight_bytes, 3.0 * 7168 * 2048 * 8 * 2)
        << "one token reaches its 8 experts";
}

TEST(Operations, DistinctExpertsReachedByABatch)
{
    struct Case
    {
        double experts, per_token, tokens, reached, within;
    };
    // Worked for published models; rounded as printed.
    for (const Case& c :
         {Case{256, 8, 1, 8, 0}, Case{256, 8, 4, 30.5, 0.05}, Case{256, 8, 16, 102, 0.5}, Case{256, 8, 32, 163, 0.5},
          Case{256, 8, 64, 222, 0.5}, Case{256, 8, 256, 256, 0.5}, Case{128, 4, 16, 51, 0.5},
          Case{128, 4, 256, 128, 0.5}, Case{32, 4, 4, 13.2, 0.05}, Case{32, 4, 16, 28.2, 0.05},
          Case{128, 8, 64, 126, 0.5}, Case{512, 10, 32, 240, 0.5}, Case{512, 10, 256, 509, 0.5}, Case{8, 8, 3, 8, 0},
          Case{160, 6, 1, 6, 0}, Case{8, 2, 0, 0, 0}})
        EXPECT_NEAR(distinct_experts(c.experts, c.per_token, c.tokens), c.reached, c.within)
            << c.experts << ' ' << c.tokens;
}

// Absorbed: 2 x 128 x 32768 x (576 + 512) for the scores and values, 2 x 2 x 128 x 128 x 512 for the two absorbed
// projections: 9.16 GFLOP over 32768 x 576 x 2 = 37.7 MB, 243 FLOP per byte, just below an H100's ridge.
TEST(Operations, LatentAttentionDecodesOverTheLatent)
{
    const auto operations = plainly(testing::deepseek_v3(), 1, workload(Phase::decode, 1, 32768));
    const std::set<std::string> attention = {"q_absorb", "attention_scores", "attention_values", "v_up_projection"};
    EXPECT_NEAR(total_flops(operations, attention), 9.16e9, 0.005e9);
    const Operation scores = operation(operations, "attention_scores");
    const Operation values = operation(operations, "attention_values");
    EXPECT_DOUBLE_EQ(scores.cache_bytes + values.cache_bytes, 32768.0 * 576 * 2);
    EXPECT_NEAR(scores.flops / scores.cache_bytes, 242, 1);
    EXPECT_NEAR(values.flops / values.cache_bytes, 242, 1) << "the same kernel, the same intensity";
    // 2T [h q_lora + q_lora a (P + R) + h (Lkv + R) + a V h]
    EXPECT_EQ(
        total_flops(operations, {"q_down_projection", "q_up_projection", "kv_down_projection", "output_projection"}),
        2.0 * (7168.0 * 1536 + 1536.0 * 128 * 192 + 7168.0 * 576 + 128.0 * 128 * 7168));
    EXPECT_EQ(operation(operations, "kv_down_projection").cache_bytes, 576 * 2);
}

TEST(Operations, LatentCacheIsReadWholeByEveryGpu)
{
    const auto one = plainly(testing::deepseek_v3(), 1, workload(Phase::decode, 4, 1000, 1));
    const auto eight = plainly(testing::deepseek_v3(), 1, workload(Phase::decode, 4, 1000, 8));
    EXPECT_EQ(operation(one, "attention_scores").cache_bytes, operation(eight, "attention_scores").cache_bytes);
    EXPECT_DOUBLE_EQ(operation(one, "attention_scores").flops, 8 * operation(eight, "attention_scores").flops);
}

TEST(Operations, LatentAttentionPrefillsOverRebuiltKeys)
{
    const auto operations = plainly(testing::deepseek_v3(), 0, workload(Phase::prefill, 2, 1000));
    const double pairs = 2 * 1000.0 * 1001 / 2;
    EXPECT_EQ(operation(operations, "kv_up_projection").flops, 2.0 * 2000 * 512 * 128 * (128 + 128));
    EXPECT_EQ(operation(operations, "attention_scores").flops, 2 * pairs * 128 * 192);
    EXPECT_EQ(operation(operations, "attention_values").flops, 2 * pairs * 128 * 128);
    EXPECT_EQ(operation(operations, "kv_down_projection").cache_bytes, 2000 * 576 * 2);
}

TEST(Operations, LatentAttentionWithoutQueryCompression) // DeepSeek-V2-Lite
{
    Architecture architecture = testing::equal_layers(
        2048, 102400, 1,
        {LatentAttention{
             .heads = 16, .kv_lora_rank = 512, .qk_nope_head_dim = 128, .qk_rope_head_dim = 64, .v_head_dim = 128},
         DenseFeedForward{.intermediate_size = 10944}});
    const auto operations = plainly(architecture, 0, workload(Phase::decode, 1, 100));
    EXPECT_EQ(operation(operations, "q_projection").flops, 2.0 * 2048 * 16 * 192);
    EXPECT_EQ(operation(operations, "norms").flops, 4.0 * (2 * 2048 + 512));
}

/// Counts (query, key) pairs one by one.
double counted_pairs(AttentionSpan span, std::int64_t window, std::int64_t context)
{
    double pairs = 0;
    for (std::int64_t query = 0; query < context; ++query)
        for (std::int64_t key = 0; key <= query; ++key) {
            const bool sliding = span == AttentionSpan::sliding && query - key >= window;
            const bool chunked = span == AttentionSpan::chunked && query / window != key / window;
            pairs += sliding || chunked ? 0 : 1;
        }
    return pairs;
}

TEST(Operations, PrefillCountsEveryPairOnce)
{
    for (const AttentionSpan span : {AttentionSpan::full, AttentionSpan::sliding, AttentionSpan::chunked})
        for (const std::int64_t window : {1, 5, 16, 64})
            for (const std::int64_t context : {1, 4, 5, 6, 32, 63, 64, 65, 100}) {
                const Architecture architecture = testing::equal_layers(32, 100, 1, with_attention(span, window));
                const auto operations = plainly(architecture, 0, workload(Phase::prefill, 3, context));
                EXPECT_EQ(operation(operations, "attention_scores").flops,
                          2 * 3 * counted_pairs(span, window, context) * 4 * 8)
                    << static_cast<int>(span) << ' ' << window << ' ' << context;
            }
}

TEST(Operations, WindowsLimitWhatDecodeReadsAndPrefillKeeps)
{
    const Architecture architecture = testing::equal_layers(32, 100, 1, with_attention(AttentionSpan::sliding, 16));
    const auto decode = plainly(architecture, 0, workload(Phase::decode, 3, 100));
    EXPECT_EQ(operation(decode, "attention_scores").flops, 2.0 * 3 * 16 * 4 * 8);
    EXPECT_EQ(operation(decode, "attention_scores").cache_bytes, 3 * 16 * 2 * 8 * 2);
    const auto shorter = plainly(architecture, 0, workload(Phase::decode, 3, 10));
    EXPECT_EQ(operation(shorter, "attention_scores").cache_bytes, 3 * 10 * 2 * 8 * 2);
    const auto prefill = plainly(architecture, 0, workload(Phase::prefill, 3, 100));
    EXPECT_EQ(operation(prefill, "attention_scores").cache_bytes, 3 * 100 * 2 * 8 * 2) << "every key is met once";
    EXPECT_EQ(operation(prefill, "qkv_projection").cache_bytes, 3 * 16 * 2 * 2 * 8 * 2) << "only the window is kept";
}

TEST(Operations, KeyValueHeadsAreReplicatedBeyondTheirNumber)
{
    const auto sixteen = plainly(testing::llama_70b(), 0, workload(Phase::decode, 1, 1000, 16));
    // 4 query heads and one key-value head on each of 16 GPUs, though there are only 8.
    EXPECT_EQ(operation(sixteen, "qkv_projection").weight_bytes, 8192.0 * (4 + 2) * 128 * 2);
    EXPECT_EQ(operation(sixteen, "attention_scores").cache_bytes, 1000 * 128 * 2);
    EXPECT_EQ(operation(sixteen, "attention_scores").flops, 2.0 * 1000 * 4 * 128);
}

TEST(Operations, CacheBytesFollowTheKeysAndValuesOwnPrecision)
{
    Workload work = workload(Phase::decode, 1, 1024);
    work.kv_k = format("q8_0", FormatUse::kv_cache);
    work.kv_v = format("q4_0", FormatUse::kv_cache);
    const auto operations = plainly(testing::llama_70b(), 0, work);
    EXPECT_EQ(operation(operations, "attention_scores").cache_bytes, 1024 * 8 * 128 * 8.5 / 8);
    EXPECT_EQ(operation(operations, "attention_values").cache_bytes, 1024 * 8 * 128 * 4.5 / 8);
    EXPECT_EQ(operation(operations, "qkv_projection").cache_bytes, 8 * 128 * (8.5 + 4.5) / 8);
}

/// One layer of each unusual kind.
Architecture unusual()
{
    Layer both({Attention{.heads = 8,
                          .kv_heads = 2,
                          .head_dim = 16,
                          .value_head_dim = 16,
                          .qk_norm = QkNorm::per_head,
                          .gate = OutputGate::doubled_query,
                          .indexer = {.heads = 4, .head_dim = 8, .head_weights = false}}},
               MixtureOfExperts{.routed_experts = 4,
                                .experts_per_token = 2,
                                .expert_intermediate_size = 32,
                                .shared_experts = 1,
                                .shared_intermediate_size = 48,
                                .router_bias = true,
                                .gated = false,
                                .latent_size = 24,
                                .zero_experts = 2});
    both.mixers.emplace_back(
        Recurrent{.kind = RecurrentKind::gated_delta_net,
                  .heads = 4,
                  .conv_channels = 96,
                  .conv_kernel = 4,
                  .state_elements = 1024,
                  .weights = {matrix_tensor("in_proj", Part::attention, {96, "n"}, {64, "h"}, Sharding::column),
                              vector_tensor("A_log", Part::attention, {4, "n"}, Sharding::column)}});
    both.norm_bias = true;
    Architecture architecture = testing::equal_layers(64, 100, 1, both);
    architecture.append({CompressedAttention{.heads = 8,
                                             .head_dim = 16,
                                             .q_lora_rank = 24,
                                             .output_groups = 2,
                                             .output_rank = 12,
                                             .window = 32,
                                             .compress_ratio = 4,
                                             .overlapping = true,
                                             .indexer = {.heads = 4, .head_dim = 8}},
                         DenseFeedForward{.intermediate_size = 96}});
    Layer gated(LatentAttention{.heads = 4,
                                .q_lora_rank = 24,
                                .kv_lora_rank = 32,
                                .qk_nope_head_dim = 16,
                                .qk_rope_head_dim = 8,
                                .v_head_dim = 16,
                                .gate = OutputGate::full_width,
                                .indexer = {.heads = 4, .head_dim = 8}},
                DenseFeedForward{.intermediate_size = 96});
    gated.extras = {matrix_tensor("adapter", Part::attention, {64, "h"}, {64, "h"}, Sharding::latent)};
    architecture.append(gated);
    architecture.append({Attention{.heads = 4,
                                   .kv_heads = 2,
                                   .head_dim = 8,
                                   .value_head_dim = 8,
                                   .qk_norm = QkNorm::per_head,
                                   .gate = OutputGate::per_head,
                                   .key_projection = false,
                                   .stores_cache = false},
                         DenseFeedForward{.intermediate_size = 64}});
    Layer empty;
    empty.norms = 1;
    empty.feed_forwards = {DenseFeedForward{.intermediate_size = 64, .gated = false}};
    architecture.append(empty);
    return architecture;
}

TEST(Operations, RecurrentLayersReadAndWriteTheirState)
{
    const Architecture architecture = unusual();
    const auto decode = plainly(architecture, 0, workload(Phase::decode, 3, 100));
    // a delta rule: three multiply-adds for each of 1,024 elements; state read and written in 16 bits
    EXPECT_EQ(operation(decode, "state_update").flops, 3 * 6 * 1024);
    EXPECT_EQ(operation(decode, "state_update").cache_bytes, 3 * 2 * 1024 * 2);
    EXPECT_EQ(operation(decode, "convolution").flops, 3 * 2 * 4 * 96);
    EXPECT_EQ(operation(decode, "convolution").cache_bytes, 3 * 2 * 3 * 96 * 2);
    const auto longer = plainly(architecture, 0, workload(Phase::decode, 3, 10'000));
    EXPECT_EQ(operation(longer, "state_update").cache_bytes, operation(decode, "state_update").cache_bytes);
}

TEST(Operations, CompressedAttentionReadsAWindowAndOneEntryPerGroup)
{
    const auto decode = plainly(unusual(), 1, workload(Phase::decode, 1, 400));
    // 32 tokens of the window and 100 entries of 16 elements, key and value at once
    EXPECT_EQ(operation(decode, "attention_scores").cache_bytes, (32 + 100) * 16 * 2);
    EXPECT_EQ(operation(decode, "attention_scores").flops, 4.0 * (32 + 100) * 8 * 16);
    EXPECT_EQ(operation(decode, "indexer").cache_bytes, 100 * 8 * 2);
}

/// DeepSeek-V3.2: 128 heads on a latent of 512 + 64, an indexer of 64 heads of 128 that picks 2,048 tokens.
Architecture sparse_latent(bool owned)
{
    return testing::equal_layers(
        7168, 100, 1,
        {LatentAttention{.heads = 128,
                         .q_lora_rank = 1536,
                         .kv_lora_rank = 512,
                         .qk_nope_head_dim = 128,
                         .qk_rope_head_dim = 64,
                         .v_head_dim = 128,
                         .indexer = {.heads = 64, .head_dim = 128, .owned = owned, .top_k = 2048}},
         DenseFeedForward{.intermediate_size = 18432}});
}

TEST(Operations, SparseAttentionReadsWhatItsIndexerPicks)
{
    const auto decode = plainly(sparse_latent(true), 0, workload(Phase::decode, 1, 32'768));
    EXPECT_EQ(operation(decode, "attention_scores").flops, 2.0 * 2048 * 128 * 576);
    EXPECT_EQ(operation(decode, "attention_values").flops, 2.0 * 2048 * 128 * 512);
    EXPECT_DOUBLE_EQ(operation(decode, "attention_scores").cache_bytes +
                         operation(decode, "attention_values").cache_bytes,
                     2048 * 576 * 2);
    // The indexer scores every key: 64 heads of 128; its matrices are 1536 x 8192, 7168 x 128 and 7168 x 64.
    EXPECT_EQ(operation(decode, "indexer").flops,
              2.0 * 32'768 * 64 * 128 + 2.0 * (1536.0 * 8192 + 7168.0 * 128 + 7168.0 * 64));
    EXPECT_EQ(operation(decode, "indexer").cache_bytes, 32'768 * 128 * 2);

    const auto shared = plainly(sparse_latent(false), 0, workload(Phase::decode, 1, 32'768));
    EXPECT_EQ(operation(shared, "attention_scores").flops, 2.0 * 2048 * 128 * 576);
}

TEST(Operations, SparseAttentionIsDenseWhileEverythingIsPicked)
{
    const auto decode = plainly(sparse_latent(true), 0, workload(Phase::decode, 1, 2048));
    EXPECT_EQ(operation(decode, "attention_scores").flops, 2.0 * 2048 * 128 * 576);
    const auto prefill = plainly(sparse_latent(true), 0, workload(Phase::prefill, 1, 2048));
    EXPECT_EQ(operation(prefill, "attention_scores").flops, 2048.0 * 2049 * 128 * 192); // keys of every head, rebuilt
}

TEST(Operations, SparseAttentionOfAPromptIsInTheLatentSpace)
{
    const auto prefill = plainly(sparse_latent(true), 0, workload(Phase::prefill, 1, 4096));
    // 2,048 x 2,049 / 2 pairs of the first queries, 2,048 for each of the other 2,048
    constexpr double pairs = 2'098'176 + 4'194'304;
    EXPECT_EQ(operation(prefill, "attention_scores").flops, 2 * pairs * 128 * 576);
    EXPECT_EQ(operation(prefill, "attention_values").flops, 2 * pairs * 128 * 512);
    EXPECT_DOUBLE_EQ(operation(prefill, "attention_scores").cache_bytes +
                         operation(prefill, "attention_values").cache_bytes,
                     4096 * 576 * 2);
    EXPECT_EQ(operation(prefill, "q_absorb").flops, 2.0 * 4096 * 128 * 128 * 512);
    for (const Operation& one : prefill)
        EXPECT_NE(one.id, "kv_up_projection");
}

TEST(Operations, GroupedAttentionReadsWhatItsIndexerPicks)
{
    Attention attention{.heads = 64, .kv_heads = 4, .head_dim = 128, .value_head_dim = 128};
    attention.indexer = {.heads = 4, .head_dim = 128, .head_weights = false, .top_k = 2048}; // MiniMax-M3
    const Architecture sparse =
        testing::equal_layers(6144, 100, 1, {attention, DenseFeedForward{.intermediate_size = 96}});
    const auto decode = plainly(sparse, 0, workload(Phase::decode, 1, 10'000));
    EXPECT_EQ(operation(decode, "attention_scores").flops, 2.0 * 2048 * 64 * 128);
    EXPECT_EQ(operation(decode, "attention_scores").cache_bytes, 2048 * 4 * 128 * 2);
    EXPECT_EQ(operation(decode, "indexer").cache_bytes, 10'000 * 128 * 2);
}

TEST(Operations, CompressedAttentionReadsThePickedEntries)
{
    Architecture network = unusual();
    std::get<CompressedAttention>(network.kinds[1].mixers.front()).indexer.top_k = 50;
    const auto decode = plainly(network, 1, workload(Phase::decode, 1, 400));
    // 32 tokens of the window and 50 of the 100 entries
    EXPECT_EQ(operation(decode, "attention_scores").cache_bytes, (32 + 50) * 16 * 2);
    EXPECT_EQ(operation(decode, "attention_scores").flops, 4.0 * (32 + 50) * 8 * 16);
    EXPECT_EQ(operation(decode, "indexer").cache_bytes, 100 * 8 * 2);
}

TEST(Operations, BorrowedCachesAreReadAndNotWritten)
{
    const auto decode = plainly(unusual(), 3, workload(Phase::decode, 1, 100));
    EXPECT_EQ(operation(decode, "qkv_projection").cache_bytes, 0);
    EXPECT_EQ(operation(decode, "attention_scores").cache_bytes, 100 * 2 * 8 * 2);
    EXPECT_EQ(operation(decode, "output_gate").flops, 2 * 64 * 4);
}

// No tensor is forgotten or read twice: with every expert reached, the operations read what the inventory holds.
TEST(Operations, WeightBytesAreThoseOfTheInventory)
{
    Architecture odd = testing::equal_layers(64, 100, 1,
                                             {Attention{.heads = 8,
                                                        .kv_heads = 2,
                                                        .head_dim = 16,
                                                        .value_head_dim = 8,
                                                        .qkv_bias = true,
                                                        .qk_norm = QkNorm::full_width},
                                              MixtureOfExperts{.routed_experts = 4,
                                                               .experts_per_token = 2,
                                                               .expert_intermediate_size = 32,
                                                               .shared_experts = 1,
                                                               .shared_intermediate_size = 48,
                                                               .shared_gate = true},
                                              4});
    odd.append({LatentAttention{.heads = 4,
                                .q_lora_rank = 24,
                                .kv_lora_rank = 32,
                                .qk_nope_head_dim = 16,
                                .qk_rope_head_dim = 8,
                                .v_head_dim = 16,
                                .bias = true},
                DenseFeedForward{.intermediate_size = 96, .gated = false, .bias = true}});
    for (const Architecture& architecture :
         {odd, unusual(), testing::llama_70b(), testing::qwen3_8b(), testing::gpt_oss_20b(), testing::deepseek_v3()})
        for (const Layer& layer : architecture.kinds)
            for (const char* weights : {"bf16", "fp32", "int8", "nvfp4", "mxfp4_experts", "nominal:0.5"})
                for (const Phase phase : {Phase::decode, Phase::prefill}) {
                    double held = 0;
                    for (const Tensor& tensor : layer_inventory(architecture, layer))
                        held += static_cast<double>(tensor.elements()) * bytes_per_element(format(weights), tensor);
                    double read = 0;
                    for (const Operation& o :
                         layer_operations(architecture, layer, workload(phase, 1'000'000, 64, 1, weights), false))
                        read += o.weight_bytes;
                    EXPECT_NEAR(read / held, 1, 1e-12)
                        << architecture.family << ' ' << weights << ' ' << phase_name(phase);
                }
}

TEST(Operations, ComputeTypeFollowsWhatTheFormatTakes)
{
    const auto type = [](const char* weights, const char* id) {
        return operation(plainly(testing::gpt_oss_20b(), 0, workload(Phase::decode, 1, 100, 1, weights)), id).compute;
    };
    EXPECT_EQ(type("fp8", "qkv_projection"), ComputeType::fp8);
    EXPECT_EQ(type("fp8", "attention_scores"), ComputeType::bf16) << "attention runs at the activations' precision";
    EXPECT_EQ(type("fp8", "router"), ComputeType::bf16) << "the router stays in 16 bits";
    EXPECT_EQ(type("gptq_4bit_g128", "ffn"), ComputeType::bf16) << "weight-only";
    EXPECT_EQ(type("nvfp4", "ffn"), ComputeType::fp4);
    EXPECT_EQ(type("fp8", "norms"), ComputeType::fp32);
}

// Every rendered numbers line is arithmetic that gives the value beside it, and text changes no value.
TEST(Operations, NumbersLinesEvaluateToTheirValues)
{
    for (const Architecture& architecture :
         {unusual(), testing::llama_70b(), testing::qwen3_8b(), testing::gpt_oss_20b(), testing::deepseek_v3(),
          testing::equal_layers(32, 100, 1, with_attention(AttentionSpan::chunked, 16)),
          testing::equal_layers(32, 100, 1, with_attention(AttentionSpan::sliding, 16))})
        for (const Layer& layer : architecture.kinds)
            for (const char* weights : {"bf16", "int8", "gptq_4bit_g128"})
                for (const Phase phase : {Phase::decode, Phase::prefill})
                    for (const std::int64_t tensor_parallel : {1, 4, 16}) {
                        const Workload work = workload(phase, 12, 32768, tensor_parallel, weights, "fp8");
                        const auto explained = layer_operations(architecture, layer, work, true);
                        const auto plain = layer_operations(architecture, layer, work, false);
                        ASSERT_EQ(explained.size(), plain.size());
                        for (std::size_t i = 0; i < plain.size(); ++i) {
                            const Operation& o = explained[i];
                            const auto flops = testing::evaluate(o.flops_formula.numbers);
                            const auto bytes = testing::evaluate(o.bytes_formula.numbers);
                            ASSERT_TRUE(flops) << o.id << ": " << o.flops_formula.numbers;
                            ASSERT_TRUE(bytes) << o.id << ": " << o.bytes_formula.numbers;
                            EXPECT_NEAR(*flops / o.flops, 1, 1e-12) << o.id << ": " << o.flops_formula.numbers;
                            EXPECT_NEAR(*bytes / o.bytes(), 1, 1e-12) << o.id << ": " << o.bytes_formula.numbers;
                            EXPECT_FALSE(o.flops_formula.symbols.empty() || o.bytes_formula.symbols.empty()) << o.id;
                            EXPECT_EQ(o.flops, plain[i].flops) << o.id;
                            EXPECT_EQ(o.bytes(), plain[i].bytes()) << o.id;
                            EXPECT_EQ(o.id, plain[i].id);
                            EXPECT_EQ(plain[i].flops_formula, Formula{}) << o.id;
                        }
                    }
}

TEST(Operations, FormulasReadAsPeopleWriteThem)
{
    const Workload work = workload(Phase::decode, 12, 32768, 4);
    const Architecture architecture = testing::llama_70b();
    const auto operations = layer_operations(architecture, kind(architecture, 0), work, true);
    const Operation qkv = operation(operations, "qkv_projection");
    EXPECT_EQ(qkv.flops_formula.symbols, "2 · b · h · (a / tp + 2 · max(1, k / tp)) · d");
    EXPECT_EQ(qkv.flops_formula.numbers, "2 × 12 × 8,192 × (64 / 4 + 2 × 2) × 128");
    const Operation scores = operation(operations, "attention_scores");
    EXPECT_EQ(scores.flops_formula.symbols, "2 · b · s · a · d / tp");
    EXPECT_EQ(scores.bytes_formula.symbols, "b · s · max(1, k / tp) · d · B_k + a · b · d · B_a / tp");
    EXPECT_EQ(operation(operations, "ffn").bytes_formula.symbols, "3 · h · h_ffn · B_w / tp + 2 · b · h · B_a");
}

} // namespace
} // namespace weighbridge
