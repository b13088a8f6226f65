#include "core/speed/local_pace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace weighbridge {

namespace {

// Least squares on the logarithm of the time (Huber loss, weak priors) over llama-bench tables and logs, MLX and
// ExLlama runs of 745 public settings (docs/speed.md). A share of the bandwidth and the time of a layer belong
// together.
constexpr std::array<LocalDevice, 28> local_devices = {{
    {"amd_rdna3", "ROCm", 0.56, 0.39, 0},
    {"amd_rdna3", "Vulkan", 0.54, 0.19, 0},
    {"amd_rdna4", "ROCm", 0.76, 0.34, 0},
    {"amd_rdna4", "Vulkan", 0.72, 0.18, 0},
    {"amd_strix", "ROCm", 0.7, 0.34, 0.077},
    {"amd_strix", "Vulkan", 0.75, 0.18, 0},
    {"apple_base", "Metal", 0.8, 0.6, 0},
    {"apple_base", "MLX", 0.77, 0, 0},
    {"apple_m5", "Metal", 0.96, 0.47, 0},
    {"apple_m5", "MLX", 0.93, 0.5, 0},
    {"apple_max", "Metal", 0.7, 0.75, 0},
    {"apple_max", "MLX", 0.74, 0, 0},
    {"cpu", "CPU", 0.72, 0, 0},
    {"intel_arc", "SYCL", 0.62, 0.22, 0},
    {"nv_a100", "CUDA", 0.46, 0, 0.28},
    {"nv_a100", "ExLlama", 0.66, 0, 0},
    {"nv_ada", "CUDA", 0.89, 0, 0.28},
    {"nv_ada", "Vulkan", 0.8, 0, 0},
    {"nv_ada", "ExLlama", 0.84, 0, 0},
    {"nv_ampere", "CUDA", 0.84, 0.36, 0.39},
    {"nv_ampere", "Vulkan", 0.73, 0, 0},
    {"nv_ampere", "ExLlama", 0.57, 0.26, 0},
    {"nv_blackwell", "CUDA", 0.97, 0.55, 0},
    {"nv_blackwell", "Vulkan", 0, 0.35, 0},
    {"nv_gb10", "CUDA", 0.83, 0.35, 0},
    {"nv_hopper", "CUDA", 0.63, 0, 0.17},
    {"nv_pascal", "CUDA", 0.7, 0, 0},
    {"nv_turing", "Vulkan", 0.66, 0, 0},
}};
constexpr std::array<LocalBackend, 9> local_backends = {{
    {.vendor = "amd",
     .backend = "ROCm",
     .layer_us = 40,
     .experts_us = 140,
     .recurrent_us = 15,
     .cache = 0.61,
     .cache_plain = 0.31,
     .prefill_experts = 0.73,
     .attention = 0.078,
     .attention_plain = 0.24,
     .prefill_layer_us = 39},
    {.vendor = "amd",
     .backend = "Vulkan",
     .layer_us = 42,
     .experts_us = 130,
     .recurrent_us = 14,
     .cache = 0.7,
     .cache_plain = 0.33,
     .prefill_experts = 0.58,
     .attention = 0.048,
     .attention_plain = 0.15,
     .prefill_layer_us = 42},
    {.vendor = "apple",
     .backend = "Metal",
     .layer_us = 120,
     .experts_us = 36,
     .recurrent_us = 43,
     .cache = 0.29,
     .cache_plain = 0.29,
     .prefill_experts = 0.78,
     .attention = 0.26,
     .attention_plain = 0.26,
     .prefill_layer_us = 480},
    {.vendor = "apple",
     .backend = "MLX",
     .layer_us = 74,
     .experts_us = 30,
     .recurrent_us = 13,
     .cache = 0.3,
     .cache_plain = 0.3,
     .prefill_experts = 0.26,
     .attention = 0.31,
     .attention_plain = 0.31,
     .prefill_layer_us = 1100},
    {.vendor = "cpu",
     .backend = "CPU",
     .layer_us = 59,
     .experts_us = 25,
     .recurrent_us = 17,
     .cache = 0.57,
     .cache_plain = 0.57,
     .prefill_experts = 0.7,
     .attention = 0.25,
     .attention_plain = 0.25,
     .prefill_layer_us = 40},
    {.vendor = "intel",
     .backend = "SYCL",
     .layer_us = 15,
     .experts_us = 290,
     .recurrent_us = 41,
     .cache = 0.56,
     .cache_plain = 0.56,
     .prefill_experts = 0.098,
     .attention = 0.023,
     .attention_plain = 0.023,
     .prefill_layer_us = 40},
    {.vendor = "nv",
     .backend = "CUDA",
     .layer_us = 70,
     .experts_us = 23,
     .recurrent_us = 14,
     .cache = 0.64,
     .cache_plain = 0.48,
     .prefill_experts = 0.66,
     .attention = 0.25,
     .attention_plain = 0.037,
     .prefill_layer_us = 35},
    {.vendor = "nv",
     .backend = "Vulkan",
     .layer_us = 14,
     .experts_us = 25,
     .recurrent_us = 15,
     .cache = 0.6,
     .cache_plain = 0.6,
     .prefill_experts = 0.7,
     .attention = 0.25,
     .attention_plain = 0.25,
     .prefill_layer_us = 40},
    {.vendor = "nv",
     .backend = "ExLlama",
     .layer_us = 19,
     .experts_us = 25,
     .recurrent_us = 18,
     .cache = 0.57,
     .cache_plain = 0.57,
     .prefill_experts = 0.7,
     .attention = 0.25,
     .attention_plain = 0.25,
     .prefill_layer_us = 40},
}};
constexpr std::array<LocalType, 47> local_types = {{
    {"amd", "ROCm", "bf16", 1.23, 1.14},     {"amd", "ROCm", "f16", 0.751, 1.15},
    {"amd", "ROCm", "iq123", 0.786, 1},      {"amd", "ROCm", "mxfp4", 1.07, 0.851},
    {"amd", "ROCm", "q23k", 0.832, 0.911},   {"amd", "ROCm", "q4_0", 1.04, 0.947},
    {"amd", "ROCm", "q4k", 1, 0.806},        {"amd", "ROCm", "q6k", 1.12, 1},
    {"amd", "ROCm", "q8", 1.18, 0.921},      {"amd", "Vulkan", "bf16", 1, 0.664},
    {"amd", "Vulkan", "f16", 0.719, 0.873},  {"amd", "Vulkan", "mxfp4", 1, 1.22},
    {"amd", "Vulkan", "q23k", 0.885, 0.793}, {"amd", "Vulkan", "q4_0", 1.04, 1.13},
    {"amd", "Vulkan", "q4k", 1.08, 0.83},    {"amd", "Vulkan", "q6k", 1.1, 1.16},
    {"amd", "Vulkan", "q8", 1.1, 1},         {"apple", "Metal", "f16", 1.14, 1.08},
    {"apple", "Metal", "mxfp4", 0.936, 1},   {"apple", "Metal", "q23k", 0.905, 1},
    {"apple", "Metal", "q4k", 1.04, 0.948},  {"apple", "Metal", "q5", 1, 0.915},
    {"apple", "Metal", "q6k", 1.05, 1},      {"apple", "Metal", "q8", 1.03, 1},
    {"apple", "MLX", "mlx46", 1.07, 1},      {"apple", "MLX", "mlx8", 1, 0.961},
    {"cpu", "CPU", "bf16", 1.09, 1},         {"cpu", "CPU", "q23k", 0.716, 1},
    {"cpu", "CPU", "q4k", 0.83, 1},          {"cpu", "CPU", "q5", 1.15, 1},
    {"cpu", "CPU", "q6k", 1.13, 1},          {"intel", "SYCL", "iq4", 0.968, 1},
    {"intel", "SYCL", "q4_0", 0.954, 0.928}, {"intel", "SYCL", "q4k", 1, 0.917},
    {"intel", "SYCL", "q5", 0.935, 1},       {"intel", "SYCL", "q6k", 0.964, 1.05},
    {"intel", "SYCL", "q8", 1.09, 1},        {"nv", "CUDA", "bf16", 1, 0.893},
    {"nv", "CUDA", "f16", 1.04, 1.56},       {"nv", "CUDA", "mxfp4", 0.897, 0.905},
    {"nv", "CUDA", "q23k", 0.945, 0.898},    {"nv", "CUDA", "q4_0", 0.966, 0.969},
    {"nv", "CUDA", "q4k", 1, 1.05},          {"nv", "CUDA", "q5", 1, 0.96},
    {"nv", "CUDA", "q6k", 1, 0.777},         {"nv", "CUDA", "q8", 1.06, 1},
    {"nv", "ExLlama", "exl3", 0.665, 0.929},
}};

constexpr std::array<std::pair<std::string_view, double>, 3> hops_us = {{{"amd", 62}, {"intel", 61}, {"nv", 83}}};

/// GB/s of weights that one thread works through (llama.cpp, x86 with AVX2).
constexpr std::array<std::pair<std::string_view, double>, 10> thread_gbs = {{{"f16", 30},
                                                                             {"bf16", 30},
                                                                             {"q8", 20},
                                                                             {"q6k", 23},
                                                                             {"q5", 17},
                                                                             {"q4_0", 24},
                                                                             {"q4k", 21},
                                                                             {"iq4", 15},
                                                                             {"q23k", 15},
                                                                             {"iq123", 6.6}}};
constexpr double usual_thread_gbs = 15;

/// Apple's parts differ by the width of their memory, from M5 on by their matrix units.
std::string apple_class(const Accelerator& accelerator)
{
    const auto named = [&](std::string_view word) { return accelerator.id.find(word) != std::string::npos; };
    if (accelerator.id.starts_with("m5"))
        return "apple_m5";
    return named("ultra") ? "apple_ultra" : named("max") ? "apple_max" : "apple_base";
}

/// The class of a device, its vendor in front.
std::string device_class(const Accelerator& accelerator)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> families = {{
        {"Pascal", "nv_pascal"},
        {"Volta", "nv_volta"},
        {"Turing", "nv_turing"},
        {"GA100", "nv_a100"},
        {"Ampere", "nv_ampere"},
        {"Ada", "nv_ada"},
        {"Hopper", "nv_hopper"},
        {"GB10 ", "nv_gb10"},
        {"Blackwell", "nv_blackwell"},
        {"RDNA3.5", "amd_strix"},
        {"RDNA3", "amd_rdna3"},
        {"RDNA4", "amd_rdna4"},
    }};
    if (accelerator.vendor == "Apple")
        return apple_class(accelerator);
    if (accelerator.platform == "xpu")
        return "intel_arc";
    for (const auto& [word, id] : families)
        if (accelerator.family.find(word) != std::string::npos)
            return std::string(id);
    return accelerator.vendor == "NVIDIA" ? "nv_other" : accelerator.vendor == "AMD" ? "amd_other" : "other";
}

std::string_view usual_backend(std::string_view vendor)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> usual = {
        {{"nv", "CUDA"}, {"amd", "Vulkan"}, {"apple", "Metal"}, {"intel", "SYCL"}, {"cpu", "CPU"}}};
    for (const auto& [name, backend] : usual)
        if (name == vendor)
            return backend;
    return "CUDA";
}

std::string_view backend_of(const LocalSetup& setup, std::string_view vendor)
{
    if (setup.engine.starts_with("exllama"))
        return "ExLlama";
    if (setup.engine == "mlx" || setup.weights.starts_with("mlx"))
        return "MLX";
    return setup.backend.empty() ? usual_backend(vendor) : setup.backend;
}

/// "gguf:Q4_K_M" is of group "q4k"; types of one group are equally fast.
std::string_view type_group(std::string_view weights, std::string_view backend)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> groups = {{{"BF16", "bf16"},
                                                                                              {"F", "f16"},
                                                                                              {"Q8", "q8"},
                                                                                              {"Q6", "q6k"},
                                                                                              {"Q5", "q5"},
                                                                                              {"Q4_0", "q4_0"},
                                                                                              {"Q4_1", "q4_0"},
                                                                                              {"IQ4_NL", "q4_0"},
                                                                                              {"Q4", "q4k"},
                                                                                              {"MXFP4", "mxfp4"},
                                                                                              {"IQ4", "iq4"},
                                                                                              {"Q2", "q23k"},
                                                                                              {"Q3", "q23k"}}};
    constexpr std::string_view gguf = "gguf:";
    const bool wide = weights == "bf16" || weights == "fp16" || weights == "fp32";
    if (backend == "MLX")
        return wide ? "f16" : weights.starts_with("mlx:8") ? "mlx8" : "mlx46";
    if (weights.starts_with("exl2") || weights.starts_with("exl3"))
        return weights.substr(0, 4);
    if (wide)
        return weights == "bf16" ? "bf16" : "f16";
    if (!weights.starts_with(gguf))
        return "gptq";
    weights.remove_prefix(gguf.size());
    for (const auto& [start, group] : groups)
        if (weights.starts_with(start))
            return group;
    return "iq123";
}

/// Whether a build is older than a day, given with the number of llama.cpp's build of that day.
bool is_older(std::string_view version, std::string_view day, int build)
{
    if (version.starts_with("20"))
        return version < day;
    if (!version.starts_with('b'))
        return false; // the newest
    int number = 0;
    std::from_chars(version.data() + 1, version.data() + version.size(), number);
    return number > 0 && number < build;
}

template<class Row, std::size_t size, class Matches>
const Row* found_in(const std::array<Row, size>& rows, const Matches& matches)
{
    const auto found = std::find_if(rows.begin(), rows.end(), matches);
    return found == rows.end() ? nullptr : &*found;
}

/// Of builds of that time; where nobody measured these, of the others.
double prefill_share(const LocalDevice* device, std::string_view backend, bool old)
{
    if (device == nullptr)
        return 0;
    const double first = old ? device->prefill_old : device->prefill;
    const double second = old ? device->prefill : backend == "CUDA" ? device->prefill_old : 0;
    return first > 0 ? first : second;
}

void take_backend(LocalPace& pace)
{
    const auto* costs = found_in(local_backends, [&](const LocalBackend& row) {
        return row.vendor == pace.vendor && row.backend == pace.backend;
    });
    if (costs != nullptr)
        pace.costs = *costs;
}

} // namespace

LocalPace local_pace(const LocalSetup& setup)
{
    constexpr int build_of_2025 = 4400;
    constexpr int build_of_october_2025 = 6670;
    LocalPace pace;
    pace.device_class = setup.backend == "CPU" ? "cpu" : device_class(*setup.accelerator);
    static constexpr std::array<std::string_view, 6> vendors = {"nv", "amd", "apple", "intel", "cpu", "other"};
    for (const std::string_view vendor : vendors)
        if (pace.device_class.starts_with(vendor))
            pace.vendor = vendor;
    pace.backend = backend_of(setup, pace.vendor);
    take_backend(pace);
    const bool old = (pace.backend == "CUDA" && is_older(setup.version, "2025", build_of_2025)) ||
                     (pace.backend == "ROCm" && is_older(setup.version, "2025-10", build_of_october_2025));
    if (old && pace.backend == "CUDA")
        pace.costs.layer_us = local_common.old_cuda_layer_us;
    const auto* device = found_in(local_devices, [&](const LocalDevice& row) {
        return row.device == pace.device_class && row.backend == pace.backend;
    });
    const std::string_view group = type_group(setup.weights, pace.backend);
    const auto* type = found_in(local_types, [&](const LocalType& row) {
        return row.vendor == pace.vendor && row.backend == pace.backend && row.group == group;
    });
    pace.measured = device != nullptr && device->decode > 0;
    pace.decode = (pace.measured ? device->decode : local_common.other_decode) * (type != nullptr ? type->decode : 1);
    const double prefill = prefill_share(device, pace.backend, old);
    pace.prefill_measured = prefill > 0;
    const double other = pace.vendor == "apple" ? local_common.other_prefill_apple : local_common.other_prefill;
    pace.prefill = pace.vendor == "cpu" ? 0 : (prefill > 0 ? prefill : other) * (type != nullptr ? type->prefill : 1);
    if (pace.vendor == "cpu") {
        const auto* rate = found_in(thread_gbs, [&](const auto& row) { return row.first == group; });
        pace.thread_bytes = (rate != nullptr ? rate->second : usual_thread_gbs) * 1e9 *
                            (setup.engine == "ik_llama.cpp" ? local_common.fork_threads : 1);
    }
    return pace;
}

bool is_local_engine(std::string_view engine)
{
    static constexpr std::array<std::string_view, 7> local = {"llama.cpp", "ik_llama.cpp", "ollama",   "lmstudio",
                                                              "mlx",       "exllamav2",    "exllamav3"};
    return std::find(local.begin(), local.end(), engine) != local.end();
}

double prompt_peak(const Accelerator& accelerator, const LocalPace& pace)
{
    constexpr double tera = 1e12;
    const DensePeaks& peaks = accelerator.tflops;
    if (pace.vendor == "cpu")
        return 0;
    if (pace.vendor == "apple")
        return peaks.fp32.value_or(0) * (pace.device_class == "apple_m5" ? 4 : 1) * tera;
    if (pace.vendor == "nv" && peaks.int8)
        return *peaks.int8 / 2 * tera;
    return peaks.fp16.value_or(peaks.bf16.value_or(0)) * tera;
}

double hop_seconds(std::string_view vendor)
{
    constexpr double usual = 60;
    const auto* hop = found_in(hops_us, [&](const auto& row) { return row.first == vendor; });
    return (hop != nullptr ? hop->second : usual) * 1e-6;
}

} // namespace weighbridge
