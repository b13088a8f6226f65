#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <set>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

/// A config that imports, with one key replaced (or, with a discarded value, removed).
struct BadKey
{
    const char* name;
    const char* preset;
    const char* pointer; ///< JSON pointer of the key
    json value;
    const char* field;
    std::vector<std::string> message; ///< parts of it

    friend std::ostream& operator<<(std::ostream& out, const BadKey& bad) { return out << bad.name; }
};

class BadKeys : public ::testing::TestWithParam<BadKey>
{
};

TEST_P(BadKeys, AreRefusedNamingKeyAndValue)
{
    auto config = preset_config(GetParam().preset);
    ASSERT_TRUE(config) << config.error().message;
    (*config)[json::json_pointer(GetParam().pointer)] = GetParam().value;
    const auto model = import_config(*config, "bad");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().field, GetParam().field);
    for (const std::string& part : GetParam().message)
        EXPECT_NE(model.error().message.find(part), std::string::npos) << model.error().message;
    EXPECT_LT(model.error().message.size(), 1000U) << "a page, not a sentence";
}

constexpr const char* llama = "Llama-3.1-8B";
constexpr const char* deepseek = "DeepSeek-V3";
constexpr const char* gemma3 = "gemma-3-4b-it";
constexpr const char* llama4 = "Llama-4-Scout-17B-16E-Instruct";
constexpr const char* mixtral = "Mixtral-8x22B-v0.1";
constexpr const char* qwen3_moe = "Qwen3-235B-A22B";

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadKeys,
    ::testing::Values(
        BadKey{
            "fractional", llama, "/hidden_size", 4096.5, "hidden_size", {"hidden_size is 4096.5", "1 to 16,777,216"}},
        BadKey{"text", llama, "/hidden_size", "4096", "hidden_size", {"hidden_size is \"4096\"", "without quotes"}},
        BadKey{"nan", llama, "/hidden_size", "NaN", "hidden_size", {"hidden_size is \"NaN\""}},
        BadKey{"negative", llama, "/hidden_size", -1, "hidden_size", {"hidden_size is -1"}},
        BadKey{"zero", llama, "/hidden_size", 0, "hidden_size", {"hidden_size is 0"}},
        BadKey{"minus_zero", llama, "/hidden_size", -0.0, "hidden_size", {"hidden_size is -0.0"}},
        BadKey{"enormous", llama, "/hidden_size", 1e30, "hidden_size", {"hidden_size is 1e+30"}},
        BadKey{"beyond_int64",
               llama,
               "/hidden_size",
               std::numeric_limits<std::uint64_t>::max(),
               "hidden_size",
               {"18446744073709551615"}},
        BadKey{"least_int64",
               llama,
               "/hidden_size",
               std::numeric_limits<std::int64_t>::min(),
               "hidden_size",
               {"-9223372036854775808"}},
        BadKey{"too_large", llama, "/vocab_size", 1'000'000'000, "vocab_size", {"1000000000", "268,435,456"}},
        BadKey{"null_size", llama, "/hidden_size", nullptr, "hidden_size", {"hidden_size is null"}},
        BadKey{"list", llama, "/hidden_size", json::array({4096}), "hidden_size", {"a list of 1 entry"}},
        BadKey{"object", llama, "/hidden_size", json::object(), "hidden_size", {"an object of 0 keys"}},
        BadKey{"boolean", llama, "/hidden_size", true, "hidden_size", {"hidden_size is true"}},
        BadKey{"no_layers", llama, "/num_hidden_layers", 0, "num_hidden_layers", {"is 0", "1 to 10,000"}},
        BadKey{"a_billion_layers", llama, "/num_hidden_layers", 1'000'000'000, "num_hidden_layers", {"1000000000"}},
        BadKey{"no_heads", llama, "/num_attention_heads", 0, "num_attention_heads", {"is 0"}},
        BadKey{"no_kv_heads", llama, "/num_key_value_heads", 0, "num_key_value_heads", {"is 0"}},
        BadKey{"kv_heads_do_not_divide",
               llama,
               "/num_key_value_heads",
               5,
               "num_key_value_heads",
               {"is 5", "divide num_attention_heads (32)"}},
        BadKey{"heads_do_not_divide",
               llama,
               "/num_attention_heads",
               24,
               "num_attention_heads",
               {"is 24", "without head_dim", "hidden_size (4,096)"}},
        BadKey{"head_dim_zero", "Qwen3-8B", "/head_dim", 0, "head_dim", {"is 0"}},
        BadKey{"flag_is_text",
               llama,
               "/tie_word_embeddings",
               "false",
               "tie_word_embeddings",
               {"\"false\"", "true or false"}},
        BadKey{"flag_is_two", llama, "/attention_bias", 2, "attention_bias", {"is 2", "true or false"}},
        BadKey{"context_negative", llama, "/max_position_embeddings", -1, "max_position_embeddings", {"is -1"}},
        BadKey{"dtype_is_number", llama, "/torch_dtype", 16, "torch_dtype", {"is 16", "a text"}},
        BadKey{"window_negative", "Mistral-7B-v0.1", "/sliding_window", -1, "sliding_window", {"is -1"}},
        BadKey{
            "too_many_parameters", deepseek, "/moe_intermediate_size", 16'000'000, "hidden_size", {"7,168", "10^15"}}),
    [](const auto& tested) { return std::string(tested.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Structures, BadKeys,
    ::testing::Values(
        BadKey{"more_experts_per_token_than_experts",
               mixtral,
               "/num_experts_per_tok",
               9,
               "num_experts_per_tok",
               {"is 9", "at most 8", "num_local_experts"}},
        BadKey{"no_experts", mixtral, "/num_local_experts", 0, "num_local_experts", {"is 0", "at least one expert"}},
        BadKey{"no_experts_per_token", qwen3_moe, "/num_experts_per_tok", 0, "num_experts_per_tok", {"is 0"}},
        BadKey{"sparse_step_zero", qwen3_moe, "/decoder_sparse_step", 0, "decoder_sparse_step", {"is 0"}},
        BadKey{"dense_list_is_number",
               qwen3_moe,
               "/mlp_only_layers",
               3,
               "mlp_only_layers",
               {"is 3", "a list of whole numbers"}},
        BadKey{"dense_list_has_text", qwen3_moe, "/mlp_only_layers", json{1, "x"}, "mlp_only_layers[1]", {"\"x\""}},
        BadKey{"two_names_two_values",
               qwen3_moe,
               "/num_local_experts",
               64,
               "num_local_experts",
               {"is 64", "num_experts is 128", "one setting"}},
        BadKey{"no_kv_rank", deepseek, "/kv_lora_rank", nullptr, "kv_lora_rank", {"is null"}},
        BadKey{"rope_dim_text", deepseek, "/qk_rope_head_dim", "64", "qk_rope_head_dim", {"\"64\""}},
        BadKey{"moe_frequency_zero", deepseek, "/moe_layer_freq", 0, "moe_layer_freq", {"is 0"}},
        BadKey{"layer_types_short",
               "gpt-oss-120b",
               "/layer_types",
               json{"full_attention"},
               "layer_types",
               {"1 entries", "36 layers"}},
        BadKey{"layer_types_unknown",
               "gpt-oss-120b",
               "/layer_types/3",
               "linear_attention",
               "layer_types[3]",
               {"\"linear_attention\"", "full_attention or sliding_attention"}},
        BadKey{"layer_types_is_text",
               "gpt-oss-120b",
               "/layer_types",
               "full_attention",
               "layer_types",
               {"a list of texts"}},
        BadKey{"layer_types_has_number", "gpt-oss-120b", "/layer_types/0", 7, "layer_types[0]", {"is 7"}},
        BadKey{"no_window",
               "gpt-oss-120b",
               "/sliding_window",
               nullptr,
               "sliding_window",
               {"is null", "a number of tokens"}},
        BadKey{"nested_key_is_dotted",
               gemma3,
               "/text_config/hidden_size",
               "2560",
               "text_config.hidden_size",
               {"text_config.hidden_size is \"2560\""}},
        BadKey{"text_config_is_list",
               gemma3,
               "/text_config",
               json::array(),
               "text_config",
               {"a list of 0 entries", "an object"}},
        BadKey{"vision_config_is_number", gemma3, "/vision_config", 3, "vision_config", {"is 3", "an object"}},
        BadKey{"patch_larger_than_image",
               gemma3,
               "/vision_config/patch_size",
               1000,
               "vision_config.patch_size",
               {"is 1,000", "image_size (896)"}},
        BadKey{"rope_list_short",
               llama4,
               "/text_config/no_rope_layers",
               json{1, 0},
               "text_config.no_rope_layers",
               {"2 entries", "48 layers"}},
        BadKey{"rope_list_not_binary",
               llama4,
               "/text_config/no_rope_layers",
               json{2},
               "text_config.no_rope_layers[0]",
               {"is 2"}},
        BadKey{"interleave_zero",
               llama4,
               "/text_config/interleave_moe_layer_step",
               0,
               "text_config.interleave_moe_layer_step",
               {"is 0"}},
        BadKey{"model_type_number", llama, "/model_type", 3, "model_type", {"is 3", "list families", "llama-like"}}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(BadConfigs, WrongShapesAtTheTopAreNamed)
{
    for (const json& value : {json(nullptr), json(3), json("llama"), json::array(), json(true)}) {
        const auto model = import_config(value, "bad");
        ASSERT_FALSE(model);
        EXPECT_NE(model.error().message.find("must be an object"), std::string::npos) << model.error().message;
    }
}

TEST(BadConfigs, TextsFailAsTextsDo)
{
    EXPECT_FALSE(import_config_text("", "bad"));
    EXPECT_FALSE(import_config_text("{", "bad"));
    EXPECT_FALSE(import_config_text(std::string(100'000, '['), "bad"));
    const auto model = import_config_text(R"({"model_type": "llama", "hidden_size": NaN})", "bad");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().message,
              "hidden_size is \"NaN\"; it must be a whole number from 1 to 16,777,216, without quotes");
    const auto twice = import_config_text(R"({"model_type": "llama", "hidden_size": 64, "hidden_size": 128})", "bad");
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().field, "hidden_size");
}

TEST(BadConfigs, SizesAllowedOneByOneAreRefusedTogether)
{
    const json config = {{"model_type", "qwen3_moe"},
                         {"hidden_size", 1 << 24},
                         {"moe_intermediate_size", 1 << 24},
                         {"num_experts", 65'536},
                         {"num_hidden_layers", 10'000},
                         {"num_attention_heads", 65'536},
                         {"num_key_value_heads", 65'536},
                         {"head_dim", 65'536},
                         {"vocab_size", 1 << 28},
                         {"use_sliding_window", true},
                         {"sliding_window", std::int64_t{1} << 40}};
    const auto model = import_config(config, "bad");
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message.find("10^15"), std::string::npos) << model.error().message;

    const json window = {{"model_type", "gemma2"}, {"sliding_window", std::int64_t{1} << 40}};
    const auto windowed = import_config(window, "bad");
    ASSERT_FALSE(windowed);
    EXPECT_EQ(windowed.error().field, "sliding_window");
    EXPECT_NE(windowed.error().message.find("1,099,511,627,776"), std::string::npos) << windowed.error().message;
}

TEST(BadConfigs, WholeNumbersWrittenAsRealsAreTaken)
{
    auto config = preset_config(llama);
    ASSERT_TRUE(config);
    (*config)["hidden_size"] = 4096.0;
    const auto model = import_config(*config, "reals");
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_EQ((*model)->parameters.total, 8'030'261'248);
}

TEST(BadConfigs, KeysThatHoldNoShapeMayHoldAnything)
{
    auto config = preset_config(llama);
    ASSERT_TRUE(config);
    (*config)["rope_scaling"] = "NaN";
    (*config)["initializer_range"] = json::array();
    (*config)["_name_or_path"] = 3;
    EXPECT_TRUE(import_config(*config, "odd"));
}

TEST(BadConfigs, EveryKeyOfEveryPresetSurvivesEveryWrongValue)
{
    const std::vector<json> values = {
        nullptr, true, -1, 0, 1, 3, 1e30, 0.5, "x", json::array(), json::array({1, "y"}), json::object()};
    std::set<std::pair<std::string, std::string>> tried;
    for (const std::string_view name : preset_names()) {
        const auto config = preset_config(name);
        ASSERT_TRUE(config);
        const std::string family = config->value("model_type", "");
        for (const auto& [key, original] : config->items()) {
            // Each key once per family; a wrong model_type, which every family is tried for, with a few of them.
            if ((key == "model_type" && tried.size() > 200) || !tried.emplace(family, key).second)
                continue;
            for (const json& value : values) {
                json changed = *config;
                changed[key] = value;
                const auto model = import_config(changed, "wrong");
                EXPECT_TRUE(model || !model.error().message.empty()) << key;
            }
        }
    }
}

TEST(BadConfigs, EveryKeyButTheModelTypeHasADefault)
{
    for (const std::string_view name : preset_names()) {
        const auto config = preset_config(name);
        ASSERT_TRUE(config);
        for (const auto& [key, original] : config->items()) {
            const bool null_in_class = key == "num_experts_per_tok" && config->at("model_type") == "deepseek_v2";
            json shorter = *config;
            shorter.erase(key);
            const auto model = import_config(shorter, "shorter");
            if (null_in_class) {
                ASSERT_FALSE(model) << name << ' ' << key;
                EXPECT_EQ(model.error().field, key);
            } else if (!model) {
                // A default may not go with what is left: heads that no longer divide, a list of another length.
                EXPECT_NE(model.error().message.find("must"), std::string::npos)
                    << name << ' ' << key << ' ' << model.error().message;
            }
        }
    }
}

} // namespace

} // namespace weighbridge
