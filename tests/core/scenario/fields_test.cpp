#include "core/fields/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include <set>
#include <string>
#include <vector>

namespace weighbridge {
namespace {

using ::testing::HasSubstr;

std::string set_message(Scenario& scenario, const std::string& key, const std::string& text)
{
    const Outcome problem = set_field(scenario, key, text);
    return problem ? problem->message : std::string();
}

TEST(Fields, EachKeyIsThereOnce)
{
    std::set<std::string_view> keys;
    for (const ScenarioField& field : scenario_fields())
        EXPECT_TRUE(keys.insert(field.key).second) << field.key;
}

TEST(Fields, TextOfEveryFieldReadsBackAsTheSameScenario)
{
    Scenario scenario;
    scenario.precision.kv_cache_k = "q8_0";
    scenario.precision.kv_cache_v = "q4_0";
    scenario.inference.overhead_fraction = 0.1;
    scenario.inference.parameters = 70'553'706'496;
    scenario.inference.use_kv_cache = false;
    scenario.hardware.count = 8;
    scenario.hardware.usable_fraction = 0.9;
    scenario.hardware.tensor_parallel = 4;
    scenario.hardware.pinned = {"t4", "l4"};
    scenario.hardware.data_parallel = 2;
    scenario.inference.total_memory_bytes = 85'030'000'000;
    scenario.inference.vllm.max_num_seqs = 256;
    scenario.inference.vllm.gpu_memory_utilization = 0.95;
    scenario.inference.vllm.enable_prefix_caching = false;
    scenario.inference.llama_cpp.flash_attn = true;
    scenario.inference.transformers.attn_implementation = "eager";
    scenario.fine_tune.lora_target_modules = {"q_proj", "mlp"};
    scenario.fine_tune.compile = true;
    scenario.train.optimizer = "muon";
    scenario.train.recompute = "every:3";
    Scenario copy;
    for (const ScenarioField& field : scenario_fields()) {
        const Outcome problem = set_field(copy, field.key, field_text(scenario, field));
        EXPECT_FALSE(problem) << field.key << ": " << problem->message;
    }
    EXPECT_EQ(copy, scenario);
}

TEST(Fields, SetsEachKindOfValue)
{
    Scenario scenario;
    EXPECT_EQ(set_message(scenario, "inference.sequence_length", "128k"), "");
    EXPECT_EQ(scenario.inference.sequence_length, 131072);
    EXPECT_EQ(set_message(scenario, "inference.parameters", "70.6B"), "");
    EXPECT_EQ(scenario.inference.parameters, 70'600'000'000);
    EXPECT_EQ(set_message(scenario, "inference.parameters", ""), "");
    EXPECT_EQ(scenario.inference.parameters, std::nullopt);
    EXPECT_EQ(set_message(scenario, "inference.overhead_bytes", "1 GiB"), "");
    EXPECT_EQ(scenario.inference.overhead_bytes, 1073741824);
    EXPECT_EQ(set_message(scenario, "inference.use_kv_cache", "off"), "");
    EXPECT_FALSE(scenario.inference.use_kv_cache);
    EXPECT_EQ(set_message(scenario, "hardware.usable_fraction", "92 %"), "");
    EXPECT_EQ(scenario.hardware.usable_fraction, 0.92);
    EXPECT_EQ(set_message(scenario, "precision.weights", "BF16"), "");
    EXPECT_EQ(scenario.precision.weights, "bf16");
    EXPECT_EQ(set_message(scenario, "precision.weights", "nominal:0.5"), "");
    EXPECT_EQ(scenario.precision.weights, "nominal:0.5");
    EXPECT_EQ(set_message(scenario, "precision.kv_cache", "fp8"), "");
    EXPECT_EQ(scenario.precision.kv_cache_k, "fp8");
    EXPECT_EQ(scenario.precision.kv_cache_v, "fp8");
    EXPECT_EQ(set_message(scenario, "precision.kv_cache", "q8_0,q4_0"), "");
    EXPECT_EQ(scenario.precision.kv_cache_k, "q8_0");
    EXPECT_EQ(scenario.precision.kv_cache_v, "q4_0");
    EXPECT_EQ(set_message(scenario, "hardware.accelerator", "H100_SXM_80"), "");
    EXPECT_EQ(scenario.hardware.accelerator, "h100_sxm_80");
    EXPECT_EQ(set_message(scenario, "hardware.pinned", "t4, l4"), "");
    EXPECT_EQ(scenario.hardware.pinned, (std::vector<std::string>{"t4", "l4"}));
    EXPECT_EQ(set_message(scenario, "hardware.pinned", ""), "");
    EXPECT_TRUE(scenario.hardware.pinned.empty());
}

struct RefusedField
{
    std::string key;
    std::string text;
    std::string names; ///< what the message must hold beside key and text
};

TEST(Fields, RefusalsNameKeyValueAndWhatIsAllowedAndChangeNothing)
{
    const std::vector<RefusedField> cases = {
        {"inference.sequence_length", "0", "from 1 to 1,073,741,824"},
        {"inference.sequence_length", "-5", "from 1 to 1,073,741,824"},
        {"inference.sequence_length", "abc", "whole number"},
        {"inference.concurrent_sequences", "", "whole number"},
        {"inference.concurrent_sequences", "2000000", "1,048,576"},
        {"inference.overhead_bytes", "-1", "17,592,186,044,416"},
        {"inference.overhead_fraction", "11", "from 0 to 10"},
        {"inference.activation_fraction", "1.5", "from 0 to 1"},
        {"inference.activation_method", "magic", "peak_layer, vanilla, gqa, flash, fraction"},
        {"inference.use_kv_cache", "maybe", "true or false"},
        {"inference.parameters", "0", "from 1 to"},
        {"inference.engine", "llama",
         "generic, vllm, sglang, llama.cpp, ik_llama.cpp, ollama, lmstudio, mlx, exllamav3, "
         "tensorrt-llm, lmdeploy, transformers"},
        {"inference.max_num_seqs", "0", "from 1 to 1,048,576"},
        {"inference.gpu_memory_utilization", "0", "above 0, at most 1"},
        {"inference.enforce_eager", "2", "true or false"},
        {"inference.kv_unified", "perhaps", "true or false"},
        {"inference.attn_implementation", "magic", "eager, sdpa, flash_attention_2"},
        {"inference.engine", "magic", "generic"},
        {"task", "trian", "inference, fine_tune, train"},
        {"train.framework", "jax", "megatron"},
        {"fine_tune.optimizer", "adamx", "adamw"},
        {"precision.weights", "fp9", "\"fp8\""},
        {"precision.weights", "q9_0", "weights"},
        {"precision.kv_cache", "q8_0,q4_0,q4_0", "q8_0"},
        {"hardware.accelerator", "h100_sxm_88", "h100_sxm_80"},
        {"hardware.accelerator", "custom", "catalogue"},
        {"hardware.pinned", "t4,nothing_like_it", "nothing_like_it"},
        {"hardware.tensor_parallel", "4097", "from 1 to 4,096"},
        {"hardware.pipeline_parallel", "0", "from 1 to 4,096"},
        {"hardware.context_parallel", "0", "from 1 to 4,096"},
        {"hardware.num_microbatches", "0", "from 1 to 1,048,576"},
        {"hardware.usable_fraction", "0", "above 0, at most 1"},
        {"hardware.usable_fraction", "1.01", "above 0, at most 1"},
    };
    for (const RefusedField& row : cases) {
        Scenario scenario;
        const Outcome problem = set_field(scenario, row.key, row.text);
        ASSERT_TRUE(problem) << row.key << "=" << row.text;
        EXPECT_EQ(problem->field, row.key);
        EXPECT_THAT(problem->message, HasSubstr(row.key));
        EXPECT_THAT(problem->message, HasSubstr(row.names));
        EXPECT_EQ(scenario, Scenario{}) << row.key << "=" << row.text;
    }
}

TEST(Fields, OptionsOfEnginesAreReadByTheirOwnersOnly)
{
    Scenario scenario;
    const ScenarioField& option = **find_field("inference.max_num_seqs");
    EXPECT_FALSE(is_read(scenario, option));
    EXPECT_TRUE(is_default(scenario, option));
    EXPECT_EQ(set_message(scenario, "inference.max_num_seqs", "64"), "");
    EXPECT_FALSE(is_default(scenario, option));
    EXPECT_EQ(owners_text(option), "engine vllm");
    EXPECT_EQ(owners_text(**find_field("inference.total_memory_bytes")),
              "engines vllm, sglang, tensorrt-llm, lmdeploy");
    EXPECT_TRUE(is_read(scenario, **find_field("inference.overhead_bytes")));
    EXPECT_TRUE(is_read(scenario, **find_field("inference.sequence_length")));
    scenario.inference.engine = "vllm";
    EXPECT_TRUE(is_read(scenario, option));
    EXPECT_FALSE(is_read(scenario, **find_field("inference.overhead_bytes")));
}

TEST(Fields, OtherSpellingsAreTheSameField)
{
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"inference.max_batched_tokens", "inference.max_num_batched_tokens"},
        {"inference.tensor_parallel_size", "hardware.tensor_parallel"},
        {"train.tp_size", "hardware.tensor_parallel"},
        {"tp", "hardware.tensor_parallel"},
        {"inference.kv_cache_dtype", "precision.kv_cache"},
        {"inference.cache_type_k", "precision.kv_cache.k"},
        {"inference.ctx_size", "inference.n_ctx"},
        {"fine_tune.max_length", "fine_tune.sequence_length"},
        {"train.cutoff_len", "train.sequence_length"},
        {"fine_tune.r", "fine_tune.lora_rank"},
        {"train.attn_implementation", "train.attention"},
        {"inference.attn_implementation", "inference.attn_implementation"}, // transformers' own
    };
    for (const auto& [written, key] : cases) {
        const ScenarioField* field = field_named(written);
        ASSERT_NE(field, nullptr) << written;
        EXPECT_EQ(field->key, key) << written;
    }
    EXPECT_EQ(field_named("inference.max_length"), nullptr) << "training's own";
    EXPECT_EQ(field_named("max_length"), nullptr) << "of which task?";
    Scenario scenario;
    EXPECT_EQ(set_message(scenario, "inference.max_batched_tokens", "8192"), "");
    EXPECT_EQ(scenario.inference.vllm.max_num_batched_tokens, 8192);
    EXPECT_EQ(set_message(scenario, "train.attention", "flash_attention_2"), "");
    EXPECT_EQ(scenario.train.attention, "flash");
}

TEST(Fields, ListsMayBeJson)
{
    Scenario scenario;
    EXPECT_EQ(set_message(scenario, "fine_tune.offload", R"(["optimizer", "activations"])"), "");
    EXPECT_EQ(scenario.fine_tune.offload, (std::vector<std::string>{"optimizer", "activations"}));
    EXPECT_EQ(set_message(scenario, "fine_tune.offload", "[]"), "");
    EXPECT_TRUE(scenario.fine_tune.offload.empty());
    EXPECT_THAT(set_message(scenario, "fine_tune.offload", "[1]"), HasSubstr("optimizer, parameters, activations"));
    EXPECT_THAT(set_message(scenario, "fine_tune.offload", "[\"optimizer\""), HasSubstr("fine_tune.offload"));
}

TEST(Fields, UnknownKeysNameTheNearest)
{
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"inference.sequence_lenght", "inference.sequence_length"},
        {"concurrent_sequences", "inference.concurrent_sequences"},
        {"hardware.tensor_paralel", "hardware.tensor_parallel"},
        {"precison.weights", "precision.weights"},
        {"modell", "model"},
    };
    for (const auto& [key, nearest] : cases) {
        const auto field = find_field(key);
        ASSERT_FALSE(field) << key;
        EXPECT_THAT(field.error().message, HasSubstr('"' + key + '"'));
        EXPECT_THAT(field.error().message, HasSubstr('"' + nearest + '"'));
    }
}

TEST(Fields, OptionsOfATaskAreReadByThatTaskOnly)
{
    Scenario scenario;
    const ScenarioField& rank = **find_field("fine_tune.lora_rank");
    EXPECT_FALSE(is_read(scenario, rank));
    EXPECT_EQ(owners_text(rank), "task fine_tune");
    scenario.task = "fine_tune";
    EXPECT_TRUE(is_read(scenario, rank));
    EXPECT_FALSE(is_read(scenario, **find_field("train.lora_rank")));
    EXPECT_FALSE(is_read(scenario, **find_field("inference.sequence_length")));
    EXPECT_TRUE(is_read(scenario, **find_field("hardware.tensor_parallel")));
}

TEST(Fields, NamesOfFrameworksAreAcceptedAsTheySpellThem)
{
    const std::vector<std::array<std::string, 3>> cases = {
        {"train.optimizer", "adamw_hf", "adamw"},
        {"train.optimizer", "adamw-torch-fused", "adamw_torch_fused"},
        {"train.framework", "nemo", "megatron"},
        {"fine_tune.trainer", "DPOTrainer", "dpo"},
        {"fine_tune.gradient_checkpointing", "false", "none"},
        {"train.optimizer", "PagedAdamW8bit", "paged_adamw_8bit"},
        {"train.optimizer", "galore_adamw", "galore"},
        {"train.optimizer_state_dtype", "bfloat16", "bf16"},
        {"fine_tune.lora_target_modules", "all-linear,wte", "all_linear,embeddings"},
        {"fine_tune.recompute", "every:2", "every:2"},
    };
    for (const auto& [key, typed, kept] : cases) {
        Scenario scenario;
        EXPECT_EQ(set_message(scenario, key, typed), "");
        EXPECT_EQ(field_text(scenario, **find_field(key)), kept) << key;
    }
}

} // namespace
} // namespace weighbridge
