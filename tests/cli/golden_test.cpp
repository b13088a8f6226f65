// What the command line prints, byte for byte, so that a change of any line is seen in review. The figures have tests
// of their own; here it is what stands where, and that nothing moves unseen. WEIGHBRIDGE_UPDATE_GOLDEN=1 writes
// tests/data/golden/command_line anew.

#include "app/cli/command_line.h"
#include "tests/cli/run_command.h"
#include "tests/cli/temporary_folder.h"
#include "tests/core/support/golden.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {
namespace {

using testing::Arguments;

struct Form
{
    std::string_view format;
    std::string_view ending;
};

constexpr Form as_text{"table", ".txt"};
constexpr Form as_json{"json", ".json"};
constexpr Form as_csv{"csv", ".csv"};
constexpr Form as_markdown{"markdown", ".md"};

const std::vector<Form> every_form = {as_text, as_json, as_csv, as_markdown};
const std::vector<Form> text_and_json = {as_text, as_json};

/// A command and the forms of its answer that are kept.
struct Golden
{
    std::string name;
    Arguments arguments;
    std::vector<Form> forms;
    std::string scenario = {}; ///< of `weighbridge estimate --scenario FILE`
};

void PrintTo(const Golden& golden, std::ostream* out)
{
    *out << golden.name;
}

/// `weighbridge estimate --scenario FILE`, and what else is asked for.
Golden asked(std::string name, const std::vector<Form>& forms, std::string scenario, Arguments answers = {})
{
    answers.insert(answers.begin(), "estimate");
    return {std::move(name), std::move(answers), forms, std::move(scenario)};
}

std::string answer_to(const Golden& golden, const Form& form)
{
    const testing::TemporaryFolder folder;
    Arguments arguments = golden.arguments;
    if (!golden.scenario.empty())
        arguments.insert(arguments.end(), {"--scenario", folder.write("scenario.json", golden.scenario)});
    arguments.insert(arguments.end(), {"--format", std::string(form.format)});
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(run_command_line(arguments, in, out, err, {}), 0);
    EXPECT_EQ(err.str(), "");
    return out.str();
}

class GoldenCommand : public ::testing::TestWithParam<Golden>
{
};

TEST_P(GoldenCommand, IsAsKept)
{
    for (const Form& form : GetParam().forms)
        testing::expect_as_kept(answer_to(GetParam(), form),
                                "command_line/" + GetParam().name + std::string(form.ending));
}

/// Each engine, task and answer in every form; layouts, precisions and kinds of layers as text and JSON.
std::vector<Golden> goldens()
{
    return {
        // By formulas alone.
        asked("formulas_book", text_and_json, R"({"model": "Qwen3-0.6B"})", {"--method", "book"}),
        asked("formulas_notebook", text_and_json, R"({"model": "Llama-3.2-1B"})", {"--method", "notebook"}),
        asked(
            "formulas_of_an_architecture", text_and_json,
            R"({"model": {"name": "Own", "architecture": {"hidden_size": 1024, "intermediate_size": 3072, "num_layers": 8,
              "num_attention_heads": 16, "num_kv_heads": 4, "head_dim": 64, "vocab_size": 32000, "num_routed_experts": 16,
              "num_shared_experts": 1, "expert_ffn_size": 512, "experts_per_token": 2}},
              "precision": {"weights": "nominal:0.5", "kv_cache": {"k": "q8_0", "v": "q4_0"}},
              "hardware": {"accelerator": {"name": "Shared", "memory_gib": 32, "bandwidth_gbs": 400,
              "tflops": {"bf16": 60}, "unified_memory": true}, "pinned": ["l40s"]}})"),
        asked("options_of_others", text_and_json,
              R"({"model": "Llama-3.2-1B", "inference": {"max_num_seqs": 512, "kv_cache_memory_bytes": 1000000000,
              "mem_fraction_static": 0.5, "n_ubatch": 2048}, "train": {"zero_stage": 3}})"),

        // vLLM.
        asked("vllm", every_form,
              R"({"model": "Llama-3.1-8B", "precision": {"kv_cache": "fp8"}, "inference": {"engine": "vllm",
              "sequence_length": 16384, "concurrent_sequences": 16}, "hardware": {"tensor_parallel": 2}})"),
        asked("vllm_stages_of_a_checkpoint", text_and_json,
              R"({"model": "DeepSeek-V3", "inference": {"engine": "vllm", "concurrent_sequences": 4},
              "hardware": {"tensor_parallel": 8, "pipeline_parallel": 2}})"),
        asked("vllm_replicas_with_shared_experts", text_and_json,
              R"({"model": "Moonlight-16B-A3B", "inference": {"engine": "vllm", "concurrent_sequences": 64,
              "enable_expert_parallel": true}, "hardware": {"data_parallel": 4}})"),
        asked("vllm_hybrid", text_and_json,
              R"({"model": "Qwen3.5-9B", "inference": {"engine": "vllm", "concurrent_sequences": 8,
              "num_speculative_tokens": 2}})"),
        asked("vllm_windows_of_a_checkpoint", text_and_json,
              R"({"model": "gpt-oss-120b", "inference": {"engine": "vllm", "sequence_length": 131072,
              "concurrent_sequences": 2}})"),
        asked(
            "vllm_fixed_pool", text_and_json,
            R"({"model": "Qwen3-8B", "inference": {"engine": "vllm", "concurrent_sequences": 32, "max_model_len": 8192,
              "kv_cache_memory_bytes": 1073741824}})"),

        // SGLang.
        asked("sglang", every_form,
              R"({"model": "Llama-3.1-8B", "precision": {"kv_cache": "fp8"}, "inference": {"engine": "sglang",
              "concurrent_sequences": 16}})"),
        asked("sglang_attention_replicas", text_and_json,
              R"({"model": "DeepSeek-V3", "inference": {"engine": "sglang", "concurrent_sequences": 64,
              "enable_dp_attention": true}, "hardware": {"accelerator": "h200_sxm_141", "tensor_parallel": 8}})"),
        asked("sglang_stages_of_a_mix", text_and_json,
              R"({"model": "Qwen3-14B", "precision": {"weights": "gguf:Q4_K_M"}, "inference": {"engine": "sglang"},
              "hardware": {"pipeline_parallel": 2}})"),
        asked("sglang_hybrid", text_and_json,
              R"({"model": "Qwen3-Coder-Next", "inference": {"engine": "sglang", "concurrent_sequences": 8},
              "hardware": {"tensor_parallel": 4}})"),

        // llama.cpp.
        asked("llama_cpp", every_form,
              R"({"model": "Qwen3-14B", "precision": {"weights": "gguf:Q4_K_M", "kv_cache": {"k": "q8_0", "v": "q4_0"}},
              "inference": {"engine": "llama.cpp", "sequence_length": 32768}, "hardware": {"accelerator": "rtx_4090"}})"),
        asked("llama_cpp_two_gpus", text_and_json,
              R"({"model": "gemma-3-12b-it", "precision": {"weights": "gguf:IQ4_XS+imatrix"}, "inference": {
              "engine": "llama.cpp", "sequence_length": 65536, "concurrent_sequences": 2},
              "hardware": {"accelerator": "rtx_4090", "pipeline_parallel": 2}})"),
        asked(
            "llama_cpp_experts_on_the_cpu", text_and_json,
            R"({"model": "Moonlight-16B-A3B", "precision": {"weights": "gguf:Q8_0"}, "inference": {"engine": "llama.cpp",
              "n_cpu_moe": 20, "n_gpu_layers": 24}, "hardware": {"accelerator": "rtx_4090"}})"),
        asked("llama_cpp_unified_memory", text_and_json,
              R"({"model": "Qwen3.5-27B", "precision": {"weights": "gguf:Q5_K_S"}, "inference": {"engine": "llama.cpp",
              "sequence_length": 131072}, "hardware": {"accelerator": "m3_ultra"}})"),

        // What starts llama.cpp.
        asked("ollama", every_form,
              R"({"model": "Qwen3-32B", "precision": {"weights": "gguf:Q4_K_M"}, "inference": {"engine": "ollama"},
              "hardware": {"accelerator": "rtx_3060_12", "host": {"memory_gib": 32}}})"),
        asked("ollama_estimate_over_unequal_gpus", text_and_json,
              R"({"model": "Llama-3.1-70B", "precision": {"weights": "gguf:Q4_K_M"}, "inference": {"engine": "ollama",
              "engine_version": "0.9.6", "num_ctx": 8192}, "hardware": {"devices": [{"accelerator": "rtx_3090"},
              {"accelerator": "rtx_3060_12"}]}})"),
        asked("lmstudio", text_and_json,
              R"({"model": "gpt-oss-20b", "inference": {"engine": "lmstudio", "sequence_length": 16384},
              "hardware": {"accelerator": "rtx_4090"}})"),

        // transformers.
        asked("transformers", every_form,
              R"({"model": "gemma-2-2b", "precision": {"weights": "bnb_nf4"}, "inference": {"engine": "transformers",
              "concurrent_sequences": 4, "attn_implementation": "eager", "output_tokens": 256},
              "hardware": {"accelerator": "rtx_4090"}})"),
        asked("transformers_hybrid", text_and_json,
              R"({"model": "AI21-Jamba-Mini-1.5", "inference": {"engine": "transformers", "concurrent_sequences": 2},
              "hardware": {"accelerator": "h200_sxm_141"}})"),

        // MLX.
        asked("mlx", every_form,
              R"({"model": "Qwen3.6-35B-A3B", "precision": {"weights": "mlx:4bit"}, "inference": {"engine": "mlx",
              "sequence_length": 65536, "output_tokens": 1024}, "hardware": {"accelerator": "m5_max"}})"),
        asked("mlx_quantized_cache", text_and_json,
              R"({"model": "Llama-3.1-8B", "precision": {"weights": "mlx:mixed_4_6"}, "inference": {"engine": "mlx",
              "sequence_length": 32768, "kv_bits": 8, "prompt_cache_size": 2, "prefill_step_size": 512},
              "hardware": {"accelerator": "m4_max_36", "wired_limit_mb": 30720}})"),

        // exllamav3, TensorRT-LLM, LMDeploy.
        asked("exllamav3", every_form,
              R"({"model": "Llama-3.3-70B-Instruct", "precision": {"weights": "exl3:3.5", "kv_cache": "exl3:6,5"},
              "inference": {"engine": "exllamav3", "sequence_length": 16384}, "hardware": {"devices": [
              {"accelerator": "rtx_3090"}, {"accelerator": "rtx_3060_12"}], "host": {"memory_gib": 64}}})"),
        asked("exllamav3_rings", text_and_json,
              R"({"model": "gpt-oss-120b", "precision": {"weights": "exl3:4.0_h8"}, "inference": {"engine": "exllamav3",
              "sequence_length": 32768, "cpu_moe_offload_layers": 20, "cache_mode": "Q8"}, "hardware": {
              "accelerator": "rtx_5090", "host": {"memory_gib": 128}}})"),
        asked("tensorrt_llm", every_form,
              R"({"model": "gpt-oss-120b", "inference": {"engine": "tensorrt-llm", "sequence_length": 16384,
              "concurrent_sequences": 8, "max_batch_size": 64}, "hardware": {"accelerator": "b200_sxm"}})"),
        asked("tensorrt_llm_attention_dp", text_and_json,
              R"({"model": "DeepSeek-V3", "precision": {"kv_cache": "fp8"}, "inference": {"engine": "tensorrt-llm",
              "sequence_length": 8192, "concurrent_sequences": 64, "enable_attention_dp": true, "max_draft_len": 1,
              "host_cache_size": 32000000000}, "hardware": {"accelerator": "h200_sxm_141", "tensor_parallel": 8}})"),
        asked("lmdeploy", every_form,
              R"({"model": "Qwen3-8B", "precision": {"weights": "awq_4bit_g128", "kv_cache": "quant_policy:8"},
              "inference": {"engine": "lmdeploy", "sequence_length": 8192, "concurrent_sequences": 16},
              "hardware": {"accelerator": "rtx_3090"}})"),
        asked("lmdeploy_pytorch", text_and_json,
              R"({"model": "gemma-3-12b-it", "inference": {"engine": "lmdeploy", "sequence_length": 16384},
              "hardware": {"accelerator": "a100_sxm_40", "tensor_parallel": 2}})"),

        // Training.
        asked(
            "fine_tune", every_form,
            R"({"model": "Qwen3-4B", "task": "fine_tune", "fine_tune": {"framework": "hf_trainer", "micro_batch_size": 4,
              "sequence_length": 4096}})"),
        asked(
            "fine_tune_qlora_sharded", text_and_json,
            R"({"model": "Llama-3.1-70B", "task": "fine_tune", "fine_tune": {"framework": "axolotl", "method": "qlora",
              "fsdp": true, "offload": ["parameters"]}, "hardware": {"accelerator": "rtx_4090", "data_parallel": 2}})"),
        asked("train", every_form,
              R"({"model": "Llama-3.2-1B", "task": "train", "train": {"framework": "torchtitan", "fsdp": true,
              "micro_batch_size": 2, "sequence_length": 8192}, "hardware": {"data_parallel": 8}})"),
        asked("train_in_stages", text_and_json,
              R"({"model": "Llama-3.1-8B", "task": "train", "train": {"framework": "megatron", "sequence_length": 8192,
              "zero_stage": 1, "recompute": "selective", "attention": "flash"}, "hardware": {"tensor_parallel": 2,
              "pipeline_parallel": 4, "context_parallel": 2, "data_parallel": 2, "sequence_parallel": true,
              "virtual_pipeline": 2, "num_microbatches": 16}})"),
        asked("train_experts_offloaded", text_and_json,
              R"({"model": "Qwen2-57B-A14B", "task": "train", "train": {"framework": "deepspeed", "zero_stage": 3,
              "offload": ["optimizer"], "optimizer": "adamw_8bit", "recompute": "full"},
              "hardware": {"data_parallel": 8, "expert_parallel": 4}})"),
        asked("train_book_rules", text_and_json,
              R"({"model": "Llama-3.2-3B", "task": "train", "train": {"book_rules": true, "zero_stage": 2},
              "hardware": {"data_parallel": 4}})"),

        // Answers that are asked for beside the estimate.
        asked("recommend", every_form, R"({"model": "Qwen3-14B", "inference": {"engine": "vllm",
              "concurrent_sequences": 8}})",
              {"--recommend"}),
        asked("recommend_training", text_and_json,
              R"({"model": "Llama-3.1-8B", "task": "train", "train": {"fsdp": true}})", {"--recommend"}),
        asked("serving", every_form, R"({"model": "Llama-3.1-8B", "inference": {"engine": "sglang"}})", {"--serving"}),
        asked("savings", every_form,
              R"({"model": "Llama-3.1-8B", "task": "train", "train": {"framework": "hf_trainer", "recompute": "none"},
              "hardware": {"data_parallel": 8}})",
              {"--savings"}),

        // Lists and tables.
        {"list_models", {"list", "models"}, text_and_json},
        {"list_accelerators", {"list", "accelerators"}, text_and_json},
        {"list_systems", {"list", "systems"}, text_and_json},
        {"list_engines", {"list", "engines"}, text_and_json},
        {"list_formats", {"list", "formats"}, text_and_json},
        {"tables", {"tables", "Llama-3.2-1B", "Moonlight-16B-A3B", "gemma-2-2b"}, {as_text, as_csv, as_markdown}},
        {"tables_book", {"tables", "--book-rules", "Llama-3.1-8B"}, {as_text, as_csv, as_markdown}},
        {"tables_hardware", {"tables", "hardware"}, {as_csv}},
        {"tables_precision", {"tables", "precision"}, {as_text, as_csv, as_markdown}},
    };
}

INSTANTIATE_TEST_SUITE_P(Commands, GoldenCommand, ::testing::ValuesIn(goldens()),
                         [](const auto& instance) { return instance.param.name; });

} // namespace
} // namespace weighbridge
