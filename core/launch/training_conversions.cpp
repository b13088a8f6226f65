#include "core/launch/training_reading.h"

#include "core/fields/fields.h"
#include "core/fields/number_text.h"
#include "core/launch/structured_text.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace weighbridge {

namespace {

using Row = const FlagRow&;
using Value = const std::string&;

Outcome read_recompute(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word == "offload" || word == "offload_disk" || word == "offload_unsloth")
        return reading.set(row.key, "offload");
    if (word == "unsloth") // checkpointing of its own, which the framework's row knows
        return reading.set(row.key, "full");
    if (!truth_of(value) && !value.empty())
        return reading.set(row.key, word);
    flag.note = says_yes(value) ? "" : "off";
    return reading.set(row.key, says_yes(value) ? "full" : "none");
}

Outcome read_recompute_on(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return says_yes(value) ? reading.set(row.key, "full") : noted(flag, "off");
}

Outcome read_recompute_off(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return says_yes(value) ? reading.set(row.key, "none") : noted(flag, "off");
}

Outcome read_recompute_offload(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return lower_case(value) == "false" ? noted(flag, "off") : reading.set(row.key, "offload");
}

/// transformers' OptimizerNames: the name has the implementation of the step in it.
Outcome read_optimizer(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    std::string word = lower_case(value);
    if (word.starts_with("optimizernames."))
        word.erase(0, 15);
    constexpr std::string_view layerwise = "_layerwise";
    if (word.ends_with(layerwise)) {
        word.resize(word.size() - layerwise.size());
        reading.settle("training.optimizer_in_backward", "true");
    }
    if (word == "adamw_torch_fused" || word == "adamw_apex_fused") {
        if (Outcome problem = reading.set(row.key, "adamw"))
            return problem;
        return reading.set("training.optimizer_implementation", "fused");
    }
    if (word == "adamw_torch" || word == "adamw_torch_xla" || word == "adamw_torch_npu_fused")
        return reading.set(row.key, "adamw");
    flag.note.clear();
    return reading.set(row.key, word);
}

/// Autocast over the weights as they were loaded is what these frameworks take by default.
Outcome read_bf16(LaunchReading& /*reading*/, Row, Value value, LaunchFlag& flag)
{
    return noted(flag, lower_case(value) == "false" ? "off" : "the framework's own recipe");
}

Outcome read_fp16(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return truth_of(value).value_or(value != "auto") && lower_case(value) != "auto" ? reading.set(row.key, "fp16_mixed")
                                                                                    : noted(flag, "off");
}

Outcome read_liger(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (!says_yes(value))
        return noted(flag, "off");
    if (Outcome problem = reading.set(row.key, "true"))
        return problem;
    return reading.set("training.loss", "fused_linear");
}

Outcome read_attention(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word == "auto" || word.empty() || word == "none" || word == "disabled")
        return noted(flag, "left to the tool");
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> names = {
        {{"fa2", "flash"},
         {"fa3", "flash"},
         {"flash_attn", "flash"},
         {"flash_attention", "flash"},
         {"flash_attention_2", "flash"},
         {"flash_attention_3", "flash"},
         {"kernels-community/flash-attn2", "flash"},
         {"kernels-community/flash-attn3", "flash"},
         {"kernels-community/vllm-flash-attn3", "flash"},
         {"flex_attention", "flex"},
         {"xformers", "flash"}}};
    for (const auto& [name, id] : names)
        if (word == name)
            return reading.set(row.key, id);
    if (const auto on = truth_of(word)) // --flash_attn true
        return *on ? reading.set(row.key, "flash") : noted(flag, "off");
    return reading.set(row.key, word);
}

Outcome read_adapters_on(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    reading.adapters = says_yes(value);
    return noted(flag, reading.adapters ? "" : "off");
}

Outcome read_adapter(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word.empty() || word == "full" || word == "none")
        return noted(flag, "every parameter is trained");
    reading.adapters = word == "lora" || word == "qlora" || word == "dora" || word == "longlora" || word == "oft";
    reading.four_bit = reading.four_bit || word == "qlora";
    reading.dora = reading.dora || word == "dora";
    if (!reading.adapters || word == "oft" || word == "longlora")
        return without_rule(flag, in_quotes(value) + " has no rule");
    return {};
}

Outcome read_four_bit(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    reading.four_bit = reading.four_bit || says_yes(value);
    return noted(flag, says_yes(value) ? "" : "off");
}

Outcome read_eight_bit(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return says_yes(value) ? reading.set(row.key, "bnb_int8") : noted(flag, "off");
}

Outcome read_bits(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    if (value == "4") {
        reading.four_bit = true;
        return {};
    }
    if (value != "8")
        return without_rule(flag, "only 4 and 8 bits have a rule");
    flag.key = "precision.weights";
    return reading.set("precision.weights", "bnb_int8");
}

Outcome read_double_quant(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    reading.double_quant = says_yes(value);
    return noted(flag, reading.double_quant ? "" : "off");
}

Outcome read_dora(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    reading.dora = reading.dora || says_yes(value);
    return noted(flag, says_yes(value) ? "" : "off");
}

Outcome read_targets(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    std::vector<std::string> targets;
    for (const std::string& item : items_of(value)) {
        const std::string word = lower_case(item);
        if (word == "all" || word == "all-linear" || word == "all_linear")
            targets.emplace_back("all_linear");
        else
            targets.push_back(item.substr(item.rfind('.') + 1)); // "self_attn.q_proj" is q_proj
    }
    if (targets.empty())
        return noted(flag, "left to the tool");
    return reading.set(row.key, joined(targets, ","));
}

Outcome add_targets(LaunchReading& reading, Row row, const std::vector<std::string>& more)
{
    TrainingChoice* choice = reading.training();
    if (choice == nullptr)
        return Error{"", "it is of training"};
    std::vector<std::string> targets = choice->lora_target_modules;
    targets.insert(targets.end(), more.begin(), more.end());
    return reading.set(row.key, joined(targets, ","));
}

Outcome read_more_targets(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return add_targets(reading, row, items_of(value));
}

Outcome read_target_if(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return says_yes(value) ? add_targets(reading, row, {row.value}) : noted(flag, "off");
}

/// A file of DeepSpeed is named, not read: its name mostly says the stage.
Outcome read_deepspeed(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (value.empty())
        return noted(flag, "off");
    if (value.starts_with('{'))
        if (const nlohmann::ordered_json object = literal(value); object.is_object())
            for (const auto& [name, member] : leaves(object))
                if (name == "zero_optimization.stage")
                    return reading.set(row.key, value_text(member));
    const std::string name = lower_case(value.substr(value.find_last_of("/\\") + 1));
    for (const std::string_view mark : {"zero", "z", "stage"})
        for (std::size_t at = name.find(mark); at != std::string::npos; at = name.find(mark, at + 1)) {
            std::size_t digit = at + mark.size();
            while (digit < name.size() && (name[digit] == '_' || name[digit] == '-'))
                ++digit;
            if (digit >= name.size() || name[digit] < '0' || name[digit] > '3')
                continue;
            if (name.find("offload") != std::string::npos)
                reading.settle("training.offload", name[digit] == '3' ? "optimizer,parameters" : "optimizer");
            flag.note = "by the file's name; the file was not read";
            return reading.set(row.key, std::string(1, name[digit]));
        }
    reading.command.ask.push_back("DeepSpeed's stage: " + in_quotes(value) + " does not say it");
    return without_rule(flag, "the file was not read");
}

/// "deepspeed_zero2.yaml", "fsdp_qlora.yaml": accelerate's file is named, not read.
Outcome read_launcher_config(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    const std::string name = lower_case(value.substr(value.find_last_of("/\\") + 1));
    FlagRow row;
    if (name.find("fsdp") != std::string::npos) {
        flag.key = reading.key("training.fsdp");
        flag.note = "by the file's name; the file was not read";
        return reading.set("training.fsdp", "true");
    }
    if (name.find("zero") == std::string::npos) {
        reading.command.ask.push_back("what " + in_quotes(value) + " says: give its text");
        return without_rule(flag, "the file was not read");
    }
    row.key = "training.zero_stage";
    flag.key = reading.key(row.key);
    return read_deepspeed(reading, row, value, flag);
}

Outcome read_fsdp(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string words = lower_case(value);
    if (words.empty() || words == "false" || words == "[]" || words.find("no_shard") != std::string::npos)
        return noted(flag, "off");
    if (words.find("offload") != std::string::npos)
        reading.settle("training.offload", "parameters");
    if (words.find("shard_grad_op") != std::string::npos)
        reading.settle("training.reshard_after_forward", "false");
    return reading.set(row.key, "true");
}

Outcome read_fsdp_config(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    flag.note = value.starts_with('{') ? "its entries are not read here" : "the file was not read";
    return reading.set(row.key, "true");
}

/// Any entry of fsdp_config says that FSDP shards.
void takes_fsdp(LaunchReading& reading)
{
    reading.settle("training.fsdp", "true");
}

Outcome read_offload_parameters(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return says_yes(value) ? reading.set(row.key, "parameters") : noted(flag, "off");
}

Outcome read_sharding_strategy(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    takes_fsdp(reading);
    if (word == "full_shard" || word == "1" || word == "hybrid_shard" || word == "4")
        return noted(flag, "the default");
    if (word == "shard_grad_op" || word == "2")
        return reading.set(row.key, "false");
    if (truth_of(word))
        return reading.set(row.key, word);
    return without_rule(flag, in_quotes(value) + " has no rule");
}

Outcome read_offload_to(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word == "none" || word.empty())
        return noted(flag, "off");
    if (word != "cpu")
        flag.note = "counted as the host's memory";
    std::vector<std::string> parts = {row.value};
    if (const TrainingChoice* choice = reading.training())
        for (const std::string& part : choice->offload)
            if (part != row.value)
                parts.insert(parts.begin(), part);
    return reading.set(row.key, joined(parts, ","));
}

Outcome read_vllm_mode(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, value == "colocate" ? "vllm_colocate" : "vllm_server");
}

Outcome read_trainer(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (value.empty())
        return noted(flag, "left to the tool");
    if (lower_case(value) == "sft" && flag.flag == "sft") // `trl sft`: what trainers do anyway
        return noted(flag, "the default");
    return reading.set(row.key, lower_case(value));
}

Outcome read_load_dtype(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word.find("float32") != std::string::npos || word == "fp32") {
        flag.key = reading.key("training.precision_recipe");
        return noted(flag, "the weights are loaded in 32 bits");
    }
    flag.read = FlagRead::no_effect;
    return noted(flag, "what the framework takes");
}

Outcome read_projected(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return says_yes(value) ? reading.set(row.key, row.value) : noted(flag, "off");
}

Outcome read_loss_type(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word == "chunked_nll" || word == "chunked")
        return reading.set(row.key, word);
    flag.read = FlagRead::no_effect;
    return {};
}

Outcome read_unsloth(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    if (!says_yes(value))
        return noted(flag, "off");
    flag.key = reading.key("training.framework");
    return reading.set("training.framework", "unsloth");
}

Outcome read_freeze(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    TrainingChoice* choice = reading.training();
    if (!says_yes(value) || choice == nullptr)
        return noted(flag, "off");
    std::vector<std::string> parts = choice->freeze;
    parts.push_back(row.value);
    return reading.set(row.key, joined(parts, ","));
}

Outcome read_plugins(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    if (value.find("CutCrossEntropyPlugin") != std::string::npos) {
        flag.key = reading.key("training.loss");
        return reading.set("training.loss", "fused_linear");
    }
    flag.read = FlagRead::no_effect;
    return noted(flag, "what a plugin does is said by its own entries");
}

Outcome read_processes(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    flag.key = "hardware.data_parallel";
    return read_whole(reading.processes, value, flag);
}

Outcome read_machines(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    flag.key = "hardware.data_parallel";
    return read_whole(reading.machines, value, flag);
}

Outcome read_replicas(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    flag.key = "hardware.data_parallel";
    return read_whole(reading.replicas, value, flag);
}

Outcome read_global_batch(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    return read_whole(reading.global_batch, value, flag);
}

constexpr std::array training_rows = {Conversion{"recompute", read_recompute},
                                      Conversion{"recompute_on", read_recompute_on},
                                      Conversion{"recompute_off", read_recompute_off},
                                      Conversion{"recompute_offload", read_recompute_offload},
                                      Conversion{"optimizer", read_optimizer},
                                      Conversion{"bf16", read_bf16},
                                      Conversion{"fp16", read_fp16},
                                      Conversion{"liger", read_liger},
                                      Conversion{"attention", read_attention},
                                      Conversion{"adapters_on", read_adapters_on},
                                      Conversion{"adapter", read_adapter},
                                      Conversion{"four_bit", read_four_bit},
                                      Conversion{"eight_bit", read_eight_bit},
                                      Conversion{"bits", read_bits},
                                      Conversion{"double_quant", read_double_quant},
                                      Conversion{"dora", read_dora},
                                      Conversion{"targets", read_targets},
                                      Conversion{"targets_more", read_more_targets},
                                      Conversion{"target_if", read_target_if},
                                      Conversion{"deepspeed", read_deepspeed},
                                      Conversion{"launcher_config", read_launcher_config},
                                      Conversion{"fsdp", read_fsdp},
                                      Conversion{"fsdp_config", read_fsdp_config},
                                      Conversion{"offload_parameters", read_offload_parameters},
                                      Conversion{"sharding_strategy", read_sharding_strategy},
                                      Conversion{"offload_to", read_offload_to},
                                      Conversion{"vllm_mode", read_vllm_mode},
                                      Conversion{"trainer", read_trainer},
                                      Conversion{"load_dtype", read_load_dtype},
                                      Conversion{"projected", read_projected},
                                      Conversion{"loss_type", read_loss_type},
                                      Conversion{"unsloth", read_unsloth},
                                      Conversion{"freeze", read_freeze},
                                      Conversion{"plugins", read_plugins},
                                      Conversion{"processes", read_processes},
                                      Conversion{"machines", read_machines},
                                      Conversion{"replicas", read_replicas},
                                      Conversion{"global_batch", read_global_batch},
                                      Conversion{"global_batch_titan", read_global_batch}};

} // namespace

ReadFlag training_conversion(std::string_view name)
{
    for (const Conversion& conversion : training_rows)
        if (conversion.name == name)
            return conversion.read;
    return framework_conversion(name);
}

} // namespace weighbridge
