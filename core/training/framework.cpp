#include "core/training/framework.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr std::array<Recipe, 8> recipe_rows = {{
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
    {.id = "mxfp8_mixed",
     .weights = 2,
     .gradients = 2,
     .master = 4,
     .fp8 = true,
     .source = "as fp8_mixed, with a scale for every 32 elements"},
    {.id = "nvfp4_mixed",
     .weights = 2,
     .gradients = 2,
     .master = 4,
     .fp8 = true, // memory is counted as that of FP8, which is no less
     .source = "bf16 weights, quantized for each product; memory as fp8_mixed"},
}};

// FSDP: accelerate's plugin takes version 1 unless told otherwise (utils/dataclasses.py, 1.15). Where tensor
// parallelism splits the vocabulary, torch's loss_parallel (torch/distributed/tensor/parallel/loss.py) goes step by
// step: log-softmax, its gradient's zeros, the exponential and their sum, 4 x 4 bytes.
constexpr std::array<Framework, 21> framework_rows = {{
    {.id = "pytorch",
     .label = "PyTorch",
     .library = "torch",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .repeats_kv = true,
     .keeps_output = true,
     .shifts_logits = true,
     .fsdp_version = 1,
     .source = "a plain loop over transformers' model, loss = output.loss: torch's optimizers have no master weights"},
    {.id = "hf_trainer",
     .label = "Hugging Face Trainer",
     .library = "transformers",
     .uses_transformers = true,
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .wide_embedding_states = true,
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .step = StepImplementation::fused,
     .prepares_kbit = true,
     .shifts_logits = true,
     .fsdp_version = 1,
     .source = "transformers trainer.py; peft tuners/lora/layer.py, utils/other.py"},
    {.id = "trl",
     .label = "TRL",
     .library = "trl",
     .uses_transformers = true,
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16",
     .wide_embedding_states = true,
     .adapter_bytes = 4,
     .quantized_adapter_bytes = 2,
     .adapters_cast_input = true,
     .loss = "fused_head",
     .step = StepImplementation::fused,
     .fsdp_version = 1,
     .source = "trl 1.16 sft_trainer.py: bf16, adapters of a quantized base in bf16, no k-bit preparation, fused head"},
    {.id = "axolotl",
     .label = "Axolotl",
     .library = "axolotl",
     .uses_transformers = true,
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .wide_embedding_states = true,
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .step = StepImplementation::fused,
     .shifts_logits = true,
     .fsdp_version = 1,
     .source =
         "transformers trainer.py; axolotl loaders/model.py casts embedding, head and norms back to 16 bits after "
         "peft's k-bit preparation"},
    {.id = "llama_factory",
     .label = "LLaMA-Factory",
     .library = "llama_factory",
     .uses_transformers = true,
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16",
     .wide_embedding_states = true,
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .step = StepImplementation::fused,
     .shifts_logits = true,
     .fsdp_version = 1,
     .source = "LLaMA-Factory model/loader.py loads in the compute dtype, model/adapter.py casts adapters to fp32 "
               "(pure_bf16 off); upcast_layernorm is off, so no k-bit preparation"},
    {.id = "torchtune",
     .label = "torchtune",
     .library = "torchtune",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16",
     .compiles_loss = true,
     .loss = "chunked",
     .step = StepImplementation::fused,
     .shards_outside = true,
     .source = "torchtune recipes (custom_sharded_layers), modules/loss"},
    {.id = "torchtitan",
     .label = "torchtitan",
     .library = "torchtitan",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .parallel_loss = 16,
     .step = StepImplementation::fused,
     .selective_by_operation = true,
     .expandable_segments = true,
     .context_method = "allgather",
     .shards_outside = true,
     .source =
         "torchtitan models/llama3/infra/parallelize.py: embedding, blocks, norm with head are groups; run_train.sh"},
    {.id = "torchtitan_2024",
     .label = "torchtitan before May 2025",
     .library = "torchtitan",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .parallel_loss = 16,
     .step = StepImplementation::fused,
     .selective_by_operation = true,
     .expandable_segments = true,
     .context_method = "allgather",
     .reduces_apart = true,
     .source = "torchtitan parallelize_llama.py: embedding and head in the root group; torch 2.6 _fsdp_collectives.py: "
               "reduce-scatter input in the communication stream"},
    {.id = "litgpt",
     .label = "LitGPT",
     .library = "litgpt",
     .mixed_recipe = "bf16_mixed",
     .default_recipe = "bf16",
     .loss = "chunked",
     .loss_chunk_tokens = 128,
     .loss_kept = 4,
     .loss_working = 4,
     .fsdp_version = 1,
     .keeps_quantized_inputs = true, // measured: where Fabric does so was not found (docs/training.md)
     .quantized_compute = 4,
     .source = "litgpt utils.py chunked_cross_entropy on bf16 logits, chunks of 128 tokens"},
    {.id = "ms_swift",
     .label = "ms-swift",
     .library = "ms_swift",
     .mixed_recipe = "bf16_mixed",
     .default_recipe = "bf16",
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .repeats_kv = true,
     .prepares_kbit = true, // measured: where it does so was not found (docs/training.md)
     .varied_lengths = true,
     .shifts_logits = true,
     .fsdp_version = 1,
     .source = "ms-swift 2 on transformers' Trainer and peft"},
    {.id = "megatron",
     .label = "Megatron-LM",
     .library = "megatron",
     .gradient_bytes = 4,
     .fused_kernels = true,
     .recomputes_gate = true,
     .loss = "vocab_parallel",
     .step = StepImplementation::fused,
     .gradient_buffer = true,
     .zero_stage = 1,
     .distributed_optimizer = true,
     .transformer_engine = true,
     .source = "Megatron core: fp32 gradient buffer, distributed optimizer, vocab-parallel loss in place"},
    {.id = "automodel",
     .label = "NeMo AutoModel",
     .library = "automodel",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16",
     .fused_kernels = true,
     .recomputes_product = true, // measured: 59 kB per layer and token of Llama-3.2-1B
     .recomputes_gate = true,
     .loss_kept = 14, // the output's 16-bit logits are held beside the three fp32 tensors
     .loss_working = 0,
     .step = StepImplementation::fused,
     .source = "NeMo AutoModel components/distributed/parallelizer.py: FSDP2 by layer, the rest in the root; norms and "
               "gates of its own that keep their inputs alone"},
    {.id = "llm_foundry",
     .label = "LLM Foundry",
     .library = "torch",
     .assumed = "its memory is taken to be that of a plain PyTorch loop with FSDP",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .shifts_logits = true,
     .fsdp_version = 1,
     .source = "LLM Foundry on Composer: FSDP's mixed precision"},
    {.id = "fms_fsdp",
     .label = "fms-fsdp",
     .library = "torch",
     .assumed = "its memory is taken to be that of a plain PyTorch loop with FSDP",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .compiles = true,
     .fsdp_version = 1,
     .source = "foundation-model-stack fms-fsdp: FSDP with torch.compile"},
    {.id = "maxtext",
     .label = "MaxText",
     .library = "maxtext",
     .assumed = "its memory is taken to be that of PyTorch's FSDP; XLA plans its own",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .fused_kernels = true,
     .source = "MaxText on JAX: sharded by XLA"},
    {.id = "neuron",
     .label = "Neuron",
     .library = "neuron",
     .assumed = "its memory is taken to be that of PyTorch's FSDP; the Neuron compiler plans its own",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .source = "AWS Neuron's training libraries"},
    {.id = "deepspeed",
     .label = "DeepSpeed",
     .library = "deepspeed",
     .adapter_bytes = 2,
     .adapters_cast_input = false,
     .repeats_kv = true,
     .step = StepImplementation::fused,
     .zero_stage = 2,
     .shifts_logits = true,
     .context_method = "ulysses",
     .source = "DeepSpeed runtime/zero, sequence/layer.py"},
    {.id = "unsloth",
     .label = "Unsloth",
     .library = "unsloth",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16",
     .adapter_bytes = 4,
     .fused_kernels = true,
     .recomputes_gate = true,
     .loss = "fused_linear",
     .fsdp_version = 1,
     .checkpoints_outside = true,
     .source = "unsloth models/llama.py checkpoints layer by layer from outside; kernels: fused norms, gates and LoRA, "
               "cut cross-entropy"},
    {.id = "verl",
     .label = "verl",
     .library = "verl",
     .assumed =
         "verl's own rules are known for its FSDP actor alone: fp32 weights, 16-bit compute, transformers' network",
     .mixed_recipe = "bf16_autocast",
     .default_recipe = "bf16_autocast",
     .adapter_bytes = 4,
     .adapters_cast_input = true,
     .step = StepImplementation::fused,
     .fsdp_version = 1,
     .source = "verl workers/fsdp_workers.py: actor in fp32 under FSDP's mixed precision"},
    {.id = "openrlhf",
     .label = "OpenRLHF",
     .library = "openrlhf",
     .assumed = "OpenRLHF is counted as DeepSpeed's ZeRO over transformers' network, its own buffers are not known",
     .adapter_bytes = 2,
     .step = StepImplementation::fused,
     .zero_stage = 2,
     .source = "OpenRLHF utils/deepspeed: bf16 with fp32 master weights, FusedAdam"},
    {.id = "mlx",
     .label = "MLX",
     .library = "mlx",
     .assumed = "mlx-lm evaluates lazily, and what its graph keeps was not measured: the tensors of a PyTorch step are "
                "counted",
     .mixed_recipe = "bf16",
     .default_recipe = "bf16",
     .adapter_bytes = 4,
     .loss = "fp32_upcast",
     .step = StepImplementation::fused,
     .source = "mlx-lm tuner/trainer.py"},
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
