#pragma once

#include "core/training/loss.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weighbridge {

/// Of one element in IEEE 754 single precision.
inline constexpr double fp32_bytes = 4;

/// How weights, gradients and master copies are kept, in bytes per trained parameter; a row of the table of recipes.
struct Recipe
{
    std::string_view id; ///< "bf16_mixed"
    double weights = 2;
    double gradients = 2;
    double master = 0;                ///< fp32 copy that belongs to the optimizer
    std::string_view states = "fp32"; ///< dtype of optimizer states without one of their own
    double compute = 2;               ///< activations
    bool casts_weights = false;       ///< weights are wider than what is computed in: autocast, FSDP's mixed precision
    bool fp8 = false;                 ///< matrices are multiplied in FP8
    std::string_view source;
};

std::span<const Recipe> recipes();
const Recipe* find_recipe(std::string_view id);

/// How an optimizer's step is done.
enum class StepImplementation
{
    foreach,            ///< all tensors at once: one temporary copy of a state
    foreach_two_copies, ///< as PyTorch did until 2.0: the square root of a state and the denominator beside it
    fused,
    for_loop, ///< tensor by tensor
};

/// A row of the table of steps.
struct StepRow
{
    StepImplementation step;
    std::string_view id;
    bool copies_state = false;         ///< one state's copy, all parameters at once
    bool copies_largest_group = false; ///< one more of the dtype with the most bytes: dtypes are stepped one by one
    std::string_view source;
};

std::span<const StepRow> step_implementations();
const StepRow& step_row(StepImplementation step);
const StepRow* find_step(std::string_view id); ///< null where there is none

/// A training framework as its newest known version is: named rules. A row of the table of frameworks; nothing else
/// asks which one it is. What older versions had in their place: framework_version.h.
struct Framework
{
    std::string_view id;
    std::string_view label;
    std::string_view library;       ///< whose versions it counts: "transformers"
    bool uses_transformers = false; ///< the Trainer and the networks of transformers, in whatever version it has
    std::string_view assumed = {};  ///< what is not known of it and taken from another framework; a warning's words
    std::string_view mixed_recipe = "bf16_mixed"; ///< with master weights
    std::string_view default_recipe = "bf16_mixed";
    double gradient_bytes = 0;          ///< per trained parameter, in place of the recipe's; 0: the recipe's
    bool wide_embedding_states = false; ///< 8-bit optimizers keep those of embeddings in fp32
    double adapter_bytes = 2;           ///< per adapter weight: PEFT keeps them in fp32
    double quantized_adapter_bytes = 0; ///< the same over a quantized base, where it differs
    bool adapters_cast_input = false;   ///< each adapter keeps a copy of its input in its own dtype (PEFT)
    bool fused_kernels = false;         ///< norms and gates are one kernel each and keep only their inputs
    bool recomputes_product = false;    ///< and the product of the two, the down projection's input, is computed again
    bool recomputes_gate = false; ///< the fused gate keeps its two inputs, not the activation (Liger, Unsloth, TE)
    bool repeats_kv = false;      ///< keys and values are expanded to all heads before eager and sdpa attention
    bool compiles = false;
    bool compiles_loss = false; ///< torch.compile takes the loss in as well
    std::string_view loss = "fp32_upcast";
    std::int64_t loss_chunk_tokens = 0; ///< tokens per chunk; 0: loss_chunks chunks
    std::int64_t loss_chunks = 8;
    double loss_kept = -1; ///< in place of the table's, for losses of its own (Megatron); negative: the table's
    double loss_working = -1;
    double parallel_loss = 0; ///< bytes per logit of an unfused loss over a vocabulary that tensor parallelism splits
    StepImplementation step = StepImplementation::foreach;
    bool gradient_buffer = false; ///< allocated once: gradients are there during the forward pass
    bool optimizer_in_backward = false;
    std::int64_t zero_stage = 0;         ///< where nothing was asked for
    bool distributed_optimizer = false;  ///< shards by one of its own, not as FSDP or DeepSpeed do
    bool prepares_kbit = false;          ///< casts what is left in 16 bits beside bitsandbytes' matrices to fp32
    bool selective_by_operation = false; ///< recompute "selective" keeps every second matmul (torchtitan)
    bool varied_lengths = false;         ///< batches as long as their longest sample
    bool keeps_output = false;           ///< the model's output, logits and all, lives until the backward pass is done
    bool shifts_logits = false;          ///< the loss works on a copy of the logits without the last token
    bool expandable_segments = false;    ///< its launcher sets PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True
    /// Of context parallelism: "ring": keys and values go round; "allgather": all are gathered; "ulysses": sequence is
    /// exchanged for heads, so that a rank has every token of its heads.
    std::string_view context_method = "ring";
    bool shards_outside = false;         ///< FSDP: embedding and head are groups of their own, given up like a layer
    std::int64_t fsdp_version = 2;       ///< where nobody chose
    bool checkpoints_outside = false;    ///< checkpointing calls the layer that FSDP wraps, rather than being inside it
    bool keeps_quantized_inputs = false; ///< bitsandbytes' matrices keep their input for the backward pass
    bool reduces_apart = false;          ///< FSDP: what is reduced lies in the pool of another stream
    /// FP8 by Transformer Engine, which keeps matrices in FP8 beside their weights, and inputs in FP8 in place of their
    /// own dtype; torchao keeps both as they are and quantizes anew for every product.
    bool transformer_engine = false;
    double quantized_compute = 0; ///< activations over a base quantized by bitsandbytes, bytes; 0: the recipe's
    std::string_view source;
};

std::span<const Framework> frameworks();
const Framework* find_framework(std::string_view id);

} // namespace weighbridge
