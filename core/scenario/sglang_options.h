#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// What `sglang.launch_server` is started with, by the names of its arguments. What is left out takes SGLang's own
/// default, which depends on the version, the device and the network.
struct SglangOptions
{
    static constexpr std::string_view engine = "sglang"; ///< whose they are

    std::optional<double> mem_fraction_static;
    std::optional<std::int64_t> context_length;
    std::optional<std::int64_t> chunked_prefill_size;
    std::optional<std::int64_t> cuda_graph_max_bs;
    bool enable_dp_attention = false;
    bool enable_dp_lm_head = false;
    std::optional<std::int64_t> max_running_requests;
    std::optional<std::int64_t> max_total_tokens;
    std::optional<std::int64_t> max_prefill_tokens;
    std::optional<std::int64_t> page_size;
    bool disable_radix_cache = false;
    bool disable_overlap_schedule = false;
    bool disable_prefill_cuda_graph = false;
    bool language_only = false;
    std::optional<double> swa_full_tokens_ratio;
    std::optional<double> mamba_full_memory_ratio;
    std::optional<std::int64_t> max_mamba_cache_size;
    std::optional<std::string> mamba_ssm_dtype;
    std::optional<std::string> mamba_radix_cache_strategy;
    std::optional<std::string> moe_a2a_backend;
    bool disable_hybrid_swa_memory = false;
    bool enable_hierarchical_cache = false;
    double hicache_ratio = 2;                       ///< of the device's pool
    std::int64_t hicache_size = 0;                  ///< 10^9 bytes of each rank; 0: by the ratio
    std::optional<std::int64_t> kt_num_gpu_experts; ///< of each layer; the others lie in the host's memory
    std::int64_t max_loras_per_batch = 8;
    std::optional<std::int64_t> max_loaded_loras;
    bool mm_enable_dp_encoder = false;
    std::int64_t ep_num_redundant_experts = 0;
    std::optional<std::int64_t> moe_dense_tp_size;
    std::optional<std::int64_t> cuda_graph_max_bs_prefill; ///< tokens
    std::optional<std::string> limit_mm_data_per_request;  ///< an object in JSON
    bool enable_two_batch_overlap = false;
    bool enable_symm_mem = false;
    std::optional<std::string> speculative_draft_kv_cache_dtype;
    std::vector<double> cuda_graph_bs; ///< batch sizes; empty: by rule
    std::optional<std::string> speculative_algorithm;
    std::optional<std::string> speculative_draft_model_path; ///< a preset's name or an object in JSON
    std::optional<std::int64_t> speculative_num_steps;
    std::optional<std::int64_t> speculative_eagle_topk;
    std::optional<std::int64_t> speculative_num_draft_tokens;

    bool operator==(const SglangOptions&) const = default;
};

inline constexpr std::array sglang_options = {
    OptionRow<SglangOptions>{.name = "mem_fraction_static",
                             .member = member<&SglangOptions::mem_fraction_static>,
                             .range = {0, 1, true},
                             .help = "The share of the device for weights and cache",
                             .left_out = "by version and device"},
    OptionRow<SglangOptions>{.name = "context_length",
                             .member = member<&SglangOptions::context_length>,
                             .range = {1, most_tokens},
                             .help = "Tokens of the longest request that is admitted",
                             .left_out = "as long as the network was made for"},
    OptionRow<SglangOptions>{.name = "chunked_prefill_size",
                             .member = member<&SglangOptions::chunked_prefill_size>,
                             .range = {-1, most_tokens},
                             .help = "Tokens of a piece of a prompt; -1: prompts are not cut",
                             .left_out = "by device"},
    OptionRow<SglangOptions>{.name = "cuda_graph_max_bs",
                             .member = member<&SglangOptions::cuda_graph_max_bs>,
                             .range = {0, most_sequences},
                             .help = "The largest batch with a CUDA graph",
                             .left_out = "by device"},
    OptionRow<SglangOptions>{.name = "enable_dp_attention",
                             .member = member<&SglangOptions::enable_dp_attention>,
                             .help = "Tensor-parallel ranks hold whole attention, each for requests of its own"},
    OptionRow<SglangOptions>{.name = "enable_dp_lm_head",
                             .member = member<&SglangOptions::enable_dp_lm_head>,
                             .help = "With data-parallel attention the head is shared out as attention is"},
    OptionRow<SglangOptions>{.name = "max_running_requests",
                             .member = member<&SglangOptions::max_running_requests>,
                             .range = {1, most_sequences},
                             .help = "Requests in flight at once, of all data-parallel ranks",
                             .left_out = "by the pool"},
    OptionRow<SglangOptions>{.name = "max_total_tokens",
                             .member = member<&SglangOptions::max_total_tokens>,
                             .range = {1, most_tokens},
                             .help = "The most tokens that the pool may hold",
                             .left_out = "what the memory holds"},
    OptionRow<SglangOptions>{.name = "max_prefill_tokens",
                             .member = member<&SglangOptions::max_prefill_tokens>,
                             .range = {1, most_tokens},
                             .help = "Tokens of a prefill batch where prompts are not cut",
                             .left_out = "16,384"},
    OptionRow<SglangOptions>{.name = "page_size",
                             .member = member<&SglangOptions::page_size>,
                             .range = {1, 4096},
                             .help = "Tokens of a page of the pool",
                             .left_out = "1, or as the attention kernels want it"},
    OptionRow<SglangOptions>{.name = "disable_radix_cache",
                             .member = member<&SglangOptions::disable_radix_cache>,
                             .help = "Prefixes are not kept for later requests"},
    OptionRow<SglangOptions>{.name = "disable_overlap_schedule",
                             .member = member<&SglangOptions::disable_overlap_schedule>,
                             .help = "The scheduler waits for each step"},
    OptionRow<SglangOptions>{.name = "disable_prefill_cuda_graph",
                             .member = member<&SglangOptions::disable_prefill_cuda_graph>,
                             .help = "Prefill runs without CUDA graphs"},
    OptionRow<SglangOptions>{.name = "language_only",
                             .member = member<&SglangOptions::language_only>,
                             .help = "Images are encoded elsewhere"},
    OptionRow<SglangOptions>{.name = "swa_full_tokens_ratio",
                             .member = member<&SglangOptions::swa_full_tokens_ratio>,
                             .range = {0, 1, true},
                             .help = "Tokens of the windowed layers' pool per token of the full one",
                             .left_out = "0.8, or as the network's class wants it"},
    OptionRow<SglangOptions>{.name = "mamba_full_memory_ratio",
                             .member = member<&SglangOptions::mamba_full_memory_ratio>,
                             .range = {0, 1000, true},
                             .help = "Memory of recurrent states per memory of the tokens' pool",
                             .left_out = "0.9"},
    OptionRow<SglangOptions>{.name = "max_mamba_cache_size",
                             .member = member<&SglangOptions::max_mamba_cache_size>,
                             .range = {1, most_sequences},
                             .help = "Slots of recurrent states, of all data-parallel ranks",
                             .left_out = "by their share of the memory"},
    OptionRow<SglangOptions>{.name = "mamba_ssm_dtype",
                             .member = member<&SglangOptions::mamba_ssm_dtype>,
                             .choices = {"float32", "bfloat16", "float16"},
                             .help = "Type of the recurrent states",
                             .left_out = "as the network says, else float32"},
    OptionRow<SglangOptions>{.name = "mamba_radix_cache_strategy",
                             .member = member<&SglangOptions::mamba_radix_cache_strategy>,
                             .choices = {"auto", "no_buffer", "extra_buffer", "extra_buffer_lazy"},
                             .help = "How states are kept beside prefixes: extra buffers are slots of their own",
                             .left_out = "auto: by the network's class and the version"},
    OptionRow<SglangOptions>{.name = "moe_a2a_backend",
                             .member = member<&SglangOptions::moe_a2a_backend>,
                             .choices = {"none", "deepep"},
                             .help = "What carries tokens to the experts of other ranks",
                             .left_out = "none"},
    OptionRow<SglangOptions>{.name = "disable_hybrid_swa_memory",
                             .member = member<&SglangOptions::disable_hybrid_swa_memory>,
                             .help = "Layers with a window keep as many tokens as those without"},
    OptionRow<SglangOptions>{.name = "enable_hierarchical_cache",
                             .member = member<&SglangOptions::enable_hierarchical_cache>,
                             .help = "A second cache in the host's memory"},
    OptionRow<SglangOptions>{.name = "hicache_ratio",
                             .member = member<&SglangOptions::hicache_ratio>,
                             .range = {0, 1000, true},
                             .help = "Size of the host's cache over that of the GPU's, with enable_hierarchical_cache"},
    OptionRow<SglangOptions>{
        .name = "hicache_size",
        .member = member<&SglangOptions::hicache_size>,
        .range = {0, 65536},
        .help = "10^9 bytes of the host's cache of each rank, in place of hicache_ratio; 0: by the ratio"},
    OptionRow<SglangOptions>{
        .name = "kt_num_gpu_experts",
        .member = member<&SglangOptions::kt_num_gpu_experts>,
        .range = {0, 65536},
        .help = "Routed experts of each layer on the GPUs; the host computes the others (ktransformers)",
        .left_out = "all"},
    OptionRow<SglangOptions>{.name = "max_loras_per_batch",
                             .member = member<&SglangOptions::max_loras_per_batch>,
                             .range = {1, 1024},
                             .help = "Adapters in one batch at most, with enable_lora; one of them is none"},
    OptionRow<SglangOptions>{.name = "max_loaded_loras",
                             .member = member<&SglangOptions::max_loaded_loras>,
                             .range = {1, 65536},
                             .help = "Adapters in the host's memory at most",
                             .left_out = "those that are loaded"},
    OptionRow<SglangOptions>{.name = "mm_enable_dp_encoder",
                             .member = member<&SglangOptions::mm_enable_dp_encoder>,
                             .help = "Towers are whole on every rank"},
    OptionRow<SglangOptions>{.name = "ep_num_redundant_experts",
                             .member = member<&SglangOptions::ep_num_redundant_experts>,
                             .range = {0, 65536},
                             .help = "Copies of experts beside those of the network, with expert parallelism"},
    OptionRow<SglangOptions>{.name = "moe_dense_tp_size",
                             .member = member<&SglangOptions::moe_dense_tp_size>,
                             .range = {1, 1},
                             .help = "1: dense feed-forward layers of networks with experts are whole on every rank",
                             .left_out = "as the tensor parallelism"},
    OptionRow<SglangOptions>{.name = "cuda_graph_max_bs_prefill",
                             .member = member<&SglangOptions::cuda_graph_max_bs_prefill>,
                             .range = {0, most_tokens},
                             .help = "Tokens of the largest prefill CUDA graph",
                             .left_out = "by the chunk"},
    OptionRow<SglangOptions>{.name = "limit_mm_data_per_request",
                             .member = member<&SglangOptions::limit_mm_data_per_request>,
                             .names = NameTable::object,
                             .help = "An object in JSON: images and videos of a request; no figure depends on it",
                             .left_out = "none"},
    OptionRow<SglangOptions>{.name = "enable_two_batch_overlap",
                             .member = member<&SglangOptions::enable_two_batch_overlap>,
                             .help = "Two halves of a batch in turn; their buffers are not counted"},
    OptionRow<SglangOptions>{.name = "enable_symm_mem",
                             .member = member<&SglangOptions::enable_symm_mem>,
                             .help = "NCCL with symmetric memory; its buffers are not counted"},
    OptionRow<SglangOptions>{.name = "speculative_draft_kv_cache_dtype",
                             .member = member<&SglangOptions::speculative_draft_kv_cache_dtype>,
                             .names = NameTable::kv_cache_format,
                             .help = "How the draft keeps keys and values",
                             .left_out = "as the network"},
    OptionRow<SglangOptions>{.name = "cuda_graph_bs",
                             .member = member<&SglangOptions::cuda_graph_bs>,
                             .range = {1, 65536},
                             .help = "Batch sizes with a CUDA graph",
                             .left_out = "by cuda_graph_max_bs"},
    OptionRow<SglangOptions>{.name = "speculative_algorithm",
                             .member = member<&SglangOptions::speculative_algorithm>,
                             .choices = {"NEXTN", "EAGLE", "EAGLE3", "STANDALONE", "DFLASH", "NGRAM"},
                             .help = "How tokens are drafted: NEXTN with the network's own prediction layers, EAGLE "
                                     "and EAGLE3 with a layer that reads its states, STANDALONE with a network of its "
                                     "own, NGRAM without weights",
                             .left_out = "none are drafted"},
    OptionRow<SglangOptions>{.name = "speculative_draft_model_path",
                             .also = {"speculative_draft_model"},
                             .member = member<&SglangOptions::speculative_draft_model_path>,
                             .names = NameTable::model,
                             .help = "The network that drafts: a preset, or an object as for the key model",
                             .left_out = "the network's own layers, or one that is assumed"},
    OptionRow<SglangOptions>{.name = "speculative_num_steps",
                             .member = member<&SglangOptions::speculative_num_steps>,
                             .range = {1, 1024},
                             .help = "Tokens that the draft computes one after the other",
                             .left_out = "by the network's class"},
    OptionRow<SglangOptions>{.name = "speculative_eagle_topk",
                             .member = member<&SglangOptions::speculative_eagle_topk>,
                             .range = {1, 1024},
                             .help = "Branches of a drafted tree",
                             .left_out = "by the network's class"},
    OptionRow<SglangOptions>{.name = "speculative_num_draft_tokens",
                             .member = member<&SglangOptions::speculative_num_draft_tokens>,
                             .range = {1, 1024},
                             .help = "Drafted tokens that one step verifies",
                             .left_out = "steps + 1"},
};

} // namespace weighbridge
