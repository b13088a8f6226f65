#pragma once

#include "core/scenario/option.h"

namespace weighbridge {

/// fine_tune.* and train.*: one set of keys for both tasks. Where an optional is empty, the framework's own default
/// holds (training/framework.h).
struct TrainingChoice
{
    std::string framework = "pytorch";
    std::string framework_version{}; ///< "1.16.0", "2026-04", "transformers 4.48.1, trl 0.13.0"; the newest where empty
    std::string trainer = "auto";    ///< what is trained for: sft, dpo, grpo ...
    std::string method = "full";     ///< full, lora, qlora, dora
    std::int64_t lora_rank = 16;
    std::vector<std::string> lora_target_modules{}; ///< roles or module names; empty: all_linear
    std::optional<double> lora_fraction{}; ///< adapters as a share of the parameters, in place of rank and targets
    double lora_dropout = 0;
    std::vector<std::string> modules_to_save{};    ///< trained in full beside the adapters: embeddings, lm_head
    std::string reference_model = "auto";          ///< none, copy, adapters_off, precomputed, host
    std::optional<double> beta{};                  ///< weight of the reference; 0 needs none
    std::string critic_model = "auto";             ///< none, copy, a preset: of PPO, trained beside the policy
    std::string reward_model = "none";             ///< none, copy, a preset: frozen
    std::string teacher_model = "none";            ///< none, copy, a preset: frozen, of distillation
    std::vector<std::string> freeze{};             ///< parts that are not trained: tower, embeddings, layers:A-B ...
    std::optional<std::int64_t> num_generations{}; ///< completions of one prompt
    std::optional<std::int64_t> max_prompt_length{};
    std::optional<std::int64_t> max_completion_length{};
    std::string generation = "auto"; ///< none, transformers, vllm_colocate, vllm_server
    std::optional<double> vllm_gpu_memory_utilization{};
    std::optional<bool> vllm_enable_sleep_mode{};
    std::optional<bool> prepare_kbit{}; ///< 16-bit rest of a quantized base is cast to fp32

    std::string precision_recipe =
        "auto"; ///< auto, bf16_mixed, bf16_autocast, bf16, fp16_mixed, fp32, fp8_mixed, mxfp8_mixed, nvfp4_mixed
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
    std::string length_distribution = "exact"; ///< exact, uniform:X: lengths even between X and 1 of the longest
    std::optional<bool> packing{};             ///< rows are filled with sequences, so that all are alike
    std::optional<std::int64_t> pad_to_multiple_of{};
    std::int64_t gradient_accumulation_steps = 1;
    std::optional<std::int64_t> total_tokens{};   ///< of the whole run; of its time and cost alone, as the two below
    std::optional<double> epochs{};               ///< over the data set
    std::optional<std::int64_t> dataset_tokens{}; ///< of one epoch

    std::string recompute = "full"; ///< none, selective, full, every:K, uniform:K, block:K, layers:N, offload
    std::optional<std::string> recompute_method{}; ///< uniform, block: Megatron's, of `recompute` full
    std::optional<std::int64_t> recompute_num_layers{};
    std::vector<std::string> recompute_modules{};
    std::string attention = "sdpa"; ///< eager, sdpa, flash, flex
    double hidden_dropout = 0;
    double attention_dropout = 0;
    std::optional<double> moe_imbalance_factor{};    ///< the fullest rank's tokens over the mean
    std::string loss = "auto";                       ///< a row of the table of losses (training/loss.h)
    std::optional<bool> cross_entropy_loss_fusion{}; ///< Megatron: the loss writes its gradient over the logits
    std::optional<bool> use_liger_kernel{};          ///< fused kernels and the fused linear loss
    std::optional<bool> tiled_mlp_compute{};         ///< the feed-forward in pieces of the sequence
    std::optional<std::int64_t> tiled_mlp_shards{};
    std::optional<std::int64_t> loss_chunks{};
    std::optional<bool> compile{};
    std::optional<bool> fused_kernels{}; ///< Liger, Unsloth or Transformer Engine in place of eager norms and gates

    std::optional<std::int64_t> zero_stage{}; ///< 0 to 3
    bool fsdp = false;
    std::optional<std::int64_t> fsdp_version{}; ///< 1 or 2
    std::optional<bool> reshard_after_forward{};
    std::optional<std::int64_t> shard_degree{};   ///< ranks that share one copy (hybrid sharding); all where left out
    std::vector<std::string> offload{};           ///< optimizer, parameters, activations
    std::string context_parallel_method = "auto"; ///< ring, allgather, ulysses
    std::string pipeline_schedule = "auto";       ///< 1f1b, interleaved, zero_bubble, gpipe
    std::optional<bool> expandable_segments{};    ///< PYTORCH_CUDA_ALLOC_CONF
    std::optional<std::int64_t> overhead_bytes{};
    bool book_rules = false;

    bool operator==(const TrainingChoice&) const = default;
};

bool trains_adapters(const Scenario& scenario);
bool has_quantized_base(const Scenario& scenario); ///< by its method
bool projects_gradients(const Scenario& scenario); ///< GaLore, APOLLO
bool computes_in_fp8(const Scenario& scenario);
bool shards_by_fsdp(const Scenario& scenario);
bool takes_completions(const Scenario& scenario); ///< GRPO and its like
bool compares_with_reference(const Scenario& scenario);
bool recomputes_by_layers(const Scenario& scenario);

inline constexpr std::array training_options = {
    OptionRow<TrainingChoice>{.name = "framework",
                              .member = member<&TrainingChoice::framework>,
                              .names = NameTable::framework,
                              .label = "Framework",
                              .help = "Whose rules hold for what is left open"},
    OptionRow<TrainingChoice>{.name = "framework_version",
                              .member = member<&TrainingChoice::framework_version>,
                              .names = NameTable::short_text,
                              .label = "Version",
                              .help = "The framework's version or a date, and libraries by name: 1.16.0, 2026-04, "
                                      "transformers 4.48.1",
                              .left_out = "the newest known"},
    OptionRow<TrainingChoice>{.name = "trainer",
                              .also = {"rl", "stage", "rlhf_type"},
                              .member = member<&TrainingChoice::trainer>,
                              .choices = {"auto", "sft", "dpo", "kto", "orpo", "cpo", "reward", "ppo", "grpo", "rloo",
                                          "online_dpo", "distillation", "classification", "embedding", "pretrain"},
                              .names = NameTable::trainer,
                              .label = "Objective",
                              .help = "What is trained for: sequences of a micro batch, whose logits, which further "
                                      "networks",
                              .left_out = "sft; of task train, pretrain"},
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
    OptionRow<TrainingChoice>{.name = "reference_model",
                              .member = member<&TrainingChoice::reference_model>,
                              .choices = {"auto", "none", "copy", "adapters_off", "precomputed", "host"},
                              .label = "Reference",
                              .help = "The frozen network that a preference or policy is compared with",
                              .left_out = "by trainer, method and beta",
                              .concerns = compares_with_reference},
    OptionRow<TrainingChoice>{.name = "beta",
                              .member = member<&TrainingChoice::beta>,
                              .range = {0, 1e6},
                              .label = "Beta",
                              .help = "Weight of the reference; 0 needs none",
                              .left_out = "the framework's: 0 for grpo, else 0.1",
                              .concerns = compares_with_reference},
    OptionRow<TrainingChoice>{.name = "critic_model",
                              .member = member<&TrainingChoice::critic_model>,
                              .names = NameTable::short_text,
                              .label = "Critic",
                              .help = "The network that values are learned with: none, copy or a preset's name",
                              .left_out = "copy for ppo, else none"},
    OptionRow<TrainingChoice>{.name = "reward_model",
                              .member = member<&TrainingChoice::reward_model>,
                              .names = NameTable::short_text,
                              .label = "Reward model",
                              .help =
                                  "A frozen network beside it that rates completions: none, copy or a preset's name",
                              .left_out = "none"},
    OptionRow<TrainingChoice>{.name = "teacher_model",
                              .member = member<&TrainingChoice::teacher_model>,
                              .names = NameTable::short_text,
                              .label = "Teacher",
                              .help = "The frozen network that distillation learns from: copy or a preset's name",
                              .left_out = "none"},
    OptionRow<TrainingChoice>{.name = "freeze",
                              .member = member<&TrainingChoice::freeze>,
                              .names = NameTable::short_text,
                              .label = "Frozen parts",
                              .help = "Not trained: tower, projector, language_model, embeddings, head, experts, "
                                      "layers:A-B (from 0), separated by commas",
                              .left_out = "none"},
    OptionRow<TrainingChoice>{.name = "num_generations",
                              .member = member<&TrainingChoice::num_generations>,
                              .range = {1, most_sequences},
                              .label = "Completions",
                              .help = "Of one prompt; a generation's batch must hold a multiple of them",
                              .left_out = "the framework's",
                              .concerns = takes_completions},
    OptionRow<TrainingChoice>{.name = "max_prompt_length",
                              .member = member<&TrainingChoice::max_prompt_length>,
                              .range = {1, most_tokens},
                              .label = "Prompt length",
                              .help = "Tokens of a prompt; with max_completion_length it makes the sequence length",
                              .left_out = "sequence_length less the completion",
                              .concerns = takes_completions},
    OptionRow<TrainingChoice>{.name = "max_completion_length",
                              .member = member<&TrainingChoice::max_completion_length>,
                              .range = {1, most_tokens},
                              .label = "Completion length",
                              .help = "Tokens of a completion: only these have logits",
                              .left_out = "sequence_length less the prompt",
                              .concerns = takes_completions},
    OptionRow<TrainingChoice>{.name = "generation",
                              .member = member<&TrainingChoice::generation>,
                              .choices = {"auto", "none", "transformers", "vllm_colocate", "vllm_server"},
                              .label = "Generation",
                              .help = "Where completions come from",
                              .left_out = "transformers on the same GPU",
                              .concerns = takes_completions},
    OptionRow<TrainingChoice>{.name = "vllm_gpu_memory_utilization",
                              .member = member<&TrainingChoice::vllm_gpu_memory_utilization>,
                              .range = {0, 1, true},
                              .label = "vLLM's share",
                              .help = "Of the GPU's memory, for a colocated vLLM",
                              .left_out = "0.3",
                              .concerns = takes_completions},
    OptionRow<TrainingChoice>{.name = "vllm_enable_sleep_mode",
                              .member = member<&TrainingChoice::vllm_enable_sleep_mode>,
                              .label = "vLLM sleeps",
                              .help = "A colocated vLLM gives its memory back while the step runs",
                              .left_out = "false",
                              .concerns = takes_completions},
    OptionRow<TrainingChoice>{.name = "prepare_kbit",
                              .member = member<&TrainingChoice::prepare_kbit>,
                              .label = "k-bit preparation",
                              .help = "Casts what stays in 16 bits beside a quantized network to FP32",
                              .left_out = "the framework's",
                              .concerns = has_quantized_base},
    OptionRow<TrainingChoice>{.name = "precision_recipe",
                              .member = member<&TrainingChoice::precision_recipe>,
                              .choices = {"auto", "bf16_mixed", "bf16_autocast", "bf16", "fp16_mixed", "fp32",
                                          "fp8_mixed", "mxfp8_mixed", "nvfp4_mixed"},
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
    OptionRow<TrainingChoice>{.name = "length_distribution",
                              .member = member<&TrainingChoice::length_distribution>,
                              .names = NameTable::short_text,
                              .label = "Lengths",
                              .help = "exact, or uniform:X: even between X (0 to 1) and 1 of sequence_length, the "
                                      "longest",
                              .left_out = "exact"},
    OptionRow<TrainingChoice>{.name = "packing",
                              .also = {"sample_packing"},
                              .member = member<&TrainingChoice::packing>,
                              .label = "Packing",
                              .help = "Rows are filled with sequences, so that all are as long",
                              .left_out = "false"},
    OptionRow<TrainingChoice>{.name = "pad_to_multiple_of",
                              .member = member<&TrainingChoice::pad_to_multiple_of>,
                              .range = {1, most_tokens},
                              .label = "Padded to",
                              .help = "Rows are padded to a multiple of so many tokens"},
    OptionRow<TrainingChoice>{.name = "gradient_accumulation_steps",
                              .member = member<&TrainingChoice::gradient_accumulation_steps>,
                              .range = {1, most_sequences},
                              .label = "Accumulation",
                              .help = "Micro batches whose gradients are summed before a step"},
    OptionRow<TrainingChoice>{.name = "total_tokens",
                              .member = member<&TrainingChoice::total_tokens>,
                              .range = {1, 1e18},
                              .label = "Tokens in all",
                              .help = "Of the whole run, for its time and cost",
                              .left_out = "epochs x dataset_tokens"},
    OptionRow<TrainingChoice>{.name = "epochs",
                              .also = {"num_train_epochs"},
                              .member = member<&TrainingChoice::epochs>,
                              .range = {0, 1e9, true},
                              .label = "Epochs",
                              .help = "Over the data set, for time and cost of the run",
                              .left_out = "1 where dataset_tokens is given"},
    OptionRow<TrainingChoice>{.name = "dataset_tokens",
                              .member = member<&TrainingChoice::dataset_tokens>,
                              .range = {1, 1e18},
                              .label = "Tokens of the data set",
                              .help = "Of one epoch, for time and cost of the run",
                              .left_out = "not known"},
    OptionRow<TrainingChoice>{.name = "recompute",
                              .also = {"recompute_granularity", "gradient_checkpointing", "activation_checkpointing"},
                              .member = member<&TrainingChoice::recompute>,
                              .names = NameTable::recompute,
                              .label = "Recomputation",
                              .help =
                                  "What of the activations is computed again in the backward pass: none, selective, "
                                  "full, every:K, uniform:K, block:K, layers:N or offload"},
    OptionRow<TrainingChoice>{.name = "recompute_method",
                              .member = member<&TrainingChoice::recompute_method>,
                              .choices = {"uniform", "block"},
                              .label = "Recomputed by",
                              .help =
                                  "Megatron: groups of recompute_num_layers layers, or the first so many of a stage",
                              .left_out = "layer by layer",
                              .concerns = recomputes_by_layers},
    OptionRow<TrainingChoice>{.name = "recompute_num_layers",
                              .member = member<&TrainingChoice::recompute_num_layers>,
                              .range = {1, 1024},
                              .label = "Recomputed layers",
                              .help = "Of one group (uniform), or of a stage (block)",
                              .left_out = "1",
                              .concerns = recomputes_by_layers},
    OptionRow<TrainingChoice>{
        .name = "recompute_modules",
        .member = member<&TrainingChoice::recompute_modules>,
        .choices = {"core_attn", "mlp", "layernorm", "moe", "moe_act", "shared_experts", "mla_up_proj"},
        .label = "Recomputed parts",
        .help = "Of selective recomputation: core_attn, mlp, layernorm, moe, moe_act, shared_experts, mla_up_proj",
        .left_out = "core_attn"},
    OptionRow<TrainingChoice>{.name = "attention",
                              .also = {"attn_implementation"},
                              .member = member<&TrainingChoice::attention>,
                              .choices = {"eager", "sdpa", "flash", "flex"},
                              .names = NameTable::training_attention,
                              .label = "Attention",
                              .help = "Eager attention keeps its scores"},
    OptionRow<TrainingChoice>{.name = "hidden_dropout",
                              .member = member<&TrainingChoice::hidden_dropout>,
                              .range = {0, 1},
                              .label = "Hidden dropout",
                              .help = "Above 0 a layer keeps two masks of the hidden state, the embedding one"},
    OptionRow<TrainingChoice>{.name = "attention_dropout",
                              .member = member<&TrainingChoice::attention_dropout>,
                              .range = {0, 1},
                              .label = "Attention dropout",
                              .help = "Above 0 eager attention keeps a mask and the dropped scores; flash none"},
    OptionRow<TrainingChoice>{.name = "moe_imbalance_factor",
                              .member = member<&TrainingChoice::moe_imbalance_factor>,
                              .range = {1, most_sequences},
                              .label = "Imbalance of experts",
                              .help = "Tokens of the fullest expert-parallel rank over the mean",
                              .left_out = "1"},
    OptionRow<TrainingChoice>{.name = "loss",
                              .member = member<&TrainingChoice::loss>,
                              .choices = {"auto", "fp32_upcast", "fp32_shifted", "bf16", "chunked", "chunked_nll",
                                          "fused_linear", "fused_head", "fused", "vocab_parallel"},
                              .label = "Loss",
                              .help = "How the cross entropy treats the logits",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "cross_entropy_loss_fusion",
                              .member = member<&TrainingChoice::cross_entropy_loss_fusion>,
                              .label = "Loss fusion",
                              .help = "Megatron: one kernel, which writes the gradient over the logits",
                              .left_out = "false"},
    OptionRow<TrainingChoice>{.name = "use_liger_kernel",
                              .member = member<&TrainingChoice::use_liger_kernel>,
                              .label = "Liger kernels",
                              .help = "Fused norms and gates, and the fused linear loss",
                              .left_out = "false"},
    OptionRow<TrainingChoice>{.name = "tiled_mlp_compute",
                              .also = {"tiled_mlp"},
                              .member = member<&TrainingChoice::tiled_mlp_compute>,
                              .label = "Tiled MLP",
                              .help = "The feed-forward runs in pieces of the sequence, forward and back",
                              .left_out = "false"},
    OptionRow<TrainingChoice>{.name = "tiled_mlp_shards",
                              .member = member<&TrainingChoice::tiled_mlp_shards>,
                              .range = {1, most_tokens},
                              .label = "Tiles of the MLP",
                              .help = "Pieces that a tiled feed-forward is cut into",
                              .left_out = "tokens / hidden size, rounded up"},
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
    OptionRow<TrainingChoice>{.name = "fsdp_version",
                              .member = member<&TrainingChoice::fsdp_version>,
                              .range = {1, 2},
                              .label = "FSDP version",
                              .help =
                                  "1: flat parameters, the root's gathered for the whole step; 2: units of their own",
                              .left_out = "2 where reshard_after_forward is chosen, else the framework's",
                              .concerns = shards_by_fsdp},
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
    OptionRow<TrainingChoice>{.name = "context_parallel_method",
                              .member = member<&TrainingChoice::context_parallel_method>,
                              .choices = {"auto", "ring", "allgather", "ulysses"},
                              .label = "Context parallelism",
                              .help = "Keys and values go round, are gathered, or sequence is exchanged for heads",
                              .left_out = "the framework's"},
    OptionRow<TrainingChoice>{.name = "pipeline_schedule",
                              .member = member<&TrainingChoice::pipeline_schedule>,
                              .choices = {"auto", "1f1b", "interleaved", "zero_bubble", "gpipe"},
                              .label = "Pipeline schedule",
                              .help = "Decides how many micro batches a stage holds",
                              .left_out = "interleaved with hardware.virtual_pipeline above 1, else 1f1b"},
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
