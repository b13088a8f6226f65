#include "core/engines/vllm/settings.h"

#include "core/engines/inference.h"
#include "core/engines/vllm/backends.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weighbridge::vllm {

namespace {

using nlohmann::json;

Era era_of(EngineVersion version)
{
    if (version < EngineVersion{0, 17})
        return Era::up_to_0_16;
    return version < EngineVersion{0, 21} ? Era::from_0_17 : Era::from_0_21_on;
}

struct BatchDefaults
{
    std::int64_t batched_tokens;
    std::int64_t sequences;
};

/// The V0 engine: versions before 0.8, and any before 0.11 on devices before Ampere, which V1 never ran on.
bool is_first_engine(const InferenceInputs& inputs, EngineVersion version)
{
    const bool old_device = compute_capability(inputs.accelerator) / 10 == 7;
    return version < EngineVersion{0, 8} || (old_device && version < EngineVersion{0, 11});
}

/// Before 0.9 the profile run is V0's, as far as nobody says otherwise; from 0.9 on on older devices alone.
bool has_first_profile(const InferenceInputs& inputs, EngineVersion version)
{
    return version < EngineVersion{0, 9} || is_first_engine(inputs, version);
}

/// Of the API server, by the device's memory. V0 profiled a whole prompt, or chunks of 512 tokens where prompts may be
/// longer than 32,768.
BatchDefaults batch_defaults(const InferenceInputs& inputs, EngineVersion version, std::int64_t max_model_len)
{
    const double gib = inputs.device_memory / bytes_per_gib;
    const bool a100 = inputs.accelerator != nullptr && inputs.accelerator->id.find("a100") != std::string::npos;
    if (is_first_engine(inputs, version))
        return {max_model_len > 32768 ? 512 : max_model_len, 256};
    if (gib >= 160 && version >= EngineVersion{0, 17})
        return {16384, 1024};
    if (gib >= 70 && !a100)
        return {8192, version < EngineVersion{0, 9} ? 256 : 1024};
    return {2048, 256};
}

/// Gemma 4 attends to a whole image or video both ways, so that a step must have room for the largest: 32 frames of 70
/// tokens and 8 for each one's time (v1/core/encoder_cache_manager.py, models/gemma4_mm.py).
std::int64_t largest_item(const Model& model)
{
    constexpr std::int64_t frames = 32;
    constexpr std::int64_t video = frames * (70 + 8);
    const Architecture& architecture = model.architecture;
    return architecture.family == "gemma4" && !architecture.towers.empty() ? video : 0;
}

bool has_states(const Model& model)
{
    return std::any_of(model.cache.begin(), model.cache.end(),
                       [](const CacheRun& run) { return run.kind == CacheKind::state; });
}

/// Hybrids had none unless it was asked for (engine/arg_utils.py, default_prefix_caching).
bool default_prefix_caching(const Model& model, EngineVersion version)
{
    return version >= EngineVersion{0, 28} || !has_states(model);
}

double width_of(std::string_view type)
{
    return type == "auto" ? 0 : type == "float32" ? 4 : 2;
}

struct DraftMethod
{
    std::string_view name;
    DraftKind kind;
};
constexpr DraftMethod draft_methods[] = {
    {"eagle", DraftKind::eagle},         {"dflash", DraftKind::eagle},         {"eagle3", DraftKind::eagle3},
    {"draft_model", DraftKind::network}, {"medusa", DraftKind::heads},         {"mlp_speculator", DraftKind::heads},
    {"ngram", DraftKind::lookup},        {"[ngram]", DraftKind::lookup},       {"ngram_gpu", DraftKind::lookup},
    {"suffix", DraftKind::lookup},       {"mtp", DraftKind::prediction_layers}};

/// Each family's prediction layers have a name of their own, which are the same: "deepseek_mtp".
DraftKind kind_named(std::string_view method)
{
    if (method.ends_with("_mtp"))
        return DraftKind::prediction_layers;
    const auto found = std::find_if(std::begin(draft_methods), std::end(draft_methods),
                                    [&](const DraftMethod& row) { return row.name == method; });
    return found == std::end(draft_methods) ? DraftKind::unknown : found->kind;
}

/// By its method; without one a draft with a head of its own is EAGLE-3's, another one a network, and none named the
/// checkpoint's own layers, where it has some.
DraftKind draft_of(const InferenceInputs& inputs, std::int64_t tokens)
{
    const SpeculativeOptions& options = inputs.choice->vllm.speculative_config;
    if (options.method)
        return kind_named(*options.method);
    if (inputs.draft)
        return inputs.draft->model->architecture.draft_vocab_size > 0 ? DraftKind::eagle3 : DraftKind::network;
    if (options.model)
        return DraftKind::network;
    if (tokens == 0)
        return DraftKind::none;
    const Architecture& architecture = inputs.model->architecture;
    const bool predicts = architecture.mtp_layers() > 0 || architecture.family == "qwen3_next";
    return predicts ? DraftKind::prediction_layers : DraftKind::rows_only;
}

void set_draft(Settings& settings, const InferenceInputs& inputs)
{
    const VllmOptions& options = inputs.choice->vllm;
    const SpeculativeOptions& speculative = options.speculative_config;
    const bool named = speculative.method || speculative.model;
    settings.speculative_tokens = speculative.num_speculative_tokens.value_or(
        named ? std::max<std::int64_t>(1, options.num_speculative_tokens) : options.num_speculative_tokens);
    settings.draft = draft_of(inputs, settings.speculative_tokens);
    settings.draft_ranks = speculative.draft_tensor_parallel_size.value_or(inputs.tensor_parallel);
}

/// Networks whose towers take videos as well as images.
bool takes_videos(std::string_view family)
{
    return family.starts_with("qwen") || family.starts_with("glm4v") || family.starts_with("gemma4") ||
           family.starts_with("kimi") || family.starts_with("internvl");
}

/// From 0.11 on a tower that no input may reach is not loaded (model_executor/models/interfaces.py).
void set_towers(Settings& settings, const VllmOptions& options, std::string_view family)
{
    const MultimodalLimits& limits = options.limit_mm_per_prompt;
    const bool none =
        limits.image == 0 && (limits.video == 0 || !takes_videos(family)) && limits.audio.value_or(0) == 0;
    const bool unused = options.language_model_only || none;
    settings.loads_towers = !(unused && settings.version >= EngineVersion{0, 11});
    settings.profiles_towers = !unused && !options.skip_mm_profiling;
    settings.whole_towers = options.mm_encoder_tp_mode == "data";
}

StatesKept states_kept(const VllmOptions& options)
{
    if (!options.mamba_cache_mode)
        return StatesKept::by_prefix_caching;
    if (*options.mamba_cache_mode == "all")
        return StatesKept::at_each_block;
    return *options.mamba_cache_mode == "align" ? StatesKept::at_the_end : StatesKept::none;
}

/// The window where all layers have one: what disable_sliding_window makes the longest request (config/model.py).
std::int64_t common_window(const Model& model)
{
    std::int64_t window = 0;
    for (const CacheRun& run : model.cache) {
        if (run.kind != CacheKind::windowed)
            return 0;
        window = std::max(window, run.window);
    }
    return window;
}

void set_host_options(Settings& settings, const InferenceInputs& inputs)
{
    const VllmOptions& options = inputs.choice->vllm;
    settings.offloaded_bytes = inputs.choice->served.cpu_offload_gb * bytes_per_gib;
    settings.offload_group = options.offload_group_size;
    settings.offload_in_group = options.offload_num_in_group;
    settings.offload_prefetch = options.offload_prefetch_step;
}

/// What compilation_config says of graphs; null without one.
json compilation_of(const VllmOptions& options)
{
    return options.compilation_config ? json::parse(*options.compilation_config, nullptr, false) : json();
}

bool has_no_graphs(const VllmOptions& options)
{
    const json compilation = compilation_of(options);
    const auto mode = compilation.find("cudagraph_mode");
    return compilation.is_object() && mode != compilation.end() && (*mode == "NONE" || *mode == "none" || *mode == 0);
}

std::optional<std::int64_t> given_largest_graph(const VllmOptions& options)
{
    if (options.max_cudagraph_capture_size)
        return options.max_cudagraph_capture_size;
    const json compilation = compilation_of(options);
    if (const auto most = compilation.find("max_cudagraph_capture_size");
        compilation.is_object() && most != compilation.end() && most->is_number_integer())
        return most->get<std::int64_t>();
    return std::nullopt;
}

/// Batch sizes with a graph, where they are given.
std::vector<std::int64_t> given_batch_sizes(const VllmOptions& options)
{
    std::vector<std::int64_t> sizes;
    for (const double size : options.cudagraph_capture_sizes)
        sizes.push_back(static_cast<std::int64_t>(size));
    const json compilation = compilation_of(options);
    if (const auto list = compilation.find("cudagraph_capture_sizes");
        sizes.empty() && compilation.is_object() && list != compilation.end() && list->is_array())
        for (const json& size : *list)
            if (size.is_number_integer())
                sizes.push_back(size.get<std::int64_t>());
    return sizes;
}

/// As many as twice the sequences, with all that each verifies; more on datacenter Blackwell from 0.28 on and for
/// gpt-oss (config/vllm.py, _set_cudagraph_sizes; models/config.py).
std::int64_t largest_graph(const Settings& settings, const InferenceInputs& inputs)
{
    constexpr std::int64_t usual = 512;
    constexpr std::int64_t larger = 1024;
    const VllmOptions& options = inputs.choice->vllm;
    if (options.enforce_eager)
        return 0;
    if (options.optimization_level == 0 || has_no_graphs(options))
        return 0;
    if (const auto given = given_largest_graph(options))
        return std::min(*given, settings.max_num_batched_tokens);
    const bool blackwell = settings.compute_capability / 10 == 10 && settings.version >= EngineVersion{0, 28};
    const std::int64_t most = blackwell || inputs.model->architecture.family == "gpt_oss" ? larger : usual;
    return std::min(
        {most, 2 * settings.max_num_seqs * (1 + settings.speculative_tokens), settings.max_num_batched_tokens});
}

} // namespace

bool follows_cache(const VllmOptions& options)
{
    return options.max_model_len && *options.max_model_len <= 0;
}

Settings settings_of(const InferenceInputs& inputs)
{
    const VllmOptions& options = inputs.choice->vllm;
    Settings settings;
    settings.version = version_of(inputs);
    settings.era = era_of(settings.version);
    const std::int64_t trained = inputs.model->architecture.max_position_embeddings;
    const std::int64_t longest = trained > 0 ? trained : inputs.sequence_length;
    settings.max_model_len = follows_cache(options) ? longest : options.max_model_len.value_or(longest);
    if (const std::int64_t window = common_window(*inputs.model); options.disable_sliding_window && window > 0)
        settings.max_model_len = std::min(settings.max_model_len, window);
    set_towers(settings, options, inputs.model->architecture.family);
    const BatchDefaults defaults = batch_defaults(inputs, settings.version, settings.max_model_len);
    const std::int64_t item = settings.loads_towers ? largest_item(*inputs.model) : 0;
    const std::int64_t whole_prompt = options.enable_chunked_prefill.value_or(true) ? 0 : settings.max_model_len;
    settings.max_num_batched_tokens =
        options.max_num_batched_tokens.value_or(std::max({defaults.batched_tokens, item, whole_prompt}));
    settings.max_num_seqs =
        options.max_num_seqs.value_or(std::min(defaults.sequences, settings.max_num_batched_tokens));
    settings.gpu_memory_utilization =
        options.gpu_memory_utilization.value_or(settings.era == Era::from_0_21_on ? 0.92 : 0.9);
    settings.block_size = options.block_size.value_or(default_block_size(inputs));
    settings.enable_prefix_caching =
        options.enable_prefix_caching.value_or(default_prefix_caching(*inputs.model, settings.version));
    settings.tokens_in_flight = concurrent_batches(inputs) * settings.max_num_batched_tokens;
    settings.hybrid_manager = !options.disable_hybrid_kv_cache_manager && !options.disable_sliding_window;
    settings.states_kept = states_kept(options);
    settings.state_block = options.mamba_block_size.value_or(-1);
    settings.compute_capability = compute_capability(inputs.accelerator);
    settings.total_memory = reported_memory(inputs);
    settings.enforce_eager = options.enforce_eager;
    settings.tensor_parallel = inputs.tensor_parallel;
    settings.pipeline_parallel = inputs.pipeline_parallel;
    settings.data_parallel = options.data_parallel_size.value_or(inputs.hardware->data_parallel);
    settings.decode_context_parallel = options.decode_context_parallel_size;
    set_draft(settings, inputs);
    settings.expert_parallel = options.enable_expert_parallel.value_or(inputs.hardware->expert_parallel > 1);
    if (inputs.choice->served.enable_lora) {
        settings.adapters = options.max_loras;
        settings.adapter_rank = inputs.choice->served.max_lora_rank.value_or(16);
        settings.adapters_sharded = options.fully_sharded_loras;
    }
    const bool full_precision = inputs.weights.takes_all_tensors && inputs.weights.bits == 32;
    settings.model_bytes = full_precision ? 4 : inputs.activations.bits / 8;
    settings.convolution_bytes = width_of(options.mamba_cache_dtype);
    settings.recurrent_bytes = width_of(options.mamba_ssm_cache_dtype);
    set_host_options(settings, inputs);
    settings.batch_sizes = given_batch_sizes(options);
    settings.largest_graph = largest_graph(settings, inputs);
    settings.custom_all_reduce = !options.disable_custom_all_reduce;
    constexpr std::int64_t joined_by_switches = 8;
    settings.switched = inputs.accelerator == nullptr || (settings.compute_capability >= 90 &&
                                                          inputs.accelerator->scale_up_domain >= joined_by_switches);
    settings.first_engine = has_first_profile(inputs, settings.version);
    settings.pools_by_sums = settings.pipeline_parallel > 1 && settings.version >= EngineVersion{0, 14} &&
                             settings.version < EngineVersion{0, 16};
    return settings;
}

} // namespace weighbridge::vllm
