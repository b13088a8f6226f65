#include "core/engines/sglang/settings.h"

#include "core/engines/inference.h"
#include "core/engines/sglang/static_share.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weighbridge::sglang {

namespace {

/// Taken on the device when the server measures what is free. Of the context nothing but the whole was logged: a 24 GiB
/// card showed 22.76 GiB.
constexpr double context_of_a_process = 0.6 * bytes_per_gib;

/// Keys of another width than values: TensorRT-LLM's kernels don't take them.
bool has_uneven_heads(const Architecture& architecture)
{
    return any_mixer(architecture, [](const Mixer& mixer) {
        const auto* attention = std::get_if<Attention>(&mixer);
        return attention != nullptr && attention->head_dim != attention->value_head_dim;
    });
}

/// DeepSeek-V3's classes take TensorRT-LLM's MLA kernels on Blackwell, those of V2 don't.
bool takes_trtllm_latent(std::string_view family)
{
    return family == "deepseek_v3" || family.starts_with("kimi_k2");
}

/// As the attention kernels that 0.5.23 takes by default want it (arg_groups/overrides.py).
std::int64_t default_page(const Architecture& architecture, const Settings& settings)
{
    if (has_mixer<CompressedAttention>(architecture))
        return 256;
    if (has_sparse_latent_attention(architecture))
        return 64;
    if (!settings.blackwell || has_mixer<Recurrent>(architecture) || settings.draft.any())
        return 1;
    if (has_mixer<LatentAttention>(architecture))
        return takes_trtllm_latent(architecture.family) ? 64 : 1;
    return has_uneven_heads(architecture) ? 128 : 64;
}

/// arg_groups/speculative_hook.py, _auto_choose_speculative_params. NEXTN is EAGLE by another name: where the network
/// has prediction layers these are the draft.
DraftSettings draft_of(const SglangOptions& options, const Architecture& architecture)
{
    DraftSettings draft;
    if (!options.speculative_algorithm)
        return draft;
    const bool predicts = architecture.mtp_layers() > 0 && *options.speculative_algorithm != "EAGLE3";
    if (*options.speculative_algorithm == "NGRAM")
        draft.kind = DraftKind::ngram;
    else if (predicts || *options.speculative_algorithm == "NEXTN")
        draft.kind = DraftKind::prediction_layer;
    else
        draft.kind = DraftKind::assumed_layer;
    const bool tree = architecture.family == "llama" || architecture.family.starts_with("grok");
    draft.steps = options.speculative_num_steps.value_or(tree ? 5 : 3);
    const bool usual = tree && !options.speculative_num_steps;
    draft.tokens = options.speculative_num_draft_tokens.value_or(usual ? 8 : draft.steps + 1);
    return draft;
}

/// Slots for each running request: its own and two of the radix cache's, and those of the extra buffer, two with an
/// overlapping scheduler (mem_cache/kv_cache_configurator.py, _calculate_mamba_ratio). Who turns overlapping off has no
/// buffer either, unless pages ask for one.
std::int64_t slots_per_request(const SglangOptions& options, const Settings& settings)
{
    if (!settings.radix_cache)
        return 1;
    const std::string strategy = options.mamba_radix_cache_strategy.value_or("auto");
    const bool wanted = !options.disable_overlap_schedule || options.page_size.value_or(1) > 1;
    if (strategy == "no_buffer" || (strategy == "auto" && !(settings.model.extra_state_buffer && wanted)))
        return 3;
    return settings.overlap && strategy != "extra_buffer_lazy" ? 5 : 4;
}

double width_of(std::string_view type)
{
    return type == "float32" ? 4 : 2;
}

/// Graphs of prefill are off with stages, and where the class forbids them.
std::int64_t prefill_graphs(const InferenceInputs& inputs, const Settings& settings, std::int64_t chunk)
{
    const SglangOptions& options = inputs.choice->sglang;
    if (options.disable_prefill_cuda_graph || !settings.model.prefill_graphs || inputs.pipeline_parallel > 1)
        return 0;
    constexpr std::int64_t most_for_llama_2 = 4096;
    std::int64_t largest = chunk > 0 ? chunk : options.max_prefill_tokens.value_or(16384);
    if (options.max_total_tokens)
        largest = std::min(largest, *options.max_total_tokens);
    if (inputs.model->name.find("Llama-2") != std::string::npos) // by its path's name, in SGLang as well
        largest = std::min(largest, most_for_llama_2);
    return prefill_graph_sizes(settings.release, largest);
}

double share_of(const InferenceInputs& inputs, const Settings& settings, std::int64_t chunk)
{
    const SglangOptions& options = inputs.choice->sglang;
    ShareInputs share;
    share.release = settings.release;
    share.mib = std::floor(inputs.device_memory / bytes_per_mib);
    share.tensor_parallel = inputs.tensor_parallel;
    share.pipeline_parallel = inputs.pipeline_parallel;
    share.attention_replicas = settings.attention_replicas;
    share.activation_tokens = chunk > 0 ? chunk : options.max_prefill_tokens.value_or(16384);
    share.largest_batch = settings.cuda_graph_max_bs;
    share.decode_graphs = settings.cuda_graph_max_bs > 0;
    share.prefill_graphs = prefill_graphs(inputs, settings, chunk);
    share.latent = has_mixer<LatentAttention>(inputs.model->architecture);
    share.deep_ep = options.moe_a2a_backend == "deepep";
    share.speculative = settings.draft.has_weights();
    share.multimodal = settings.model.multimodal && !options.language_only;
    share.vision = inputs.model->architecture.vision;
    if (inputs.model->architecture.family == "gemma3n" && !share.vision)
        share.vision = VisionShape{0, 2048}; // MobileNet-V5: the class has a vision_config even where the file has none
    return static_share(share);
}

/// Embeddings of images that are kept; Qwen3-VL on large Hopper cards hands features over in pools of their own instead
/// (kv_cache_configurator.py, mm_runtime_reservation_gb).
double image_reserve(const InferenceInputs& inputs, const Settings& settings)
{
    if (!settings.model.multimodal || settings.release < Release{0, 5, 20})
        return 0;
    const std::string& family = inputs.model->architecture.family;
    const bool large = inputs.device_memory > 60 * bytes_per_gib;
    const bool pools = settings.hopper && large && (family == "qwen3_vl" || family == "qwen3_vl_moe");
    return (pools ? 1024 : 100) * bytes_per_mib;
}

/// What the option, the algorithm or the class says, of one rank of data-parallel attention.
std::optional<std::int64_t> running_requests(const SglangOptions& options, const Settings& settings,
                                             const Architecture& architecture)
{
    constexpr std::int64_t with_a_draft = 48;
    constexpr std::int64_t of_deepseek_v4 = 256;
    std::optional<std::int64_t> all = options.max_running_requests;
    if (!all && settings.draft.any())
        all = with_a_draft;
    if (!all && has_mixer<CompressedAttention>(architecture))
        all = of_deepseek_v4;
    if (!all)
        return std::nullopt;
    return std::max<std::int64_t>(1, *all / settings.attention_replicas);
}

void set_cache_options(Settings& settings, const SglangOptions& options, const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    settings.radix_cache = !options.disable_radix_cache;
    settings.overlap = !options.disable_overlap_schedule && inputs.pipeline_parallel == 1; // stages wait for each other
    settings.max_running_requests = running_requests(options, settings, architecture);
    settings.max_total_tokens = options.max_total_tokens;
    settings.page_size = options.page_size.value_or(default_page(architecture, settings));
    settings.window_ratio = options.swa_full_tokens_ratio.value_or(settings.model.window_ratio);
    settings.state_ratio = options.mamba_full_memory_ratio.value_or(0.9);
    settings.slots_per_request = slots_per_request(options, settings);
    if (options.mamba_ssm_dtype)
        settings.state_bytes = width_of(*options.mamba_ssm_dtype);
    if (options.max_mamba_cache_size)
        settings.state_slots = *options.max_mamba_cache_size / settings.attention_replicas;
    else if (options.disable_radix_cache && settings.max_running_requests)
        settings.state_slots = settings.max_running_requests;
}

} // namespace

InferenceInputs with_cache_type(InferenceInputs load)
{
    const Architecture& architecture = load.model->architecture;
    const bool sparse = has_sparse_latent_attention(architecture) && compute_capability(load.accelerator) >= 100;
    if (load.kv_cache_chosen || !(sparse || has_mixer<CompressedAttention>(architecture)))
        return load;
    if (auto format = find_format("fp8", FormatUse::kv_cache)) {
        load.kv_k = *format;
        load.kv_v = std::move(*format);
    }
    return load;
}

Settings settings_of(const InferenceInputs& inputs)
{
    const SglangOptions& options = inputs.choice->sglang;
    const Architecture& architecture = inputs.model->architecture;
    Settings settings;
    settings.release = read_release(inputs.choice->engine_version);
    settings.model = model_class(architecture, settings.release);
    settings.total_memory = reported_memory(inputs);
    settings.in_use = inputs.memory_in_use;
    settings.context_bytes = std::round(context_of_a_process);
    const std::int64_t generation = compute_capability(inputs.accelerator) / 10;
    settings.hopper = generation == 9;
    settings.blackwell = generation == 10 || generation == 11;
    settings.data_parallel = inputs.hardware->data_parallel;
    const bool splits = options.enable_dp_attention && inputs.tensor_parallel % settings.data_parallel == 0;
    settings.attention_replicas = splits ? settings.data_parallel : 1;
    settings.attention_ranks = inputs.tensor_parallel / settings.attention_replicas;
    settings.context_length = options.context_length.value_or(
        architecture.max_position_embeddings > 0 ? architecture.max_position_embeddings : inputs.sequence_length);
    const bool full_precision = inputs.weights.takes_all_tensors && inputs.weights.bits == 32;
    settings.model_bytes = full_precision ? 4 : inputs.activations.bits / 8;
    settings.draft = draft_of(options, architecture);

    const double mib = inputs.device_memory / bytes_per_mib;
    const CardDefaults card = card_defaults(settings.release, mib, inputs.tensor_parallel);
    settings.cuda_graph_max_bs = options.cuda_graph_max_bs.value_or(card.cuda_graph_max_bs);
    if (!options.cuda_graph_max_bs && options.max_running_requests && settings.release >= Release{0, 5, 14})
        settings.cuda_graph_max_bs = std::min(settings.cuda_graph_max_bs, *options.max_running_requests);
    const std::int64_t chunk = options.chunked_prefill_size.value_or(card.chunked_prefill_size);
    settings.chunked_prefill_size = chunk > 0 ? std::max<std::int64_t>(1, chunk / settings.attention_replicas) : chunk;
    set_cache_options(settings, options, inputs);
    settings.image_reserve = image_reserve(inputs, settings);
    settings.mem_fraction_static =
        options.mem_fraction_static.value_or(settings.total_memory > 0 ? share_of(inputs, settings, chunk) : 0);
    return settings;
}

} // namespace weighbridge::sglang
