#include "core/sources/hf_config.h"
#include "core/sources/presets.h"
#include "tests/core/sources/known_models.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weighbridge {

namespace {

using nlohmann::json;

ModelPointer hybrid(const json& config)
{
    auto model = import_config(config, "tested");
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return model ? *model : make_model("none", {});
}

const CacheRun* run_named(const Model& model, std::string_view id)
{
    const auto found =
        std::find_if(model.cache.begin(), model.cache.end(), [&](const CacheRun& run) { return run.id == id; });
    return found == model.cache.end() ? nullptr : &*found;
}

char letter(const Layer& layer)
{
    if (layer.mixers.size() > 1)
        return '2';
    if (layer.mixers.empty())
        return '.';
    if (std::holds_alternative<Recurrent>(layer.mixers.front()))
        return 'R';
    return std::holds_alternative<Attention>(layer.mixers.front()) ? 'A' : 'L';
}

std::string mixers(const Architecture& network)
{
    std::string letters;
    for (const LayerRun& run : network.runs)
        letters.append(static_cast<std::size_t>(run.count), letter(network.kinds[run.kind]));
    return letters;
}

struct MixerPattern
{
    const char* name;
    json config;
    const char* mixers; ///< A attention, L latent or compressed, R recurrent, 2 several, . none
};

class MixerPatterns : public ::testing::TestWithParam<MixerPattern>
{
};

TEST_P(MixerPatterns, FollowTheConfigurationClass)
{
    EXPECT_EQ(mixers(hybrid(GetParam().config)->architecture), GetParam().mixers);
}

json kimi(json linear)
{
    return {{"model_type", "kimi_linear"},
            {"hidden_size", 64},
            {"num_attention_heads", 4},
            {"intermediate_size", 64},
            {"num_hidden_layers", 4},
            {"vocab_size", 100},
            {"kv_lora_rank", 16},
            {"qk_nope_head_dim", 8},
            {"qk_rope_head_dim", 8},
            {"v_head_dim", 8},
            {"linear_attn_config", std::move(linear)}};
}

const json kda = {{"num_heads", 4}, {"head_dim", 8}, {"short_conv_kernel_size", 4}, {"full_attn_layers", {4}}};

INSTANTIATE_TEST_SUITE_P(
    Rules, MixerPatterns,
    ::testing::Values(
        MixerPattern{"jamba_one_in_eight", {{"model_type", "jamba"}, {"num_hidden_layers", 10}}, "RRRRARRRRR"},
        MixerPattern{"qwen3_next_one_in_four", {{"model_type", "qwen3_next"}, {"num_hidden_layers", 5}}, "RRRAR"},
        MixerPattern{"qwen3_5_interval",
                     {{"model_type", "qwen3_5_text"}, {"num_hidden_layers", 4}, {"full_attention_interval", 2}},
                     "RARA"},
        MixerPattern{"olmo_hybrid", {{"model_type", "olmo_hybrid"}, {"num_hidden_layers", 4}}, "RRRA"},
        MixerPattern{"lfm2_listed", {{"model_type", "lfm2"}, {"num_hidden_layers", 3}, {"full_attn_idxs", {1}}}, "RAR"},
        MixerPattern{"minimax_legacy_list",
                     {{"model_type", "minimax_text_01"}, {"num_hidden_layers", 3}, {"attn_type_list", {0, 1, 0}}},
                     "RAR"},
        MixerPattern{"minimax_default", {{"model_type", "minimax"}, {"num_hidden_layers", 3}}, "ARA"},
        MixerPattern{
            "granite_names_of_version_4",
            {{"model_type", "granitemoehybrid"}, {"num_hidden_layers", 2}, {"layer_types", {"mamba", "attention"}}},
            "RA"},
        MixerPattern{"granite_names_of_version_5",
                     {{"model_type", "granitemoehybrid"},
                      {"num_hidden_layers", 2},
                      {"layer_types", {"linear_attention", "full_attention"}}},
                     "RA"},
        MixerPattern{"nemotron_h_pattern", {{"model_type", "nemotron_h"}, {"hybrid_override_pattern", "M-*E"}}, "R.A."},
        MixerPattern{"nemotron_h_list",
                     {{"model_type", "nemotron_h"}, {"layers_block_type", {"mamba", "moe", "attention"}}},
                     "R.A"},
        MixerPattern{"falcon_h1_both", {{"model_type", "falcon_h1"}, {"num_hidden_layers", 2}}, "22"},
        MixerPattern{"longcat_two_attentions", {{"model_type", "longcat_flash"}, {"num_layers", 2}}, "22"},
        MixerPattern{
            "bamba_listed", {{"model_type", "bamba"}, {"num_hidden_layers", 3}, {"attn_layer_indices", {2}}}, "RRA"},
        MixerPattern{
            "zamba2_hybrid",
            {{"model_type", "zamba2"}, {"num_hidden_layers", 3}, {"layers_block_type", {"mamba", "hybrid", "mamba"}}},
            "R2R"},
        MixerPattern{"recurrent_gemma", {{"model_type", "recurrent_gemma"}, {"num_hidden_layers", 4}}, "RRAR"},
        MixerPattern{"kimi_counts_from_one", kimi(kda), "RRRL"},
        MixerPattern{"deepseek_v4", {{"model_type", "deepseek_v4"}, {"num_hidden_layers", 2}}, "LL"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Caches, OfLayersThatBorrowOneAreNone)
{
    // Gemma 4 with 12 layers, 5 sliding to 1 full: the last 6 (5 sliding, 1 full) read the cache of earlier ones.
    const ModelPointer model = hybrid({{"model_type", "gemma4_text"},
                                       {"num_hidden_layers", 12},
                                       {"num_kv_shared_layers", 6},
                                       {"hidden_size_per_layer_input", 0}});
    ASSERT_EQ(model->cache.size(), 2U);
    EXPECT_EQ(run_named(*model, "sliding")->layers, 5);
    EXPECT_EQ(run_named(*model, "full")->layers, 1);
    EXPECT_EQ(run_named(*model, "full")->key_dim, 512);
}

TEST(Caches, KeepValuesWhereThereIsNoValueProjection)
{
    const json with = {{"model_type", "gemma4_text"}, {"num_hidden_layers", 6}, {"hidden_size_per_layer_input", 0}};
    json without = with;
    without["attention_k_eq_v"] = true;
    without["num_global_key_value_heads"] = 4;
    const ModelPointer model = hybrid(without);
    EXPECT_EQ(run_named(*model, "full")->entry_elements(), 2 * 4 * 512);
    // one layer's v_proj: 4 heads of 512 from 2,304
    EXPECT_EQ(hybrid(with)->parameters.total - model->parameters.total, 4 * 512 * 2304);
}

TEST(Caches, OfDeepSeekV4AreAWindowAndCompressedEntries)
{
    // 61 layers: 30 with ratio 4 (and an index key of 128), 31 with 128; every one a window of 128 entries of 512.
    const auto pro = known_model("deepseek-ai/DeepSeek-V4-Pro");
    ASSERT_TRUE(pro);
    const ModelPointer model = hybrid(pro->config);
    ASSERT_EQ(model->cache.size(), 3U);
    const CacheRun& window = *run_named(*model, "sliding");
    EXPECT_EQ(window.layers, 61);
    EXPECT_EQ(window.window, 128);
    EXPECT_EQ(window.entry_elements(), 512);
    std::int64_t light = 0;
    std::int64_t heavy = 0;
    for (const CacheRun& run : model->cache) {
        light += run.compress_ratio == 4 && run.index_dim == 128 ? run.layers : 0;
        heavy += run.compress_ratio == 128 && run.index_dim == 0 ? run.layers : 0;
    }
    EXPECT_EQ(light, 30);
    EXPECT_EQ(heavy, 31);
}

TEST(Caches, OfIndexersAreThoseOfTheLayersThatOwnOne)
{
    const ModelPointer model = hybrid({{"model_type", "glm_moe_dsa"},
                                       {"num_hidden_layers", 6},
                                       {"indexer_types", {"full", "full", "full", "shared", "shared", "shared"}}});
    std::int64_t owning = 0;
    for (const CacheRun& run : model->cache)
        owning += run.index_dim > 0 ? run.layers : 0;
    EXPECT_EQ(owning, 3);
    const ModelPointer every_second =
        hybrid({{"model_type", "glm_moe_dsa"}, {"num_hidden_layers", 6}, {"index_topk_freq", 2}});
    owning = 0;
    for (const CacheRun& run : every_second->cache)
        owning += run.index_dim > 0 ? run.layers : 0;
    EXPECT_EQ(owning, 4) << "layers 0, 1, 3 and 5 (configuration_glm_moe_dsa.py)";
}

TEST(Caches, OfRecurrentLayersHaveAConstantSize)
{
    // Qwen3-Next: 32 value heads of 128 x 128; a convolution of 4 tokens over 2 x 16 x 128 + 32 x 128 channels.
    const ModelPointer next = hybrid({{"model_type", "qwen3_next"}});
    const CacheRun& delta = *run_named(*next, "gated_delta_net");
    EXPECT_EQ(delta.layers, 36);
    EXPECT_EQ(delta.state_elements, 32 * 128 * 128);
    EXPECT_EQ(delta.conv_elements(), 3 * 8192);
    EXPECT_EQ(delta.state_bytes, 0);
    EXPECT_EQ(run_named(*next, "full")->layers, 12);
    const ModelPointer named = hybrid({{"model_type", "qwen3_next"}, {"mamba_ssm_dtype", "float32"}});
    EXPECT_EQ(run_named(*named, "gated_delta_net")->state_bytes, 4);
    // RWKV-4: two shifted hidden states and three vectors.
    const ModelPointer rwkv = hybrid({{"model_type", "rwkv"}, {"hidden_size", 768}, {"num_hidden_layers", 12}});
    EXPECT_EQ(run_named(*rwkv, "rwkv")->state_elements, 5 * 768);
    EXPECT_EQ(rwkv->parameters.total, 169'342'464) << "rwkv-4-169m-pile as published";
}

TEST(Caches, OfCrossAttentionHoldNoText)
{
    const ModelPointer model = hybrid({{"model_type", "mllama"}, {"text_config", json::object()}});
    EXPECT_EQ(run_named(*model, "cross")->layers, 8);
    EXPECT_EQ(run_named(*model, "full")->layers, 32);
}

/// Two groups of two layers and one more: layers 1, 3 and 4 have full attention.
json small_ling()
{
    return {{"model_type", "bailing_hybrid"},
            {"hidden_size", 64},
            {"num_hidden_layers", 5},
            {"layer_group_size", 2},
            {"num_attention_heads", 4},
            {"num_key_value_heads", 4},
            {"head_dim", 16},
            {"q_lora_rank", 8},
            {"kv_lora_rank", 8},
            {"qk_nope_head_dim", 4},
            {"qk_rope_head_dim", 4},
            {"v_head_dim", 4},
            {"num_experts", 4},
            {"num_experts_per_tok", 2},
            {"num_shared_experts", 1},
            {"moe_intermediate_size", 16},
            {"moe_router_enable_expert_bias", true},
            {"first_k_dense_replace", 1},
            {"intermediate_size", 128},
            {"num_nextn_predict_layers", 1},
            {"vocab_size", 100}};
}

// Tensors of modeling_olmo_hybrid.py with the class's sizes, those of Olmo-Hybrid-7B.
TEST(OlmoHybrid, HasTheTensorsOfItsModelingFile)
{
    constexpr std::int64_t h = 3840;
    constexpr std::int64_t keys = 30 * 96; // 0.75 x 3,840 / 30 per head, values twice as wide
    constexpr std::int64_t values = 30 * 192;
    constexpr std::int64_t linear =
        h * (2 * keys + 2 * values) + 2 * h * 30 + 4 * (2 * keys + values) + 2 * 30 + 192 + values * h;
    constexpr std::int64_t attention = 4 * h * h + 2 * h; // with norms as wide as queries and keys
    const ModelPointer model = hybrid({{"model_type", "olmo_hybrid"}});
    EXPECT_EQ(model->parameters.total,
              24 * linear + 8 * attention + 32 * (3 * h * 11'008 + 2 * h) + 2 * h * 100'352 + h);
    EXPECT_EQ(run_named(*model, "gated_delta_net")->state_elements, 30 * 96 * 192);
}

// Tensors of modeling_recurrent_gemma.py with the sizes of google/recurrentgemma-2b, published as 2.7 billion.
TEST(RecurrentGemma, HasTheTensorsOfItsModelingFile)
{
    constexpr std::int64_t h = 2560;
    constexpr std::int64_t recurrent = 3 * (h * h + h) + 4 * h + h + 2 * (10 * 256 * 256 + h) + h;
    constexpr std::int64_t attention = 2 * h * h + 2 * h * 256 + h; // one KV head; a bias on the output
    constexpr std::int64_t network = 3 * h * 7680 + 2 * 7680 + h;   // half of intermediate_size
    const ModelPointer model =
        hybrid({{"model_type", "recurrent_gemma"}, {"intermediate_size", 15'360}, {"num_key_value_heads", 1}});
    EXPECT_EQ(model->parameters.total, 18 * recurrent + 8 * attention + 26 * (network + 2 * h) + h * 256'000 + h);
    EXPECT_NEAR(static_cast<double>(model->parameters.total), 2.7e9, 0.05e9);
}

TEST(Ling, HasFullAttentionAtTheEndOfEachGroup)
{
    json config = small_ling();
    config["use_qk_norm"] = true;
    const ModelPointer model = hybrid(config);
    EXPECT_EQ(mixers(model->architecture), "RLRLL");
    // lightning: five matrices of 64 x 64, two norms of 16, one of 64.
    constexpr std::int64_t lightning = 5 * 64 * 64 + 2 * 16 + 64;
    // latent: queries 64 x 8 and 8 x 32, norm 8; latent 64 x 12, norm 8, 8 x 32; output 16 x 64.
    constexpr std::int64_t latent = 64 * 8 + 8 + 8 * 32 + 64 * 12 + 8 + 8 * 32 + 16 * 64;
    constexpr std::int64_t sparse = 5 * 3 * 64 * 16 + 64 * 4 + 4; // with its shared expert, router and correction
    constexpr std::int64_t dense = 3 * 64 * 128;
    EXPECT_EQ(model->parameters.total,
              2 * 100 * 64 + 64 + 2 * lightning + 3 * latent + dense + 4 * sparse + 5 * 2 * 64);
    // A layer with full attention and experts, a matrix of 128 x 64, three norms more.
    EXPECT_EQ(model->parameters.multi_token_prediction, latent + sparse + 2 * 64 + 128 * 64 + 3 * 64);
    EXPECT_EQ(run_named(*model, "lightning")->state_elements, 4 * 16 * 16);
}

TEST(Ling, OfTheThirdGenerationHasDeltaAttentionAndGates)
{
    json config = small_ling();
    config["short_conv_kernel_size"] = 4;
    config["no_kda_lora"] = true;
    config["gated_attention_proj_granularity_type"] = "head_wise";
    const ModelPointer model = hybrid(config);
    EXPECT_EQ(mixers(model->architecture), "RLRLL");
    // q, k, v, forget and output gates 64 x 64; three convolutions of 4; beta 64 x 4; A_log 4, dt_bias 64, norm 16;
    // out.
    constexpr std::int64_t delta = 5 * 64 * 64 + 3 * 64 * 4 + 64 * 4 + 4 + 64 + 16 + 64 * 64;
    constexpr std::int64_t latent = 64 * 8 + 8 + 8 * 32 + 64 * 12 + 8 + 8 * 32 + 16 * 64 + 64 * 4; // and the gate
    constexpr std::int64_t sparse = 5 * 3 * 64 * 16 + 64 * 4 + 4;
    EXPECT_EQ(model->parameters.total,
              2 * 100 * 64 + 64 + 2 * delta + 3 * latent + 3 * 64 * 128 + 4 * sparse + 5 * 2 * 64);
    config["gated_attention_proj_granularity_type"] = "group_wise";
    const auto refused = import_config(config, "odd");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "gated_attention_proj_granularity_type");
}

// The sizes of inclusionAI/Ring-mini-linear-2.0, published as 16.4 billion parameters of which 1.6 are active.
TEST(Ling, OfTheSecondGenerationHasGroupedAttention)
{
    const ModelPointer model = hybrid({{"model_type", "bailing_moe_linear"},
                                       {"hidden_size", 2048},
                                       {"num_hidden_layers", 20},
                                       {"layer_group_size", 5},
                                       {"num_attention_heads", 16},
                                       {"num_key_value_heads", 4},
                                       {"head_dim", 128},
                                       {"use_qk_norm", true},
                                       {"num_experts", 256},
                                       {"num_experts_per_tok", 8},
                                       {"num_shared_experts", 1},
                                       {"moe_intermediate_size", 512},
                                       {"moe_shared_expert_intermediate_size", 512},
                                       {"moe_router_enable_expert_bias", true},
                                       {"first_k_dense_replace", 1},
                                       {"intermediate_size", 5120},
                                       {"max_position_embeddings", 131072},
                                       {"vocab_size", 157184}});
    EXPECT_EQ(mixers(model->architecture), "RRRRARRRRARRRRARRRRA");
    EXPECT_NEAR(static_cast<double>(model->parameters.total), 16.4e9, 0.05e9);
    EXPECT_NEAR(static_cast<double>(model->parameters.active), 1.6e9, 0.05e9);
}

std::int64_t tower_named(const Model& model, std::string_view name)
{
    for (const Tower& tower : model.architecture.towers)
        if (tower.name == name)
            return tower.parameters;
    return 0;
}

// The hub counts 5,123,178,051 and 7,996,156,490 parameters. Beside the network they hold keys and values of layers
// that read another's cache, which transformers leaves out: E2B 20 of 35 layers (4 full with heads of 512, 16 sliding
// of 256, one head, hidden size 1536), E4B 18 of 42 (3 and 15, two heads, 2560), and a key norm each. Not counted there
// are the bounds of clipped products: 4 x 10 in each of 12 audio layers, 4 x 7 in each of 16 vision layers.
TEST(Audio, Gemma4PresetsAreAsPublished)
{
    constexpr std::int64_t bounds = 12 * 40 + 16 * 28;
    constexpr std::int64_t e2b = 2 * 1536 * (4 * 512 + 16 * 256) + 4 * 512 + 16 * 256;
    constexpr std::int64_t e4b = 2 * 2560 * 2 * (3 * 512 + 15 * 256) + 3 * 512 + 15 * 256;
    EXPECT_EQ(hybrid(*preset_config("gemma-4-E2B-it"))->parameters.total, 5'123'178'051 - e2b + bounds);
    EXPECT_EQ(hybrid(*preset_config("gemma-4-E4B-it"))->parameters.total, 7'996'156'490 - e4b + bounds);
}

// 24 h^2 per Conformer layer and what is small beside it; class defaults of transformers.
TEST(Audio, OfGemma4IsATowerOfItsOwn)
{
    json config = *preset_config("gemma-4-E2B-it");
    config["audio_config"] = nullptr;
    const ModelPointer without = hybrid(config);
    EXPECT_EQ(tower_named(*without, "audio_tower"), 0);
    config["audio_config"] = {{"model_type", "gemma4_audio"}};
    const ModelPointer with = hybrid(config);
    // a layer: 24 x 1024^2, nine norms of 1024, a convolution of 5, a scale of 128, 40 bounds
    constexpr std::int64_t layer = 24 * 1024 * 1024 + 9 * 1024 + 5 * 1024 + 128 + 40;
    constexpr std::int64_t subsampling = 9 * 128 + 128 + 9 * 128 * 32 + 32 + 32 * 32 * 1024;
    constexpr std::int64_t tower = subsampling + 12 * layer + 1024 * 1536 + 1536;
    EXPECT_EQ(tower_named(*with, "audio_tower"), tower);
    EXPECT_EQ(tower_named(*with, "embed_audio"), 1536 * 1536); // into the text's width
    EXPECT_EQ(with->parameters.total, without->parameters.total + tower + 1536 * 1536);
    config["audio_config"]["subsampling_conv_channels"] = {1, 2, 3};
    EXPECT_FALSE(import_config(config, "odd"));
}

TEST(Audio, OfGemma3nIsATowerOfItsOwn)
{
    json config = *preset_config("gemma-3n-E4B-it");
    config["audio_config"] = {{"model_type", "gemma3n_audio"}};
    const ModelPointer model = hybrid(config);
    constexpr std::int64_t layer = 24 * 1536 * 1536 + 9 * 1536 + 5 * 1536 + 192;
    constexpr std::int64_t subsampling = 9 * 128 + 128 + 9 * 128 * 32 + 32 + 32 * 32 * 1536;
    EXPECT_EQ(tower_named(*model, "audio_tower"), subsampling + 12 * layer);
    EXPECT_EQ(tower_named(*model, "embed_audio"), 128 * 1536 + 2 * 1536 + 1536 * 2048);
}

// Kimi-VL: LayerNorms, biases everywhere; text of Moonlight's kind.
TEST(Vision, OfKimiVlIsMoonVit)
{
    json text = *preset_config("Moonlight-16B-A3B");
    text["model_type"] = "deepseek_v3";
    const ModelPointer alone = hybrid(text);
    const ModelPointer model = hybrid({{"model_type", "kimi_vl"},
                                       {"text_config", text},
                                       {"vision_config",
                                        {{"hidden_size", 1152},
                                         {"intermediate_size", 4304},
                                         {"num_hidden_layers", 27},
                                         {"num_attention_heads", 16},
                                         {"patch_size", 14},
                                         {"init_pos_emb_height", 64},
                                         {"init_pos_emb_width", 64},
                                         {"merge_kernel_size", {2, 2}}}}});
    constexpr std::int64_t layer = 4 * 1152 * 1152 + 4 * 1152 + 2 * 1152 * 4304 + 4304 + 1152 + 4 * 1152;
    constexpr std::int64_t tower = 3 * 14 * 14 * 1152 + 1152 + 64 * 64 * 1152 + 27 * layer + 2 * 1152;
    constexpr std::int64_t projector = 2 * 1152 + 4608 * 4608 + 4608 + 4608 * 2048 + 2048;
    EXPECT_EQ(tower_named(*model, "vision_tower"), tower);
    EXPECT_EQ(tower_named(*model, "multi_modal_projector"), projector);
    EXPECT_EQ(model->parameters.total, alone->parameters.total + tower + projector);
    EXPECT_NEAR(static_cast<double>(model->parameters.total), 16.4e9, 0.05e9); // published: 16.4B
}

TEST(SharedBlocks, AreCountedOnce)
{
    json config = {{"model_type", "zamba2"},
                   {"num_hidden_layers", 4},
                   {"layers_block_type", {"mamba", "hybrid", "mamba", "mamba"}}};
    const std::int64_t once = hybrid(config)->parameters.total;
    config["layers_block_type"] = {"mamba", "hybrid", "hybrid", "mamba"};
    // A second call costs its adapter (rank 128, h 2560, both halves of 10,240) and one matrix.
    EXPECT_EQ(hybrid(config)->parameters.total - once, 2560 * 128 + 128 * 2 * 10'240 + 2560 * 2560);
    EXPECT_EQ(run_named(*hybrid(config), "full")->layers, 2);
}

struct Hostile
{
    const char* name;
    json config;
    const char* field;
};

class HostileLists : public ::testing::TestWithParam<Hostile>
{
};

TEST_P(HostileLists, AreRefusedByName)
{
    const auto model = import_config(GetParam().config, "bad");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().field, GetParam().field) << model.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Lists, HostileLists,
    ::testing::Values(
        Hostile{"layer_types_too_short",
                {{"model_type", "qwen3_next"}, {"layer_types", {"full_attention"}}},
                "layer_types"},
        Hostile{"layer_types_unknown",
                {{"model_type", "qwen3_next"}, {"num_hidden_layers", 1}, {"layer_types", {"magic"}}},
                "layer_types[0]"},
        Hostile{"pattern_of_other_letters",
                {{"model_type", "nemotron_h"}, {"hybrid_override_pattern", "MX"}},
                "hybrid_override_pattern"},
        Hostile{"pattern_empty",
                {{"model_type", "nemotron_h"}, {"hybrid_override_pattern", ""}},
                "hybrid_override_pattern"},
        Hostile{"pattern_endless",
                {{"model_type", "nemotron_h"}, {"hybrid_override_pattern", std::string(20'000, 'M')}},
                "hybrid_override_pattern"},
        Hostile{"ratios_too_few", {{"model_type", "deepseek_v4"}, {"compress_ratios", {4}}}, "compress_ratios"},
        Hostile{"ratio_negative",
                {{"model_type", "deepseek_v4"}, {"num_hidden_layers", 1}, {"compress_ratios", {-4}}},
                "compress_ratios[0]"},
        Hostile{"groups_do_not_divide", {{"model_type", "deepseek_v4"}, {"o_groups", 7}}, "o_groups"},
        Hostile{"heads_per_layer_too_few",
                {{"model_type", "laguna"}, {"num_attention_heads_per_layer", {48}}},
                "num_attention_heads_per_layer"},
        Hostile{"heads_per_layer_odd",
                {{"model_type", "laguna"}, {"num_hidden_layers", 1}, {"num_attention_heads_per_layer", {47}}},
                "num_attention_heads_per_layer"},
        Hostile{"experts_per_layer_text", {{"model_type", "hunyuan_v1_moe"}, {"moe_topk", {"eight"}}}, "moe_topk[0]"},
        Hostile{"window_letters",
                {{"model_type", "exaone4"}, {"max_position_embeddings", 8192}, {"sliding_window_pattern", "GLLL"}},
                "sliding_window_pattern"},
        Hostile{"layers_enum", {{"model_type", "step3p5"}, {"moe_layers_enum", "3,x"}}, "moe_layers_enum"},
        Hostile{"no_block_types", {{"model_type", "recurrent_gemma"}, {"block_types", json::array()}}, "block_types"},
        Hostile{"width_per_layer_too_few",
                {{"model_type", "gemma3n_text"}, {"intermediate_size", {16'384}}},
                "intermediate_size"},
        Hostile{"odd_qwen",
                {{"model_type", "qwen"},
                 {"hidden_size", 64},
                 {"vocab_size", 100},
                 {"num_attention_heads", 4},
                 {"num_hidden_layers", 1},
                 {"intermediate_size", 33}},
                "intermediate_size"},
        Hostile{"state_type", {{"model_type", "qwen3_next"}, {"mamba_ssm_dtype", "int3"}}, "mamba_ssm_dtype"},
        Hostile{"time_step_rank", {{"model_type", "mamba"}, {"time_step_rank", "much"}}, "time_step_rank"},
        Hostile{"mamba2_heads", {{"model_type", "mamba2"}, {"num_heads", 100}}, "num_heads"},
        Hostile{"kimi_without_full_layers", kimi({{"num_heads", 4}, {"head_dim", 8}, {"short_conv_kernel_size", 4}}),
                "linear_attn_config.full_attn_layers"},
        Hostile{"deepstack_endless",
                {{"model_type", "qwen3_vl"},
                 {"text_config", json::object()},
                 {"vision_config", {{"deepstack_visual_indexes", json(std::vector<int>(5'000, 1))}}}},
                "vision_config.deepstack_visual_indexes"},
        Hostile{"blocks_missing",
                {{"model_type", "nemotron-nas"},
                 {"hidden_size", 64},
                 {"vocab_size", 100},
                 {"num_attention_heads", 4},
                 {"num_hidden_layers", 2},
                 {"block_configs", {{{"attention", {{"no_op", true}}}, {"ffn", {{"no_op", true}}}}}}},
                "block_configs"},
        Hostile{"states_beyond_count",
                {{"model_type", "mamba"},
                 {"hidden_size", 1 << 24},
                 {"intermediate_size", 1 << 24},
                 {"state_size", 65'536},
                 {"num_hidden_layers", 10'000}},
                "hidden_size"}),
    [](const auto& tested) { return std::string(tested.param.name); });

} // namespace

} // namespace weighbridge
