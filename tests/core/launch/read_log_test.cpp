// Lines of logs from public issues (vLLM, SGLang, llama.cpp, Ollama, TensorRT-LLM, torch, DeepSpeed, Megatron), with
// the figures read off by hand.

#include "core/launch/log_match.h"
#include "core/launch/read_log.h"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weighbridge {

namespace {

struct LogCase
{
    std::string name;
    std::string text;
    std::string tool;
    std::string facts; ///< {"weights": "30.71 GiB"}
    std::string kind = "log";
};

class ReadLog : public testing::TestWithParam<LogCase>
{
};

TEST_P(ReadLog, FindsTheFigures)
{
    const auto log = read_log(GetParam().text);
    ASSERT_TRUE(log);
    EXPECT_EQ(log->tool, GetParam().tool);
    EXPECT_EQ(log->kind, GetParam().kind);
    const nlohmann::ordered_json found = log_json(*log).at("facts");
    const auto expected = nlohmann::json::parse(GetParam().facts);
    for (const auto& [name, text] : expected.items()) {
        ASSERT_TRUE(found.contains(name)) << name;
        const std::string said = text.get<std::string>();
        EXPECT_DOUBLE_EQ(found.at(name).at("value").get<double>(), std::stod(said)) << name;
        EXPECT_EQ(found.at(name).at("unit"), said.substr(said.find(' ') + 1)) << name;
    }
    EXPECT_EQ(GetParam().kind == "error", !log->explain.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Tools, ReadLog,
    testing::Values(
        LogCase{
            "vllm_v0",
            "(VllmWorkerProcess pid=1) INFO model_runner.py:1116] Loading model weights took 31.0 GB\n"
            "INFO worker.py:266] the current vLLM instance can use total_gpu_memory (44.42GiB) x "
            "gpu_memory_utilization (0.90) = 39.98GiB\n"
            "INFO worker.py:266] model weights take 30.71GiB; non_torch_memory takes 0.30GiB; PyTorch activation peak "
            "memory takes 1.26GiB; the rest of the memory reserved for KV Cache is 7.71GiB.\n"
            "INFO executor_base.py:108] # CUDA blocks: 3947, # CPU blocks: 2048\n",
            "vllm",
            R"({"weights": "30.71 GiB", "gpu_total": "44.42 GiB", "budget": "39.98 GiB", "activation_peak": "1.26 GiB", "kv_cache_available": "7.71 GiB", "kv_blocks": "3947 blocks"})"},
        LogCase{
            "vllm_refuses",
            "ValueError: To serve at least one request with the models's max seq len (221000), (10.12 GiB KV cache is "
            "needed, which is larger than the available KV cache memory (5.59 GiB). Based on the available memory, the "
            "estimated maximum model length is 122080.",
            "vllm",
            R"({"kv_cache_needed": "10.12 GiB", "kv_cache_available": "5.59 GiB", "max_model_len": "221000 tokens", "max_model_len_that_fits": "122080 tokens"})",
            "error"},
        LogCase{
            "vllm_v1", "GPU KV cache size: 359,291 tokens\nMaximum concurrency for 262,144 tokens per request: 1.37x\n",
            "vllm", R"({"kv_tokens": "359291 tokens", "max_model_len": "262144 tokens", "max_concurrency": "1.37 x"})"},
        LogCase{"sglang",
                "[2025-03-27 TP0] Load weight end. type=Gemma3, dtype=torch.bfloat16, avail mem=131.08 GB, mem "
                "usage=8.13 GB.\n[TP1] KV Cache is allocated. #tokens: 1, K size: 1.0 GB, V size: 1.0 GB\n[TP0] KV "
                "Cache is allocated. #tokens: 834615, K size: 54.12 GB, V size: 54.12 GB\n",
                "sglang", R"({"weights": "8.13 GiB", "kv_k": "54.12 GiB"})"},
        LogCase{
            "llama",
            "load_tensors:        CUDA1 model buffer size =  1401.03 MiB\nllama_kv_cache_init: CUDA1 KV buffer size = "
            "82.00 MiB\nllama_context: n_ctx = 4096\n"
            "|   - CUDA0 (RTX 3090)   | 24124 = 23860 + (15946 = 15364 +     411 +     170) +      -15681 |\n",
            "llama.cpp",
            R"({"weights.CUDA1": "1401.03 MiB", "kv_cache.CUDA1": "82 MiB", "self.CUDA0": "15946 MiB", "compute.CUDA0": "170 MiB"})"},
        LogCase{"ollama",
                "time=x level=INFO msg=\"kv cache\" device=CUDA0 size=\"936.0 MiB\"\ntime=x msg=\"total memory\" "
                "size=\"5.4 GiB\"\n",
                "ollama", R"({"kv_cache.CUDA0": "936 MiB", "total": "5.4 GiB"})"},
        LogCase{"ollama_ps",
                "NAME       ID     SIZE     PROCESSOR    UNTIL\nx:latest   d9db   24 GB    100% GPU     Forever\n",
                "ollama", R"({"total": "24 GB", "gpu_share": "100 %"})"},
        LogCase{
            "torch_old",
            "RuntimeError: CUDA out of memory. Tried to allocate 146.00 MiB (GPU 0; 8.00 GiB total capacity; 7.21 GiB "
            "already allocated; 0 bytes free; 7.32 GiB reserved in total by PyTorch)",
            "torch",
            R"({"requested": "146 MiB", "gpu_total": "8 GiB", "allocated": "7.21 GiB", "gpu_free": "0 bytes", "reserved": "7.32 GiB"})",
            "error"},
        LogCase{
            "torch_new",
            "OutOfMemoryError: CUDA out of memory. Tried to allocate 30.00 MiB. GPU 1 has a total capacty of 11.00 GiB "
            "of which 0 bytes is free. Including non-PyTorch memory, this process has 17179869184.00 GiB memory in "
            "use. Of the allocated memory 9.98 GiB is allocated by PyTorch, and 696.75 MiB is reserved by PyTorch but "
            "unallocated.",
            "torch",
            R"({"requested": "30 MiB", "gpu_total": "11 GiB", "allocated": "9.98 GiB", "reserved_unallocated": "696.75 MiB"})",
            "error"},
        LogCase{"deepspeed",
                "[INFO] [utils.py:803:see_memory_usage] MA 4.96 GB         Max_MA 5.09 GB         CA 6.39 GB         "
                "Max_CA 6 GB\n[utils.py] MA 4.89 GB         Max_MA 5.55 GB         CA 6.40 GB         Max_CA 6 GB\n",
                "deepspeed", R"({"allocated": "4.89 GiB", "max_allocated": "5.55 GiB", "reserved": "6.4 GiB"})"},
        LogCase{"megatron",
                "after 5 iterations memory (MB) | allocated: 10250.5 | max allocated: 12606.0 | reserved: 17482.0 | "
                "max reserved: 17482.0",
                "megatron", R"({"max_allocated": "12606 MiB"})"}),
    [](const testing::TestParamInfo<LogCase>& tested) { return tested.param.name; });

TEST(ReadLog, TakesTheArgumentsOfSglang)
{
    const auto log = read_log("server_args=ServerArgs(model_path='/models/Q', tp_size=4, mem_fraction_static=0.93, "
                              "context_length=None, enable_dp_attention=False, api_key='s3cret')");
    ASSERT_TRUE(log);
    EXPECT_EQ(log->scenario.hardware.tensor_parallel, 4);
    EXPECT_EQ(log->scenario.inference.sglang.mem_fraction_static, 0.93);
    EXPECT_EQ(log->scenario.model.text, "/models/Q");
    EXPECT_EQ(log_json(*log).dump().find("s3cret"), std::string::npos);
}

TEST(ReadLog, LeavesOtherTextsAlone)
{
    for (const std::string text : {"", "hello", "llama-server -m a.gguf -c 4096", "n_ctx = 4096",
                                   "vllm serve a/b --gpu-memory-utilization=0.9", "{}"})
        EXPECT_FALSE(read_log(text)) << text;
    EXPECT_FALSE(match_log_line("{a b} GB", std::string(100000, '1')));
}

} // namespace

} // namespace weighbridge
