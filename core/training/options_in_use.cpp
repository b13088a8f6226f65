#include "core/training/training.h"

namespace weighbridge {

namespace {

std::string_view width_name(double bytes)
{
    return bytes == fp32_bytes ? "fp32" : "bf16";
}

template<class Value>
void settle(std::optional<Value>& option, Value value)
{
    if (!option)
        option = value;
}

void settle(std::string& option, std::string_view value)
{
    if (option == "auto")
        option = value;
}

} // namespace

TrainingChoice options_in_use(const TrainingInputs& in)
{
    TrainingChoice used = *in.choice;
    settle(used.precision_recipe, in.recipe.id);
    settle(used.optimizer_state_dtype, in.states->id);
    settle(used.optimizer_implementation, step_row(in.step).id);
    settle(used.gradient_dtype, width_name(in.gradient_bytes));
    settle(used.loss, in.loss->id);
    settle(used.trainer, in.trainer->id);
    if (in.trainer->reference) {
        settle(used.reference_model, in.references > 0 ? "copy" : in.frozen_base ? "adapters_off" : "none");
        settle(used.beta, in.trainer->beta);
    }
    settle(used.critic_model, in.trainer->critic ? "copy" : "none");
    settle(used.context_parallel_method, in.context_method);
    settle(used.pipeline_schedule, in.pipeline_schedule);
    if (in.trainer->generates)
        settle(used.generation, "transformers");
    settle(used.fsdp_version, in.fsdp_version);
    settle(used.prepare_kbit, in.prepares_kbit);
    settle(used.optimizer_in_backward, in.optimizer_in_backward);
    settle(used.master_weights, in.master_bytes > 0);
    settle(used.disable_parameter_transpose_cache, false);
    settle(used.compile, in.compiled);
    settle(used.fused_kernels, in.fused_kernels);
    settle(used.zero_stage, std::int64_t{in.shards_weights ? 3 : in.shards_gradients ? 2 : in.shards_states ? 1 : 0});
    settle(used.reshard_after_forward, in.reshard);
    settle(used.shard_degree, in.shard);
    if (used.lora_target_modules.empty())
        used.lora_target_modules = {"all_linear"};
    return used;
}

} // namespace weighbridge
