#include "core/launch/writing.h"

#include "core/fields/fields.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weighbridge {

namespace {

constexpr std::string_view method_why = "how parameters are trained";

/// transformers' names of optimizers where they are not the product's.
std::string trainer_optimizer(const std::string& id)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names = {
        {{"adamw", "adamw_torch"},
         {"galore", "galore_adamw"},
         {"galore_8bit", "galore_adamw_8bit"},
         {"apollo", "apollo_adamw"},
         {"adamw_4bit", "adamw_torch_4bit"},
         {"paged_adamw", "paged_adamw_32bit"}}};
    for (const auto& [here, there] : names)
        if (id == here)
            return std::string(there);
    return id;
}

void write_method_of_hf(LaunchWriting& writing, const std::string& method, const std::string& key)
{
    const bool adapters = method != "full";
    if (writing.tool == "llama_factory") {
        writing.add("finetuning_type", adapters ? "lora" : "full", key, method_why);
        if (method == "qlora")
            writing.add("quantization_bit", 4, key, "the frozen network in 4 bits");
    } else if (writing.tool == "ms_swift") {
        writing.add("tuner_type", adapters ? "lora" : "full", key, method_why);
        if (method == "qlora")
            writing.add("quant_bits", 4, key, "the frozen network in 4 bits");
    } else if (writing.tool == "axolotl") {
        if (adapters)
            writing.add("adapter", method == "qlora" ? "qlora" : "lora", key, method_why);
        if (method == "qlora")
            writing.add("load_in_4bit", true, key, "the frozen network in 4 bits");
    } else {
        if (adapters)
            writing.add("use_peft", true, key, method_why);
        if (method == "qlora")
            writing.add("load_in_4bit", true, key, "the frozen network in 4 bits");
    }
    if (method == "dora")
        writing.add(writing.tool == "axolotl" ? "peft_use_dora" : "use_dora", true, key, method_why);
}

void write_method(LaunchWriting& writing, const TrainingChoice& choice)
{
    const std::string key = writing.table->task + ".method";
    if (writing.table->tool == "hf") {
        write_method_of_hf(writing, choice.method, key);
    } else if (writing.table->tool == "mlx-lm-lora" && choice.method != "qlora") {
        if (choice.method != "lora")
            writing.add("fine_tune_type", choice.method, key, method_why);
    } else if (writing.table->tool == "torchtune") {
        if (choice.method == "qlora")
            writing.add("model.quantize_base", true, key, "the frozen network in 4 bits");
        if (choice.method == "dora")
            writing.add("model.use_dora", true, key, method_why);
    } else if (choice.method != "full") {
        writing.written.cant_say.push_back(key);
    }
}

void write_optimizer(LaunchWriting& writing, const TrainingChoice& choice)
{
    const std::string key = writing.table->task + ".optimizer";
    const bool fused = choice.optimizer_implementation == "fused";
    if (choice.optimizer == "adamw" && !fused)
        return;
    if (writing.table->tool == "hf") {
        const bool layerwise = choice.optimizer_in_backward.value_or(false) && choice.optimizer.starts_with("galore");
        std::string name = choice.optimizer == "adamw" ? "adamw_torch_fused" : trainer_optimizer(choice.optimizer);
        if (layerwise)
            name += "_layerwise";
        writing.add("optim", name, key, "what the optimizer keeps per parameter");
    } else if (writing.table->tool == "torchtune") {
        if (choice.optimizer != "adamw")
            writing.add("optimizer._component_", choice.optimizer, key, "what the optimizer keeps per parameter");
        if (fused)
            writing.add("optimizer.fused", true, key, "the step needs no copies of states");
    } else if (choice.optimizer != "adamw") {
        const std::string name = writing.table->tool == "deepspeed"    ? "optimizer.type"
                                 : writing.table->tool == "torchtitan" ? "optimizer.name"
                                                                       : "optimizer";
        writing.add(name, choice.optimizer, key, "what the optimizer keeps per parameter");
    }
}

/// A file of DeepSpeed beside the command, named so that its stage can be read off its name.
void write_deepspeed_file(LaunchWriting& writing, const TrainingChoice& choice)
{
    const bool of_optimizer = contains(choice.offload, "optimizer");
    const bool of_parameters = contains(choice.offload, "parameters");
    nlohmann::ordered_json file;
    file["zero_optimization"]["stage"] = *choice.zero_stage;
    if (of_optimizer)
        file["zero_optimization"]["offload_optimizer"]["device"] = "cpu";
    if (of_parameters)
        file["zero_optimization"]["offload_param"]["device"] = "cpu";
    for (const char* name : {"train_micro_batch_size_per_gpu", "gradient_accumulation_steps"})
        file[name] = "auto";
    file["bf16"]["enabled"] = "auto";
    const std::string name = "ds_z" + std::to_string(*choice.zero_stage) +
                             (of_optimizer || of_parameters ? "_offload" : "") + "_config.json";
    writing.written.files.emplace_back(name, file.dump(2) + "\n");
    writing.add("deepspeed", name, writing.table->task + ".zero_stage", "what the ranks share out");
}

/// By what a name like "ds_z3_offload_config.json" says: stage 3 offloads both, stage 2 the optimizer.
bool is_said_by_file(const TrainingChoice& choice)
{
    if (choice.offload.empty())
        return true;
    const std::vector<std::string> both = {"optimizer", "parameters"};
    const std::vector<std::string> one = {"optimizer"};
    return choice.offload == (choice.zero_stage == 3 ? both : one);
}

std::vector<std::string> write_sharding(LaunchWriting& writing, const TrainingChoice& choice)
{
    const std::string group = writing.table->task + ".";
    if (writing.table->tool != "hf")
        return {};
    std::vector<std::string> said;
    if (choice.zero_stage) {
        write_deepspeed_file(writing, choice);
        said = {group + "zero_stage"};
        if (is_said_by_file(choice))
            said.push_back(group + "offload");
        return said;
    }
    if (!choice.fsdp)
        return {};
    const bool gives_back = choice.reshard_after_forward.value_or(true);
    const bool offloads = choice.offload == std::vector<std::string>{"parameters"};
    std::string words = gives_back ? "full_shard" : "shard_grad_op";
    if (offloads)
        words += " offload";
    writing.add("fsdp", words + " auto_wrap", group + "fsdp", "what the ranks share out");
    said = {group + "fsdp"};
    if (choice.reshard_after_forward == false)
        said.push_back(group + "reshard_after_forward");
    if (offloads)
        said.push_back(group + "offload");
    return said;
}

void write_batch(LaunchWriting& writing, const TrainingChoice& choice)
{
    const HardwareChoice& hardware = writing.scenario->hardware;
    if (writing.table->tool != "megatron" || hardware.num_microbatches <= 1)
        return;
    writing.add("global_batch_size",
                choice.micro_batch_size * std::max<std::int64_t>(1, hardware.data_parallel) * hardware.num_microbatches,
                "hardware.num_microbatches", "sequences of a step, over all micro batches and replicas");
}

} // namespace

std::vector<std::string> write_training(LaunchWriting& writing)
{
    const TrainingChoice* choice = writing.training();
    if (choice == nullptr)
        return {};
    const std::string group = writing.table->task + ".";
    std::vector<std::string> said = {group + "method", group + "framework", group + "framework_version",
                                     group + "optimizer"};
    write_method(writing, *choice);
    write_optimizer(writing, *choice);
    const bool names_step = writing.table->tool == "hf" || writing.table->tool == "torchtune";
    if (names_step && choice->optimizer == "adamw" && choice->optimizer_implementation == "fused")
        said.push_back(group + "optimizer_implementation");
    if (writing.table->tool == "hf" && choice->optimizer.starts_with("galore"))
        said.push_back(group + "optimizer_in_backward");
    for (std::string& key : write_sharding(writing, *choice))
        said.push_back(std::move(key));
    write_batch(writing, *choice);
    if (writing.table->tool == "megatron")
        said.emplace_back("hardware.num_microbatches");
    return said;
}

} // namespace weighbridge
