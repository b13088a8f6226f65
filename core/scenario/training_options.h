#pragma once

#include "core/scenario/option.h"

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

bool trains_adapters(const Scenario& scenario);
bool has_quantized_base(const Scenario& scenario); ///< by its method
bool projects_gradients(const Scenario& scenario); ///< GaLore, APOLLO
bool computes_in_fp8(const Scenario& scenario);

inline constexpr std::array training_options = {
    OptionRow<TrainingChoice>{.name = "framework",
                              .member = member<&TrainingChoice::framework>,
                              .names = NameTable::framework,
                              .label = "Framework",
                              .help = "Whose rules hold for what is left open"},
    OptionRow<TrainingChoice>{.name = "method",
                              .member = member<&TrainingChoice::method>,
                              .choices = {"full", "lora", "qlora", "dora"},
                              .label = "Method",
                              .help = "Train every parameter, or adapters beside a frozen network"},
    OptionRow<TrainingChoice>{.name = "lora_rank",
                              .also = {"r", "lora_r"},
                              .member = member<&TrainingChoice::lora_rank>,
                              .range = {1, most_adapter_rank},
                              .label = "Rank",
                              .help = "Inner width of an adapter",
                              .symbol = "r",
                              .concerns = trains_adapters},
    OptionRow<TrainingChoice>{
        .name = "lora_target_modules",
        .also = {"target_modules"},
        .member = member<&TrainingChoice::lora_target_modules>,
        .names = NameTable::adapter_target,
        .label = "Target modules",
        .help =
            "Roles or modules that get an adapter: all_linear, attention, mlp, q_proj, v_proj ..., separated by commas",
        .left_out = "all_linear",
        .concerns = trains_adapters},
    OptionRow<TrainingChoice>{.name = "lora_fraction",
                              .member = member<&TrainingChoice::lora_fraction>,
                              .range = {0, 1},
                              .label = "Adapter share",
                              .help = "Adapters as a share of the parameters, in place of rank and targets",
                              .left_out = "rank and targets decide",
                              .concerns = trains_adapters},
    OptionRow<TrainingChoice>{.name = "lora_dropout",
                              .member = member<&TrainingChoice::lora_dropout>,
                              .range = {0, 1},
                              .label = "Adapter dropout",
                              .help = "Above 0 its mask and its result are kept as well",
                              .concerns = trains_adapters},
    OptionRow<TrainingChoice>{.name = "modules_to_save",
                              .member = member<&TrainingChoice::modules_to_save>,
                              .names = NameTable::adapter_target,
                              .label = "Trained in full",
                              .help = "Modules trained in full beside the adapters: embeddings, lm_head",
                              .left_out = "none",
                              .concerns = trains_adapters},
    OptionRow<TrainingChoice>{.name = "prepare_kbit",
                              .member = member<&TrainingChoice::prepare_kbit>,
                              .label = "k-bit preparation",
                              .help = "Casts what stays in 16 bits beside a quantized network to FP32",
                              .left_out = "the framework's",
                              .concerns = has_quantized_base},
    OptionRow<TrainingChoice>{
        .name = "precision_recipe",
        .member = member<&TrainingChoice::precision_recipe>,
        .choices = {"auto", "bf16_mixed", "bf16_autocast", "bf16", "fp16_mixed", "fp32", "fp8_mixed"},
        .label = "Precision recipe",
        .help = "How weights, gradients, master copies and activations are kept",
        .left_out = "by master_weights, precision.weights and the framework"},
    OptionRow<TrainingChoice>{.name = "optimizer",
                              .also = {"optim"},
                              .member = member<&TrainingChoice::optimizer>,
                              .names = NameTable::optimizer,
                              .label = "Optimizer",
                              .help = "What it keeps per trained parameter follows from its name"},
    OptionRow<TrainingChoice>{.name = "optimizer_state_dtype",
                              .member = member<&TrainingChoice::optimizer_state_dtype>,
                              .names = NameTable::state_dtype,
                              .label = "Optimizer states",
                              .help = "How the optimizer's states are kept",
                              .left_out = "the recipe's"},
    OptionRow<TrainingChoice>{.name = "optimizer_implementation",
                              .member = member<&TrainingChoice::optimizer_implementation>,
                              .choices = {"auto", "foreach", "foreach_two_copies", "fused", "for_loop"},
                              .label = "Step",
                              .help = "A foreach step needs one more copy of a state, a fused one none",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "optimizer_rank",
                              .member = member<&TrainingChoice::optimizer_rank>,
                              .range = {1, most_adapter_rank},
                              .label = "Projection rank",
                              .help = "Of GaLore and APOLLO",
                              .concerns = projects_gradients},
    OptionRow<TrainingChoice>{.name = "optimizer_in_backward",
                              .member = member<&TrainingChoice::optimizer_in_backward>,
                              .label = "Step in backward",
                              .help = "Each parameter is stepped as soon as its gradient is there",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "disable_parameter_transpose_cache",
                              .member = member<&TrainingChoice::disable_parameter_transpose_cache>,
                              .label = "No transposed FP8 copy",
                              .help = "Transformer Engine keeps one FP8 copy of the weights, not two",
                              .left_out = "false",
                              .concerns = computes_in_fp8},
    OptionRow<TrainingChoice>{.name = "gradient_dtype",
                              .member = member<&TrainingChoice::gradient_dtype>,
                              .choices = {"auto", "bf16", "fp16", "fp32"},
                              .label = "Gradients",
                              .help = "How gradients are kept",
                              .left_out = "the recipe's"},
    OptionRow<TrainingChoice>{.name = "master_weights",
                              .member = member<&TrainingChoice::master_weights>,
                              .label = "Master weights",
                              .help = "An FP32 copy of the trained weights",
                              .left_out = "the recipe's"},
    OptionRow<TrainingChoice>{.name = "micro_batch_size",
                              .also = {"per_device_train_batch_size"},
                              .member = member<&TrainingChoice::micro_batch_size>,
                              .range = {1, most_sequences},
                              .label = "Micro batch",
                              .help = "Sequences that one GPU works on at once",
                              .symbol = "b"},
    OptionRow<TrainingChoice>{.name = "sequence_length",
                              .also = {"max_length", "max_seq_length", "seq_length", "cutoff_len", "sequence_len"},
                              .member = member<&TrainingChoice::sequence_length>,
                              .range = {1, most_tokens},
                              .label = "Sequence length",
                              .help = "Tokens of one sequence",
                              .symbol = "s"},
    OptionRow<TrainingChoice>{.name = "average_length",
                              .member = member<&TrainingChoice::average_length>,
                              .range = {1, most_tokens},
                              .label = "Average length",
                              .help = "Tokens of an average sequence where they differ, at most sequence_length",
                              .left_out =
                                  "half of it where the framework pads to the longest of a batch, else all alike"},
    OptionRow<TrainingChoice>{.name = "gradient_accumulation_steps",
                              .member = member<&TrainingChoice::gradient_accumulation_steps>,
                              .range = {1, most_sequences},
                              .label = "Accumulation",
                              .help = "Micro batches whose gradients are summed before a step"},
    OptionRow<TrainingChoice>{.name = "recompute",
                              .member = member<&TrainingChoice::recompute>,
                              .names = NameTable::recompute,
                              .label = "Recomputation",
                              .help =
                                  "What of the activations is computed again in the backward pass: none, selective, "
                                  "full, every:K or offload"},
    OptionRow<TrainingChoice>{.name = "recompute_modules",
                              .member = member<&TrainingChoice::recompute_modules>,
                              .choices = {"core_attn", "mlp", "layernorm"},
                              .label = "Recomputed parts",
                              .help = "Of selective recomputation: core_attn, mlp, layernorm",
                              .left_out = "core_attn"},
    OptionRow<TrainingChoice>{.name = "attention",
                              .also = {"attn_implementation"},
                              .member = member<&TrainingChoice::attention>,
                              .choices = {"eager", "sdpa", "flash"},
                              .names = NameTable::training_attention,
                              .label = "Attention",
                              .help = "Eager attention keeps its scores"},
    OptionRow<TrainingChoice>{.name = "loss",
                              .member = member<&TrainingChoice::loss>,
                              .choices = {"auto", "fp32_upcast", "bf16", "chunked", "fused_linear"},
                              .label = "Loss",
                              .help = "How the cross entropy treats the logits",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "loss_chunks",
                              .member = member<&TrainingChoice::loss_chunks>,
                              .range = {1, most_tokens},
                              .label = "Loss chunks",
                              .help = "Parts that a chunked loss is computed in",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "compile",
                              .member = member<&TrainingChoice::compile>,
                              .label = "torch.compile",
                              .help = "The layers are compiled",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "fused_kernels",
                              .member = member<&TrainingChoice::fused_kernels>,
                              .label = "Fused kernels",
                              .help = "Norms and gates of Liger, Unsloth or Transformer Engine",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "zero_stage",
                              .member = member<&TrainingChoice::zero_stage>,
                              .range = {0, 3},
                              .label = "ZeRO stage",
                              .help = "1 shares states, 2 gradients as well, 3 weights as well",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "fsdp",
                              .member = member<&TrainingChoice::fsdp>,
                              .label = "FSDP",
                              .help = "Weights, gradients and states shared among the data-parallel GPUs",
                              .flag = "Shard everything"},
    OptionRow<TrainingChoice>{.name = "reshard_after_forward",
                              .member = member<&TrainingChoice::reshard_after_forward>,
                              .label = "Reshard",
                              .help = "Gathered weights are given up after each layer's forward pass",
                              .left_out = "true"},
    OptionRow<TrainingChoice>{.name = "shard_degree",
                              .member = member<&TrainingChoice::shard_degree>,
                              .range = {1, most_sequences},
                              .label = "Shard degree",
                              .help = "GPUs that share one copy; fewer than all is hybrid sharding",
                              .left_out = "all data-parallel ranks"},
    OptionRow<TrainingChoice>{
        .name = "offload",
        .member = member<&TrainingChoice::offload>,
        .choices = {"optimizer", "parameters", "activations"},
        .label = "Offload",
        .help = "What is kept in the host's memory: optimizer, parameters, activations, separated by commas",
        .left_out = "none"},
    OptionRow<TrainingChoice>{.name = "expandable_segments",
                              .member = member<&TrainingChoice::expandable_segments>,
                              .label = "Expandable segments",
                              .help = "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
                              .left_out = "the framework's launcher's"},
    OptionRow<TrainingChoice>{.name = "overhead_bytes",
                              .member = member<&TrainingChoice::overhead_bytes>,
                              .range = {0, most_bytes},
                              .unit = CountUnit::bytes,
                              .label = "Overhead",
                              .help = "CUDA context and NCCL, per GPU",
                              .left_out = "context and NCCL as measured"},
    OptionRow<TrainingChoice>{.name = "book_rules",
                              .member = member<&TrainingChoice::book_rules>,
                              .label = "Book rules",
                              .help = "The simple sums of the appendix in place of the detailed method",
                              .flag = "Simple sums"},
};

} // namespace weighbridge
