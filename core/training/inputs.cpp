#include "core/precision/model_format.h"
#include "core/sources/presets.h"
#include "core/training/framework_version.h"
#include "core/training/freeze.h"
#include "core/training/saved_tensors.h"
#include "core/training/training.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace weighbridge {

namespace {

bool offloads(const TrainingChoice& choice, std::string_view what)
{
    return std::find(choice.offload.begin(), choice.offload.end(), what) != choice.offload.end();
}

/// What is asked for, or what the framework does with and without master weights.
std::string_view recipe_id(const TrainingChoice& choice, const Framework& framework,
                           const std::optional<std::string>& weights, std::string_view activations)
{
    if (choice.precision_recipe != "auto")
        return choice.precision_recipe;
    const bool mixed_by_master = framework.mixed_recipe == "bf16_mixed";
    const bool sharded = choice.fsdp && !framework.distributed_optimizer;
    if (choice.master_weights)
        return !*choice.master_weights ? "bf16" : sharded || !mixed_by_master ? "bf16_autocast" : "bf16_mixed";
    if (weights == "fp32" && activations == "fp32")
        return "fp32";
    if (weights == "fp32")
        return "bf16_autocast";
    if (weights && !mixed_by_master)
        return "bf16"; // weights in 16 bits, and nobody keeps a wider copy
    return sharded && framework.default_recipe == "bf16_mixed" ? "bf16_autocast" : framework.default_recipe;
}

/// Unsloth's kernel for the feed-forward takes the place of the network's own only where gate, up and down all have
/// adapters (unsloth models/llama.py, patch_peft_model).
bool adapts_whole_gate(const TrainingInputs& in)
{
    bool all = true;
    for (const Tensor& tensor : in.model->tensors)
        if (tensor.part == Part::feed_forward && tensor.quantizable && tensor.columns.value > 1)
            all = all && has_adapter(in, tensor);
    return all;
}

double gradient_width(std::string_view dtype)
{
    return dtype == "fp32" ? 4 : 2;
}

void take_precision(TrainingInputs& in, const Scenario& scenario)
{
    const TrainingChoice& choice = *in.choice;
    in.recipe = *find_recipe(
        recipe_id(choice, *in.framework, effective_weights(scenario, *in.model), scenario.precision.activations));
    in.weight_bytes = in.recipe.weights;
    in.gradient_bytes = in.framework->gradient_bytes > 0 ? in.framework->gradient_bytes : in.recipe.gradients;
    in.master_bytes = in.recipe.master;
    std::string_view states = in.recipe.states;
    if (in.frozen_base) {
        const bool over_quantized = in.base.bits < 16 && in.framework->quantized_adapter_bytes > 0;
        const double own = over_quantized ? in.framework->quantized_adapter_bytes : in.framework->adapter_bytes;
        const bool wide = choice.master_weights.value_or(own == fp32_bytes);
        in.adapters_cast_input = in.framework->adapters_cast_input && wide;
        in.weight_bytes = in.gradient_bytes = wide ? 4 : 2;
        in.master_bytes = 0;
        states = wide ? "fp32" : "bf16";
    }
    if (in.keeps_inputs && in.framework->quantized_compute > 0)
        in.recipe.compute = in.framework->quantized_compute;
    in.saved_input_bytes = in.recipe.compute;
    if (in.recipe.fp8 && in.framework->transformer_engine) {
        // Forward reads a matrix by rows, backward by columns; on Hopper these are two tensors.
        in.quantized_copies = choice.disable_parameter_transpose_cache.value_or(false) ? 1 : 2;
        in.saved_input_bytes = 1;
    }
    in.hidden_bytes = in.prepares_kbit ? fp32_bytes : in.recipe.compute;
    if (choice.gradient_dtype != "auto")
        in.gradient_bytes = gradient_width(choice.gradient_dtype);
    in.optimizer = find_optimizer(choice.optimizer);
    if (in.framework->uses_transformers && !in.optimizer->transformers_row.empty())
        in.optimizer = find_optimizer(in.optimizer->transformers_row);
    if (!in.optimizer->dtype.empty())
        states = in.optimizer->dtype;
    if (choice.optimizer_state_dtype != "auto")
        states = choice.optimizer_state_dtype;
    in.states = find_state_dtype(states);
    in.compiled = choice.compile.value_or(in.framework->compiles);
    const bool liger = choice.use_liger_kernel.value_or(false);
    in.fused_kernels = choice.fused_kernels.value_or(liger || in.framework->fused_kernels);
    // Liger's and Unsloth's kernels write gradients over gate and up; Transformer Engine's do not.
    const bool own_gates = in.framework->transformer_engine || in.framework->recomputes_product;
    in.fused_gates = in.fused_kernels && (own_gates || liger || !in.frozen_base || adapts_whole_gate(in));
    in.gates_in_place = in.fused_gates && !own_gates;
    const std::string_view loss = liger ? "fused_linear" : in.framework->loss;
    const std::string_view usual = liger || in.trainer->loss.empty() ? loss : in.trainer->loss;
    in.loss = find_loss(choice.loss == "auto" ? usual : std::string_view(choice.loss));
    in.hidden_dropout = choice.hidden_dropout;
    in.attention_dropout = choice.attention_dropout;
    in.compiled_loss = in.compiled && (in.framework->compiles_loss || choice.loss == "auto");
    in.step = in.framework->step;
    if (const StepRow* named = find_step(in.optimizer->step); named != nullptr && in.framework->uses_transformers)
        in.step = named->step;
    if (const StepRow* asked = find_step(choice.optimizer_implementation))
        in.step = asked->step;
    in.optimizer_in_backward =
        choice.optimizer_in_backward.value_or(in.framework->optimizer_in_backward || in.optimizer->in_backward);
}

void take_sharding(TrainingInputs& in)
{
    const TrainingChoice& choice = *in.choice;
    const HardwareChoice& hardware = *in.hardware;
    const std::int64_t replicas = hardware.data_parallel * hardware.context_parallel;
    const std::int64_t stage = choice.fsdp ? 3 : choice.zero_stage.value_or(in.framework->zero_stage);
    in.shard = choice.shard_degree.value_or(replicas);
    const std::int64_t expert_tensor = hardware.expert_tensor_parallel.value_or(hardware.tensor_parallel);
    const std::int64_t expert_ranks = std::max<std::int64_t>(1, hardware.expert_parallel * expert_tensor);
    in.expert_shard = std::max<std::int64_t>(1, in.shard * hardware.tensor_parallel / expert_ranks);
    in.shards_states = stage >= 1;
    in.shards_gradients = stage >= 2;
    in.shards_weights = stage >= 3;
    in.deepspeed_buckets = !choice.fsdp && stage >= 1 && !in.framework->distributed_optimizer;
    if (in.deepspeed_buckets && choice.optimizer_implementation == "auto")
        in.step = StepImplementation::fused; // DeepSpeed's own FusedAdam
    in.reshard = choice.reshard_after_forward.value_or(true);
    in.sharding.expert_ranks = expert_ranks;
    // FSDP1 shards by strategy; to choose whether weights are given up again is FSDP2's own option.
    in.fsdp_version = choice.fsdp_version.value_or(choice.reshard_after_forward ? 2 : in.framework->fsdp_version);
    in.own_units = in.framework->shards_outside || (in.framework->uses_transformers && in.fsdp_version == 2);
    in.reduce_bytes = in.framework->uses_transformers ? in.recipe.compute : in.gradient_bytes;
    const bool recomputes = in.recompute.kind == Recompute::full || in.recompute.kind == Recompute::offload;
    in.keeps_boundaries =
        choice.fsdp && in.fsdp_version == 1 && in.frozen_base && recomputes && in.framework->checkpoints_outside;
    const bool ddp = replicas > 1 && stage == 0;
    in.gradients_kept =
        !in.optimizer_in_backward && (in.framework->gradient_buffer || ddp || choice.gradient_accumulation_steps > 1);
}

/// The policy as `recompute` says it, or Megatron's recompute_method and recompute_num_layers beside "full".
std::optional<RecomputePolicy> recompute_of(const TrainingChoice& choice)
{
    auto policy = find_recompute(choice.recompute);
    if (policy && policy->kind == Recompute::full && choice.recompute_method)
        return RecomputePolicy{*choice.recompute_method == "block" ? Recompute::block : Recompute::uniform,
                               choice.recompute_num_layers.value_or(1)};
    return policy;
}

const Trainer* trainer_of(const TrainingChoice& choice, std::string_view task)
{
    return find_trainer(choice.trainer != "auto" ? std::string_view(choice.trainer)
                        : task == "train"        ? "pretrain"
                                                 : "sft");
}

/// Sequences, tokens and logits of a micro batch, and what stands beside the network that is trained.
void take_batch(TrainingInputs& in)
{
    const TrainingChoice& choice = *in.choice;
    const std::int64_t ranks = in.hardware->context_parallel;
    in.sequence_length = choice.sequence_length;
    const bool completes = in.trainer->logits == LogitsOf::completion;
    if (completes && choice.max_prompt_length && choice.max_completion_length)
        in.sequence_length = *choice.max_prompt_length + *choice.max_completion_length;
    if (const std::int64_t step = choice.pad_to_multiple_of.value_or(1); step > 1)
        in.sequence_length = (in.sequence_length + step - 1) / step * step;
    in.sequences = static_cast<double>(choice.micro_batch_size) * in.trainer->sequences;
    in.tokens = static_cast<std::int64_t>(in.sequences) * ((in.sequence_length + ranks - 1) / ranks);
    in.logit_tokens = static_cast<double>(in.tokens);
    if (in.trainer->logits == LogitsOf::none)
        in.logit_tokens = 0;
    if (completes) {
        const std::int64_t completion = choice.max_completion_length.value_or(
            in.sequence_length - std::min(in.sequence_length, choice.max_prompt_length.value_or(0)));
        in.logit_tokens = std::min(in.logit_tokens, in.sequences * static_cast<double>(completion));
    }
    if (choice.reference_model == "copy" || (choice.reference_model == "auto" && in.trainer->reference &&
                                             !in.frozen_base && choice.beta.value_or(in.trainer->beta) > 0))
        in.references = 1;
    const bool colocated = choice.generation == "vllm_colocate";
    if (in.trainer->generates && (choice.generation == "auto" || choice.generation == "transformers"))
        in.generated_sequences = static_cast<double>(choice.micro_batch_size * choice.gradient_accumulation_steps);
    if (in.trainer->generates && colocated) {
        constexpr double usual_share = 0.3; // trl GRPOConfig
        in.colocated_share = choice.vllm_gpu_memory_utilization.value_or(usual_share);
        in.colocated_sleeps = choice.vllm_enable_sleep_mode.value_or(false);
    }
    if (choice.tiled_mlp_compute.value_or(false)) {
        // deepspeed runtime/sequence_parallel/ulysses_sp.py, TiledMLP: ceil(tokens / hidden size) tiles
        const auto own = std::ceil(static_cast<double>(in.tokens) /
                                   static_cast<double>(std::max<std::int64_t>(1, in.model->architecture.hidden_size)));
        in.mlp_tiles = choice.tiled_mlp_shards ? static_cast<double>(*choice.tiled_mlp_shards) : std::max(1.0, own);
    }
}

/// Half, where a framework pads to the longest of a batch and nothing is known of the lengths.
double average_share(const TrainingChoice& choice, const Framework& framework)
{
    constexpr double unknown = 0.5;
    if (choice.packing.value_or(false))
        return 0;
    if (const auto least = least_share(choice.length_distribution); least && !choice.average_length)
        return *least < 1 ? (1 + *least) / 2 : 0;
    if (!choice.average_length)
        return framework.varied_lengths ? unknown : 0;
    if (*choice.average_length >= choice.sequence_length)
        return 0;
    return static_cast<double>(*choice.average_length) / static_cast<double>(choice.sequence_length);
}

} // namespace

std::optional<std::string> effective_weights(const Scenario& scenario, const Model& model)
{
    const std::optional<std::string>& chosen = scenario.precision.weights;
    const TrainingChoice* training = scenario.training();
    auto format = chosen && training != nullptr ? find_format(*chosen, FormatUse::weights) : Error{};
    if (!format)
        return chosen;
    const NumberFormat stored = for_model(std::move(*format), model);
    constexpr double least_trained = 2; // bytes
    const bool quantized = std::any_of(model.tensors.begin(), model.tensors.end(), [&](const Tensor& tensor) {
        return tensor.quantizable && bytes_per_element(stored, tensor) < least_trained;
    });
    const bool ignored = training->method == "full" ? quantized : training->method == "qlora" && !quantized;
    return ignored ? std::nullopt : chosen;
}

std::string base_weights(const Scenario& scenario, const Model& model)
{
    if (auto chosen = effective_weights(scenario, model))
        return std::move(*chosen);
    const TrainingChoice* training = scenario.training();
    return training != nullptr && training->method == "qlora" ? "bnb_nf4" : weights_in_use({}, model);
}

std::optional<double> least_share(std::string_view distribution)
{
    constexpr std::string_view word = "uniform:";
    if (!distribution.starts_with(word))
        return std::nullopt;
    const std::string text(distribution.substr(word.size()));
    char* end = nullptr;
    const double share = std::strtod(text.c_str(), &end);
    const bool whole = !text.empty() && end == text.c_str() + text.size();
    return whole && share >= 0 && share <= 1 ? std::optional(share) : std::nullopt;
}

namespace {

/// A network that is named beside this one: nothing for "none".
Result<std::optional<SideNetwork>> side_network(std::string_view id, std::string_view label, const std::string& named)
{
    if (named == "none" || named == "auto")
        return std::optional<SideNetwork>();
    SideNetwork side{.id = id, .label = label};
    if (named == "copy")
        return std::optional(std::move(side));
    auto model = preset_model(named);
    if (!model)
        return Error{std::string(id) + "_model", "none, copy or a preset's name: " + model.error().message};
    side.model = std::move(*model);
    return std::optional(std::move(side));
}

std::optional<Error> take_networks(TrainingInputs& in, const std::string& task)
{
    const TrainingChoice& choice = *in.choice;
    const bool usual_critic = choice.critic_model == "auto" && in.trainer->critic;
    struct Named
    {
        std::string_view id;
        std::string_view label;
        std::string model;
    };
    for (const Named& named :
         {Named{"critic", "Critic", usual_critic ? "copy" : choice.critic_model},
          Named{"reward", "Reward model", choice.reward_model}, Named{"teacher", "Teacher", choice.teacher_model}}) {
        auto side = side_network(named.id, named.label, named.model);
        if (!side)
            return Error{task + "." + side.error().field, task + "." + side.error().field + " is \"" + named.model +
                                                              "\"; it must be " + side.error().message};
        if (!*side)
            continue;
        (*side)->trained = named.id == "critic";
        // trl ppo_trainer.py PolicyAndValueWrapper; verl and OpenRLHF train one after the other
        (*side)->together = (*side)->trained && in.framework->uses_transformers;
        in.beside.push_back(std::move(**side));
    }
    return std::nullopt;
}

} // namespace

Result<TrainingInputs> training_inputs(const Scenario& scenario, const Model& model, const Accelerator* accelerator)
{
    const TrainingChoice* choice = scenario.training();
    if (choice == nullptr)
        return Error{"task", "task is \"" + scenario.task + "\", which trains nothing"};
    TrainingInputs in;
    in.model = &model;
    in.choice = choice;
    in.hardware = &scenario.hardware;
    in.accelerator = accelerator;
    const Framework* newest = find_framework(choice->framework);
    in.trainer = trainer_of(*choice, scenario.task);
    const auto recompute = recompute_of(*choice);
    if (newest == nullptr || in.trainer == nullptr || !recompute || find_optimizer(choice->optimizer) == nullptr)
        return Error{scenario.task, scenario.task + " names a framework, a trainer, an optimizer or a recompute policy "
                                                    "that is not known"};
    auto framework = framework_at(*newest, choice->framework_version);
    if (!framework)
        return Error{scenario.task + ".framework_version",
                     scenario.task + ".framework_version: " + framework.error().message};
    in.framework = std::move(*framework);
    in.recompute = *recompute;
    in.frozen_base = choice->method != "full";
    auto base = find_format(base_weights(scenario, model), FormatUse::weights);
    if (!base)
        return Error{"precision.weights", base.error().message};
    in.base = for_model(std::move(*base), model);
    const bool bitsandbytes = in.frozen_base && in.base.id.starts_with("bnb_");
    in.keeps_inputs = bitsandbytes && in.framework->keeps_quantized_inputs;
    // peft utils/other.py, prepare_model_for_kbit_training: casts under bitsandbytes, not under GPTQ and its like.
    // trl sft_trainer.py, is_sharded_qlora: a sharded one is never prepared.
    const bool sharded = (choice->fsdp || choice->zero_stage.value_or(0) == 3) && scenario.hardware.data_parallel > 1;
    in.prepares_kbit = choice->prepare_kbit.value_or(choice->method == "qlora" && bitsandbytes &&
                                                     in.framework->prepares_kbit && !sharded);
    take_precision(in, scenario);
    take_sharding(in);
    in.offload_optimizer = in.optimizer->on_host || offloads(*choice, "optimizer") || offloads(*choice, "parameters");
    in.offload_parameters = offloads(*choice, "parameters");
    in.offload_activations = offloads(*choice, "activations") || recompute->kind == Recompute::offload;
    const HardwareChoice& hardware = scenario.hardware;
    take_batch(in);
    if (auto problem = take_networks(in, scenario.task))
        return std::move(*problem);
    in.first_trained_layer = first_unfrozen_layer(in);
    in.imbalance = hardware.expert_parallel > 1 ? choice->moe_imbalance_factor.value_or(1) : 1;
    in.context_method = choice->context_parallel_method != "auto" ? std::string_view(choice->context_parallel_method)
                        : in.framework->uses_transformers         ? "allgather"
                                                                  : in.framework->context_method;
    in.pipeline_schedule = choice->pipeline_schedule != "auto" ? std::string_view(choice->pipeline_schedule)
                           : hardware.virtual_pipeline > 1     ? "interleaved"
                                                               : "1f1b";
    in.average_share = average_share(*choice, *in.framework);
    in.expandable_segments = choice->expandable_segments.value_or(in.framework->expandable_segments);
    in.microbatches = std::max(hardware.num_microbatches, choice->gradient_accumulation_steps);
    if (hardware.pipeline_parallel > 1) {
        if (in.microbatches == 1)
            in.microbatches = hardware.pipeline_parallel; // enough to fill the pipeline
        if (hardware.pipeline_parallel <= model.architecture.layers())
            in.stages = pipeline_stages(model, hardware.pipeline_parallel, in.sharding.tower_stages, in.base.column);
    }
    return in;
}

} // namespace weighbridge
