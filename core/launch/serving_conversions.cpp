#include "core/launch/reading.h"

#include "core/fields/fields.h"
#include "core/fields/model_json.h"
#include "core/launch/structured_text.h"
#include "core/precision/format.h"
#include "core/quantity/limits.h"
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

/// A value that leaves the choice to the tool is none.
bool leaves_open(std::string_view value)
{
    const std::string lower = lower_case(value);
    return lower.empty() || lower == "auto" || lower == "none" || lower == "null";
}

Outcome left_open(LaunchFlag& flag)
{
    flag.note = "left to the tool";
    return {};
}

bool is_path_text(std::string_view text)
{
    return text.starts_with('/') || text.starts_with('.') || text.starts_with('~') || text.starts_with('$') ||
           text.starts_with('%') || text.find('\\') != std::string_view::npos || text.ends_with(".gguf") ||
           text.ends_with(".json") || text.ends_with(".safetensors") || std::count(text.begin(), text.end(), '/') > 1 ||
           text.ends_with('/');
}

Outcome set_reference(LaunchReading& reading, ModelReference::Kind kind, std::string text, LaunchFlag& flag)
{
    if (text.find('$') != std::string::npos || text.starts_with('%'))
        reading.command.ask.push_back("the model: " + flag.flag + " is the variable " + in_quotes(text));
    reading.command.scenario.model = {};
    reading.command.scenario.model.kind = kind;
    reading.command.scenario.model.text = std::move(text);
    reading.model_is_named = true;
    flag.key = "model";
    return {};
}

Outcome read_model_name(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    return set_model(reading, value, flag);
}

Outcome read_model_file(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    return set_reference(reading, ModelReference::Kind::path, value, flag);
}

Outcome read_model_hub(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    return set_reference(reading, ModelReference::Kind::hub, value, flag);
}

Outcome read_hub_file(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    ModelReference& model = reading.command.scenario.model;
    if (!reading.model_is_named || model.kind != ModelReference::Kind::hub)
        return Error{"", "it names a file of --hf-repo, which is not there"};
    model.text += ":" + value;
    flag.key = "model";
    return {};
}

Outcome read_ollama_model(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    const bool is_hub = value.starts_with("hf.co/") || value.starts_with("huggingface.co/");
    if (!is_hub && is_path_text(value))
        return set_reference(reading, ModelReference::Kind::path, value, flag);
    if (is_hub)
        return read_model_hub(reading, {}, value.substr(value.find('/') + 1), flag);
    reading.command.ask.push_back("the model: " + in_quotes(value) +
                                  " is a name of Ollama's library; name a preset, a "
                                  "repository or its file");
    reading.model_is_named = true; // asked for already
    flag.note = "a name of Ollama's library, which is not looked up";
    flag.read = FlagRead::no_rule;
    return {};
}

Outcome read_tabby_model(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    const std::string folder = reading.model_folder.empty() ? "models" : reading.model_folder;
    return set_reference(reading, ModelReference::Kind::path, folder + "/" + value, flag);
}

/// "32k" is 32,000 and "32K" 32,768, as vLLM's human_readable_int has it.
Outcome read_human_count(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (lower_case(value) == "auto" || value == "-1") {
        const auto* field = field_named(reading.key(row.key));
        return field != nullptr && !field->word.empty() ? reading.set(row.key, field->word) : left_open(flag);
    }
    static constexpr std::array<std::pair<char, double>, 8> units = {{{'k', 1e3},
                                                                      {'m', 1e6},
                                                                      {'g', 1e9},
                                                                      {'t', 1e12},
                                                                      {'K', 1024.0},
                                                                      {'M', 1048576.0},
                                                                      {'G', 1073741824.0},
                                                                      {'T', 1099511627776.0}}};
    for (const auto& [letter, unit] : units)
        if (!value.empty() && value.back() == letter) {
            const auto number = parse_real(std::string_view(value).substr(0, value.size() - 1));
            if (!number)
                return number.error();
            return reading.set(row.key, std::to_string(static_cast<std::int64_t>(*number * unit)));
        }
    return reading.set(row.key, value);
}

/// 0 and less leave it to the model or the tool.
Outcome read_positive(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const auto number = parse_real(value);
    if (leaves_open(value) || (number && *number <= 0))
        return left_open(flag);
    return reading.set(row.key, value);
}

Outcome read_context_size(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (value == "0") {
        flag.note = "as the model was trained";
        reading.command.ask.push_back("the length: -c 0 takes the model's own");
        return {};
    }
    return reading.set(row.key, value);
}

Outcome read_slots(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return value == "-1" || leaves_open(value) ? left_open(flag) : reading.set(row.key, value);
}

Outcome read_flash(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return leaves_open(value) ? left_open(flag) : reading.set(row.key, value);
}

Outcome read_gpu_layers(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (lower_case(value) == "all")
        return reading.set(row.key, "-1");
    return leaves_open(value) ? left_open(flag) : reading.set(row.key, value);
}

Outcome read_all_layers(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (!truth_of(value).value_or(true))
        return left_open(flag);
    flag.note = "the experts of all layers";
    return reading.set(row.key, "999");
}

/// "CUDA0,CUDA1", "0,1", "none".
Outcome read_devices(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    std::vector<std::string> numbers;
    for (const std::string& item : items_of(value)) {
        const std::size_t digits = item.find_first_of("0123456789");
        numbers.push_back(digits == std::string::npos ? item : item.substr(digits));
    }
    flag.note = numbers.size() > 1 ? std::to_string(numbers.size()) + " devices" : "";
    return reading.set(row.key, joined(numbers, ","));
}

Outcome read_appended(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    const ScenarioField* field = field_named(reading.key(row.key));
    if (field == nullptr)
        return Error{"", "no rule reads it"};
    std::vector<std::string> items;
    if (const auto given = field->get(reading.command.scenario);
        const auto* list = std::get_if<std::vector<std::string>>(&given))
        items = *list;
    items.push_back(value);
    return set_texts(reading.command.scenario, *field, std::move(items));
}

Outcome read_list_value(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (leaves_open(value) || value == "[]")
        return left_open(flag);
    std::vector<std::string> items = items_of(value);
    // "7/10/10": shares of llama.cpp may stand between slashes.
    if (items.size() == 1 && items.front().find('/') != std::string::npos) {
        std::replace(items.front().begin(), items.front().end(), '/', ',');
        items = items_of(items.front());
    }
    return reading.set(row.key, joined(items, ","));
}

Outcome read_dtype(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names = {{{"half", "fp16"},
                                                                                            {"float16", "fp16"},
                                                                                            {"bfloat16", "bf16"},
                                                                                            {"float32", "fp32"},
                                                                                            {"float", "fp32"},
                                                                                            {"fp16", "fp16"}}};
    if (leaves_open(value))
        return left_open(flag);
    std::string lower = lower_case(value);
    if (lower.starts_with("torch."))
        lower.erase(0, 6);
    for (const auto& [name, id] : names)
        if (lower == name)
            return reading.set(row.key, id);
    return reading.set(row.key, lower);
}

/// Whether the checkpoint's name says that it is stored in that way.
bool is_named_after(std::string_view model, std::string_view word)
{
    const std::string name = lower_case(model);
    const std::string wanted = lower_case(word);
    if (name.find(wanted.substr(0, wanted.find_first_of("_-"))) != std::string::npos)
        return true;
    return wanted.starts_with("modelopt") &&
           (name.find("fp8") != std::string::npos || name.find("nvfp4") != std::string::npos ||
            name.find("fp4") != std::string::npos);
}

/// A method that a checkpoint has to be stored by, or one that the engine quantizes with while it loads.
Outcome read_quantization(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (leaves_open(value) || value == "hf")
        return left_open(flag);
    const std::string word = lower_case(value);
    static constexpr std::array stored = {
        "awq",       "gptq",      "marlin",    "compressed", "gguf",       "modelopt", "quark",   "auto-round",
        "inc",       "autoround", "w4afp8",    "aqlm",       "squeezellm", "exl2",     "mxfp4_",  "petit",
        "moe_wna16", "qoq",       "w8a8_int8", "w8a8_fp8",   "auto_gptq",  "fp_quant", "torchao", "blockwise_int8"};
    const bool needs_checkpoint =
        std::any_of(stored.begin(), stored.end(), [&](std::string_view known) { return word.starts_with(known); });
    if (needs_checkpoint || is_named_after(reading.command.scenario.model.text, word)) {
        flag.note = "as the checkpoint is stored";
        return reading.set(row.key, "checkpoint");
    }
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> on_loading = {
        {{"bitsandbytes", "bnb_nf4"},
         {"int8_per_channel_weight_only", "int8"},
         {"fp8_per_tensor", "fp8"},
         {"fp8_per_block", "fp8"},
         {"experts_int8", "int8"},
         {"mxfp8", "mxfp8"},
         {"tpu_int8", "int8"}}};
    flag.note = "quantized while loading";
    for (const auto& [name, id] : on_loading)
        if (word == name)
            return reading.set(row.key, id);
    if (Outcome problem = reading.set(row.key, word); problem) {
        flag.note = "taken for a method that the checkpoint is stored by";
        return reading.set(row.key, "checkpoint");
    }
    return {};
}

/// "q4_K_M" of `ollama create --quantize`.
Outcome read_gguf_mix(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, "gguf:" + value);
}

Outcome read_load_format(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    if (lower_case(value) == "bitsandbytes") {
        flag.key = "precision.weights";
        flag.note = "quantized while loading";
        return reading.set("precision.weights", "bnb_nf4");
    }
    flag.read = FlagRead::no_effect;
    return {};
}

Outcome read_cache_format(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    if (leaves_open(value))
        return left_open(flag);
    const std::string word = lower_case(value);
    if (word == "bfloat16" || word == "float16")
        return reading.set(row.key, word == "bfloat16" ? "bf16" : "f16");
    if (word == "fp4_e2m1")
        return reading.set(row.key, "fp4");
    return reading.set(row.key, word);
}

/// llama.cpp's types of keys and of values: the other half keeps its default, f16.
Outcome read_cache_half(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    const std::string other = row.key.ends_with(".k") ? "precision.kv_cache.v" : "precision.kv_cache.k";
    if (Outcome problem = reading.set(row.key, value))
        return problem;
    const ScenarioField* half = field_named(other);
    if (half != nullptr && !is_chosen(reading.command.scenario, *half))
        return reading.set(other, "f16");
    return {};
}

/// "FP16", "Q8", "Q6,Q4" or "8,5" bits.
Outcome read_tabby_cache(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    std::string text;
    for (const char letter : value)
        if (letter != 'Q' && letter != 'q')
            text += letter;
    if (lower_case(text) == "fp16" || text.empty()) {
        flag.note = "the default";
        return reading.set(row.key, "f16");
    }
    const std::string bits = text.find(',') == std::string::npos ? text + "," + text : text;
    return reading.set(row.key, "exl3:" + bits);
}

Outcome read_tabby_layout(LaunchReading& reading, Row, Value value, LaunchFlag& flag)
{
    if (!truth_of(value).value_or(false))
        return left_open(flag);
    flag.read = FlagRead::no_rule;
    flag.note = "over all GPUs; how many there are is asked";
    reading.command.ask.emplace_back("the GPUs: tensor_parallel takes all there are");
    return {};
}

Outcome read_quant_policy(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return value == "0" ? left_open(flag) : reading.set(row.key, value);
}

/// A draft is named as a model is: a repository or a path.
std::string draft_text(const std::string& value)
{
    if (value.starts_with('{') || !is_path_text(value))
        return value;
    nlohmann::ordered_json path;
    path["path"] = value;
    return path.dump();
}

Outcome read_draft(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, draft_text(value));
}

/// A projector's file is named, and not at hand: that there is one is what counts.
Outcome read_projector(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    flag.note = "the projector beside the model; " + in_quotes(value) + " was not read";
    return reading.set(row.key, "true");
}

Outcome read_json_text(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, value);
}

/// An object whose members have keys of their own; what has none is said by name.
Outcome read_object(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const nlohmann::ordered_json object = literal(value);
    if (!object.is_object())
        return Error{"", in_quotes(value) + " is no object"};
    std::vector<LaunchFlag> further;
    for (const auto& [name, member] : leaves(object)) {
        LaunchFlag inner{flag.flag + "." + name, value_text(member), FlagRead::taken, {}, {}};
        // One number has a key that every engine with drafts reads.
        inner.key = name == "num_speculative_tokens" ? "inference.num_speculative_tokens" : row.key + "." + name;
        std::string text = inner.value;
        if (name == "model")
            text = draft_text(text);
        Outcome problem;
        if (field_named(inner.key) == nullptr) {
            inner.read = FlagRead::no_rule;
            inner.note = "nothing counts it";
            inner.key.clear();
        } else {
            problem = reading.set(inner.key, text);
        }
        if (problem) {
            inner.read = FlagRead::no_rule;
            inner.note = problem->message;
            inner.key.clear();
        }
        further.push_back(std::move(inner));
    }
    reading.command.flags.insert(reading.command.flags.end(), further.begin(), further.end());
    return {};
}

/// SGLang's replicas of the attention inside the tensor-parallel GPUs.
Outcome read_attention_replicas(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    if (Outcome problem = reading.set("inference.enable_dp_attention", "true"))
        return problem;
    return reading.set(row.key, value);
}

Outcome read_fixed(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    const bool on = truth_of(value).value_or(true);
    if (on)
        return reading.set(row.key, row.value);
    flag.note = "off";
    return {};
}

Outcome read_fixed_if_true(LaunchReading& reading, Row row, Value value, LaunchFlag& flag)
{
    return truth_of(value).value_or(false) ? reading.set(row.key, row.value) : left_open(flag);
}

Outcome read_negated(LaunchReading& reading, Row row, Value value, LaunchFlag& /*flag*/)
{
    return reading.set(row.key, truth_of(value).value_or(true) ? "false" : "true");
}

Outcome read_nothing(LaunchReading& /*reading*/, Row, Value, LaunchFlag& flag)
{
    flag.read = FlagRead::no_effect;
    return {};
}

} // namespace

Outcome set_model(LaunchReading& reading, const std::string& text, LaunchFlag& flag)
{
    return set_reference(reading, is_path_text(text) ? ModelReference::Kind::path : ModelReference::Kind::hub, text,
                         flag);
}

ReadFlag serving_conversion(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, ReadFlag>, 33> conversions = {
        {{"model", read_model_name},
         {"model_file", read_model_file},
         {"model_hub", read_model_hub},
         {"model_hub_file", read_hub_file},
         {"model_ollama", read_ollama_model},
         {"tabby_model", read_tabby_model},
         {"human_count", read_human_count},
         {"positive", read_positive},
         {"context_size", read_context_size},
         {"slots", read_slots},
         {"flash", read_flash},
         {"gpu_layers", read_gpu_layers},
         {"all_layers", read_all_layers},
         {"devices", read_devices},
         {"append", read_appended},
         {"list", read_list_value},
         {"dtype", read_dtype},
         {"quantization", read_quantization},
         {"projector", read_projector},
         {"gguf_mix", read_gguf_mix},
         {"load_format", read_load_format},
         {"kv_cache", read_cache_format},
         {"cache_half", read_cache_half},
         {"tabby_cache", read_tabby_cache},
         {"tabby_tensor_parallel", read_tabby_layout},
         {"quant_policy", read_quant_policy},
         {"draft_model", read_draft},
         {"json", read_json_text},
         {"object", read_object},
         {"attention_replicas", read_attention_replicas},
         {"fixed", read_fixed},
         {"fixed_if_true", read_fixed_if_true},
         {"negated", read_negated}}};
    for (const auto& [known, function] : conversions)
        if (known == name)
            return function;
    return name == "none" ? read_nothing : nullptr;
}

void finish_serving(LaunchReading& reading)
{
    if (reading.visible_gpus && *reading.visible_gpus > 0)
        reading.settle("hardware.count", std::to_string(*reading.visible_gpus));
}

} // namespace weighbridge
