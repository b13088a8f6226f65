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

/// What was named, as far as the pool depends on it (arg_groups/overrides.py).
std::optional<std::int64_t> page_of_backend(const InferenceInputs& inputs)
{
    struct Row
    {
        std::string_view name;
        std::int64_t page;
    };
    static constexpr Row rows[] = {{"trtllm_mha", 64},   {"trtllm_mla", 64},    {"flashmla", 64},
                                   {"cutlass_mla", 128}, {"fa4", 128},          {"ascend", 128},
                                   {"fa3", 1},           {"flashinfer", 1},     {"triton", 1},
                                   {"torch_native", 1},  {"flex_attention", 1}, {"aiter", 1}};
    const auto& name = inputs.choice->served.attention_backend;
    if (!name)
        return std::nullopt;
    const auto found =
        std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == *name; });
    return found == std::end(rows) ? std::nullopt : std::optional(found->page);
}

/// As the attention kernels that 0.5.23 takes by default want it (arg_groups/overrides.py).
std::int64_t default_page(const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = inputs.model->architecture;
    if (has_mixer<CompressedAttention>(architecture))
        return 256;
    if (has_sparse_latent_attention(architecture))
        return 64;
    if (const auto page = page_of_backend(inputs))
        return *page;
    if (!settings.blackwell || has_mixer<Recurrent>(architecture) || settings.draft.any())
        return 1;
    if (has_mixer<LatentAttention>(architecture))
        return takes_trtllm_latent(architecture.family) ? 64 : 1;
    return has_uneven_heads(architecture) ? 128 : 64;
}

/// Where the network has prediction layers these are the draft, unless another one is named (NEXTN is EAGLE by another
/// name).
DraftKind draft_kind(const SglangOptions& options, const InferenceInputs& inputs)
{
    const std::string& algorithm = *options.speculative_algorithm;
    const bool named = inputs.draft != nullptr;
    if (algorithm == "NGRAM")
        return DraftKind::ngram;
    if (algorithm == "STANDALONE")
        return DraftKind::network;
    if (named)
        return DraftKind::eagle;
    const bool predicts = inputs.model->architecture.mtp_layers() > 0 && algorithm != "EAGLE3" &&
                          algorithm != "DFLASH" && !options.speculative_draft_model_path;
    return predicts || algorithm == "NEXTN" ? DraftKind::prediction_layer : DraftKind::assumed_layer;
}

/// arg_groups/speculative_hook.py, _auto_choose_speculative_params.
DraftSettings draft_of(const SglangOptions& options, const InferenceInputs& inputs)
{
    DraftSettings draft;
    if (!options.speculative_algorithm)
        return draft;
    const Architecture& architecture = inputs.model->architecture;
    draft.kind = draft_kind(options, inputs);
    draft.third = *options.speculative_algorithm == "EAGLE3";
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
    if (options.cuda_graph_max_bs_prefill)
        largest = std::min(largest, *options.cuda_graph_max_bs_prefill);
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
    share.standalone = settings.draft.kind == DraftKind::network;
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
    settings.page_size = options.page_size.value_or(default_page(inputs, settings));
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

void set_weights_options(Settings& settings, const InferenceInputs& inputs)
{
    constexpr std::int64_t usual_rank = 16;
    const SglangOptions& options = inputs.choice->sglang;
    const ServedOptions& server = inputs.choice->served;
    if (server.enable_lora) {
        settings.adapters = options.max_loras_per_batch;
        settings.adapter_rank = server.max_lora_rank.value_or(usual_rank);
    }
    settings.offloaded_bytes = server.cpu_offload_gb * bytes_per_gib;
    settings.experts_on_device = options.kt_num_gpu_experts;
    settings.copied_experts = options.ep_num_redundant_experts;
    if (const auto& cache = options.speculative_draft_kv_cache_dtype; cache && inputs.kv_k.bits > 0)
        if (const auto format = find_format(*cache, FormatUse::kv_cache))
            settings.draft.cache_share = format->bits / inputs.kv_k.bits;
    const auto& backend = server.attention_backend;
    settings.trtllm_kernels = backend ? backend->starts_with("trtllm") : settings.blackwell;
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
    if (options.disable_hybrid_swa_memory)
        settings.model.window_pool = false;
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
    settings.draft = draft_of(options, inputs);

    const double mib = inputs.device_memory / bytes_per_mib;
    const CardDefaults card = card_defaults(settings.release, mib, inputs.tensor_parallel);
    settings.cuda_graph_max_bs = options.cuda_graph_max_bs.value_or(card.cuda_graph_max_bs);
    for (const double size : options.cuda_graph_bs)
        settings.batch_sizes.push_back(static_cast<std::int64_t>(size));
    if (!settings.batch_sizes.empty() && !options.cuda_graph_max_bs)
        settings.cuda_graph_max_bs = *std::max_element(settings.batch_sizes.begin(), settings.batch_sizes.end());
    if (!options.cuda_graph_max_bs && settings.batch_sizes.empty() && options.max_running_requests &&
        settings.release >= Release{0, 5, 14})
        settings.cuda_graph_max_bs = std::min(settings.cuda_graph_max_bs, *options.max_running_requests);
    const std::int64_t chunk = options.chunked_prefill_size.value_or(card.chunked_prefill_size);
    settings.chunked_prefill_size = chunk > 0 ? std::max<std::int64_t>(1, chunk / settings.attention_replicas) : chunk;
    set_cache_options(settings, options, inputs);
    set_weights_options(settings, inputs);
    settings.image_reserve = image_reserve(inputs, settings);
    settings.mem_fraction_static =
        options.mem_fraction_static.value_or(settings.total_memory > 0 ? share_of(inputs, settings, chunk) : 0);
    return settings;
}

} // namespace weighbridge::sglang
