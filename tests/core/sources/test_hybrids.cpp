#include "core/sources/hf_config.h"
#include "tests/core/sources/known_models.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weighbridge {

namespace {

using nlohmann::json;

ModelPointer imported(const json& config)
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

struct Pattern
{
    const char* name;
    json config;
    const char* mixers; ///< A attention, L latent or compressed, R recurrent, 2 several, . none
};

class MixerPatterns : public testing::TestWithParam<Pattern>
{
};

TEST_P(MixerPatterns, FollowTheConfigurationClass)
{
    EXPECT_EQ(mixers(imported(GetParam().config)->architecture), GetParam().mixers);
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
    testing::Values(
        Pattern{"jamba_one_in_eight", {{"model_type", "jamba"}, {"num_hidden_layers", 10}}, "RRRRARRRRR"},
        Pattern{"qwen3_next_one_in_four", {{"model_type", "qwen3_next"}, {"num_hidden_layers", 5}}, "RRRAR"},
        Pattern{"qwen3_5_interval",
                {{"model_type", "qwen3_5_text"}, {"num_hidden_layers", 4}, {"full_attention_interval", 2}},
                "RARA"},
        Pattern{"olmo_hybrid", {{"model_type", "olmo_hybrid"}, {"num_hidden_layers", 4}}, "RRRA"},
        Pattern{"lfm2_listed", {{"model_type", "lfm2"}, {"num_hidden_layers", 3}, {"full_attn_idxs", {1}}}, "RAR"},
        Pattern{"minimax_legacy_list",
                {{"model_type", "minimax_text_01"}, {"num_hidden_layers", 3}, {"attn_type_list", {0, 1, 0}}},
                "RAR"},
        Pattern{"minimax_default", {{"model_type", "minimax"}, {"num_hidden_layers", 3}}, "ARA"},
        Pattern{"granite_names_of_version_4",
                {{"model_type", "granitemoehybrid"}, {"num_hidden_layers", 2}, {"layer_types", {"mamba", "attention"}}},
                "RA"},
        Pattern{"granite_names_of_version_5",
                {{"model_type", "granitemoehybrid"},
                 {"num_hidden_layers", 2},
                 {"layer_types", {"linear_attention", "full_attention"}}},
                "RA"},
        Pattern{"nemotron_h_pattern", {{"model_type", "nemotron_h"}, {"hybrid_override_pattern", "M-*E"}}, "R.A."},
        Pattern{"nemotron_h_list",
                {{"model_type", "nemotron_h"}, {"layers_block_type", {"mamba", "moe", "attention"}}},
                "R.A"},
        Pattern{"falcon_h1_both", {{"model_type", "falcon_h1"}, {"num_hidden_layers", 2}}, "22"},
        Pattern{"longcat_two_attentions", {{"model_type", "longcat_flash"}, {"num_layers", 2}}, "22"},
        Pattern{
            "bamba_listed", {{"model_type", "bamba"}, {"num_hidden_layers", 3}, {"attn_layer_indices", {2}}}, "RRA"},
        Pattern{
            "zamba2_hybrid",
            {{"model_type", "zamba2"}, {"num_hidden_layers", 3}, {"layers_block_type", {"mamba", "hybrid", "mamba"}}},
            "R2R"},
        Pattern{"recurrent_gemma", {{"model_type", "recurrent_gemma"}, {"num_hidden_layers", 4}}, "RRAR"},
        Pattern{"kimi_counts_from_one", kimi(kda), "RRRL"},
        Pattern{"deepseek_v4", {{"model_type", "deepseek_v4"}, {"num_hidden_layers", 2}}, "LL"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Caches, OfLayersThatBorrowOneAreNone)
{
    // Gemma 4 with 12 layers, 5 sliding to 1 full: the last 6 (5 sliding, 1 full) read the cache of earlier ones.
    const ModelPointer model = imported({{"model_type", "gemma4_text"},
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
    const ModelPointer model = imported(without);
    EXPECT_EQ(run_named(*model, "full")->entry_elements(), 2 * 4 * 512);
    // one layer's v_proj: 4 heads of 512 from 2,304
    EXPECT_EQ(imported(with)->parameters.total - model->parameters.total, 4 * 512 * 2304);
}

TEST(Caches, OfDeepSeekV4AreAWindowAndCompressedEntries)
{
    // 61 layers: 30 with ratio 4 (and an index key of 128), 31 with 128; every one a window of 128 entries of 512.
    const auto models = known_models();
    const auto pro = std::find_if(models.begin(), models.end(),
                                  [](const KnownModel& model) { return model.id == "deepseek-ai/DeepSeek-V4-Pro"; });
    ASSERT_NE(pro, models.end());
    const ModelPointer model = imported(pro->config);
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
    const ModelPointer model = imported({{"model_type", "glm_moe_dsa"},
                                         {"num_hidden_layers", 6},
                                         {"indexer_types", {"full", "full", "full", "shared", "shared", "shared"}}});
    std::int64_t owning = 0;
    for (const CacheRun& run : model->cache)
        owning += run.index_dim > 0 ? run.layers : 0;
    EXPECT_EQ(owning, 3);
    json every_second = {{"model_type", "glm_moe_dsa"}, {"num_hidden_layers", 6}, {"index_topk_freq", 2}};
    owning = 0;
    for (const CacheRun& run : imported(every_second)->cache)
        owning += run.index_dim > 0 ? run.layers : 0;
    EXPECT_EQ(owning, 4) << "layers 0, 1, 3 and 5 (configuration_glm_moe_dsa.py)";
}

TEST(Caches, OfRecurrentLayersHaveAConstantSize)
{
    // Qwen3-Next: 32 value heads of 128 x 128; a convolution of 4 tokens over 2 x 16 x 128 + 32 x 128 channels.
    const ModelPointer next = imported({{"model_type", "qwen3_next"}});
    const CacheRun& delta = *run_named(*next, "gated_delta_net");
    EXPECT_EQ(delta.layers, 36);
    EXPECT_EQ(delta.state_elements, 32 * 128 * 128);
    EXPECT_EQ(delta.conv_elements(), 3 * 8192);
    EXPECT_EQ(delta.state_bytes, 0);
    EXPECT_EQ(run_named(*next, "full")->layers, 12);
    const ModelPointer named = imported({{"model_type", "qwen3_next"}, {"mamba_ssm_dtype", "float32"}});
    EXPECT_EQ(run_named(*named, "gated_delta_net")->state_bytes, 4);
    // RWKV-4: two shifted hidden states and three vectors.
    const ModelPointer rwkv = imported({{"model_type", "rwkv"}, {"hidden_size", 768}, {"num_hidden_layers", 12}});
    EXPECT_EQ(run_named(*rwkv, "rwkv")->state_elements, 5 * 768);
    EXPECT_EQ(rwkv->parameters.total, 169'342'464) << "rwkv-4-169m-pile as published";
}

TEST(Caches, OfCrossAttentionHoldNoText)
{
    const ModelPointer model = imported({{"model_type", "mllama"}, {"text_config", json::object()}});
    EXPECT_EQ(run_named(*model, "cross")->layers, 8);
    EXPECT_EQ(run_named(*model, "full")->layers, 32);
}

TEST(SharedBlocks, AreCountedOnce)
{
    json config = {{"model_type", "zamba2"},
                   {"num_hidden_layers", 4},
                   {"layers_block_type", {"mamba", "hybrid", "mamba", "mamba"}}};
    const std::int64_t once = imported(config)->parameters.total;
    config["layers_block_type"] = {"mamba", "hybrid", "hybrid", "mamba"};
    // A second call costs its adapter (rank 128, h 2560, both halves of 10,240) and one matrix.
    EXPECT_EQ(imported(config)->parameters.total - once, 2560 * 128 + 128 * 2 * 10'240 + 2560 * 2560);
    EXPECT_EQ(run_named(*imported(config), "full")->layers, 2);
}

struct Hostile
{
    const char* name;
    json config;
    const char* field;
};

class HostileLists : public testing::TestWithParam<Hostile>
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
    testing::Values(
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
