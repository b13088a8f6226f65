#include "tests/properties/scenarios.h"

#include "core/sources/presets.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weighbridge::testing {

namespace {

/// An option of an engine or of training, and what may be typed for it.
struct Option
{
    std::string key;
    std::vector<json> values;
};

const std::vector<json> weight_formats = {"bf16",    "fp16",   "fp32",        "fp8",         "int8",
                                          "nvfp4",   "mxfp4",  "gguf:Q4_K_M", "gguf:Q8_0",   "awq_4bit_g128",
                                          "bnb_nf4", "bits:6", "nominal:0.5", "gguf:IQ4_XS", "checkpoint"};
const std::vector<json> cache_formats = {"bf16", "fp16", "fp32", "fp8", "q8_0", "q4_0", "int8"};
const std::vector<json> cards = {"h100_sxm_80", "h200_sxm_141", "b200_sxm", "rtx_4090",
                                 "a100_sxm_80", "l40s",         "mi300x",   "m3_ultra"};

std::vector<Option> options_of(const Owner& owner)
{
    if (owner.name == "generic")
        return {{"activation_method", {"peak_layer", "vanilla", "gqa", "flash", "fraction"}},
                {"overhead_fraction", {0, 0.1}},
                {"overhead_bytes", {0, 1'000'000'000}},
                {"use_kv_cache", {false}}};
    if (owner.name == "vllm")
        return {{"max_num_seqs", {1, 64, 1024}},
                {"max_num_batched_tokens", {2048, 16384}},
                {"gpu_memory_utilization", {0.5, 0.92, 0.98}},
                {"enforce_eager", {true}},
                {"max_model_len", {4096, 40960}},
                {"block_size", {16, 32}},
                {"num_speculative_tokens", {2}},
                {"enable_expert_parallel", {true}},
                {"kv_cache_memory_bytes", {10'000'000'000}},
                {"engine_version", {"0.11", "0.18", "0.22"}}};
    if (owner.name == "sglang")
        return {{"mem_fraction_static", {0.5, 0.8, 0.95}},
                {"chunked_prefill_size", {-1, 2048, 16384}},
                {"cuda_graph_max_bs", {0, 64, 512}},
                {"context_length", {4096, 40960}},
                {"enable_dp_attention", {true}}};
    if (owner.name == "llama.cpp")
        return {{"n_batch", {512, 4096}},      {"n_ubatch", {64, 512, 2048}},
                {"kv_unified", {true, false}}, {"flash_attn", {true, false}},
                {"swa_full", {true, false}},   {"n_gpu_layers", {0, 5, 99}},
                {"n_cpu_moe", {3, 99}},        {"mla", {0, 1, 3}}};
    if (owner.name == "ik_llama.cpp")
        return {{"n_ubatch", {64, 512}}, {"flash_attn", {true, false}}, {"n_gpu_layers", {0, 5}}, {"mla", {0, 1, 3}}};
    if (owner.name == "lmstudio")
        return {{"n_batch", {512, 4096}},
                {"kv_unified", {true, false}},
                {"swa_full", {true, false}},
                {"n_gpu_layers", {0, 5}}};
    if (owner.name == "transformers")
        return {{"attn_implementation", {"eager", "sdpa", "flash_attention_2"}},
                {"output_tokens", {1, 500}},
                {"logits_to_keep", {0, 1}}};
    if (owner.name == "mlx")
        return {{"prefill_step_size", {256, 512, 4096}}, {"output_tokens", {1, 500}}, {"vision", {true}}};
    if (owner.name == "exllamav3")
        return {{"cache_size", {4096, 65536}},
                {"max_batch_size", {1, 8}},
                {"chunk_size", {512, 4096}},
                {"cpu_moe_offload_layers", {3, 999}},
                {"vision", {true}},
                {"engine_version", {"0.0.3", "1.2", "2026-05"}}};
    if (owner.name == "tensorrt-llm")
        return {{"free_gpu_memory_fraction", {0.5, 0.95}},
                {"max_num_tokens", {2048, 16384}},
                {"max_batch_size", {8, 64}},
                {"max_seq_len", {4096, 40960}},
                {"max_attention_window", {json::array({128, 32768})}},
                {"enable_attention_dp", {true}},
                {"engine_backend", {"tensorrt", "pytorch"}},
                {"host_cache_size", {1'000'000'000}}};
    if (owner.name == "lmdeploy")
        return {{"cache_max_entry_count", {0.3, 0.9}},
                {"session_len", {4096, 40960}},
                {"max_batch_size", {8, 64}},
                {"max_prefill_token_num", {2048}},
                {"cache_block_seq_len", {32, 128}},
                {"engine_backend", {"pytorch"}},
                {"engine_version", {"0.2.0", "0.6", "0.12"}}};
    return {{"method", {"full", "lora", "qlora", "dora"}},
            {"lora_rank", {1, 8, 64, 512}},
            {"optimizer",
             {"adamw", "adamw_8bit", "sgd", "adafactor", "lion", "muon", "paged_adamw", "galore", "adam_mini",
              "shampoo", "soap", "lomo"}},
            {"recompute", {"none", "selective", "full", "every:2", "offload"}},
            {"attention", {"eager", "sdpa", "flash"}},
            {"loss", {"fp32_upcast", "bf16", "chunked", "fused_linear"}},
            {"precision_recipe", {"bf16_mixed", "bf16_autocast", "bf16", "fp16_mixed", "fp32", "fp8_mixed"}},
            {"zero_stage", {0, 1, 2, 3}},
            {"fsdp", {true, false}},
            {"offload", {json::array({"optimizer"}), json::array({"parameters"}), json::array({"activations"})}},
            {"gradient_accumulation_steps", {1, 8}},
            {"compile", {true, false}},
            {"fused_kernels", {true, false}},
            {"master_weights", {true, false}},
            {"book_rules", {true}}};
}

void set_some(json& section, const Owner& owner, Chance& chance)
{
    for (const Option& option : options_of(owner))
        if (chance.in(owner.trains() && option.key == "book_rules" ? 20 : 4))
            section[option.key] = chance.one_of(option.values);
}

json random_serving(const Owner& owner, Chance& chance)
{
    json inference{{"engine", owner.name},
                   {"sequence_length", chance.one_of<int>({1, 100, 512, 1000, 4096, 8192, 20000, 32768, 131072})},
                   {"concurrent_sequences", chance.one_of<int>({1, 1, 2, 3, 8, 32, 200})}};
    set_some(inference, owner, chance);
    // Cards that exllamav3 fills one after the other: more of anything may move a layer off the fullest.
    json hardware{{"accelerator", chance.one_of(cards)},
                  {"tensor_parallel", owner.name == "exllamav3" ? 1 : chance.one_of<int>({1, 1, 1, 2, 4, 8})}};
    if (chance.in(8))
        hardware["usable_fraction"] = chance.one_of<double>({0.5, 0.9, 0.99});
    if (owner.name != "generic" && owner.name != "transformers" && owner.name != "exllamav3" &&
        owner.name != "lmdeploy" && chance.in(5))
        hardware["pipeline_parallel"] = chance.one_of<int>({2, 4});
    if ((owner.name == "vllm" || owner.name == "sglang") && chance.in(8))
        hardware["data_parallel"] = chance.one_of<int>({2, 4});
    json precision = json::object();
    if (chance.in(2))
        precision["weights"] = chance.one_of(weight_formats);
    if (chance.in(3))
        precision["kv_cache"] = chance.one_of(cache_formats);
    return {{"task", "inference"}, {"precision", precision}, {"inference", inference}, {"hardware", hardware}};
}

json random_training(const Owner& owner, Chance& chance)
{
    json step{{"framework", chance.one_of<std::string>({"pytorch", "hf_trainer", "axolotl", "torchtune", "torchtitan",
                                                        "litgpt", "ms_swift", "megatron", "deepspeed", "unsloth"})},
              {"micro_batch_size", chance.one_of<int>({1, 1, 2, 4, 16})},
              {"sequence_length", chance.one_of<int>({128, 1000, 2048, 8192})}};
    set_some(step, owner, chance);
    json hardware{{"accelerator", chance.one_of(cards)}};
    if (chance.in(2))
        hardware["data_parallel"] = chance.one_of<int>({2, 8, 64});
    if (chance.in(4))
        hardware["tensor_parallel"] = chance.one_of<int>({2, 4, 8});
    if (chance.in(5))
        hardware["pipeline_parallel"] = chance.one_of<int>({2, 4});
    if (chance.in(10))
        hardware["context_parallel"] = 2;
    if (chance.in(10))
        hardware["sequence_parallel"] = true;
    return {{"task", owner.name}, {owner.name, step}, {"hardware", hardware}};
}

std::vector<std::string> preset_texts()
{
    const auto names = preset_names();
    return {names.begin(), names.end()};
}

} // namespace

void PrintTo(const Owner& owner, std::ostream* out)
{
    *out << owner.name;
}

std::string owner_name(const Owner& owner)
{
    std::string name = owner.name;
    std::replace_if(
        name.begin(), name.end(), [](char letter) { return letter == '.' || letter == '-'; }, '_');
    return name;
}

/// Not Ollama: what does not fit goes to the host, so that more of anything may take less of a GPU. Not LM Studio,
/// which is llama.cpp's plan with other defaults.
std::vector<Owner> engines()
{
    return {{"generic"}, {"vllm"},      {"sglang"},       {"llama.cpp"}, {"ik_llama.cpp"},
            {"mlx"},     {"exllamav3"}, {"tensorrt-llm"}, {"lmdeploy"},  {"transformers"}};
}

std::vector<Owner> trainers()
{
    return {{"fine_tune"}, {"train"}};
}

std::vector<Owner> every_owner()
{
    std::vector<Owner> all = engines();
    for (const Owner& trainer : trainers())
        all.push_back(trainer);
    return all;
}

json random_scenario(const Owner& owner, Chance& chance)
{
    static const std::vector<std::string> models = preset_texts();
    json scenario = owner.trains() ? random_training(owner, chance) : random_serving(owner, chance);
    scenario["model"] = chance.one_of(models);
    return scenario;
}

std::vector<Asked> answered(const Owner& owner, std::size_t count, std::uint32_t seed)
{
#ifdef WEIGHBRIDGE_FEWER_SCENARIOS
    count = (count + 7) / 8; // under sanitizers, several times as slow: the paths are seen by an eighth of them
#endif
    Chance chance(seed);
    std::vector<Asked> result;
    for (int tries = 0; tries < 5 && result.size() < count; ++tries) {
        std::vector<json> scenarios;
        for (std::size_t i = result.size(); i < count; ++i)
            scenarios.push_back(random_scenario(owner, chance));
        std::vector<Answer> answers = ask(scenarios);
        for (std::size_t i = 0; i < scenarios.size(); ++i)
            if (answers[i])
                result.push_back({std::move(scenarios[i]), std::move(answers[i].report)});
    }
    EXPECT_GE(result.size(), count / 2) << "too few of the random scenarios have an answer";
    return result;
}

} // namespace weighbridge::testing
