#include "core/fields/fields.h"
#include "core/launch/training_reading.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <array>
#include <utility>

namespace weighbridge {

namespace {

using Row = const FlagRow&;
using Value = const std::string&;

// ---- Megatron

Outcome read_megatron_attention(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word == "flash" || word == "fused" || word == "unfused")
        return reading.set(row.key, word == "unfused" ? "eager" : "flash");
    return noted(flag, "left to the tool");
}

Outcome read_dimension(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    flag.key = "model";
    reading.dimensions[row.name] = value.empty() ? "true" : value;
    return {};
}

Outcome read_megatron_fp8(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return lower_case(value) == "false" ? noted(flag, "off") : reading.set(row.key, "fp8_mixed");
}

Outcome read_megatron_fp8_recipe(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, lower_case(value) == "mxfp8" ? "mxfp8_mixed" : "fp8_mixed");
}

Outcome read_megatron_model(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    flag.key = "model";
    return set_model(reading, value, flag);
}

Outcome read_virtual_stages(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    flag.key = "hardware.virtual_pipeline";
    return read_whole(reading.virtual_layers, value, flag);
}

// ---- torchtune names classes of Python

std::string class_name(std::string_view component)
{
    return std::string(component.substr(component.rfind('.') + 1));
}

Outcome read_component_optimizer(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    const std::string name = class_name(value);
    return reading.set(row.key, name == "CPUOffloadOptimizer" ? "cpu_adam" : lower_case(name));
}

Outcome read_fused_step(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return says_yes(value) ? reading.set(row.key, "fused") : noted(flag, "off");
}

Outcome read_component_loss(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string name = class_name(value);
    if (name == "LinearCrossEntropyLoss" || name == "CEWithChunkedOutputLoss")
        return reading.set(row.key, "chunked");
    if (name == "CrossEntropyLoss")
        return reading.set(row.key, "fp32_upcast");
    return without_rule(flag, in_quotes(name) + " has no rule");
}

Outcome read_component_dtype(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, lower_case(value));
}

/// "lora_finetune_distributed"
Outcome read_recipe(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    reading.adapters = reading.adapters || value.starts_with("lora_") || value.starts_with("qat_lora_");
    flag.key = reading.key("training.method");
    if (value.find("distributed") == std::string::npos)
        return {};
    flag.key = reading.key("training.fsdp");
    return reading.set("training.fsdp", "true");
}

Outcome read_component_model(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    const std::string name = lower_case(class_name(value));
    reading.adapters = reading.adapters || name.starts_with("lora_") || name.starts_with("qlora_") ||
                       name.starts_with("dora_") || name.starts_with("qdora_");
    reading.four_bit = reading.four_bit || name.starts_with("qlora_") || name.starts_with("qdora_");
    reading.dora = reading.dora || name.starts_with("dora_") || name.starts_with("qdora_");
    flag.key = reading.key("training.method");
    return noted(flag, "the network is the checkpoint's");
}

// ---- torchtitan

Outcome read_titan_recompute(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, lower_case(value));
}

/// "op", or every K-th layer, of mode selective.
Outcome read_titan_selective(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const TrainingChoice* choice = reading.training();
    if (choice == nullptr || choice->recompute != "selective" || value == "op")
        return noted(flag, "of mode selective");
    return reading.set(row.key, "every:" + value);
}

Outcome read_titan_implementation(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, value == "for-loop" ? "for_loop" : value);
}

Outcome read_titan_model(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    reading.dimensions[row.name] += (reading.dimensions[row.name].empty() ? "" : " ") + value;
    return noted(flag, "names the network");
}

Outcome read_titan_schedule(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names = {
        {{"1F1B", "1f1b"},
         {"GPipe", "gpipe"},
         {"Interleaved1F1B", "interleaved"},
         {"InterleavedZeroBubble", "zero_bubble"},
         {"ZBVZeroBubble", "zero_bubble"}}};
    for (const auto& [name, id] : names)
        if (value == name)
            return reading.set(row.key, id);
    return without_rule(flag, in_quotes(value) + " has no rule");
}

Outcome read_reshard_policy(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (value == "always" || value == "never")
        return reading.set(row.key, value == "always" ? "true" : "false");
    return noted(flag, "left to the tool");
}

Outcome read_titan_param(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return value == "float32" ? reading.set(row.key, "fp32") : noted(flag, "the framework's own recipe");
}

Outcome read_titan_converters(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (value.find("float8") != std::string::npos)
        return reading.set(row.key, "fp8_mixed");
    if (value.find("mx") != std::string::npos)
        return reading.set(row.key, "mxfp8_mixed");
    return noted(flag, "none");
}

// ---- accelerate, MLX

Outcome read_mixed_precision(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word == "fp16" || word == "fp8")
        return reading.set(row.key, word + "_mixed");
    return noted(flag, word == "bf16" ? "the framework's own recipe" : "off");
}

Outcome read_distributed_type(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    const std::string word = lower_case(value);
    if (word == "fsdp") {
        flag.key = reading.key("training.fsdp");
        return reading.set("training.fsdp", "true");
    }
    if (word == "deepspeed")
        return noted(flag, "deepspeed_config says the stage");
    return word == "multi_gpu" || word == "no" ? noted(flag, "")
                                               : without_rule(flag, in_quotes(value) + " has no rule");
}

Outcome read_dynamo(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return lower_case(value) == "no" ? noted(flag, "off") : reading.set(row.key, "true");
}

Outcome read_trained_layers(LaunchReading& /*reading*/, Row, Value value, LaunchFlag& flag)
{
    if (value == "-1")
        return noted(flag, "all layers");
    return without_rule(flag, "only the last " + value + " layers are trained; all are counted");
}

constexpr std::array framework_rows_of_flags = {Conversion{"megatron_attention", read_megatron_attention},
                                                Conversion{"virtual_stages", read_virtual_stages},
                                                Conversion{"dimension", read_dimension},
                                                Conversion{"megatron_fp8", read_megatron_fp8},
                                                Conversion{"megatron_fp8_recipe", read_megatron_fp8_recipe},
                                                Conversion{"megatron_model", read_megatron_model},
                                                Conversion{"component_optimizer", read_component_optimizer},
                                                Conversion{"fused_step", read_fused_step},
                                                Conversion{"component_loss", read_component_loss},
                                                Conversion{"component_dtype", read_component_dtype},
                                                Conversion{"component_model", read_component_model},
                                                Conversion{"recipe", read_recipe},
                                                Conversion{"titan_recompute", read_titan_recompute},
                                                Conversion{"titan_selective", read_titan_selective},
                                                Conversion{"titan_implementation", read_titan_implementation},
                                                Conversion{"titan_model", read_titan_model},
                                                Conversion{"titan_schedule", read_titan_schedule},
                                                Conversion{"reshard_policy", read_reshard_policy},
                                                Conversion{"titan_param", read_titan_param},
                                                Conversion{"titan_converters", read_titan_converters},
                                                Conversion{"mixed_precision", read_mixed_precision},
                                                Conversion{"distributed_type", read_distributed_type},
                                                Conversion{"dynamo", read_dynamo},
                                                Conversion{"trained_layers", read_trained_layers}};

} // namespace

ReadFlag framework_conversion(std::string_view name)
{
    for (const Conversion& conversion : framework_rows_of_flags)
        if (conversion.name == name)
            return conversion.read;
    return nullptr;
}

} // namespace weighbridge
