#include "core/scenario/not_built.h"

#include <algorithm>
#include <array>

namespace weighbridge {

std::span<const std::string_view> keys_not_built()
{
    using namespace std::string_view_literals;
    static constexpr std::array keys = {
        "fine_tune"sv,
        "train"sv,
        "hardware.context_parallel"sv,
        "hardware.data_parallel"sv,
        "hardware.expert_parallel"sv,
        "hardware.num_microbatches"sv,
        "hardware.sequence_parallel"sv,
        "hardware.virtual_pipeline"sv,
        // vLLM
        "inference.block_size"sv,
        "inference.data_parallel_size"sv,
        "inference.decode_context_parallel_size"sv,
        "inference.enable_expert_parallel"sv,
        "inference.enable_prefix_caching"sv,
        "inference.enforce_eager"sv,
        "inference.gpu_memory_utilization"sv,
        "inference.kv_cache_memory_bytes"sv,
        "inference.max_batched_tokens"sv,
        "inference.max_model_len"sv,
        "inference.max_num_batched_tokens"sv,
        "inference.max_num_seqs"sv,
        "inference.num_speculative_tokens"sv,
        "inference.total_memory_bytes"sv,
        // SGLang
        "inference.chunked_prefill_size"sv,
        "inference.context_length"sv,
        "inference.cuda_graph_max_bs"sv,
        "inference.enable_dp_attention"sv,
        "inference.mem_fraction_static"sv,
        // llama.cpp
        "inference.flash_attn"sv,
        "inference.kv_unified"sv,
        "inference.mla"sv,
        "inference.n_batch"sv,
        "inference.n_cpu_moe"sv,
        "inference.n_ctx"sv,
        "inference.n_gpu_layers"sv,
        "inference.n_seq_max"sv,
        "inference.n_ubatch"sv,
        "inference.swa_full"sv,
        // transformers
        "inference.attn_implementation"sv,
        "inference.batch_size"sv,
        "inference.input_tokens"sv,
        "inference.logits_to_keep"sv,
        "inference.output_tokens"sv,
    };
    return keys;
}

bool is_not_built(std::string_view key)
{
    const auto keys = keys_not_built();
    return std::any_of(keys.begin(), keys.end(), [&](std::string_view known) {
        return key == known || (key.starts_with(known) && key.substr(known.size()).starts_with('.'));
    });
}

} // namespace weighbridge
