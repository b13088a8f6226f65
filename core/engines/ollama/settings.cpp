#include "core/engines/ollama/settings.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/model_buffers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace weighbridge {

namespace {

/// By the machine's devices in their order, whether the driver's own figure of free memory was given.
std::vector<bool> free_is_given(const HardwareChoice& hardware)
{
    std::vector<bool> given;
    for (const DeviceGroup& group : hardware.devices)
        given.insert(given.end(), static_cast<std::size_t>(group.count), group.memory_free_gib.has_value());
    return given;
}

/// What the driver keeps of a card of the catalogue, so that programs see less (cudaMemGetInfo).
double kept_by_driver(const Accelerator& accelerator)
{
    constexpr double usually = 470 * bytes_per_mib;
    if (!accelerator.capacity_from_driver || accelerator.vendor != "NVIDIA")
        return 0;
    return accelerator.driver_reserved ? static_cast<double>(accelerator.driver_reserved->count) : usually;
}

OllamaGpu gpu_of(const Accelerator& accelerator, double in_use, double fraction, bool free_given)
{
    constexpr double metal_minimum = 512 * bytes_per_mib;
    constexpr double other_minimum = 457 * bytes_per_mib;
    const auto capacity = static_cast<double>(accelerator.capacity.count);
    OllamaGpu gpu;
    gpu.metal = accelerator.platform == "metal";
    gpu.cuda = accelerator.platform == "cuda" || accelerator.platform.empty();
    gpu.total = std::floor(capacity * fraction) - kept_by_driver(accelerator);
    gpu.free = free_given ? capacity - in_use : gpu.total - in_use;
    gpu.free = std::max(0.0, gpu.free);
    gpu.minimum = gpu.metal ? metal_minimum : other_minimum;
    return gpu;
}

std::vector<OllamaGpu> gpus_of(const InferenceInputs& load)
{
    std::vector<OllamaGpu> gpus;
    const std::vector<bool> given = load.hardware != nullptr ? free_is_given(*load.hardware) : std::vector<bool>{};
    const auto is_given = [&](std::size_t number) { return number < given.size() && given[number]; };
    if (load.devices != nullptr) {
        const auto count = std::min<std::size_t>(
            load.devices->size(), static_cast<std::size_t>(load.tensor_parallel * load.pipeline_parallel));
        for (std::size_t number = 0; number < count; ++number) {
            const Device& device = (*load.devices)[number];
            gpus.push_back(gpu_of(device.accelerator, static_cast<double>(device.in_use.count),
                                  device.accelerator.unified_memory ? device.usable_fraction : 1, is_given(number)));
            gpus.back().number = number;
        }
        return gpus;
    }
    if (load.accelerator == nullptr)
        return gpus;
    const double fraction = load.accelerator->unified_memory ? load.usable_fraction : 1;
    const OllamaGpu one =
        gpu_of(*load.accelerator, load.memory_in_use, fraction, is_given(0) && load.memory_in_use > 0);
    gpus.assign(static_cast<std::size_t>(load.tensor_parallel * load.pipeline_parallel), one);
    for (std::size_t number = 0; number < gpus.size(); ++number)
        gpus[number].number = number;
    return gpus;
}

double total_less_overhead(const InferenceInputs& load, const std::vector<OllamaGpu>& gpus)
{
    double sum = 0;
    for (const OllamaGpu& gpu : gpus)
        sum += std::max(0.0, gpu.total - static_cast<double>(load.choice->ollama.gpu_overhead));
    return sum;
}

/// What the cache of a slot may be at most: what the model was trained for.
std::int64_t within_model(const InferenceInputs& load, std::int64_t tokens)
{
    const std::int64_t trained = load.model->architecture.max_position_embeddings;
    return trained > 0 ? std::min(tokens, trained) : tokens;
}

/// Flash attention that GPUs can't do is off (ml/device.go, FlashAttentionSupported).
bool supports_flash(const InferenceInputs& load)
{
    constexpr std::int64_t xavier = 72;
    constexpr std::int64_t least = 60;
    const auto can = [](const Accelerator& accelerator) {
        const std::int64_t compute = compute_capability(&accelerator);
        return compute == 0 || (compute >= least && compute != xavier);
    };
    if (load.devices != nullptr)
        return std::all_of(load.devices->begin(), load.devices->end(),
                           [&](const Device& device) { return can(device.accelerator); });
    return load.accelerator == nullptr || can(*load.accelerator);
}

/// fs/ggml/ggml.go, SupportsFlashAttention: heads of keys and values of one width, and not Gemma 2.
bool network_supports_flash(const Model& model, std::string_view architecture)
{
    if (architecture == "gemma2")
        return false;
    return std::all_of(model.cache.begin(), model.cache.end(), [](const CacheRun& cache) {
        const bool attends = cache.kind == CacheKind::growing || cache.kind == CacheKind::windowed;
        return !attends || cache.key_dim == cache.value_dim;
    });
}

void take_flash(OllamaSettings& settings, const InferenceInputs& load)
{
    const std::optional<bool> said = load.choice->llama_cpp.flash_attn;
    const bool on_gpu = supports_flash(load);
    if (ollama_leaves_flash_to_llama_cpp(settings.release, settings.runner)) {
        settings.flash = said.value_or(on_gpu);
        settings.flash_auto = !said && settings.flash;
        return;
    }
    settings.flash = said.value_or(ollama_prefers_flash(settings.release, settings.architecture)) && on_gpu &&
                     network_supports_flash(*load.model, settings.architecture);
}

/// One type for keys and values; before llama-server only with flash attention, and only q8_0 and q4_0 beside f16.
void take_cache(OllamaSettings& settings, const InferenceInputs& load)
{
    settings.kv_k = load.kv_k;
    settings.kv_v = load.kv_v;
    if (settings.runner == OllamaRunner::llama_server)
        return;
    const auto is_16_bits = [](const NumberFormat& format) { return format.bits == 16; };
    const bool known = load.kv_k.id == load.kv_v.id && (load.kv_k.id == "q8_0" || load.kv_k.id == "q4_0");
    if (is_16_bits(load.kv_k) && is_16_bits(load.kv_v))
        return;
    if (known && settings.flash)
        return;
    settings.cache_refused = true;
    if (auto format = find_format("fp16", FormatUse::kv_cache))
        settings.kv_k = settings.kv_v = *format;
}

void take_slots(OllamaSettings& settings, const InferenceInputs& load)
{
    if (ollama_gives_one_slot(settings.release, settings.architecture))
        return;
    if (const auto said = ollama_slots_said(*load.choice)) {
        settings.slots = std::max<std::int64_t>(1, *said);
        return;
    }
    const std::int64_t usual = ollama_slots(settings.release);
    settings.slots = std::max(usual, load.concurrent_sequences);
    settings.may_be_one_slot = load.concurrent_sequences == 1;
}

} // namespace

std::optional<std::int64_t> ollama_slots_said(const InferenceChoice& choice)
{
    if (choice.llama_cpp.n_seq_max)
        return choice.llama_cpp.n_seq_max;
    if (!choice.ollama.num_parallel)
        return std::nullopt;
    const std::string& text = *choice.ollama.num_parallel;
    std::int64_t slots = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), slots);
    const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
    return whole && slots > 0 && slots <= most_sequences ? std::optional(slots) : std::nullopt;
}

/// 0 is "auto" to releases that have it.
bool ollama_can_read_slots(const InferenceChoice& choice)
{
    const auto& said = choice.ollama.num_parallel;
    InferenceChoice alone;
    alone.ollama.num_parallel = said;
    return !said || *said == "auto" || *said == "0" || ollama_slots_said(alone).has_value();
}

double ollama_cache_element(const NumberFormat& format)
{
    if (format.id == "q8_0")
        return 1;
    return format.id == "q4_0" ? 0.5 : 2;
}

std::int64_t ollama_usual_tokens(const InferenceInputs& load)
{
    const InferenceChoice& choice = *load.choice;
    if (choice.ollama.num_ctx)
        return within_model(load, *choice.ollama.num_ctx);
    if (choice.llama_cpp.n_ctx)
        return std::max<std::int64_t>(1, *choice.llama_cpp.n_ctx / ollama_slots_said(choice).value_or(1));
    return within_model(
        load, ollama_context(ollama_release(choice.engine_version), total_less_overhead(load, gpus_of(load))));
}

OllamaSettings ollama_settings(const InferenceInputs& load)
{
    constexpr std::int64_t least_context = 4;
    constexpr std::int64_t least_with_vision = 2048;
    constexpr std::int64_t usual_batch = 512;
    const InferenceChoice& choice = *load.choice;
    const OllamaOptions& options = choice.ollama;
    OllamaSettings settings;
    settings.release = ollama_release(choice.engine_version);
    settings.architecture = ollama_architecture(load.model->architecture.family);
    settings.runner = ollama_runner(settings.release, settings.architecture);
    settings.placing = ollama_placing(settings.release, settings.runner);
    settings.gpus = gpus_of(load);
    take_slots(settings, load);
    take_flash(settings, load);
    take_cache(settings, load);
    if (options.mmproj.value_or(true))
        settings.projector = llama_cpp_projector_bytes(*load.model);

    settings.num_ctx = load.sequence_length;
    if (options.num_ctx)
        settings.num_ctx = *options.num_ctx;
    else if (choice.llama_cpp.n_ctx)
        settings.num_ctx = *choice.llama_cpp.n_ctx / settings.slots;
    settings.num_ctx = std::max(settings.num_ctx, settings.projector > 0 ? least_with_vision : least_context);
    settings.num_ctx = within_model(load, settings.num_ctx);

    const auto batch = options.num_batch ? options.num_batch : choice.llama_cpp.n_ubatch;
    settings.batch_said = batch.has_value() || choice.llama_cpp.n_batch.has_value();
    settings.num_batch = batch.value_or(choice.llama_cpp.n_batch.value_or(usual_batch));
    settings.num_gpu = options.num_gpu.value_or(choice.llama_cpp.n_gpu_layers.value_or(-1));
    return settings;
}

} // namespace weighbridge
