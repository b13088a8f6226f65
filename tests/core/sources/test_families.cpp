#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace weighbridge {

namespace {

using nlohmann::json;

/// Imports or fails the test.
ModelPointer imported(const json& config, const ImportOptions& options = {})
{
    auto model = import_config(config, "tested", options);
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return model ? *model : make_model("none", {});
}

json preset_json(const char* name)
{
    auto config = preset_config(name);
    EXPECT_TRUE(config) << name;
    return config ? *config : json::object();
}

/// One letter per layer: F full, S sliding, C chunked, M latent.
std::string spans(const Architecture& network)
{
    std::string letters;
    for (const LayerRun& run : network.runs) {
        const auto* attention = first_of<Attention>(network.kinds[run.kind].mixers);
        const char letter = attention == nullptr                        ? 'M'
                            : attention->span == AttentionSpan::full    ? 'F'
                            : attention->span == AttentionSpan::sliding ? 'S'
                                                                        : 'C';
        letters.append(static_cast<std::size_t>(run.count), letter);
    }
    return letters;
}

/// One letter per layer: D dense, E experts.
std::string feed_forwards(const Architecture& network)
{
    std::string letters;
    for (const LayerRun& run : network.runs)
        letters.append(static_cast<std::size_t>(run.count),
                       first_of<DenseFeedForward>(network.kinds[run.kind].feed_forwards) != nullptr ? 'D' : 'E');
    return letters;
}

bool has_warning(const Model& model, std::string_view field)
{
    return std::any_of(model.issues.begin(), model.issues.end(),
                       [&](const Issue& issue) { return issue.field == field && issue.severity == Severity::warning; });
}

struct LayerPattern
{
    const char* name;
    json config;
    const char* spans;
    const char* feed_forwards;
};

class LayerPatterns : public ::testing::TestWithParam<LayerPattern>
{
};

TEST_P(LayerPatterns, FollowTheConfigurationClass)
{
    const ModelPointer model = imported(GetParam().config);
    EXPECT_EQ(spans(model->architecture), GetParam().spans);
    EXPECT_EQ(feed_forwards(model->architecture), GetParam().feed_forwards);
}

// The rules are the __post_init__ of each configuration_*.py and the layer classes of modeling_*.py in transformers.
INSTANTIATE_TEST_SUITE_P(
    Rules, LayerPatterns,
    ::testing::Values(
        LayerPattern{"llama_full", {{"model_type", "llama"}, {"num_hidden_layers", 3}}, "FFF", "DDD"},
        LayerPattern{"mistral_default_window", {{"model_type", "mistral"}, {"num_hidden_layers", 2}}, "SS", "DD"},
        LayerPattern{"mistral_null_window",
                     {{"model_type", "mistral"}, {"num_hidden_layers", 2}, {"sliding_window", nullptr}},
                     "FF",
                     "DD"},
        LayerPattern{"mixtral_default_full", {{"model_type", "mixtral"}, {"num_hidden_layers", 2}}, "FF", "EE"},
        LayerPattern{"phi3_default_full", {{"model_type", "phi3"}, {"num_hidden_layers", 2}}, "FF", "DD"},
        LayerPattern{
            "phi3_window", {{"model_type", "phi3"}, {"num_hidden_layers", 2}, {"sliding_window", 2047}}, "SS", "DD"},
        LayerPattern{"qwen2_window_switched_off",
                     {{"model_type", "qwen2"}, {"num_hidden_layers", 30}, {"sliding_window", 4096}},
                     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                     "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"},
        LayerPattern{
            "qwen2_slides_from_max_window_layers",
            {{"model_type", "qwen2"}, {"num_hidden_layers", 4}, {"use_sliding_window", true}, {"max_window_layers", 3}},
            "FFFS",
            "DDDD"},
        LayerPattern{"qwen3_layer_types_win",
                     {{"model_type", "qwen3"},
                      {"num_hidden_layers", 2},
                      {"use_sliding_window", true},
                      {"max_window_layers", 0},
                      {"layer_types", {"full_attention", "sliding_attention"}}},
                     "FS",
                     "DD"},
        LayerPattern{"qwen2_moe_slides_on_even_layers_below",
                     {{"model_type", "qwen2_moe"},
                      {"num_hidden_layers", 6},
                      {"use_sliding_window", true},
                      {"max_window_layers", 3}},
                     "SFSFFF",
                     "EEEEEE"},
        LayerPattern{"qwen3_moe_slides_everywhere",
                     {{"model_type", "qwen3_moe"}, {"num_hidden_layers", 2}, {"use_sliding_window", true}},
                     "SS",
                     "EE"},
        LayerPattern{"qwen3_moe_sparse_step",
                     {{"model_type", "qwen3_moe"},
                      {"num_hidden_layers", 6},
                      {"decoder_sparse_step", 2},
                      {"mlp_only_layers", {3}}},
                     "FFFFFF",
                     "DEDDDE"},
        LayerPattern{"qwen3_moe_without_experts",
                     {{"model_type", "qwen3_moe"}, {"num_hidden_layers", 2}, {"num_experts", 0}},
                     "FF",
                     "DD"},
        LayerPattern{
            "deepseek_v3_dense_first", {{"model_type", "deepseek_v3"}, {"num_hidden_layers", 5}}, "MMMMM", "DDDEE"},
        LayerPattern{"deepseek_v2_default",
                     {{"model_type", "deepseek_v2"}, {"num_hidden_layers", 2}, {"num_experts_per_tok", 6}},
                     "MM",
                     "EE"},
        LayerPattern{"deepseek_frequency",
                     {{"model_type", "deepseek_v3"},
                      {"num_hidden_layers", 6},
                      {"first_k_dense_replace", 1},
                      {"moe_layer_freq", 2}},
                     "MMMMMM",
                     "DDEDED"},
        LayerPattern{"deepseek_without_experts",
                     {{"model_type", "deepseek_v3"}, {"num_hidden_layers", 4}, {"n_routed_experts", nullptr}},
                     "MMMM",
                     "DDDD"},
        LayerPattern{"gemma2_alternates", {{"model_type", "gemma2"}, {"num_hidden_layers", 5}}, "SFSFS", "DDDDD"},
        LayerPattern{
            "gemma3_five_to_one", {{"model_type", "gemma3_text"}, {"num_hidden_layers", 8}}, "SSSSSFSS", "DDDDDDDD"},
        LayerPattern{"gemma3_pattern_key",
                     {{"model_type", "gemma3_text"}, {"num_hidden_layers", 4}, {"sliding_window_pattern", 2}},
                     "SFSF",
                     "DDDD"},
        LayerPattern{"gpt_oss_alternates", {{"model_type", "gpt_oss"}, {"num_hidden_layers", 3}}, "SFS", "EEE"},
        LayerPattern{
            "llama4_three_to_one", {{"model_type", "llama4_text"}, {"num_hidden_layers", 5}}, "CCCFC", "EEEEE"},
        LayerPattern{"llama4_interleaved",
                     {{"model_type", "llama4_text"}, {"num_hidden_layers", 4}, {"interleave_moe_layer_step", 2}},
                     "CCCF",
                     "DEDE"},
        LayerPattern{"llama4_lists",
                     {{"model_type", "llama4_text"},
                      {"num_hidden_layers", 3},
                      {"no_rope_layers", {0, 1, 1}},
                      {"moe_layers", {0}}},
                     "FCC",
                     "EDD"},
        LayerPattern{"llama4_without_chunks",
                     {{"model_type", "llama4_text"}, {"num_hidden_layers", 2}, {"attention_chunk_size", nullptr}},
                     "FF",
                     "EE"},
        LayerPattern{
            "llama4_nested", {{"model_type", "llama4"}, {"text_config", {{"num_hidden_layers", 4}}}}, "CCCF", "EEEE"}),
    [](const auto& tested) { return std::string(tested.param.name); });

struct Difference
{
    const char* name;
    json config; ///< of a tiny model
    const char* key;
    json value;
    std::int64_t parameters; ///< how many more there are with that value
};

class WeightKeys : public ::testing::TestWithParam<Difference>
{
};

TEST_P(WeightKeys, AddWhatTheModelingFileAdds)
{
    json changed = GetParam().config;
    changed[GetParam().key] = GetParam().value;
    EXPECT_EQ(imported(changed)->parameters.total - imported(GetParam().config)->parameters.total,
              GetParam().parameters);
}

/// hidden 64, 4 heads of 16, 2 KV heads, inner 128, 2 layers, 1,000 tokens.
json tiny(const char* model_type)
{
    return {{"model_type", model_type}, {"hidden_size", 64},  {"num_attention_heads", 4},
            {"num_key_value_heads", 2}, {"head_dim", 16},     {"intermediate_size", 128},
            {"num_hidden_layers", 2},   {"vocab_size", 1000}, {"tie_word_embeddings", false}};
}

INSTANTIATE_TEST_SUITE_P(
    Keys, WeightKeys,
    ::testing::Values(
        // two layers x (q 64, k 32, v 32, o 64)
        Difference{"llama_attention_bias", tiny("llama"), "attention_bias", true, 2L * 192},
        Difference{"qwen3_attention_bias", tiny("qwen3"), "attention_bias", true, 2L * 192},
        Difference{"qwen3_moe_attention_bias", tiny("qwen3_moe"), "attention_bias", true, 2L * 192},
        Difference{"gemma2_attention_bias", tiny("gemma2"), "attention_bias", true, 2L * 192},
        Difference{"llama4_attention_bias", tiny("llama4_text"), "attention_bias", true, 2L * 192},
        Difference{"gpt_oss_without_attention_bias", tiny("gpt_oss"), "attention_bias", false, -2L * 192},
        // o_proj never has one
        Difference{"qwen2_moe_without_qkv_bias", tiny("qwen2_moe"), "qkv_bias", false, -2L * 128},
        // gate 128, up 128, down 64
        Difference{"llama_mlp_bias", tiny("llama"), "mlp_bias", true, 2L * 320},
        Difference{"tied", tiny("llama"), "tie_word_embeddings", true, -64'000},
        Difference{"mistral_has_no_bias", tiny("mistral"), "attention_bias", true, 0},
        Difference{"phi3_has_no_bias", tiny("phi3"), "attention_bias", true, 0},
        Difference{"qwen2_bias_is_no_key", tiny("qwen2"), "attention_bias", false, 0},
        Difference{"llama4_norm_has_no_weights", tiny("llama4_text"), "use_qk_norm", false, 0},
        Difference{"deepseek_method_without_correction",
                   {{"model_type", "deepseek_v3"}, {"num_hidden_layers", 5}},
                   "topk_method",
                   "greedy",
                   -2L * 256},
        Difference{"deepseek_v2_has_no_correction",
                   {{"model_type", "deepseek_v2"}, {"num_hidden_layers", 5}, {"num_experts_per_tok", 6}},
                   "topk_method",
                   "noaux_tc",
                   0},
        // q_a 1536, kv_a 512 + 64, o 7168
        Difference{"deepseek_attention_bias",
                   {{"model_type", "deepseek_v3"}, {"num_hidden_layers", 1}},
                   "attention_bias",
                   true,
                   1536 + 576 + 7168},
        // 7168 x 1536 + 1536 + 1536 x 128 x 192 become 7168 x 128 x 192
        Difference{"deepseek_without_query_rank",
                   {{"model_type", "deepseek_v3"}, {"num_hidden_layers", 1}},
                   "q_lora_rank",
                   nullptr,
                   7168L * 24'576 - (7168L * 1536 + 1536 + 1536L * 24'576)},
        // one shared expert of 3 x 7168 x 2048 in each of two sparse layers
        Difference{"deepseek_two_shared_experts",
                   {{"model_type", "deepseek_v3"}, {"num_hidden_layers", 5}},
                   "n_shared_experts",
                   2,
                   2L * 3 * 7168 * 2048}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(MultiTokenPrediction, CountsOnlyWhenTheFileNamesIt)
{
    json config = preset_json("DeepSeek-V3");
    EXPECT_EQ(imported(config)->parameters.multi_token_prediction, 682'636'487'424 - 671'026'419'200);
    config.erase("num_nextn_predict_layers");
    EXPECT_EQ(imported(config)->parameters.multi_token_prediction, 0);
    config["num_mtp_layers"] = 1; // the same key's second name
    EXPECT_EQ(imported(config)->parameters.multi_token_prediction, 682'636'487'424 - 671'026'419'200);
}

TEST(Tying, TakesTheOuterFlagOfNestedConfigs)
{
    json config = preset_json("gemma-3-4b-it");
    EXPECT_TRUE(imported(config)->architecture.tie_word_embeddings); // class default of Gemma 3
    config["text_config"]["tie_word_embeddings"] = false;
    EXPECT_FALSE(imported(config)->architecture.tie_word_embeddings);
    config["tie_word_embeddings"] = true;
    EXPECT_TRUE(imported(config)->architecture.tie_word_embeddings);
}

TEST(Aliases, AreReadLikeTheirKeys)
{
    json config = preset_json("gpt-oss-120b");
    config.erase("num_experts_per_tok"); // experts_per_token stays
    config["num_experts"] = config["num_local_experts"];
    config.erase("num_local_experts");
    EXPECT_EQ(imported(config)->parameters.active, 5'711'982'912);
}

TEST(Defaults, AreTheClassDefaultsAndAreSaid)
{
    // Their code is in their own repositories, so a file must hold every size.
    const std::set<std::string_view> without_class = {
        "arctic",         "baichuan",     "bailing_hybrid", "bailing_moe", "bailing_moe_linear",
        "bailing_moe_v2", "chatglm",      "codeshell",      "deepseek",    "deepseek_ocr_text",
        "derived",        "exaone",       "exaone_text",    "llada",       "llada_moe",
        "grove_moe",      "smallthinker", "nomic_bert",     "refact",      "grok1",
        "internlm",       "internlm2",    "internlm3",      "kimi_k3",     "kimi_linear",
        "minicpm",        "nemotron-nas", "phi3small",      "qwen"};
    for (const std::string_view family : known_families()) {
        if (family == generic_family)
            continue;
        json config = {{"model_type", family}};
        if (family == "esm")
            config["vocab_size"] = 33; // null in the class
        if (family == "deepseek_v2")
            config["num_experts_per_tok"] = 6; // null in the class
        if (family == "glm4_moe" || family == "glm4v_moe_text" || family == "qwen3_omni_moe_text")
            config["head_dim"] = 128; // the heads of the class do not divide its width (96 and 4,096; 28 and 2,048)
        if (without_class.contains(family)) {
            const auto refused = import_config(config, "tested");
            ASSERT_FALSE(refused) << family;
            EXPECT_TRUE(refused.error().field.ends_with("hidden_size")) << family << ": " << refused.error().field;
            continue;
        }
        const ModelPointer model = imported(config);
        EXPECT_TRUE(std::any_of(model->issues.begin(), model->issues.end(), [](const Issue& issue) {
            return issue.severity == Severity::note && issue.message.find("hidden_size = ") != std::string::npos;
        })) << family;
    }
    // The class defaults of llama are Llama-2-7B.
    EXPECT_EQ(imported({{"model_type", "llama"}})->parameters.total, 6'738'415'616);
}

TEST(Defaults, OfAWindowThatAFileDoesNotMentionAreAWarning)
{
    json config = preset_json("Mistral-Nemo-Instruct-2407");
    EXPECT_FALSE(has_warning(*imported(config), "sliding_window"));
    config.erase("sliding_window");
    const ModelPointer model = imported(config);
    EXPECT_TRUE(has_warning(*model, "sliding_window"));
    EXPECT_EQ(spans(model->architecture), std::string(40, 'S'));
}

TEST(Unknown, FamiliesAreReadAsLlamaOnRequestAndSaySo)
{
    json config = preset_json("Llama-3.1-8B");
    config["model_type"] = "brand_new";
    EXPECT_TRUE(has_warning(*imported(config), "model_type"));
    const ModelPointer model = imported(config, {.read_as = std::string(llama_like)});
    EXPECT_EQ(model->parameters.total, 8'030'261'248);
    EXPECT_EQ(model->architecture.family, "brand_new");
    EXPECT_TRUE(has_warning(*model, "model_type"));
    config.erase("model_type");
    EXPECT_TRUE(has_warning(*imported(config, {.read_as = std::string(llama_like)}), "model_type"));
}

TEST(Unknown, FamiliesGetNoDefaults)
{
    json config = preset_json("Llama-3.1-8B");
    config["model_type"] = "brand_new";
    config.erase("intermediate_size");
    const auto model = import_config(config, "new", {.read_as = std::string(llama_like)});
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().field, "intermediate_size");
    EXPECT_NE(model.error().message.find("intermediate_size is missing"), std::string::npos) << model.error().message;
}

TEST(Unknown, FamiliesMayBeNested)
{
    json text = preset_json("Llama-3.1-8B");
    text.erase("model_type");
    const ModelPointer model =
        imported({{"model_type", "brand_new_vl"}, {"text_config", text}, {"vision_config", {{"depth", 3}}}},
                 {.read_as = std::string(llama_like)});
    EXPECT_EQ(model->parameters.total, 8'030'261'248);
    EXPECT_TRUE(has_warning(*model, "vision_config"));
}

TEST(Unread, KeysThatMatterAreNamed)
{
    json config = preset_json("Llama-3.1-8B");
    config["num_experts"] = 8;
    config["kv_lora_rank"] = 512;
    config["num_experts_per_tok"] = nullptr;
    config["qkv_bias"] = false;
    config["favourite_colour"] = "green";
    const ModelPointer model = imported(config);
    EXPECT_TRUE(has_warning(*model, "num_experts"));
    EXPECT_TRUE(has_warning(*model, "kv_lora_rank"));
    EXPECT_EQ(model->issues.size(), 2U);
}

TEST(Notes, SayThatACheckpointIsQuantized)
{
    const ModelPointer model = imported(preset_json("gpt-oss-120b"));
    ASSERT_EQ(model->issues.size(), 1U);
    EXPECT_EQ(model->issues[0].severity, Severity::note);
    EXPECT_EQ(model->issues[0].message,
              "This checkpoint is stored as MXFP4 in the experts; weights are computed so unless another precision is "
              "chosen.");
}

TEST(Form, ReadsItsOwnFields)
{
    // Case w000 of the published web estimator: 12 layers of 128 heads of 96, 8 KV heads.
    const ModelPointer model = imported({{"model_type", "generic"},
                                         {"hidden_size", 16384},
                                         {"intermediate_size", 2816},
                                         {"num_layers", 12},
                                         {"num_attention_heads", 128},
                                         {"num_kv_heads", 8},
                                         {"head_dim", 96},
                                         {"vocab_size", 151936}});
    EXPECT_EQ(model->parameters.total, 11'773'820'928);
    EXPECT_TRUE(model->issues.empty());
}

TEST(Form, CountsExperts)
{
    // By hand: embedding and head 2 x 1000 x 64; per layer attention 2 x 64 x 64 + 2 x 64 x 32, norms 128, router 64 x
    // 8, 8 + 2 experts of 3 x 64 x 48; final norm 64.
    const ModelPointer model = imported({{"model_type", "generic"},
                                         {"hidden_size", 64},
                                         {"intermediate_size", 256},
                                         {"num_layers", 3},
                                         {"num_attention_heads", 4},
                                         {"num_kv_heads", 2},
                                         {"vocab_size", 1000},
                                         {"num_routed_experts", 8},
                                         {"num_shared_experts", 2},
                                         {"expert_ffn_size", 48},
                                         {"experts_per_token", 2}});
    const std::int64_t attention = 2L * 64 * 64 + 2L * 64 * 32 + 128;
    EXPECT_EQ(model->parameters.total, 128'000 + 3 * (attention + 512 + 10L * 3 * 64 * 48) + 64);
    EXPECT_EQ(model->parameters.active, 128'000 + 3 * (attention + 512 + 4L * 3 * 64 * 48) + 64);
}

TEST(Form, NeedsItsSizesAndKnowsItsKeys)
{
    const json complete = {{"model_type", "generic"}, {"hidden_size", 64},        {"intermediate_size", 256},
                           {"num_layers", 3},         {"num_attention_heads", 4}, {"vocab_size", 1000}};
    EXPECT_TRUE(import_config(complete, "form"));
    for (const char* key : {"hidden_size", "intermediate_size", "num_layers", "num_attention_heads", "vocab_size"}) {
        json config = complete;
        config.erase(key);
        const auto model = import_config(config, "form");
        ASSERT_FALSE(model) << key;
        EXPECT_EQ(model.error().field, key);
    }
    json misspelt = complete;
    misspelt["num_kv_head"] = 2;
    const auto model = import_config(misspelt, "form");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().message, "\"num_kv_head\" is no field of the architecture; did you mean num_kv_heads?");
}

TEST(Families, AreInAlphabeticalOrder)
{
    const auto names = known_families();
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

} // namespace

} // namespace weighbridge
