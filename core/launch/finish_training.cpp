#include "core/launch/reading.h"

#include "core/fields/number_text.h"
#include "core/fields/scenario_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>

namespace weighbridge {

namespace {

/// What a framework does where gradient checkpointing is left out: transformers/training_args.py, axolotl's schema and
/// torchtitan have it off; TRL since 0.20, LLaMA-Factory, ms-swift and Unsloth have it on.
bool recomputes_by_default(std::string_view tool)
{
    constexpr std::array on = {"trl", "llama-factory", "ms-swift", "unsloth"};
    return std::find(on.begin(), on.end(), tool) != on.end();
}

bool is_flag_key_there(const LaunchReading& reading, std::string_view key)
{
    return std::any_of(reading.command.flags.begin(), reading.command.flags.end(),
                       [&](const LaunchFlag& flag) { return flag.key == key; });
}

void settle_method(LaunchReading& reading)
{
    // mlx_lm.lora trains adapters where nothing is said.
    const bool says_method = is_flag_key_there(reading, reading.key("training.method"));
    if (reading.launch->table == "mlx-lm-lora" && !says_method)
        reading.adapters = true;
    const std::string_view method = !reading.adapters  ? "full"
                                    : reading.four_bit ? "qlora"
                                    : reading.dora     ? "dora"
                                                       : "lora";
    reading.settle("training.method", method);
    if (reading.four_bit && reading.adapters && reading.double_quant)
        reading.settle("precision.weights", "bnb_nf4_double_quant");
    if (reading.four_bit && reading.adapters && reading.dora)
        reading.command.ask.emplace_back("DoRA over a 4-bit network is counted as QLoRA");
}

void settle_layout(LaunchReading& reading)
{
    const HardwareChoice& hardware = reading.command.scenario.hardware;
    const std::int64_t of_model = std::max<std::int64_t>(1, hardware.tensor_parallel) *
                                  std::max<std::int64_t>(1, hardware.pipeline_parallel) *
                                  std::max<std::int64_t>(1, hardware.context_parallel);
    // ms-swift and LLaMA-Factory start a process for every GPU in sight.
    const bool starts_all = reading.command.tool == "llama-factory";
    if (!reading.processes && starts_all && reading.visible_gpus)
        reading.processes = reading.visible_gpus;
    if (reading.visible_gpus && *reading.visible_gpus > 0)
        reading.settle("hardware.count", std::to_string(*reading.visible_gpus));
    if (!reading.processes)
        return;
    // accelerate counts the processes of all machines, torchrun those of one.
    const bool of_all = reading.launch->program.starts_with("accelerate");
    const std::int64_t ranks = *reading.processes * (of_all ? 1 : reading.machines.value_or(1));
    if (ranks % of_model == 0)
        reading.settle("hardware.data_parallel", std::to_string(ranks / of_model));
    else
        reading.command.ask.push_back("the GPUs: " + std::to_string(ranks) + " processes are no multiple of the " +
                                      std::to_string(of_model) + " that hold a copy");
}

void settle_batch(LaunchReading& reading)
{
    const TrainingChoice* choice = reading.training();
    if (!reading.global_batch || choice == nullptr)
        return;
    const std::int64_t of_step =
        choice->micro_batch_size * std::max<std::int64_t>(1, reading.command.scenario.hardware.data_parallel);
    if (*reading.global_batch % of_step != 0) {
        reading.command.ask.push_back("the batch: " + std::to_string(*reading.global_batch) +
                                      " sequences of a step are no multiple of " + std::to_string(of_step));
        return;
    }
    const std::string key =
        reading.table->framework == "megatron" ? "hardware.num_microbatches" : "training.gradient_accumulation_steps";
    reading.settle(key, std::to_string(*reading.global_batch / of_step));
}

std::int64_t dimension(const LaunchReading& reading, const std::string& name, std::int64_t otherwise)
{
    const auto found = reading.dimensions.find(name);
    if (found == reading.dimensions.end())
        return otherwise;
    const auto count = parse_count(found->second);
    return count ? *count : otherwise;
}

bool has_dimension(const LaunchReading& reading, const std::string& name)
{
    return reading.dimensions.contains(name);
}

/// Megatron's arguments give the network itself (megatron/training/arguments.py for what is left out).
void settle_architecture(LaunchReading& reading)
{
    if (reading.table->framework != "megatron" || reading.model_is_named || !has_dimension(reading, "hidden_size") ||
        !has_dimension(reading, "num_layers") || !has_dimension(reading, "num_attention_heads"))
        return;
    const std::int64_t hidden = dimension(reading, "hidden_size", 0);
    const std::int64_t heads = dimension(reading, "num_attention_heads", 1);
    const bool gated = has_dimension(reading, "swiglu");
    // arguments.py: 4 x hidden, or 4 x hidden x 2 / 3 in multiples of 64 with a gate.
    const std::int64_t width = gated ? hidden * 4 * 2 / 3 / 64 * 64 : hidden * 4;
    nlohmann::json network;
    network["hidden_size"] = hidden;
    network["intermediate_size"] = dimension(reading, "ffn_hidden_size", width);
    network["num_layers"] = dimension(reading, "num_layers", 1);
    network["num_attention_heads"] = heads;
    network["num_kv_heads"] =
        has_dimension(reading, "group_query_attention") || has_dimension(reading, "num_query_groups")
            ? dimension(reading, "num_query_groups", heads)
            : heads;
    network["head_dim"] = dimension(reading, "kv_channels", heads > 0 ? hidden / heads : 0);
    constexpr std::int64_t gpt2_vocabulary = 50257;
    network["vocab_size"] = dimension(reading, "vocab_size", gpt2_vocabulary);
    network["tie_word_embeddings"] = !has_dimension(reading, "untie_embeddings_and_output_weights");
    if (!has_dimension(reading, "vocab_size"))
        reading.command.ask.emplace_back("the vocabulary: its size is not said; GPT-2's 50,257 is taken");
    if (has_dimension(reading, "num_experts"))
        reading.command.ask.emplace_back(
            "the network: its experts are not part of the form's own fields; give its config");
    if (!gated)
        reading.command.ask.emplace_back("the network: Megatron's plain feed-forward is counted as a gated one");
    ModelReference& model = reading.command.scenario.model;
    model = {};
    model.kind = ModelReference::Kind::architecture;
    model.text.clear();
    model.config = std::make_shared<const nlohmann::json>(std::move(network));
    reading.model_is_named = true;
}

void settle_virtual_stages(LaunchReading& reading)
{
    const std::int64_t layers = dimension(reading, "num_layers", 0);
    const std::int64_t stages = std::max<std::int64_t>(1, reading.command.scenario.hardware.pipeline_parallel);
    if (!reading.virtual_layers)
        return;
    if (layers > 0 && layers % (stages * *reading.virtual_layers) == 0)
        reading.settle("hardware.virtual_pipeline", std::to_string(layers / stages / *reading.virtual_layers));
    else
        reading.command.ask.emplace_back("the virtual stages: the layers of a stage are not said");
}

} // namespace

void finish_training(LaunchReading& reading)
{
    settle_method(reading);
    settle_layout(reading);
    settle_batch(reading);
    settle_virtual_stages(reading);
    settle_architecture(reading);
    const bool says_recompute = is_flag_key_there(reading, reading.key("training.recompute"));
    if (!says_recompute && reading.launch->table != "deepspeed" && reading.launch->table != "accelerate")
        reading.settle("training.recompute", recomputes_by_default(reading.command.tool) ? "full" : "none");
}

} // namespace weighbridge
