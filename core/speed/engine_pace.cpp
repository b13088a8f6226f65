#include "core/speed/engine_pace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace weighbridge {

namespace {

using Count = std::optional<std::int64_t>;

Count vllm_budget(const InferenceChoice& choice)
{
    return choice.vllm.max_num_batched_tokens;
}
Count vllm_limit(const InferenceChoice& choice)
{
    return choice.vllm.max_num_seqs;
}
Count sglang_budget(const InferenceChoice& choice)
{
    return choice.sglang.chunked_prefill_size;
}
Count sglang_limit(const InferenceChoice& choice)
{
    return choice.sglang.max_running_requests;
}
Count tensorrt_llm_budget(const InferenceChoice& choice)
{
    return choice.tensorrt_llm.max_num_tokens;
}
Count tensorrt_llm_limit(const InferenceChoice& choice)
{
    return choice.served.max_batch_size;
}
Count llama_cpp_budget(const InferenceChoice& choice)
{
    return choice.llama_cpp.n_batch;
}

// Gauss-Newton fit on the logarithms of TPOT, E2E, throughput and TTFT of 1,443 published runs (InferenceMAX, Argonne's
// LLM-Inference-Bench, TensorRT-LLM's and Qwen's speed pages, GPUStack's lab, dstack, ROCm's vLLM images); the method
// and the spread of each constant with one architecture left out are in docs/speed.md.
constexpr std::array<EnginePace, 11> engine_table = {{
    {.id = "vllm",
     .kernel_us = 5.19,
     .plain_kernels = 0.7,
     .step_us = 299,
     .sequence_us = 4.38,
     .api_us = 30,
     .eager_us = 35.3,
     .request_ms = 26.1,
     .token_budget = vllm_budget,
     .running_limit = vllm_limit,
     .records = 304},
    {.id = "vllm-v0",
     .kernel_us = 5.82,
     .step_us = 1270,
     .sequence_us = 44,
     .api_us = 30,
     .eager_us = 20,
     .request_ms = 15,
     .compute = 0.565,
     .whole_prompts = true,
     .token_budget = vllm_budget,
     .running_limit = vllm_limit,
     .records = 105},
    {.id = "sglang",
     .kernel_us = 4.95,
     .plain_kernels = 0.7,
     .step_us = 299,
     .sequence_us = 4.37,
     .api_us = 29.8,
     .eager_us = 17.3,
     .request_ms = 95.8,
     .compute = 1.51,
     .handover_ms = 200,
     .stream_hold = 0.505,
     .waves = 0.5,
     .mixes_prompts = false,
     .attention_inside = true,
     .shares_limit = true,
     .token_budget = sglang_budget,
     .running_limit = sglang_limit,
     .records = 199},
    {.id = "trtllm",
     .kernel_us = 5.19,
     .plain_kernels = 0.7,
     .step_us = 298,
     .sequence_us = 4.37,
     .api_us = 27.1,
     .eager_us = 18.4,
     .request_ms = 36.5,
     .compute = 1.39,
     .stream_hold = 0.449,
     .attention_inside = true,
     .token_budget = tensorrt_llm_budget,
     .running_limit = tensorrt_llm_limit,
     .records = 425},
    {.id = "trtllm-cpp",
     .kernel_us = 6.78,
     .step_us = 287,
     .sequence_us = 1.76,
     .api_us = 5,
     .eager_us = 5.99,
     .request_ms = 13.3,
     .compute = 1.64,
     .stream_hold = 0.449,
     .attention_inside = true,
     .token_budget = tensorrt_llm_budget,
     .running_limit = tensorrt_llm_limit,
     .records = 160},
    {.id = "transformers",
     .kernel_us = 57.5,
     .step_us = 920,
     .sequence_us = 4.98,
     .api_us = 1,
     .eager_us = 20,
     .request_ms = 5,
     .compute = 0.358,
     .mixes_prompts = false,
     .slow_attention = true,
     .launches_experts = true,
     .pipelines_batches = false,
     .records = 18},
    {.id = "llama.cpp",
     .kernel_us = 15.6,
     .step_us = 267,
     .sequence_us = 4.99,
     .api_us = 1,
     .eager_us = 3,
     .request_ms = 1,
     .compute = 0.599,
     .mixes_prompts = false,
     .slow_attention = true,
     .pipelines_batches = false,
     .cdna_bandwidth = 0.269,
     .token_budget = llama_cpp_budget,
     .records = 56},
    {.id = "deepspeed-mii",
     .kernel_us = 11.3,
     .step_us = 2720,
     .sequence_us = 15.7,
     .api_us = 30,
     .eager_us = 20,
     .request_ms = 15,
     .compute = 0.473,
     .mixes_prompts = false,
     .records = 28},
    {.id = "optimum-habana",
     .kernel_us = 8.29,
     .step_us = 563,
     .sequence_us = 5.96,
     .api_us = 10,
     .eager_us = 8,
     .request_ms = 5,
     .compute = 1.25,
     .mixes_prompts = false,
     .records = 35},
    {.id = "vllm-rocm",
     .kernel_us = 2.78,
     .step_us = 898,
     .sequence_us = 20.2,
     .api_us = 30,
     .eager_us = 20,
     .request_ms = 15,
     .compute = 0.786,
     .token_budget = vllm_budget,
     .running_limit = vllm_limit,
     .records = 31},
    {.id = "vllm-v0-rocm",
     .kernel_us = 21.8,
     .step_us = 1020,
     .sequence_us = 136,
     .api_us = 30,
     .eager_us = 20,
     .request_ms = 15,
     .compute = 0.83,
     .whole_prompts = true,
     .token_budget = vllm_budget,
     .running_limit = vllm_limit,
     .records = 82},
}};

constexpr double nvlink_us = 11.2;
constexpr double infinity_fabric_us = 22.8;

// The same fit.
constexpr std::array<DevicePace, 6> device_table = {{
    {"ampere", 1.63, 0.867, 0.843, 1.04, 0.805, nvlink_us},
    {"hopper", 1, 0.848, 0.914, 1, 0.845, nvlink_us},
    {"blackwell", 0.569, 0.97, 0.397, 1.46, 1.64, nvlink_us},
    {"pcie", 1.22, 0.6, 0.617, 2, 1.41, nvlink_us},
    {"cdna", 1, 0.6, 0.633, 0.652, 0.672, infinity_fabric_us},
    {"gaudi", 1.04, 0.97, 0.69, 0.877, 0.701, nvlink_us},
}};

template<class Row, std::size_t size>
const Row* row_of(const std::array<Row, size>& table, std::string_view id)
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.id == id; });
    return found == table.end() ? nullptr : &*found;
}

/// "0.7.3" -> {0, 7, 3}; of a date {2024, 11}. Nothing where nobody says: the newest.
using VersionNumbers = std::array<int, 3>;

std::optional<VersionNumbers> version_numbers(std::string_view version)
{
    VersionNumbers numbers{};
    const std::size_t first = version.find_first_of("0123456789");
    if (first == std::string_view::npos)
        return std::nullopt;
    const char* at = version.data() + first;
    const char* end = version.data() + version.size();
    for (int& number : numbers) {
        const auto [next, status] = std::from_chars(at, end, number);
        if (status != std::errc{} || next == end || (*next != '.' && *next != '-'))
            break;
        at = next + 1;
    }
    return numbers;
}

/// Whether a version, or the day that stands for it, is older than both.
bool is_before(std::string_view version, const VersionNumbers& number, const VersionNumbers& day)
{
    constexpr int first_year = 2000;
    const auto given = version_numbers(version);
    return given && *given < ((*given)[0] < first_year ? number : day);
}

/// vLLM 0.8 made its V1 engine the default; AMD's own images had its speed from November 2024 on.
std::string_view vllm_class(std::string_view version, const Accelerator& accelerator)
{
    if (accelerator.platform == "rocm")
        return is_before(version, {0, 6, 2}, {2024, 11}) ? "vllm-v0-rocm" : "vllm-rocm";
    return is_before(version, {0, 8}, {2025}) ? "vllm-v0" : "vllm";
}

/// TensorRT-LLM 0.18 moved to its PyTorch backend. With workers for prompts alone the version is that of Dynamo, which
/// starts them.
std::string_view tensorrt_llm_class(std::string_view version, bool prefill_apart)
{
    return !prefill_apart && is_before(version, {0, 18}, {2025}) ? "trtllm-cpp" : "trtllm";
}

} // namespace

const EnginePace* engine_pace(std::string_view engine, std::string_view version, const Accelerator& accelerator,
                              bool prefill_apart, bool& assumed)
{
    std::string_view id = engine;
    if (engine == "generic" || engine == "lmdeploy") {
        assumed = true; // nobody measured them: a current server's
        id = vllm_class({}, accelerator);
    } else if (engine == "vllm") {
        id = vllm_class(version, accelerator);
    } else if (engine == "tensorrt-llm") {
        id = tensorrt_llm_class(version, prefill_apart);
    } else if (engine == "ik_llama.cpp" || engine == "ollama" || engine == "lmstudio") {
        assumed = true;
        id = "llama.cpp";
    }
    return row_of(engine_table, id);
}

const DevicePace* device_pace(const Accelerator& accelerator, bool& assumed)
{
    const auto named = [&](std::string_view word) { return accelerator.name.find(word) != std::string::npos; };
    const auto of_family = [&](std::string_view word) { return accelerator.family.find(word) != std::string::npos; };
    std::string_view id;
    if (accelerator.id == "custom") {
        assumed = true;
        id = accelerator.unified_memory ? "" : "hopper";
    } else if (accelerator.vendor == "AMD" && named("Instinct")) {
        id = "cdna";
    } else if (accelerator.vendor == "Intel" && named("Gaudi")) {
        id = "gaudi";
    } else if (accelerator.vendor == "NVIDIA") {
        const bool card = accelerator.form_factor.starts_with("PCIe") || accelerator.segment != "datacenter";
        assumed = assumed || !accelerator.matrix_units;
        id = of_family("GA100")                                            ? "ampere"
             : of_family("GH100") || of_family("Hopper") || named("GH200") ? "hopper"
             : card                                                        ? "pcie"
                                                                           : "blackwell";
    }
    return row_of(device_table, id);
}

} // namespace weighbridge
