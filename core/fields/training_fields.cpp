#include "core/fields/training_fields.h"

#include "core/fields/engine_fields.h"
#include "core/training/names.h"

namespace weighbridge {

namespace {

template<TrainingChoice Scenario::*group, auto member>
auto& slot_of(Scenario& scenario)
{
    return scenario.*group.*member;
}

/// One option of both tasks; `field` holds everything but key, slot and task.
template<auto member>
void add(std::vector<ScenarioField>& fields, std::string_view fine_tune, std::string_view train, ScenarioField field)
{
    field.key = fine_tune;
    field.slot = &slot_of<&Scenario::fine_tune, member>;
    field.tasks = {"fine_tune"};
    fields.push_back(field);
    field.key = train;
    field.slot = &slot_of<&Scenario::train, member>;
    field.tasks = {"train"};
    fields.push_back(std::move(field));
}

ScenarioField range(double least, double most)
{
    return {.key = {}, .slot = FieldSlot{}, .minimum = least, .maximum = most};
}

ScenarioField choices(std::vector<std::string_view> names)
{
    return {.key = {}, .slot = FieldSlot{}, .choices = std::move(names)};
}

ScenarioField names(Result<std::string> (*canonical)(std::string_view))
{
    return {.key = {}, .slot = FieldSlot{}, .canonical = canonical};
}

void add_method(std::vector<ScenarioField>& fields)
{
    using C = TrainingChoice;
    add<&C::framework>(fields, "fine_tune.framework", "train.framework",
                       choices({"pytorch", "hf_trainer", "axolotl", "torchtune", "torchtitan", "torchtitan_2024",
                                "litgpt", "ms_swift", "megatron", "deepspeed", "unsloth"}));
    add<&C::method>(fields, "fine_tune.method", "train.method", choices({"full", "lora", "qlora", "dora"}));
    add<&C::lora_rank>(fields, "fine_tune.lora_rank", "train.lora_rank", range(1, 65536));
    add<&C::lora_target_modules>(fields, "fine_tune.lora_target_modules", "train.lora_target_modules",
                                 names(canonical_target));
    add<&C::lora_fraction>(fields, "fine_tune.lora_fraction", "train.lora_fraction", range(0, 1));
    add<&C::lora_dropout>(fields, "fine_tune.lora_dropout", "train.lora_dropout", range(0, 1));
    add<&C::modules_to_save>(fields, "fine_tune.modules_to_save", "train.modules_to_save", names(canonical_target));
    add<&C::prepare_kbit>(fields, "fine_tune.prepare_kbit", "train.prepare_kbit", {});
}

void add_numbers(std::vector<ScenarioField>& fields)
{
    using C = TrainingChoice;
    add<&C::precision_recipe>(
        fields, "fine_tune.precision_recipe", "train.precision_recipe",
        choices({"auto", "bf16_mixed", "bf16_autocast", "bf16", "fp16_mixed", "fp32", "fp8_mixed"}));
    add<&C::optimizer>(fields, "fine_tune.optimizer", "train.optimizer", names(canonical_optimizer));
    add<&C::optimizer_state_dtype>(fields, "fine_tune.optimizer_state_dtype", "train.optimizer_state_dtype",
                                   names(canonical_state_dtype));
    add<&C::optimizer_implementation>(fields, "fine_tune.optimizer_implementation", "train.optimizer_implementation",
                                      choices({"auto", "foreach", "foreach_two_copies", "fused", "for_loop"}));
    add<&C::optimizer_rank>(fields, "fine_tune.optimizer_rank", "train.optimizer_rank", range(1, 65536));
    add<&C::optimizer_in_backward>(fields, "fine_tune.optimizer_in_backward", "train.optimizer_in_backward", {});
    add<&C::disable_parameter_transpose_cache>(fields, "fine_tune.disable_parameter_transpose_cache",
                                               "train.disable_parameter_transpose_cache", {});
    add<&C::gradient_dtype>(fields, "fine_tune.gradient_dtype", "train.gradient_dtype",
                            choices({"auto", "bf16", "fp16", "fp32"}));
    add<&C::master_weights>(fields, "fine_tune.master_weights", "train.master_weights", {});
}

void add_batch(std::vector<ScenarioField>& fields)
{
    using C = TrainingChoice;
    add<&C::micro_batch_size>(fields, "fine_tune.micro_batch_size", "train.micro_batch_size",
                              range(1, sequences_at_most));
    add<&C::sequence_length>(fields, "fine_tune.sequence_length", "train.sequence_length", range(1, tokens_at_most));
    add<&C::average_length>(fields, "fine_tune.average_length", "train.average_length", range(1, tokens_at_most));
    add<&C::gradient_accumulation_steps>(fields, "fine_tune.gradient_accumulation_steps",
                                         "train.gradient_accumulation_steps", range(1, sequences_at_most));
    add<&C::recompute>(fields, "fine_tune.recompute", "train.recompute", names(canonical_recompute));
    add<&C::recompute_modules>(fields, "fine_tune.recompute_modules", "train.recompute_modules",
                               choices({"core_attn", "mlp", "layernorm"}));
    add<&C::attention>(fields, "fine_tune.attention", "train.attention", choices({"eager", "sdpa", "flash"}));
    add<&C::loss>(fields, "fine_tune.loss", "train.loss",
                  choices({"auto", "fp32_upcast", "bf16", "chunked", "fused_linear"}));
    add<&C::loss_chunks>(fields, "fine_tune.loss_chunks", "train.loss_chunks", range(1, tokens_at_most));
    add<&C::compile>(fields, "fine_tune.compile", "train.compile", {});
    add<&C::fused_kernels>(fields, "fine_tune.fused_kernels", "train.fused_kernels", {});
}

void add_sharding(std::vector<ScenarioField>& fields)
{
    using C = TrainingChoice;
    add<&C::zero_stage>(fields, "fine_tune.zero_stage", "train.zero_stage", range(0, 3));
    add<&C::fsdp>(fields, "fine_tune.fsdp", "train.fsdp", {});
    add<&C::reshard_after_forward>(fields, "fine_tune.reshard_after_forward", "train.reshard_after_forward", {});
    add<&C::shard_degree>(fields, "fine_tune.shard_degree", "train.shard_degree", range(1, sequences_at_most));
    add<&C::offload>(fields, "fine_tune.offload", "train.offload", choices({"optimizer", "parameters", "activations"}));
    add<&C::expandable_segments>(fields, "fine_tune.expandable_segments", "train.expandable_segments", {});
    ScenarioField bytes = range(0, bytes_at_most);
    bytes.unit = CountUnit::bytes;
    add<&C::overhead_bytes>(fields, "fine_tune.overhead_bytes", "train.overhead_bytes", bytes);
    add<&C::book_rules>(fields, "fine_tune.book_rules", "train.book_rules", {});
}

} // namespace

void add_training_fields(std::vector<ScenarioField>& fields)
{
    add_method(fields);
    add_numbers(fields);
    add_batch(fields);
    add_sharding(fields);
}

} // namespace weighbridge
