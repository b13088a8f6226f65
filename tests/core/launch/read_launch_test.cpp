// Launch commands as people paste them. The commands and what they set are from public documentation and issue threads
// (vLLM's recipes, SGLang's and llama.cpp's documents, LLaMA-Factory's and torchtune's examples), expected values read
// off by hand.

#include "core/fields/scenario_json.h"
#include "core/launch/launch.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

namespace {

struct CommandCase
{
    std::string name;
    std::string text;
    std::string tool;
    std::string scenario; ///< JSON; its keys must be there with these values
    std::vector<std::string> unknown = {};
};

void expect_part(const nlohmann::json& expected, const nlohmann::json& found, const std::string& path)
{
    for (const auto& [key, value] : expected.items()) {
        const std::string name = path.empty() ? key : path + "." + key;
        ASSERT_TRUE(found.contains(key)) << name;
        if (value.is_object() && key != "model")
            expect_part(value, found.at(key), name);
        else
            EXPECT_EQ(found.at(key), value) << name;
    }
}

class ReadLaunch : public testing::TestWithParam<CommandCase>
{
};

TEST_P(ReadLaunch, SetsWhatTheCommandSays)
{
    const auto command = read_launch(GetParam().text);
    ASSERT_TRUE(command) << command.error().message;
    EXPECT_EQ(command->tool, GetParam().tool);
    expect_part(nlohmann::json::parse(GetParam().scenario), nlohmann::json(write_scenario(command->scenario)), "");
    std::vector<std::string> unknown;
    for (const LaunchFlag& flag : command->flags)
        if (flag.read == FlagRead::unknown)
            unknown.push_back(flag.flag);
    EXPECT_EQ(unknown, GetParam().unknown);
}

INSTANTIATE_TEST_SUITE_P(
    Tools, ReadLaunch,
    testing::Values(
        CommandCase{"vllm",
                    "vllm serve zai-org/GLM-4.7-FP8 --tensor-parallel-size 4 --speculative-config.method mtp "
                    "--speculative-config.num_speculative_tokens 1 --max-model-len 32K --tool-call-parser glm47 "
                    "--no-enable-prefix-caching --kv-cache-dtype fp8 --new-flag 3",
                    "vllm",
                    R"({"model": {"hf": "zai-org/GLM-4.7-FP8"}, "hardware": {"tensor_parallel": 4},
                        "precision": {"kv_cache": "fp8"},
                        "inference": {"engine": "vllm", "num_speculative_tokens": 1, "max_model_len": 32768,
                                      "enable_prefix_caching": false, "speculative_config": {"method": "mtp"}}})",
                    {"--new-flag"}},
        CommandCase{"docker",
                    "docker run --gpus '\"device=0,1\"' -e HF_TOKEN=hf_abcdefghijk0123456 -p 8000:8000 --ipc=host "
                    "vllm/vllm-openai:v0.11.0 --model Qwen/Qwen3-32B-AWQ --quantization awq -tp 2",
                    "vllm",
                    R"({"model": {"hf": "Qwen/Qwen3-32B-AWQ"}, "hardware": {"count": 2, "tensor_parallel": 2},
                        "precision": {"weights": "checkpoint"}, "inference": {"engine_version": "0.11.0"}})"},
        CommandCase{
            "compose",
            "services:\n  llm:\n    image: vllm/vllm-openai:v0.19.1\n    environment:\n      - A=1\n"
            "    command:\n      - /models/m\n      - --max-model-len\n      - \"-1\"\n      - --max-num-seqs=12\n",
            "vllm",
            R"({"model": {"path": "/models/m"}, "inference": {"max_num_seqs": 12, "max_model_len": "auto"}})",
            {"A"}},
        CommandCase{"sglang",
                    "python3 -m sglang.launch_server --model /models/Kimi-K2 --tp 8 --dp 8 --enable-dp-attention "
                    "--mem-fraction 0.9 --disable-cuda-graph",
                    "sglang",
                    R"({"model": {"path": "/models/Kimi-K2"}, "hardware": {"tensor_parallel": 8, "data_parallel": 8},
                        "inference": {"enable_dp_attention": true, "mem_fraction_static": 0.9, "cuda_graph_max_bs": 0}})"},
        CommandCase{"llama_server",
                    "llama-server `\n --model \"C:\\models\\Q.gguf\" `\n -ngl all `\n --parallel 1 `\n"
                    " -c 32768 -fa on -ctk q8_0 -ctv q8_0 -ts 3,1 -ot exps=CPU --no-mmproj-offload --temp 1",
                    "llama.cpp",
                    R"({"model": {"path": "C:\\models\\Q.gguf"}, "precision": {"kv_cache": "q8_0"},
                        "inference": {"engine": "llama.cpp", "n_gpu_layers": -1, "n_seq_max": 1, "n_ctx": 32768,
                                      "flash_attn": true, "tensor_split": [3.0, 1.0], "override_tensor": ["exps=CPU"],
                                      "mmproj_offload": false}})"},
        CommandCase{"ik", "CUDA_VISIBLE_DEVICES=0,2,1 ./llama-cli -m model.gguf -mla 3 -fa -amb 1024 -ngl 99 -c 16384",
                    "ik_llama.cpp",
                    R"({"hardware": {"count": 3}, "inference": {"engine": "ik_llama.cpp", "mla": 3, "flash_attn": true,
                        "attn_max_batch": 1024, "n_gpu_layers": 99, "n_ctx": 16384}})"},
        CommandCase{
            "modelfile",
            "FROM /models/a.gguf\nPARAMETER num_ctx 4096\nPARAMETER top_k 10\nSYSTEM \"\"\"many\nlines\"\"\"\n"
            "# server: OLLAMA_NUM_PARALLEL=4\n",
            "ollama",
            R"({"model": {"path": "/models/a.gguf"}, "inference": {"engine": "ollama", "num_ctx": 4096, "num_parallel": "4"}})"},
        CommandCase{
            "trtllm",
            "trtllm-serve Qwen/Qwen3-30B-A3B-FP8 --max_batch_size 1 --tp_size 2 --extra_llm_api_options extra.yml\n"
            "# extra.yml:\nkv_cache_config:\n  free_gpu_memory_fraction: 0.8\nprint_iter_log: true\n",
            "tensorrt-llm",
            R"({"model": {"hf": "Qwen/Qwen3-30B-A3B-FP8"}, "hardware": {"tensor_parallel": 2},
                        "inference": {"max_batch_size": 1, "free_gpu_memory_fraction": 0.8}})"},
        CommandCase{"lmdeploy",
                    "lmdeploy serve api_server internlm/internlm2-chat-7b --cache-max-entry-count 0.2 --quant-policy 8",
                    "lmdeploy",
                    R"({"model": {"hf": "internlm/internlm2-chat-7b"}, "inference": {"cache_max_entry_count": 0.2}})"},
        CommandCase{
            "tabby",
            "model:\n  model_dir: models\n  model_name: q\n  max_seq_len: 8192\n  cache_mode: Q8\n"
            "  chunk_size: 4096\n  autosplit_reserve: [48]\nnetwork:\n  host: 0.0.0.0\n",
            "tabbyapi",
            R"({"model": {"path": "models/q"}, "inference": {"engine": "exllamav3", "max_seq_len": 8192, "chunk_size": 4096,
                        "autosplit_reserve": [48.0]}})"},
        CommandCase{"llama_factory",
                    "model_name_or_path: Qwen/Qwen3-4B\nfinetuning_type: lora\nlora_rank: 8\nlora_target: all\n"
                    "deepspeed: examples/deepspeed/ds_z3_config.json\ncutoff_len: 2048\n"
                    "per_device_train_batch_size: 1\nlearning_rate: 1.0e-4\nbf16: true\n",
                    "llama-factory",
                    R"({"task": "fine_tune", "model": {"hf": "Qwen/Qwen3-4B"},
                        "fine_tune": {"framework": "llama_factory", "method": "lora", "lora_rank": 8,
                                      "lora_target_modules": ["all_linear"], "zero_stage": 3, "sequence_length": 2048,
                                      "micro_batch_size": 1, "recompute": "full"}})"},
        CommandCase{
            "axolotl",
            "base_model: google/gemma-3-1b-it\nload_in_4bit: true\nadapter: qlora\nlora_r: 32\nsequence_len: 2048\n"
            "sample_packing: true\nmicro_batch_size: 1\noptimizer: adamw_bnb_8bit\ngradient_checkpointing: true\n"
            "attn_implementation: flash_attention_2\nwandb_project:\n",
            "axolotl",
            R"({"fine_tune": {"framework": "axolotl", "method": "qlora", "lora_rank": 32, "packing": true,
                        "optimizer": "adamw_8bit", "recompute": "full", "attention": "flash"}})"},
        CommandCase{"torchtune",
                    "tune run --nproc_per_node 2 full_finetune_distributed --config qwen3/8B_full\n# that file:\n"
                    "checkpointer:\n  _component_: torchtune.training.FullModelHFCheckpointer\n  checkpoint_dir: "
                    "/models/Qwen3-8B\n"
                    "batch_size: 2\noptimizer:\n  _component_: torch.optim.AdamW\n  fused: True\n"
                    "loss:\n  _component_: torchtune.modules.loss.LinearCrossEntropyLoss\ndtype: bf16\n"
                    "enable_activation_checkpointing: True\n",
                    "torchtune",
                    R"({"model": {"path": "/models/Qwen3-8B"}, "hardware": {"data_parallel": 2},
                        "fine_tune": {"framework": "torchtune", "method": "full", "micro_batch_size": 2, "optimizer": "adamw",
                                      "optimizer_implementation": "fused", "loss": "chunked", "fsdp": true, "recompute": "full"}})"},
        CommandCase{"megatron",
                    "torchrun --nproc_per_node 8 --nnodes 16 pretrain_gpt.py --num-layers 96 --hidden-size 12288 "
                    "--num-attention-heads 96 --seq-length 2048 --micro-batch-size 1 --global-batch-size 1536 --fp16 "
                    "--tensor-model-parallel-size 8 --pipeline-model-parallel-size 16",
                    "megatron",
                    R"({"task": "train", "hardware": {"tensor_parallel": 8, "pipeline_parallel": 16, "data_parallel": 1,
                        "num_microbatches": 1536}, "train": {"framework": "megatron", "precision_recipe": "fp16_mixed"}})"},
        CommandCase{
            "unsloth",
            "from unsloth import FastLanguageModel\nmax_seq_length = 2048\n"
            "model, tok = FastLanguageModel.from_pretrained(\n    model_name = \"unsloth/Qwen3-14B\",\n"
            "    max_seq_length = max_seq_length, # any\n    load_in_4bit = True,\n)\n"
            "model = FastLanguageModel.get_peft_model(model, r = 32, use_gradient_checkpointing = \"unsloth\")\n",
            "unsloth",
            R"({"model": {"hf": "unsloth/Qwen3-14B"}, "fine_tune": {"framework": "unsloth", "method": "qlora", "lora_rank": 32,
                        "sequence_length": 2048, "recompute": "full"}})"},
        CommandCase{
            "deepspeed", R"({"train_micro_batch_size_per_gpu": 4, "zero_optimization": {"stage": 3,
                        "offload_optimizer": {"device": "cpu"}}, "fp16": {"enabled": true}})",
            "deepspeed",
            R"({"fine_tune": {"framework": "deepspeed", "zero_stage": 3, "micro_batch_size": 4, "offload": ["optimizer"],
                        "precision_recipe": "fp16_mixed"}})"},
        CommandCase{
            "torchtitan",
            "[training]\nlocal_batch_size = 2\nseq_len = 8192\n[parallelism]\ntensor_parallel_degree = 4 # of 8\n"
            "[activation_checkpoint]\nmode = \"full\"\n",
            "torchtitan",
            R"({"task": "train", "hardware": {"tensor_parallel": 4}, "train": {"micro_batch_size": 2, "sequence_length": 8192,
                        "recompute": "full"}})"}),
    [](const testing::TestParamInfo<CommandCase>& tested) { return tested.param.name; });

TEST(ReadLaunch, KeepsNoSecret)
{
    const std::string token = "hf_AbCdEfGhIjKlMnOp0123456789";
    for (const std::string& text : {"HF_TOKEN=" + token + " vllm serve a/b --api-key " + token,
                                    "vllm serve a/b --chat-template 'x " + token + "'",
                                    "export WANDB_API_KEY=0123456789abcdef\nvllm serve a/b --unheard-of " + token,
                                    "base_model: a/b\nhub_token: " + token + "\nsequence_len: 5\n"}) {
        const auto command = read_launch(text);
        ASSERT_TRUE(command) << text;
        const std::string said =
            launch_json(*command).dump() + launch_text(*command) + write_scenario(command->scenario).dump();
        EXPECT_EQ(said.find(token), std::string::npos) << said;
        EXPECT_EQ(said.find("0123456789abcdef"), std::string::npos) << said;
    }
}

TEST(ReadLaunch, RunsAndExpandsNothing)
{
    const auto command = read_launch("llama-server -m $MODEL -c $(nproc) -ngl 1");
    ASSERT_TRUE(command);
    EXPECT_EQ(command->scenario.model.text, "$MODEL");
    EXPECT_FALSE(command->scenario.inference.llama_cpp.n_ctx);
    EXPECT_GE(command->ask.size(), 2U);
}

TEST(ReadLaunch, SaysWhatItIsNot)
{
    for (const std::string text :
         {"", "hello", "ls -la", "a: b\n", "{", "{}", "[1]", "docker run", "FROM", "$(", "\"", "'"})
        EXPECT_FALSE(read_launch(text)) << text;
    EXPECT_FALSE(read_launch(std::string(2'000'000, 'a')));
}

} // namespace

} // namespace weighbridge
