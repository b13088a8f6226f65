#include "core/engines/support.h"

#include "core/engines/engine.h"
#include "core/hardware/accelerator.h"
#include "core/precision/format.h"
#include "core/scenario/scenario.h"
#include "core/sources/presets.h"
#include "core/training/framework.h"
#include "resources/resources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace weighbridge {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string name_of(Runs runs)
{
    return runs == Runs::yes ? "yes" : runs == Runs::no ? "no" : "unknown";
}

struct AskedOf
{
    const char* engine;
    const char* version;
    const char* accelerator;
    const char* weights;
    const char* kv_cache;
};

Support asked(const AskedOf& of, const Model* model = nullptr)
{
    const auto accelerator = Catalogue().find(of.accelerator);
    const auto weights = find_format(of.weights, FormatUse::weights);
    const auto cache = find_format(of.kv_cache, FormatUse::kv_cache);
    EXPECT_TRUE(accelerator && weights && cache) << of.accelerator << ' ' << of.weights << ' ' << of.kv_cache;
    if (!accelerator || !weights || !cache)
        return {};
    const Engine* engine = find_engine(of.engine);
    return support_of({.engine = of.engine,
                       .name = engine != nullptr ? engine->name : of.engine,
                       .version = of.version,
                       .accelerator = &*accelerator,
                       .model = model,
                       .weights = &*weights,
                       .kv_k = &*cache,
                       .kv_v = &*cache});
}

// Each row says where the answer is from, so none of them is this program's own.
TEST(Support, SaysWhichEngineRunsWhere)
{
    struct Case
    {
        AskedOf of;
        const char* runs;
        const char* text;
    };
    const Case cases[] = {
        // docs.vllm.ai: on macOS its build is for the CPU
        {{"vllm", "", "m4_max", "bf16", "bf16"}, "no", "vLLM doesn't run on M4 Max 128 GB"},
        {{"vllm", "", "m3_ultra", "bf16", "bf16"}, "no", "vLLM doesn't run on M3 Ultra"},
        {{"llama.cpp", "", "m4_max", "gguf:Q4_K_M", "fp16"}, "yes", ""},
        {{"generic", "", "m4_max", "awq_4bit_g128", "fp8"}, "yes", ""},
        {{"vllm", "", "h100_sxm_80", "fp8", "fp8"}, "yes", ""},
        // FP8 on Ampere by Marlin, on Turing since 0.16, below never (docs.vllm.ai: FP8 W8A8)
        {{"vllm", "", "rtx_3090", "fp8_block128", "fp8"}, "yes", ""},
        {{"vllm", "0.14", "t4", "fp8", "fp16"}, "no", "can't load FP8"},
        {{"vllm", "0.26", "t4", "fp8", "fp16"}, "yes", ""},
        {{"vllm", "0.26", "v100_sxm2_32", "fp8", "fp16"}, "no", "7.5"},
        {{"vllm", "", "p40", "fp16", "fp16"}, "no", "7.0"},
        {{"vllm", "0.9", "v100_sxm2_32", "fp16", "fp16"}, "yes", ""},
        {{"vllm", "0.31", "v100_sxm2_32", "fp16", "fp16"}, "no", "7.5"},
        {{"vllm", "0.9", "v100_sxm2_32", "awq_4bit_g128", "fp16"}, "no", "AWQ"},
        // NVFP4 is emulated below Blackwell, by Marlin
        {{"vllm", "", "rtx_3090", "nvfp4", "fp8"}, "yes", ""},
        {{"vllm", "", "dgx_spark", "nvfp4", "fp8"}, "yes", ""},
        {{"vllm", "", "rtx_3090", "w4a16_g128", "bf16"}, "yes", ""},
        // no INT8 kernels on Blackwell (docs.vllm.ai: INT8 W8A8)
        {{"vllm", "", "b200_sxm", "int8", "bf16"}, "no", "Blackwell"},
        {{"vllm", "", "a100_sxm_80", "int8", "bf16"}, "yes", ""},
        // GGUF: built in until 0.23, a plugin since; not on Intel's GPUs
        {{"vllm", "0.11", "h100_sxm_80", "gguf:Q4_K_M", "bf16"}, "yes", ""},
        {{"vllm", "", "h100_sxm_80", "gguf:Q4_K_M", "bf16"}, "yes", ""},
        {{"vllm", "", "arc_pro_b70", "gguf:Q4_K_M", "bf16"}, "no", "GGUF"},
        {{"vllm", "", "arc_pro_b70", "fp8_per_channel", "bf16"}, "yes", ""},
        {{"vllm", "", "h100_sxm_80", "bf16", "q8_0"}, "no", "KV cache"},
        // plugins that keep memory in their own way
        {{"vllm", "", "trainium2", "bf16", "bf16"}, "unknown", "vllm-neuron"},
        {{"vllm", "", "tpu_v6e", "bf16", "bf16"}, "unknown", "tpu-inference"},
        {{"sglang", "", "h100_sxm_80", "fp8", "bf16"}, "yes", ""},
        {{"sglang", "", "v100_sxm2_32", "fp16", "fp16"}, "no", "7.5"},
        {{"sglang", "", "h100_sxm_80", "gguf:Q4_K_M", "bf16"}, "yes", ""},
        {{"sglang", "", "mi300x", "gguf:Q4_K_M", "bf16"}, "no", "CUDA"},
        {{"sglang", "", "h100_sxm_80", "nvfp4", "bf16"}, "yes", ""},
        {{"sglang", "", "m4_max", "bf16", "bf16"}, "unknown", "MLX"},
        {{"sglang", "", "trainium2", "bf16", "bf16"}, "unknown", "is not known"}, // no row
        // llama.cpp loads GGUF files
        {{"llama.cpp", "", "rtx_4090", "awq_4bit_g128", "fp16"}, "no", "llama.cpp can't load AWQ"},
        {{"llama.cpp", "", "rtx_4090", "fp8", "fp16"}, "no", "can't load FP8"},
        {{"llama.cpp", "", "rtx_4090", "gptq_4bit_g128", "fp16"}, "no", "can't load GPTQ"},
        {{"llama.cpp", "", "rtx_4090", "bf16", "fp8"}, "no", "no KV cache"},
        {{"llama.cpp", "", "rtx_4090", "bf16", "q8_0"}, "yes", ""},
        {{"llama.cpp", "", "trainium2", "gguf:Q4_K_M", "fp16"}, "no", "no backend"},
        {{"transformers", "", "rtx_3090", "fp8", "bf16"}, "unknown", "widens"},
        {{"transformers", "", "h100_sxm_80", "fp8", "bf16"}, "yes", ""},
        {{"transformers", "", "t4", "bnb_nf4", "bf16"}, "yes", ""},
        // trainers widen GGUF before they train
        {{"hf_trainer", "", "rtx_4090", "gguf:IQ4_XS", "bf16"}, "no", "16 bits"},
        {{"unsloth", "", "t4", "bnb_nf4_double_quant", "bf16"}, "yes", ""},
        {{"megatron", "", "m4_max", "bf16", "bf16"}, "unknown", "is not known"},
        // round widths are no formats
        {{"llama.cpp", "", "rtx_4090", "nominal:0.5", "fp16"}, "yes", ""},
        {{"vllm", "", "p40", "bits:3", "bf16"}, "no", "7.0"},
    };
    for (const Case& c : cases) {
        const Support found = asked(c.of);
        const std::string where =
            std::string(c.of.engine) + " " + c.of.version + " " + c.of.accelerator + " " + c.of.weights;
        EXPECT_EQ(name_of(found.runs), c.runs) << where << ": " << found.refusal.text;
        EXPECT_THAT(found.refusal.text, HasSubstr(c.text)) << where;
        EXPECT_EQ(found.refusal.text.empty(), found.runs == Runs::yes) << where;
        if (found.runs == Runs::no) {
            EXPECT_FALSE(found.refusal.source.empty()) << where;
            EXPECT_FALSE(found.refusal.keys.empty()) << where;
        }
    }
}

TEST(Support, ACheckpointIsWhatItsConfigSays)
{
    const struct
    {
        const char* preset;
        const char* engine;
        const char* accelerator;
        const char* runs;
    } cases[] = {
        {"DeepSeek-V3", "vllm", "h200_sxm_141", "yes"},   {"DeepSeek-V3", "llama.cpp", "h200_sxm_141", "no"},
        {"Kimi-K2.5", "vllm", "h200_sxm_141", "yes"},     {"Kimi-K2.5", "llama.cpp", "h200_sxm_141", "no"},
        {"gpt-oss-120b", "llama.cpp", "rtx_4090", "yes"}, {"Llama-3.1-8B", "llama.cpp", "rtx_4090", "yes"},
    };
    for (const auto& c : cases) {
        const auto model = preset_model(c.preset);
        ASSERT_TRUE(model) << c.preset;
        const Support found = asked({c.engine, "", c.accelerator, "checkpoint", "bf16"}, (*model).get());
        EXPECT_EQ(name_of(found.runs), c.runs) << c.preset << ' ' << c.engine << ": " << found.refusal.text;
    }
}

TEST(Support, NothingIsSaidOfADeviceTypedIn)
{
    Accelerator custom;
    custom.id = "custom";
    custom.name = "12 GB card";
    for (const Engine* engine : engines()) {
        const Support found =
            support_of({.engine = engine->id, .name = engine->name, .version = {}, .accelerator = &custom});
        EXPECT_EQ(name_of(found.runs), "yes") << engine->id;
    }
}

TEST(Support, EveryAcceleratorHasAPlatform)
{
    const std::set<std::string> known = {"cuda", "rocm", "xpu", "gaudi", "metal", "tpu", "neuron", "ascend"};
    for (const Accelerator& accelerator : Catalogue().all())
        EXPECT_TRUE(known.contains(accelerator.platform)) << accelerator.id << ' ' << accelerator.platform;
}

// A misspelt row would never be found.
TEST(Support, EveryRowIsOfSomethingKnownAndHasASource)
{
    const resources::Entry* file = resources::find(resources::engines(), "support.json");
    ASSERT_NE(file, nullptr);
    const std::set<std::string> keys = {"what", "engine", "platform", "target", "compute_from", "compute_below",
                                        "from", "below",  "formats",  "runs",   "why",          "source"};
    for (const json& row : json::parse(file->json)) {
        for (const auto& [key, value] : row.items())
            EXPECT_TRUE(keys.contains(key)) << row;
        for (const std::string engine : row.value("engine", json::array()))
            EXPECT_TRUE(find_engine(engine) != nullptr || find_framework(engine) != nullptr) << row;
        EXPECT_EQ(row.at("what") == "accelerator", !row.contains("formats")) << row;
        EXPECT_TRUE(row.at("runs") == "yes" || row.contains("why")) << row;
        EXPECT_FALSE(row.at("source").get<std::string>().empty()) << row;
        const FormatUse use = row.at("what") == "weights" ? FormatUse::weights : FormatUse::kv_cache;
        for (const std::string format : row.value("formats", json::array())) {
            const bool one = !format.starts_with("method:") && format.find('*') == std::string::npos;
            EXPECT_TRUE(!one || find_format(format, use)) << row;
        }
    }
}

} // namespace
} // namespace weighbridge
