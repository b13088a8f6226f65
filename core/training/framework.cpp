#include "core/training/framework.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr std::array<Recipe, 6> recipe_rows = {{
    {.id = "bf16_mixed", .weights = 2, .gradients = 2, .master = 4, .source = "arXiv:1710.03740 with bf16"},
    {.id = "bf16_autocast",
     .weights = 4,
     .gradients = 4,
     .casts_weights = true,
     .source = "torch.autocast, FSDP MixedPrecisionPolicy: fp32 weights are their own master"},
    {.id = "bf16", .weights = 2, .gradients = 2, .states = "bf16", .source = "everything follows the weights' dtype"},
    {.id = "fp16_mixed", .weights = 2, .gradients = 2, .master = 4, .source = "arXiv:1710.03740"},
    {.id = "fp32", .weights = 4, .gradients = 4, .compute = 4, .source = "IEEE 754 single precision throughout"},
    {.id = "fp8_mixed",
     .weights = 2,
     .gradients = 2,
     .master = 4,
     .fp8 = true,
     .source = "bf16 weights, quantized for each product"},
}};

// Three tensors of T·v at the peak of an eager loss: forward logits, their upcast and its log-softmax; backward the
// log-softmax, its gradient and that of its input (torch nn/functional.py cross_entropy, autograd of log_softmax and
// nll_loss). A compiled loss keeps logits and writes their gradient, in 16 bits. The block of the 16-bit logits is free
// by then and too small for an fp32 tensor. Where tensor parallelism splits the vocabulary, torch's loss_parallel
// (torch/distributed/tensor/parallel/loss.py) does it step by step: log-softmax, its gradient's zeros, the exponential
// and their sum, 4 x 4 bytes.
constexpr std::array<Loss, 4> loss_rows = {{
    {.id = "fp32_upcast",
     .kept = 12,
     .compiled_kept = 4,
     .returned = 4,
     .left_over = 2,
     .source = "fp32 log-softmax, its gradient and the logits' gradient: 3 x 4 bytes per logit"},
    {.id = "bf16",
     .kept = 6,
     .compiled_kept = 4,
     .returned = 2,
     .source = "logits, log-softmax and gradient: 3 x 2 bytes per logit"},
    {.id = "chunked",
     .kept = 4,
     .working = 8,
     .compiled_kept = 2,
     .compiled_working = 2,
     .chunked = true,
     .source =
         "torchtune CEWithChunkedOutputLoss: every chunk's log-softmax is kept, upcasts and gradients are a chunk's"},
    {.id = "fused_linear",
     .working = 6,
     .compiled_working = 6,
     .chunked = true,
     .hidden_gradient = true,
     .source = "Liger fused_linear_cross_entropy, arXiv:2411.09009: logits of one chunk at a time, gradient in place"},
}};

constexpr std::array<Framework, 11> framework_rows = {{
    {.id = "pytorch",
     .label = "PyTorch",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .repeats_kv = true,
     .keeps_output = true,
     .shifts_logits = true,
     .source = "a plain loop over transformers' model, loss = output.loss: torch's optimizers have no master weights"},
    {.id = "hf_trainer",
     .label = "Hugging Face Trainer",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .wide_embedding_states = true,
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .repeats_kv = true,
     .prepares_kbit = true,
     .shifts_logits = true,
     .source = "transformers trainer.py; peft tuners/lora/layer.py, utils/other.py"},
    {.id = "axolotl",
     .label = "Axolotl",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .wide_embedding_states = true,
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .repeats_kv = true,
     .shifts_logits = true,
     .source =
         "transformers trainer.py; axolotl loaders/model.py casts embedding, head and norms back to 16 bits after "
         "peft's k-bit preparation"},
    {.id = "torchtune",
     .label = "torchtune",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16",
     .compiles_loss = true,
     .loss = "chunked",
     .step = StepImplementation::fused,
     .shards_outside = true,
     .source = "torchtune recipes (custom_sharded_layers), modules/loss"},
    {.id = "torchtitan",
     .label = "torchtitan",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .parallel_loss = 16,
     .step = StepImplementation::fused,
     .selective_by_operation = true,
     .expandable_segments = true,
     .shards_outside = true,
     .source =
         "torchtitan models/llama3/infra/parallelize.py: embedding, blocks, norm with head are groups; run_train.sh"},
    {.id = "torchtitan_2024",
     .label = "torchtitan before May 2025",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .parallel_loss = 16,
     .step = StepImplementation::fused,
     .selective_by_operation = true,
     .expandable_segments = true,
     .reduces_apart = true,
     .source = "torchtitan parallelize_llama.py: embedding and head in the root group; torch 2.6 _fsdp_collectives.py: "
               "reduce-scatter input in the communication stream"},
    {.id = "litgpt",
     .label = "LitGPT",
     .mixed_recipe = "bf16_mixed",
     .default_recipe = "bf16",
     .loss = "chunked",
     .loss_chunk_tokens = 128,
     .loss_kept = 4,
     .loss_working = 4,
     .quantized_compute = 4,
     .source = "litgpt utils.py chunked_cross_entropy on bf16 logits, chunks of 128 tokens"},
    {.id = "ms_swift",
     .label = "ms-swift",
     .mixed_recipe = "bf16_mixed",
     .default_recipe = "bf16",
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .repeats_kv = true,
     .prepares_kbit = true, // measured: where it does so was not found (docs/training.md)
     .varied_lengths = true,
     .shifts_logits = true,
     .source = "ms-swift on transformers' Trainer and peft"},
    {.id = "megatron",
     .label = "Megatron-LM",
     .gradient_bytes = 4,
     .fused_kernels = true,
     .recomputes_gate = true,
     .loss_kept = 6,
     .loss_working = 0,
     .step = StepImplementation::fused,
     .gradient_buffer = true,
     .zero_stage = 1,
     .distributed_optimizer = true,
     .transformer_engine = true,
     .source = "Megatron core: fp32 gradient buffer, distributed optimizer, vocab-parallel loss in place"},
    {.id = "deepspeed",
     .label = "DeepSpeed",
     .adapter_bytes = 2,
     .adapters_cast_input = false,
     .repeats_kv = true,
     .step = StepImplementation::fused,
     .zero_stage = 2,
     .shifts_logits = true,
     .source = "DeepSpeed runtime/zero"},
    {.id = "unsloth",
     .label = "Unsloth",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16",
     .adapter_bytes = 4,
     .fused_kernels = true,
     .recomputes_gate = true,
     .loss = "fused_linear",
     .gates_in_place = true,
     .source = "unsloth kernels: fused norms, gates and LoRA, cut cross-entropy"},
}};

// PyTorch 2.0 made foreach the default of CUDA parameters (_default_to_fused_or_foreach); the same release computes
// the denominator out of place, 2.1 in place.
constexpr std::array<StepRow, 4> step_rows = {{
    {.step = StepImplementation::foreach,
     .id = "foreach",
     .copies_state = true,
     .source = "torch/optim/adamw.py _multi_tensor_adamw: _foreach_sqrt of the second moment"},
    {.step = StepImplementation::foreach_two_copies,
     .id = "foreach_two_copies",
     .copies_state = true,
     .copies_largest_group = true,
     .source = "torch/optim/adamw.py of PyTorch 2.0: _foreach_sqrt, and _foreach_add for the denominator"},
    {.step = StepImplementation::fused, .id = "fused", .source = "one kernel per parameter, nothing beside it"},
    {.step = StepImplementation::for_loop, .id = "for_loop", .source = "one parameter at a time"},
}};

template<class Rows>
const typename Rows::value_type* row_of(const Rows& rows, std::string_view id)
{
    const auto* row = std::find_if(rows.begin(), rows.end(), [&](const auto& known) { return known.id == id; });
    return row == rows.end() ? nullptr : row;
}

} // namespace

std::span<const Recipe> recipes()
{
    return recipe_rows;
}

const Recipe* find_recipe(std::string_view id)
{
    return row_of(recipe_rows, id);
}

std::span<const Loss> losses()
{
    return loss_rows;
}

const Loss* find_loss(std::string_view id)
{
    return row_of(loss_rows, id);
}

std::span<const StepRow> step_implementations()
{
    return step_rows;
}

const StepRow& step_row(StepImplementation step)
{
    return *std::find_if(step_rows.begin(), step_rows.end(), [step](const StepRow& row) { return row.step == step; });
}

const StepRow* find_step(std::string_view id)
{
    return row_of(step_rows, id);
}

std::span<const Framework> frameworks()
{
    return framework_rows;
}

const Framework* find_framework(std::string_view id)
{
    return row_of(framework_rows, id);
}

} // namespace weighbridge
