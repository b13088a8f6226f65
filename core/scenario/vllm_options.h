#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// speculative_config of vLLM: what drafts tokens beside the network.
struct SpeculativeOptions
{
    std::optional<std::string> method;
    std::optional<std::string> model; ///< a preset's name or an object in JSON, as the key `model` takes
    std::optional<std::int64_t> num_speculative_tokens;
    std::optional<std::int64_t> draft_tensor_parallel_size; ///< left out: as the network
    std::optional<std::string> quantization;                ///< of the draft's weights
    std::optional<std::int64_t> max_model_len;              ///< tokens that the draft sees
    std::optional<std::int64_t> prompt_lookup_max;          ///< of n-grams
    std::optional<std::int64_t> prompt_lookup_min;

    bool operator==(const SpeculativeOptions&) const = default;
};

/// limit_mm_per_prompt of vLLM: inputs of a prompt. All of them 0: towers are not used.
struct MultimodalLimits
{
    std::optional<std::int64_t> image;
    std::optional<std::int64_t> video;
    std::optional<std::int64_t> audio;

    bool operator==(const MultimodalLimits&) const = default;
};

/// What `vllm serve` is started with, by the names of its arguments. What is left out takes vLLM's own default, which
/// for most depends on the version, the device and the model.
struct VllmOptions
{
    static constexpr std::string_view engine = "vllm"; ///< whose they are

    std::optional<std::int64_t> max_model_len; ///< -1: as long as the pool holds
    std::optional<std::int64_t> max_num_seqs;
    std::optional<std::int64_t> max_num_batched_tokens;
    std::optional<double> gpu_memory_utilization;
    std::optional<std::int64_t> kv_cache_memory_bytes; ///< per GPU; takes the place of gpu_memory_utilization
    bool enforce_eager = false;                        ///< no CUDA graphs, no torch.compile
    std::optional<std::int64_t> block_size;            ///< tokens
    std::optional<bool> enable_prefix_caching;
    std::int64_t decode_context_parallel_size = 1;
    std::int64_t num_speculative_tokens = 0;
    std::optional<bool> enable_expert_parallel;
    std::optional<std::int64_t> data_parallel_size; ///< hardware.data_parallel where left out
    std::optional<std::int64_t> num_gpu_blocks_override;
    std::optional<bool> async_scheduling; ///< on where left out
    bool disable_hybrid_kv_cache_manager = false;
    std::int64_t max_loras = 1;
    bool fully_sharded_loras = false;
    std::optional<std::int64_t> max_cpu_loras; ///< left out: max_loras
    std::string lora_dtype = "auto";
    SpeculativeOptions speculative_config;
    std::int64_t offload_group_size = 0;
    std::int64_t offload_num_in_group = 1;
    std::int64_t offload_prefetch_step = 1;
    std::optional<double> kv_offloading_size; ///< GiB, of all ranks
    std::optional<double> swap_space;         ///< GiB a GPU
    std::string mamba_cache_dtype = "auto";
    std::string mamba_ssm_cache_dtype = "auto";
    std::optional<std::int64_t> mamba_block_size; ///< tokens
    bool disable_custom_all_reduce = false;
    std::optional<bool> enable_chunked_prefill;
    std::vector<double> cudagraph_capture_sizes; ///< batch sizes; empty: by rule
    std::optional<std::int64_t> max_cudagraph_capture_size;
    bool language_model_only = false;
    MultimodalLimits limit_mm_per_prompt;
    std::string mm_encoder_tp_mode = "weights";
    bool skip_mm_profiling = false;
    std::int64_t num_redundant_experts = 0;
    bool enable_eplb = false;
    std::optional<std::string> mamba_cache_mode;
    bool disable_sliding_window = false;
    std::optional<std::int64_t> optimization_level;
    std::optional<std::string> compilation_config; ///< an object in JSON
    std::optional<std::string> kv_transfer_config; ///< the same
    std::optional<std::string> mm_processor_kwargs;
    std::optional<std::string> moe_backend;
    std::optional<std::string> all2all_backend;
    bool enable_dbo = false;
    bool enable_sleep_mode = false;
    bool calculate_kv_scales = false;

    bool operator==(const VllmOptions&) const = default;
};

inline constexpr std::array vllm_options = {
    OptionRow<VllmOptions>{.name = "max_model_len",
                           .member = member<&VllmOptions::max_model_len>,
                           .range = {-1, most_tokens},
                           .word = "auto",
                           .help = "Tokens of the longest request that is admitted; auto: what the cache holds",
                           .left_out = "as long as the network was made for"},
    OptionRow<VllmOptions>{.name = "max_num_seqs",
                           .member = member<&VllmOptions::max_num_seqs>,
                           .range = {1, most_sequences},
                           .help = "Sequences at a time at most",
                           .left_out = "by version and device"},
    OptionRow<VllmOptions>{.name = "max_num_batched_tokens",
                           .also = {"max_batched_tokens"},
                           .member = member<&VllmOptions::max_num_batched_tokens>,
                           .range = {1, most_tokens},
                           .help = "Tokens of one step at most; the profile run is that long",
                           .left_out = "by version and device"},
    OptionRow<VllmOptions>{.name = "gpu_memory_utilization",
                           .member = member<&VllmOptions::gpu_memory_utilization>,
                           .range = {0, 1, true},
                           .help = "The share of the device that it takes",
                           .left_out = "by version"},
    OptionRow<VllmOptions>{.name = "kv_cache_memory_bytes",
                           .member = member<&VllmOptions::kv_cache_memory_bytes>,
                           .range = {1, most_bytes},
                           .unit = CountUnit::bytes,
                           .help = "The cache's own size per GPU, in place of gpu_memory_utilization",
                           .left_out = "what gpu_memory_utilization leaves"},
    OptionRow<VllmOptions>{.name = "enforce_eager",
                           .member = member<&VllmOptions::enforce_eager>,
                           .help = "Neither CUDA graphs nor torch.compile"},
    OptionRow<VllmOptions>{.name = "block_size",
                           .member = member<&VllmOptions::block_size>,
                           .range = {1, 65536},
                           .help = "Tokens of a block of the cache",
                           .left_out = "by version and attention backend"},
    OptionRow<VllmOptions>{.name = "enable_prefix_caching",
                           .member = member<&VllmOptions::enable_prefix_caching>,
                           .help = "Blocks are kept for requests that begin alike",
                           .left_out = "by version and network"},
    OptionRow<VllmOptions>{.name = "decode_context_parallel_size",
                           .member = member<&VllmOptions::decode_context_parallel_size>,
                           .range = {1, most_ranks},
                           .help = "Tensor-parallel ranks that share the cache's tokens while decoding"},
    OptionRow<VllmOptions>{.name = "num_speculative_tokens",
                           .member = member<&VllmOptions::num_speculative_tokens>,
                           .range = {0, 1024},
                           .help = "Tokens that are drafted ahead"},
    OptionRow<VllmOptions>{.name = "enable_expert_parallel",
                           .member = member<&VllmOptions::enable_expert_parallel>,
                           .help = "Whole experts on each rank in place of a slice of every one",
                           .left_out = "with hardware.expert_parallel"},
    OptionRow<VllmOptions>{.name = "data_parallel_size",
                           .member = member<&VllmOptions::data_parallel_size>,
                           .range = {1, most_ranks},
                           .help = "Replicas of the attention, each with requests of its own",
                           .left_out = "hardware.data_parallel"},
    OptionRow<VllmOptions>{.name = "num_gpu_blocks_override",
                           .member = member<&VllmOptions::num_gpu_blocks_override>,
                           .range = {1, most_tokens},
                           .help = "Blocks of the cache, in place of those that memory has room for",
                           .left_out = "as many as there is room for"},
    OptionRow<VllmOptions>{.name = "async_scheduling",
                           .member = member<&VllmOptions::async_scheduling>,
                           .help = "The next step is scheduled while one runs, and a window keeps the tokens of both",
                           .left_out = "on"},
    OptionRow<VllmOptions>{.name = "disable_hybrid_kv_cache_manager",
                           .member = member<&VllmOptions::disable_hybrid_kv_cache_manager>,
                           .help = "Layers with a window keep as many tokens as those without"},
    OptionRow<VllmOptions>{.name = "max_loras",
                           .member = member<&VllmOptions::max_loras>,
                           .range = {1, 1024},
                           .help = "Adapters in one batch at most, with enable_lora"},
    OptionRow<VllmOptions>{.name = "fully_sharded_loras",
                           .member = member<&VllmOptions::fully_sharded_loras>,
                           .help = "Both halves of the adapters' buffers are divided over the ranks"},
    OptionRow<VllmOptions>{.name = "max_cpu_loras",
                           .member = member<&VllmOptions::max_cpu_loras>,
                           .range = {1, 65536},
                           .help = "Adapters that are kept in the host's memory, with enable_lora",
                           .left_out = "max_loras"},
    OptionRow<VllmOptions>{.name = "lora_dtype",
                           .member = member<&VllmOptions::lora_dtype>,
                           .choices = {"auto", "float16", "bfloat16"},
                           .help = "Type of the adapters; auto: as the network computes"},
    OptionRow<VllmOptions>{.name = "offload_group_size",
                           .member = member<&VllmOptions::offload_group_size>,
                           .range = {0, most_layers},
                           .help = "Layers of a group of which some lie in the host's memory; 0: none do"},
    OptionRow<VllmOptions>{.name = "offload_num_in_group",
                           .member = member<&VllmOptions::offload_num_in_group>,
                           .range = {1, most_layers},
                           .help = "Layers at the end of each group that lie in the host's memory"},
    OptionRow<VllmOptions>{.name = "offload_prefetch_step",
                           .member = member<&VllmOptions::offload_prefetch_step>,
                           .range = {1, most_layers},
                           .help = "Layers that are fetched ahead; each has a buffer on the GPU"},
    OptionRow<VllmOptions>{.name = "kv_offloading_size",
                           .member = member<&VllmOptions::kv_offloading_size>,
                           .range = {0, most_gib, true},
                           .unit = CountUnit::gibibytes,
                           .help = "GiB of a cache in the host's memory, of all ranks together",
                           .left_out = "none"},
    OptionRow<VllmOptions>{.name = "swap_space",
                           .member = member<&VllmOptions::swap_space>,
                           .range = {0, most_gib},
                           .unit = CountUnit::gibibytes,
                           .help = "GiB of the host's memory for each GPU; versions from 0.11 on don't take it",
                           .left_out = "4 before 0.11"},
    OptionRow<VllmOptions>{.name = "mamba_cache_dtype",
                           .member = member<&VllmOptions::mamba_cache_dtype>,
                           .choices = {"auto", "float32", "float16", "bfloat16"},
                           .help = "Type of convolution and recurrent states; auto: as the network says"},
    OptionRow<VllmOptions>{.name = "mamba_ssm_cache_dtype",
                           .member = member<&VllmOptions::mamba_ssm_cache_dtype>,
                           .choices = {"auto", "float32", "float16", "bfloat16"},
                           .help = "Type of recurrent states alone"},
    OptionRow<VllmOptions>{.name = "mamba_block_size",
                           .member = member<&VllmOptions::mamba_block_size>,
                           .range = {1, most_tokens},
                           .help = "Tokens between states that prefixes are kept from",
                           .left_out = "by version"},
    OptionRow<VllmOptions>{.name = "disable_custom_all_reduce",
                           .member = member<&VllmOptions::disable_custom_all_reduce>,
                           .help = "Ranks exchange by NCCL alone"},
    OptionRow<VllmOptions>{.name = "enable_chunked_prefill",
                           .member = member<&VllmOptions::enable_chunked_prefill>,
                           .help = "Long prompts are computed in pieces",
                           .left_out = "on"},
    OptionRow<VllmOptions>{.name = "cudagraph_capture_sizes",
                           .member = member<&VllmOptions::cudagraph_capture_sizes>,
                           .range = {1, 65536},
                           .help = "Batch sizes with a CUDA graph",
                           .left_out = "by max_num_seqs"},
    OptionRow<VllmOptions>{.name = "max_cudagraph_capture_size",
                           .member = member<&VllmOptions::max_cudagraph_capture_size>,
                           .range = {0, 65536},
                           .help = "The largest batch with a CUDA graph",
                           .left_out = "by max_num_seqs"},
    OptionRow<VllmOptions>{.name = "language_model_only",
                           .member = member<&VllmOptions::language_model_only>,
                           .help = "Towers are neither loaded nor used"},
    OptionRow<VllmOptions>{.name = "mm_encoder_tp_mode",
                           .member = member<&VllmOptions::mm_encoder_tp_mode>,
                           .choices = {"weights", "data"},
                           .help = "How ranks share towers: data: each has them whole"},
    OptionRow<VllmOptions>{.name = "skip_mm_profiling",
                           .member = member<&VllmOptions::skip_mm_profiling>,
                           .help = "The profile run takes text alone"},
    OptionRow<VllmOptions>{.name = "num_redundant_experts",
                           .member = member<&VllmOptions::num_redundant_experts>,
                           .range = {0, 65536},
                           .help = "Copies of experts beside those of the network, with expert parallelism"},
    OptionRow<VllmOptions>{.name = "enable_eplb",
                           .member = member<&VllmOptions::enable_eplb>,
                           .help = "Experts are moved and copied by load, with expert parallelism"},
    OptionRow<VllmOptions>{.name = "mamba_cache_mode",
                           .member = member<&VllmOptions::mamba_cache_mode>,
                           .choices = {"none", "align", "all"},
                           .help = "Which states are kept for prefixes: none, at the end of a prompt, at each block",
                           .left_out = "align with prefix caching"},
    OptionRow<VllmOptions>{.name = "disable_sliding_window",
                           .member = member<&VllmOptions::disable_sliding_window>,
                           .help = "Layers with a window see no farther and no request is longer than it"},
    OptionRow<VllmOptions>{.name = "optimization_level",
                           .member = member<&VllmOptions::optimization_level>,
                           .range = {0, 3},
                           .help = "0: neither torch.compile nor CUDA graphs",
                           .left_out = "2"},
    OptionRow<VllmOptions>{
        .name = "compilation_config",
        .member = member<&VllmOptions::compilation_config>,
        .names = NameTable::object,
        .help =
            "An object in JSON: cudagraph_mode, cudagraph_capture_sizes and max_cudagraph_capture_size of it are read",
        .left_out = "none"},
    OptionRow<VllmOptions>{.name = "kv_transfer_config",
                           .member = member<&VllmOptions::kv_transfer_config>,
                           .names = NameTable::object,
                           .help = "An object in JSON: the connector that moves caches; its buffers are not counted",
                           .left_out = "none"},
    OptionRow<VllmOptions>{.name = "mm_processor_kwargs",
                           .member = member<&VllmOptions::mm_processor_kwargs>,
                           .names = NameTable::object,
                           .help = "An object in JSON: what images are cut into; not counted",
                           .left_out = "none"},
    OptionRow<VllmOptions>{.name = "moe_backend",
                           .member = member<&VllmOptions::moe_backend>,
                           .names = NameTable::short_text,
                           .help = "Kernels of the experts; their workspaces are not counted",
                           .left_out = "auto"},
    OptionRow<VllmOptions>{.name = "all2all_backend",
                           .member = member<&VllmOptions::all2all_backend>,
                           .names = NameTable::short_text,
                           .help = "What carries tokens to the experts of other ranks; its buffers are not counted",
                           .left_out = "by version"},
    OptionRow<VllmOptions>{.name = "enable_dbo",
                           .member = member<&VllmOptions::enable_dbo>,
                           .help = "Two halves of a batch in turn; their buffers are not counted"},
    OptionRow<VllmOptions>{.name = "enable_sleep_mode",
                           .member = member<&VllmOptions::enable_sleep_mode>,
                           .help = "Weights and cache can be given back; no figure depends on it"},
    OptionRow<VllmOptions>{.name = "calculate_kv_scales",
                           .member = member<&VllmOptions::calculate_kv_scales>,
                           .help = "Scales of an FP8 cache are computed; no figure depends on it"},
};

/// speculative_config.*
inline constexpr std::array speculative_options = {
    OptionRow<SpeculativeOptions>{
        .name = "method",
        .member = member<&SpeculativeOptions::method>,
        .names = NameTable::short_text,
        .help = "How tokens are drafted: mtp (deepseek_mtp and its like) with the "
                "network's own prediction layers, eagle, eagle3 and dflash with layers that read its states, "
                "draft_model with a network of its own, ngram and suffix without weights",
        .left_out = "by the draft: draft_model, else mtp"},
    OptionRow<SpeculativeOptions>{.name = "model",
                                  .also = {"speculative_config.config"},
                                  .member = member<&SpeculativeOptions::model>,
                                  .names = NameTable::model,
                                  .help = "The network that drafts: a preset, or an object as for the key model",
                                  .left_out = "the network's own layers, or one that is assumed"},
    OptionRow<SpeculativeOptions>{.name = "num_speculative_tokens",
                                  .member = member<&SpeculativeOptions::num_speculative_tokens>,
                                  .range = {1, 1024},
                                  .help = "Tokens that are drafted ahead",
                                  .left_out = "inference.num_speculative_tokens, else 1"},
    OptionRow<SpeculativeOptions>{.name = "draft_tensor_parallel_size",
                                  .member = member<&SpeculativeOptions::draft_tensor_parallel_size>,
                                  .range = {1, most_ranks},
                                  .help = "Ranks that share the draft: 1 or as the network",
                                  .left_out = "as the network"},
    OptionRow<SpeculativeOptions>{.name = "quantization",
                                  .member = member<&SpeculativeOptions::quantization>,
                                  .names = NameTable::weights_format,
                                  .help = "How the draft's weights are stored",
                                  .left_out = "as its checkpoint says"},
    OptionRow<SpeculativeOptions>{.name = "max_model_len",
                                  .member = member<&SpeculativeOptions::max_model_len>,
                                  .range = {1, most_tokens},
                                  .help = "Tokens that the draft sees; no figure depends on it",
                                  .left_out = "as the network"},
    OptionRow<SpeculativeOptions>{.name = "prompt_lookup_max",
                                  .member = member<&SpeculativeOptions::prompt_lookup_max>,
                                  .range = {1, 1024},
                                  .help = "Tokens of the longest n-gram; no figure depends on it",
                                  .left_out = "by version"},
    OptionRow<SpeculativeOptions>{.name = "prompt_lookup_min",
                                  .member = member<&SpeculativeOptions::prompt_lookup_min>,
                                  .range = {1, 1024},
                                  .help = "Tokens of the shortest n-gram; no figure depends on it",
                                  .left_out = "by version"},
};

/// limit_mm_per_prompt.*
inline constexpr std::array multimodal_options = {
    OptionRow<MultimodalLimits>{.name = "image",
                                .member = member<&MultimodalLimits::image>,
                                .range = {0, 65536},
                                .help = "Images of a prompt at most",
                                .left_out = "999"},
    OptionRow<MultimodalLimits>{.name = "video",
                                .member = member<&MultimodalLimits::video>,
                                .range = {0, 65536},
                                .help = "Videos of a prompt at most",
                                .left_out = "999"},
    OptionRow<MultimodalLimits>{.name = "audio",
                                .member = member<&MultimodalLimits::audio>,
                                .range = {0, 65536},
                                .help = "Recordings of a prompt at most",
                                .left_out = "999"},
};

} // namespace weighbridge
