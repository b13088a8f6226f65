#include "core/precision/model_format.h"
#include "core/quantity/bytes.h"
#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace weighbridge {
namespace {

using nlohmann::json;

/// Llama-like with two layers whose matrices are easy to count: 256 x 256 (q, o), 128 x 256 (k, v), 512 x 256 (gate,
/// up), 256 x 512 (down); embedding and head 1,000 x 256.
json small_llama()
{
    return {{"model_type", "llama"},  {"hidden_size", 256},       {"intermediate_size", 512},
            {"num_hidden_layers", 2}, {"num_attention_heads", 4}, {"num_key_value_heads", 2},
            {"vocab_size", 1000},     {"torch_dtype", "bfloat16"}};
}

constexpr double matrices = 2 * (2 * 256 * 256 + 2 * 128 * 256 + 3 * 512 * 256);

ModelPointer quantized(json config, const json& quantization)
{
    config["quantization_config"] = quantization;
    const auto model = import_config(config, "test");
    EXPECT_TRUE(model) << (model ? "" : model.error().message);
    return model ? *model : nullptr;
}

/// Bits of each row by name, as the checkpoint holds them.
std::map<std::string, double> bits(const ModelPointer& model)
{
    std::map<std::string, double> by_name;
    const NumberFormat format = for_model(*find_format(checkpoint_format, FormatUse::weights), *model);
    for (const Tensor& tensor : model->tensors)
        by_name[tensor.name] = bytes_per_element(format, tensor) * 8;
    return by_name;
}

double bytes(const ModelPointer& model)
{
    const NumberFormat format = for_model(*find_format(checkpoint_format, FormatUse::weights), *model);
    double sum = 0;
    for (const Tensor& tensor : model->tensors)
        sum += static_cast<double>(tensor.elements()) * bytes_per_element(format, tensor);
    return sum;
}

TEST(QuantizationConfig, BitsOfEachMethod)
{
    struct Case
    {
        const char* config;
        const char* label;
        double q_bits; ///< of q_proj: 256 x 256
    };
    const Case cases[] = {
        {R"({"quant_method":"fp8","weight_block_size":[128,128],"fmt":"e4m3"})", "FP8, blocks of 128 × 128",
         8 + 32.0 / 16384},
        {R"({"quant_method":"fp8","activation_scheme":"static"})", "FP8, per tensor", 8},
        {R"({"quant_method":"fbgemm_fp8","activation_scale_ub":1200.0})", "FP8, per channel", 8 + 32.0 / 256},
        {R"({"quant_method":"gptq","bits":4,"group_size":128,"desc_act":true})", "GPTQ 4-bit, group 128",
         4 + 20.0 / 128 + 32.0 / 256},
        {R"({"quant_method":"gptq","bits":8,"group_size":-1})", "GPTQ 8-bit, per channel", 8 + 24.0 / 256 + 32.0 / 256},
        {R"({"quant_method":"awq","bits":4,"group_size":128,"zero_point":true})", "AWQ 4-bit, group 128", 4.15625},
        {R"({"quant_method":"awq","w_bit":4,"q_group_size":64,"zero_point":false})", "AWQ 4-bit, group 64", 4.25},
        {R"({"quant_method":"bitsandbytes","load_in_4bit":true,"bnb_4bit_quant_type":"nf4"})", "bitsandbytes NF4", 4.5},
        {R"({"load_in_4bit":true,"bnb_4bit_quant_type":"nf4","bnb_4bit_use_double_quant":true})",
         "bitsandbytes NF4, double quantization", 4 + 8.0 / 64 + 32.0 / 16384},
        {R"({"quant_method":"bitsandbytes","load_in_8bit":true})", "bitsandbytes LLM.int8()", 8 + 32.0 / 256},
        {R"({"quant_method":"modelopt","quant_algo":"NVFP4","group_size":16})", "ModelOpt NVFP4", 4.5},
        {R"({"producer":{"name":"modelopt"},"quantization":{"quant_algo":"FP8","exclude_modules":["lm_head"]}})",
         "ModelOpt FP8, per tensor", 8},
        {R"({"quant_method":"hqq","quant_config":{"weight_quant_params":{"nbits":4,"group_size":64}}})",
         "HQQ 4-bit, group 64", 4.5},
        {R"({"quant_method":"exl2","bits":4.25,"head_bits":6})", "EXL2 4.25 bits", 4.25},
        {R"({"quant_method":"exl3","bits":3,"head_bits":6})", "EXL3 3.0 bits", 3 + 16.0 * 512 / 65536},
        {R"({"quant_method":"torchao","quant_type":{"default":{"_type":"Int4WeightOnlyConfig","_data":{"group_size":128}}}})",
         "torchao INT4, group 128", 4.25},
        {R"({"quant_method":"torchao","quant_type":"int8_weight_only"})", "torchao INT8, per channel", 8.125},
        {R"({"quant_method":"quark","global_quant_config":{"weight":{"dtype":"fp8_e4m3","qscheme":"per_tensor"}}})",
         "Quark FP8, per tensor", 8},
        {R"({"quant_method":"quark","global_quant_config":{"weight":{"dtype":"fp4","qscheme":"per_group","group_size":32}},"exclude":["lm_head"]})",
         "Quark MXFP4", 4.25},
        {R"({"quant_method":"auto-round","bits":4,"group_size":128,"sym":true})", "AutoRound 4-bit, group 128",
         4.15625},
        {R"({"quant_method":"compressed-tensors","format":"pack-quantized","ignore":["lm_head"],"config_groups":{"group_0":
             {"targets":["Linear"],"weights":{"num_bits":4,"type":"int","strategy":"group","group_size":128,"symmetric":true}}}})",
         "compressed-tensors INT4, group 128", 4.125},
        {R"({"quant_method":"compressed-tensors","format":"int-quantized","config_groups":{"group_0":{"targets":["Linear"],
             "input_activations":{"num_bits":8},"weights":{"num_bits":8,"type":"int","strategy":"channel"}}}})",
         "compressed-tensors INT8, per channel", 8.125},
        {R"({"quant_method":"compressed-tensors","format":"nvfp4-pack-quantized","config_groups":{"group_0":{"targets":["Linear"],
             "input_activations":{},"weights":{"num_bits":4,"type":"float","strategy":"tensor_group","group_size":16}}}})",
         "compressed-tensors NVFP4", 4.5},
    };
    for (const Case& c : cases) {
        const ModelPointer model = quantized(small_llama(), json::parse(c.config));
        ASSERT_TRUE(model && model->published) << c.config;
        EXPECT_EQ(model->published->label, c.label);
        EXPECT_DOUBLE_EQ(bits(model).at("self_attn.q_proj.weight"), c.q_bits) << c.config;
        EXPECT_EQ(bits(model).at("model.embed_tokens.weight"), 16) << c.config;
        EXPECT_EQ(bits(model).at("input_layernorm.weight"), 16) << c.config;
    }
}

TEST(QuantizationConfig, TheHeadIsTakenWhereTheMethodTakesIt)
{
    const auto head = [](const char* config) {
        return bits(quantized(small_llama(), json::parse(config))).at("lm_head.weight");
    };
    EXPECT_EQ(head(R"({"quant_method":"gptq","bits":4,"group_size":128})"), 16);
    EXPECT_LT(head(R"({"quant_method":"gptq","bits":4,"group_size":128,"lm_head":true})"), 5);
    EXPECT_DOUBLE_EQ(head(R"({"quant_method":"exl2","bits":4.0,"head_bits":6})"), 6);
    EXPECT_EQ(head(R"({"quant_method":"fp8"})"), 16);
    constexpr const char* groups = R"({"quant_method":"compressed-tensors","ignore":[%],"config_groups":{"group_0":
        {"targets":["Linear"],"weights":{"num_bits":8,"type":"float","strategy":"tensor"}}}})";
    std::string with = groups, without = groups;
    with.replace(with.find('%'), 1, "\"lm_head\"");
    without.replace(without.find('%'), 1, "");
    EXPECT_EQ(head(with.c_str()), 16);
    EXPECT_EQ(head(without.c_str()), 8);
}

TEST(QuantizationConfig, ModulesThatAreLeftOut)
{
    struct Case
    {
        const char* list;
        double q, down; ///< bits on average over the two layers
    };
    const Case cases[] = {
        {R"(["lm_head"])", 8, 8},
        {R"(["model.layers.0"])", 12, 12},
        {R"(["model.layers.1.self_attn.q_proj"])", 12, 8},
        {R"(["model.language_model.layers.1.mlp"])", 8, 12},
        {R"(["self_attn"])", 16, 8},
        {R"(["q_proj","mlp.down_proj"])", 16, 16},
        {R"(["down"])", 8, 8}, // a part of a name is none
        {R"(["model.layers.0.self_attn.qkv_proj"])", 12, 8},
        {R"(["model.layers.*.self_attn"])", 16, 8},
        {R"(["*self_attn*"])", 16, 8},
        {R"(["re:.*layers\\.0\\..*"])", 12, 12},
        {R"(["re:.*self_attn\\.(q|k)_proj$","model.layers.1.mlp.down_proj"])", 16, 12},
        {R"(["re:(((", 5, null, "model.layers.7"])", 8, 8},
        {R"(["visual","mtp.layers.0"])", 8, 8},
    };
    for (const Case& c : cases) {
        const auto by_name =
            bits(quantized(small_llama(), {{"quant_method", "fp8"}, {"modules_to_not_convert", json::parse(c.list)}}));
        EXPECT_DOUBLE_EQ(by_name.at("self_attn.q_proj.weight"), c.q) << c.list;
        EXPECT_DOUBLE_EQ(by_name.at("mlp.down_proj.weight"), c.down) << c.list;
    }
}

TEST(QuantizationConfig, MixedPrecisionByModule)
{
    const auto modelopt =
        bits(quantized(small_llama(), json::parse(R"({"quant_method":"modelopt","quant_algo":"MIXED_PRECISION",
        "quantized_layers":{"model.layers.0.self_attn.q_proj":{"quant_algo":"FP8"},
                            "model.layers.1.self_attn.q_proj":{"quant_algo":"NVFP4","group_size":16}}})")));
    EXPECT_DOUBLE_EQ(modelopt.at("self_attn.q_proj.weight"), (8 + 4.5) / 2);
    EXPECT_EQ(modelopt.at("mlp.up_proj.weight"), 16);
    const auto groups =
        bits(quantized(small_llama(), json::parse(R"({"quant_method":"compressed-tensors","config_groups":{
        "group_0":{"targets":["re:.*self_attn.*"],"weights":{"num_bits":8,"type":"float","strategy":"tensor"}},
        "group_1":{"targets":["re:.*mlp.*"],"weights":{"num_bits":4,"type":"int","strategy":"group","group_size":32,"symmetric":false}}}})")));
    EXPECT_DOUBLE_EQ(groups.at("self_attn.o_proj.weight"), 8);
    EXPECT_DOUBLE_EQ(groups.at("mlp.up_proj.weight"), 4 + 20.0 / 32);
    EXPECT_EQ(groups.at("lm_head.weight"), 16);
}

TEST(QuantizationConfig, WholeBytes)
{
    // Worked by hand: matrices in FP8, everything else in 16 bits.
    const ModelPointer model = quantized(small_llama(), {{"quant_method", "fp8"}});
    EXPECT_EQ(bytes(model), matrices + 2 * (static_cast<double>(model->parameters.total) - matrices));
}

// Weights as vLLM logs them, less its RoPE table (see tests/core/precision/format_test.cpp): Llama-3.1-70B in
// W8A8 67.7229 GiB (vllm#12569), Qwen3-8B-FP8 8.8011 GiB (gpustack#4660); gpt-oss-20b's 12.88 GiB was logged to that
// digit.
TEST(QuantizationConfig, ReproducesMeasuredRuns)
{
    json llama_70b = *preset_config("Llama-3.1-70B");
    const json w8a8 = json::parse(R"({"quant_method":"compressed-tensors","format":"int-quantized","ignore":["lm_head"],
        "config_groups":{"group_0":{"targets":["Linear"],"input_activations":{"num_bits":8},
        "weights":{"num_bits":8,"type":"int","strategy":"channel","symmetric":true}}}})");
    EXPECT_NEAR(bytes(quantized(llama_70b, w8a8)) / bytes_per_gib + 0.03125, 67.7229, 0.0002);
    json qwen3_8b = *preset_config("Qwen3-8B");
    EXPECT_NEAR(bytes(quantized(qwen3_8b, json::parse(R"({"quant_method":"fp8","weight_block_size":[128,128]})"))) /
                    bytes_per_gib,
                8.8011, 0.012);
    json gpt_oss_20b = *preset_config("gpt-oss-120b");
    gpt_oss_20b["num_hidden_layers"] = 24;
    gpt_oss_20b["num_local_experts"] = 32;
    gpt_oss_20b.erase("layer_types");
    const json mxfp4 = json::parse(R"({"quant_method":"mxfp4","modules_to_not_convert":["model.layers.*.self_attn",
        "model.layers.*.mlp.router","model.embed_tokens","lm_head"]})");
    EXPECT_NEAR(bytes(quantized(gpt_oss_20b, mxfp4)) / bytes_per_gib, 12.8848, 0.07);
}

// Sum over the headers of MiniMaxAI/MiniMax-M2's safetensors files (alvarobartt/hf-mem, README): 62 routers of
// 3,072 x 256 and their correction biases are in fp32.
TEST(QuantizationConfig, MiniMaxRoutersAreWide)
{
    const auto model = preset_model("MiniMax-M2.5");
    ASSERT_TRUE(model);
    EXPECT_EQ(bytes(*model), 230'121'630'720.0);
}

TEST(QuantizationConfig, UnknownOnesAreSaidAndNotGuessed)
{
    for (const char* config :
         {R"({"quant_method":"vptq"})", R"({"quant_method":"gptq"})", R"({"quant_method":"gptq","bits":1e9})",
          R"({"quant_method":7})", R"({"bits":4})", R"({"quant_method":"fp8","weight_block_size":[0,0]})",
          R"({"quant_method":"fp8","weight_block_size":"128"})", R"({"quant_method":"compressed-tensors"})",
          R"({"quant_method":"hqq","quant_config":[]})", R"({"quant_method":"torchao","quant_type":{}})",
          R"({"quant_method":"quark","global_quant_config":{"weight":[]}})"}) {
        const ModelPointer model = quantized(small_llama(), json::parse(config));
        ASSERT_TRUE(model) << config;
        EXPECT_FALSE(model->published) << config;
        const bool said = std::any_of(model->issues.begin(), model->issues.end(), [](const Issue& issue) {
            return issue.field == "quantization_config" && issue.severity == Severity::warning;
        });
        EXPECT_TRUE(said) << config;
    }
}

TEST(QuantizationConfig, ModelsThatSayNothingHaveNoPublishedWeights)
{
    EXPECT_FALSE((*preset_model("Llama-3.1-8B"))->published);
    EXPECT_EQ(for_model(*find_format("checkpoint", FormatUse::weights), **preset_model("Llama-3.1-8B")).id, "bf16");
    EXPECT_TRUE((*preset_model("DeepSeek-V3"))->published);
}

} // namespace
} // namespace weighbridge
