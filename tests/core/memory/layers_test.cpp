// The table of layers: worked by hand for networks of every kind, and in step with the other tables for all presets.

#include "core/memory/layers.h"

#include "tests/core/support/networks.h"
#include "tests/core/support/scenarios.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace weighbridge::testing {
namespace {

std::vector<LayerRow> rows_of(const Question& question)
{
    return estimate_of(question, Detail::full)->layers;
}

const LayerRow& row_of(const std::vector<LayerRow>& rows, LayerRowKind kind)
{
    static const LayerRow none;
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const LayerRow& row) { return row.kind == kind; });
    EXPECT_NE(found, rows.end()) << layer_row_name(kind);
    return found == rows.end() ? none : *found;
}

std::vector<LayerRow> runs_of(const std::vector<LayerRow>& rows)
{
    std::vector<LayerRow> runs;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(runs),
                 [](const LayerRow& row) { return row.kind == LayerRowKind::layers; });
    return runs;
}

// 80 layers of 855,638,016 matrix elements and two norms; 128,256 · 8,192 for embedding and for head; GQA with 8 heads
// of 128: 2 · 8 · 128 · 2 B = 4,096 B per token and layer.
TEST(Layers, EqualLayersAreOneRunBetweenEmbeddingAndHead)
{
    const auto rows = rows_of(question_about_preset("Llama-3.1-70B"));
    ASSERT_EQ(rows.size(), 5U);
    EXPECT_EQ(rows[0].kind, LayerRowKind::embedding);
    EXPECT_EQ(rows[0].label, "Embedding");
    EXPECT_EQ(rows[0].parameters, 1'050'673'152);
    EXPECT_EQ(rows[1].kind, LayerRowKind::layers);
    EXPECT_EQ(rows[1].first, 0);
    EXPECT_EQ(rows[1].count, 80);
    EXPECT_EQ(rows[1].label, "full attention, dense");
    EXPECT_EQ(rows[1].shape, "64 heads, 8 for keys and values, of 128; inner width 28,672");
    EXPECT_EQ(rows[1].parameters, 80 * (855'638'016LL + 2 * 8'192));
    EXPECT_EQ(rows[1].weights.count, 2 * rows[1].parameters);
    EXPECT_EQ(rows[1].cache_per_token, 80 * 4'096);
    EXPECT_EQ(rows[1].cache_per_sequence, 0);
    EXPECT_EQ(rows[2].kind, LayerRowKind::norm);
    EXPECT_EQ(rows[2].parameters, 8'192);
    EXPECT_EQ(rows[3].kind, LayerRowKind::head);
    EXPECT_EQ(rows[3].parameters, 1'050'673'152);
    EXPECT_EQ(rows[4].kind, LayerRowKind::total);
    EXPECT_EQ(rows[4].count, 80);
    EXPECT_EQ(rows[4].parameters, 70'553'706'496);
}

// Latent attention of one layer: q_a 7,168 · 1,536, q_b 1,536 · 24,576, kv_a 7,168 · 576, kv_b 512 · 32,768,
// o 16,384 · 7,168, norms of 1,536 and 512: 187,107,328. The first three layers are dense: 3 · 7,168 · 18,432. The
// cache is 576 elements per token and layer. One more layer predicts the token after the next.
TEST(Layers, DeepSeekStartsDenseAndPredictsBesideTheTotal)
{
    const auto rows = rows_of(question_about_preset("DeepSeek-V3"));
    const auto runs = runs_of(rows);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].count, 3);
    EXPECT_EQ(runs[0].label, "latent attention, dense");
    EXPECT_EQ(runs[0].parameters, 3 * (187'107'328LL + 396'361'728 + 2 * 7'168));
    EXPECT_EQ(runs[0].cache_per_token, 3 * 1'152);
    EXPECT_EQ(runs[1].first, 3);
    EXPECT_EQ(runs[1].count, 58);
    EXPECT_EQ(runs[1].label, "latent attention, experts");
    EXPECT_EQ(runs[1].shape, "128 heads, kv_lora_rank 512 + 64; 256 experts of 2,048, 8 per token, 1 shared");
    const LayerRow& prediction = rows.back();
    EXPECT_EQ(prediction.kind, LayerRowKind::prediction);
    EXPECT_EQ(prediction.first, 61);
    EXPECT_EQ(prediction.count, 1);
    EXPECT_EQ(row_of(rows, LayerRowKind::total).parameters, 671'026'419'200);
    EXPECT_EQ(row_of(rows, LayerRowKind::total).cache_per_token, 70'272);
}

// Five layers with a window of 1,024, then a full one, eight times; 2 · 8 · 256 · 2 B per token and layer. The head is
// the embedding.
TEST(Layers, GemmaAlternatesAndHasATower)
{
    const auto rows = rows_of(question_about_preset("gemma-3-12b-it"));
    const auto runs = runs_of(rows);
    ASSERT_EQ(runs.size(), 16U);
    for (std::size_t pair = 0; pair < 8; ++pair) {
        EXPECT_EQ(runs[2 * pair].first, static_cast<std::int64_t>(6 * pair));
        EXPECT_EQ(runs[2 * pair].count, 5);
        EXPECT_EQ(runs[2 * pair].label, "sliding window of 1,024, dense");
        EXPECT_EQ(runs[2 * pair].cache_per_token, 0);
        EXPECT_EQ(runs[2 * pair].cache_per_sequence, 5 * 8'192 * 1'024);
        EXPECT_EQ(runs[2 * pair + 1].count, 1);
        EXPECT_EQ(runs[2 * pair + 1].label, "full attention, dense");
        EXPECT_EQ(runs[2 * pair + 1].cache_per_token, 8'192);
    }
    EXPECT_EQ(rows[0].label, "Embedding and LM head");
    EXPECT_EQ(rows[0].parameters, 262'208LL * 3'840);
    EXPECT_TRUE(std::none_of(rows.begin(), rows.end(), [](const LayerRow& row) {
        return row.kind == LayerRowKind::head || row.kind == LayerRowKind::prediction;
    }));
    EXPECT_GT(row_of(rows, LayerRowKind::tower).parameters, 0);
}

// A state of 1,000 elements and a convolution that keeps 3 tokens of 10 channels, at 2 B: 2,060 B per layer and
// sequence, and nothing per token.
TEST(Layers, RecurrentLayersKeepAStatePerSequence)
{
    Architecture network = llama_70b();
    Layer recurrent;
    recurrent.mixers = {
        Recurrent{.kind = RecurrentKind::mamba2, .conv_channels = 10, .conv_kernel = 4, .state_elements = 1'000}};
    for (int layer = 0; layer < 3; ++layer)
        network.append(recurrent);
    const auto runs = runs_of(rows_of(question_about(make_model("hybrid", network))));
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[1].first, 80);
    EXPECT_EQ(runs[1].label, "Mamba-2");
    EXPECT_EQ(runs[1].shape, "a state of 1,000 elements, 10 channels over 4 tokens");
    EXPECT_EQ(runs[1].cache_per_token, 0);
    EXPECT_EQ(runs[1].cache_per_sequence, 3 * 2'060);
}

TEST(Layers, ALayerWithoutACacheOfItsOwnSaysSo)
{
    Architecture network = llama_70b();
    Attention reads{.heads = 64, .kv_heads = 8, .head_dim = 128, .value_head_dim = 128};
    reads.stores_cache = false;
    network.append({reads, DenseFeedForward{.intermediate_size = 28'672}});
    const auto runs = runs_of(rows_of(question_about(make_model("shared", network))));
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[1].cache_per_token, 0);
    EXPECT_THAT(runs[1].shape, ::testing::HasSubstr("the cache of an earlier layer"));
}

TEST(Layers, WhatStandsOutsideTheLayersIsARow)
{
    Architecture network = llama_70b();
    network.outer.push_back(
        vector_tensor("model.embed_positions", Part::embedding, {4'096, "n_pos"}, Sharding::replicated));
    const auto rows = rows_of(question_about(make_model("positions", network)));
    const LayerRow& outer = row_of(rows, LayerRowKind::outer);
    EXPECT_EQ(outer.parameters, 4'096);
    EXPECT_EQ(outer.shape, "model.embed_positions");
    EXPECT_EQ(row_of(rows, LayerRowKind::head).parameters, 1'050'673'152);
}

// Quantization takes the matrices of the layers and leaves embedding, head and norms in 16 bits.
TEST(Layers, WeightsFollowThePrecision)
{
    Question question = question_about_preset("Llama-3.1-70B");
    question.scenario.precision.weights = "gptq_4bit_g128";
    const auto rows = rows_of(question);
    EXPECT_EQ(rows[0].weights.count, 2 * 1'050'673'152LL);
    EXPECT_EQ(rows[1].weights.count, std::llround(80 * (855'638'016.0 * 4.15625 / 8 + 2 * 8'192 * 2.0)));
}

TEST(Layers, NoCacheIsShownWhereNoneIsKept)
{
    Question question = question_about_preset("gemma-3-12b-it");
    question.scenario.inference.use_kv_cache = false;
    for (const LayerRow& row : rows_of(question)) {
        EXPECT_EQ(row.cache_per_token, 0);
        EXPECT_EQ(row.cache_per_sequence, 0);
    }
}

TEST(Layers, AgreeWithTheOtherTablesForEveryPreset)
{
    for (const std::string_view name : preset_names()) {
        SCOPED_TRACE(name);
        const auto result = estimate_of(question_about_preset(name), Detail::full);
        const Model& model = *result->model;
        std::int64_t next = 0;
        std::int64_t parameters = 0;
        std::int64_t predicting = 0;
        for (const LayerRow& row : result->layers) {
            if (row.kind == LayerRowKind::prediction)
                predicting += row.parameters;
            else if (row.kind != LayerRowKind::total)
                parameters += row.parameters;
            if (row.kind != LayerRowKind::layers)
                continue;
            EXPECT_EQ(row.first, next);
            EXPECT_FALSE(row.label.empty());
            next += row.count;
        }
        const LayerRow& total = row_of(result->layers, LayerRowKind::total);
        EXPECT_EQ(next, model.architecture.layers());
        EXPECT_EQ(parameters, model.parameters.total);
        EXPECT_EQ(total.parameters, model.parameters.total);
        EXPECT_EQ(predicting, model.parameters.multi_token_prediction);
        EXPECT_EQ(total.weights.count, result->terms.front().bytes.count);
        EXPECT_DOUBLE_EQ(total.cache_per_token, result->cache.bytes_per_token);
        EXPECT_DOUBLE_EQ(total.cache_per_sequence, result->cache.fixed_bytes_per_sequence);
    }
}

} // namespace
} // namespace weighbridge::testing
