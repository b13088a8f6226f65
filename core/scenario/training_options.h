#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// fine_tune.* and train.*: one set of keys for both tasks. Where an optional is empty, the framework's own default
/// holds (training/framework.h).
struct TrainingChoice
{
    std::string framework = "pytorch";
    std::string method = "full"; ///< full, lora, qlora, dora
    std::int64_t lora_rank = 16;
    std::vector<std::string> lora_target_modules{}; ///< roles or module names; empty: all_linear
    std::optional<double> lora_fraction{}; ///< adapters as a share of the parameters, in place of rank and targets
    double lora_dropout = 0;
    std::vector<std::string> modules_to_save{}; ///< trained in full beside the adapters: embeddings, lm_head
    std::optional<bool> prepare_kbit{};         ///< 16-bit rest of a quantized base is cast to fp32

    std::string precision_recipe = "auto"; ///< auto, bf16_mixed, bf16_autocast, bf16, fp16_mixed, fp32, fp8_mixed
    std::string optimizer = "adamw";
    std::string optimizer_state_dtype = "auto";
    std::string optimizer_implementation = "auto"; ///< auto, foreach, foreach_two_copies, fused, for_loop
    std::int64_t optimizer_rank = 128;             ///< of GaLore and APOLLO
    std::optional<bool> optimizer_in_backward{};   ///< each parameter is stepped as soon as its gradient is there
    std::optional<bool> disable_parameter_transpose_cache{}; ///< Megatron: one FP8 copy of the weights, not two
    std::string gradient_dtype = "auto";
    std::optional<bool> master_weights{};

    std::int64_t micro_batch_size = 1;
    std::int64_t sequence_length = 2048;
    /// Tokens of an average sequence where they differ; sequence_length where all are filled or padded to it.
    std::optional<std::int64_t> average_length{};
    std::int64_t gradient_accumulation_steps = 1;

    std::string recompute = "full"; ///< none, selective, full, every:K, offload
    std::vector<std::string> recompute_modules{};
    std::string attention = "sdpa"; ///< eager, sdpa, flash
    std::string loss = "auto";      ///< auto, fp32_upcast, bf16, chunked, fused_linear
    std::optional<std::int64_t> loss_chunks{};
    std::optional<bool> compile{};
    std::optional<bool> fused_kernels{}; ///< Liger, Unsloth or Transformer Engine in place of eager norms and gates

    std::optional<std::int64_t> zero_stage{}; ///< 0 to 3
    bool fsdp = false;
    std::optional<bool> reshard_after_forward{};
    std::optional<std::int64_t> shard_degree{}; ///< ranks that share one copy (hybrid sharding); all where left out
    std::vector<std::string> offload{};         ///< optimizer, parameters, activations
    std::optional<bool> expandable_segments{};  ///< PYTORCH_CUDA_ALLOC_CONF
    std::optional<std::int64_t> overhead_bytes{};
    bool book_rules = false;

    bool operator==(const TrainingChoice&) const = default;
};

} // namespace weighbridge
