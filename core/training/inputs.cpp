#include "core/precision/model_format.h"
#include "core/training/training.h"

#include <algorithm>

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
        const bool wide = choice.master_weights ? *choice.master_weights : in.framework->adapter_bytes == 4;
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
    if (!in.optimizer->dtype.empty())
        states = in.optimizer->dtype;
    if (choice.optimizer_state_dtype != "auto")
        states = choice.optimizer_state_dtype;
    in.states = find_state_dtype(states);
    in.compiled = choice.compile.value_or(in.framework->compiles);
    in.fused_kernels = choice.fused_kernels.value_or(in.framework->fused_kernels);
    in.loss = find_loss(choice.loss == "auto" ? in.framework->loss : std::string_view(choice.loss));
    in.compiled_loss = in.compiled && (in.framework->compiles_loss || choice.loss == "auto");
    in.step = in.framework->step;
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
    in.expert_shard = std::max<std::int64_t>(1, in.shard / std::max<std::int64_t>(1, hardware.expert_parallel));
    in.shards_states = stage >= 1;
    in.shards_gradients = stage >= 2;
    in.shards_weights = stage >= 3;
    in.deepspeed_buckets = !choice.fsdp && stage >= 1 && !in.framework->distributed_optimizer;
    if (in.deepspeed_buckets && choice.optimizer_implementation == "auto")
        in.step = StepImplementation::fused; // DeepSpeed's own FusedAdam
    in.reshard = choice.reshard_after_forward.value_or(true);
    in.sharding.expert_ranks = hardware.expert_parallel * hardware.tensor_parallel;
    const bool ddp = replicas > 1 && stage == 0;
    in.gradients_kept =
        !in.optimizer_in_backward && (in.framework->gradient_buffer || ddp || choice.gradient_accumulation_steps > 1);
}

/// Half, where a framework pads to the longest of a batch and nothing is known of the lengths.
double average_share(const TrainingChoice& choice, const Framework& framework)
{
    constexpr double unknown = 0.5;
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
    in.framework = find_framework(choice->framework);
    const auto recompute = find_recompute(choice->recompute);
    if (in.framework == nullptr || !recompute || find_optimizer(choice->optimizer) == nullptr)
        return Error{scenario.task,
                     scenario.task + " names a framework, an optimizer or a recompute policy that is not known"};
    in.recompute = *recompute;
    in.frozen_base = choice->method != "full";
    auto base = find_format(base_weights(scenario, model), FormatUse::weights);
    if (!base)
        return Error{"precision.weights", base.error().message};
    in.base = for_model(std::move(*base), model);
    in.keeps_inputs = in.frozen_base && in.base.id.starts_with("bnb_");
    // peft utils/other.py, prepare_model_for_kbit_training: casts under bitsandbytes, not under GPTQ and its like.
    in.prepares_kbit =
        choice->prepare_kbit.value_or(choice->method == "qlora" && in.keeps_inputs && in.framework->prepares_kbit);
    take_precision(in, scenario);
    take_sharding(in);
    in.offload_optimizer = offloads(*choice, "optimizer") || offloads(*choice, "parameters");
    in.offload_parameters = offloads(*choice, "parameters");
    in.offload_activations = offloads(*choice, "activations") || recompute->kind == Recompute::offload;
    const HardwareChoice& hardware = scenario.hardware;
    in.sequence_length = choice->sequence_length;
    in.average_share = average_share(*choice, *in.framework);
    in.expandable_segments = choice->expandable_segments.value_or(in.framework->expandable_segments);
    const std::int64_t ranks = hardware.context_parallel;
    in.tokens = choice->micro_batch_size * ((choice->sequence_length + ranks - 1) / ranks);
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
