#include "core/launch/writing.h"

#include "core/fields/fields.h"
#include "core/launch/structured_text.h"

#include <algorithm>
#include <array>
#include <variant>

namespace weighbridge {

namespace {

using Entry = std::optional<WrittenEntry>;
using WordTable = std::array<std::pair<std::string_view, std::string_view>, 3>;

/// The word of a table's right side for a left one; nothing where it has none.
template<class Table>
std::optional<std::string> other_word(const Table& table, std::string_view word)
{
    for (const auto& [here, there] : table)
        if (here == word)
            return std::string(there);
    return std::nullopt;
}

Entry entry_of(const FlagRow& row, const std::optional<std::string>& text)
{
    return text ? Entry(WrittenEntry{row.name, nlohmann::ordered_json(*text)}) : std::nullopt;
}

/// A number stays one: files write it without quotes.
nlohmann::ordered_json typed_value(const LaunchWriting& writing, const ScenarioField& field)
{
    const OptionValue value = field.get(*writing.scenario);
    if (stands_for_least(field, value))
        return std::string(field.word);
    if (const auto* on = std::get_if<bool>(&value))
        return *on;
    if (const auto* count = std::get_if<std::int64_t>(&value))
        return *count;
    if (const auto* number = std::get_if<double>(&value))
        return *number;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
        return *texts;
    if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const double item : *numbers) {
            if (item == static_cast<double>(static_cast<std::int64_t>(item)))
                list.push_back(static_cast<std::int64_t>(item));
            else
                list.push_back(item);
        }
        return list;
    }
    return field_text(*writing.scenario, field);
}

Entry written_weights(const LaunchWriting& writing, const FlagRow& row, const std::string& text)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> words = {
        {{"fp8", "fp8"}, {"bnb_nf4", "bitsandbytes"}, {"mxfp8", "mxfp8"}}};
    if (writing.tool == "vllm" && text == "int8")
        return entry_of(row, "int8_per_channel_weight_only");
    const bool loads = writing.tool == "vllm" || writing.tool == "sglang";
    return loads ? entry_of(row, other_word(words, text)) : std::nullopt;
}

Entry written_cache(const LaunchWriting& writing, const FlagRow& row, const ScenarioField& field)
{
    const PrecisionChoice& precision = writing.scenario->precision;
    if (precision.kv_cache_k != precision.kv_cache_v)
        return std::nullopt;
    const std::string text = field_text(*writing.scenario, field);
    static constexpr WordTable words = {{{"bf16", "bfloat16"}, {"fp16", "float16"}, {"fp4", "fp4_e2m1"}}};
    return entry_of(row, other_word(words, text).value_or(text));
}

Entry written_tabby_cache(const FlagRow& row, const std::string& text)
{
    constexpr std::string_view prefix = "exl3:";
    if (text == "fp16" || text == "f16")
        return entry_of(row, "FP16");
    return text.starts_with(prefix) ? entry_of(row, text.substr(prefix.size())) : std::nullopt;
}

Entry written_quant_policy(const FlagRow& row, const std::string& text)
{
    constexpr std::string_view prefix = "quant_policy:";
    return text.starts_with(prefix) ? entry_of(row, text.substr(prefix.size())) : std::nullopt;
}

Entry written_switch_word(const FlagRow& row, const std::string& text)
{
    return entry_of(row, text == "true" ? "on" : text == "false" ? "off" : text);
}

/// The one object of speculative_config and the like is put together by its caller.
Entry written_object(const FlagRow& row, const std::string& text)
{
    nlohmann::ordered_json object = literal(text);
    return object.is_object() ? Entry(WrittenEntry{row.name, nlohmann::ordered_json(object.dump())}) : std::nullopt;
}

Entry written_draft(const FlagRow& row, const std::string& text)
{
    const nlohmann::ordered_json object = literal(text);
    for (const char* kind : {"hf", "path"})
        if (object.is_object() && object.contains(kind))
            return entry_of(row, object.at(kind).get<std::string>());
    return object.is_object() ? std::nullopt : entry_of(row, text);
}

Entry written_fixed(const FlagRow& row, const std::string& text)
{
    return text == row.value ? Entry(WrittenEntry{row.name, nlohmann::ordered_json(true)}) : std::nullopt;
}

Entry written_recompute(const FlagRow& row, const std::string& text)
{
    if (text == "full" || text == "none")
        return WrittenEntry{row.name, nlohmann::ordered_json(text == "full")};
    return std::nullopt;
}

Entry written_titan_recompute(const FlagRow& row, const std::string& text)
{
    return text == "full" || text == "none" || text == "selective" ? entry_of(row, text) : std::nullopt;
}

Entry written_schedule(const FlagRow& row, const std::string& text)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> words = {
        {{"1f1b", "1F1B"},
         {"gpipe", "GPipe"},
         {"interleaved", "Interleaved1F1B"},
         {"zero_bubble", "InterleavedZeroBubble"}}};
    return entry_of(row, other_word(words, text));
}

Entry written_attention(const LaunchWriting& writing, const FlagRow& row, const std::string& text)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> words = {
        {{"flash", "flash_attention_2"}, {"flex", "flex_attention"}, {"sdpa", "sdpa"}, {"eager", "eager"}}};
    if (writing.tool == "llama_factory") {
        static constexpr WordTable short_words = {{{"flash", "fa2"}, {"sdpa", "sdpa"}, {"flex", "flex_attention"}}};
        return entry_of(row, other_word(short_words, text));
    }
    return entry_of(row, other_word(words, text));
}

Entry written_megatron_attention(const FlagRow& row, const std::string& text)
{
    static constexpr WordTable words = {{{"flash", "flash"}, {"eager", "unfused"}, {"", ""}}};
    return entry_of(row, other_word(words, text));
}

} // namespace

Entry written_value(const LaunchWriting& writing, const FlagRow& row, const ScenarioField& field)
{
    const std::string text = field_text(*writing.scenario, field);
    const std::string& as = row.as;
    if (as == "quantization")
        return written_weights(writing, row, text);
    if (as == "kv_cache")
        return written_cache(writing, row, field);
    if (as == "tabby_cache")
        return written_tabby_cache(row, text);
    if (as == "quant_policy")
        return written_quant_policy(row, text);
    if (as == "flash")
        return written_switch_word(row, text);
    if (as == "json")
        return written_object(row, text);
    if (as == "draft_model")
        return written_draft(row, text);
    if (as == "fixed" || as == "fixed_if_true")
        return written_fixed(row, text);
    if (as == "negated")
        return WrittenEntry{row.name, nlohmann::ordered_json(text != "true")};
    if (as == "recompute")
        return written_recompute(row, text);
    if (as == "recompute_offload")
        return text == "offload" ? Entry(WrittenEntry{row.name, nlohmann::ordered_json(true)}) : std::nullopt;
    if (as == "titan_recompute")
        return written_titan_recompute(row, text);
    if (as == "titan_schedule")
        return written_schedule(row, text);
    if (as == "titan_implementation")
        return entry_of(row, text == "for_loop" ? "for-loop" : text);
    if (as == "reshard_policy")
        return entry_of(row, text == "true" ? "always" : "never");
    if (as == "attention")
        return written_attention(writing, row, text);
    if (as == "megatron_attention")
        return written_megatron_attention(row, text);
    if (as == "megatron_fp8")
        return text == "fp8_mixed" ? entry_of(row, "hybrid") : std::nullopt;
    if (as == "fp16")
        return text == "fp16_mixed" ? Entry(WrittenEntry{row.name, nlohmann::ordered_json(true)}) : std::nullopt;
    if (as == "component_dtype")
        return text == "bf16" || text == "fp32" ? entry_of(row, text) : std::nullopt;
    if (as == "component_loss")
        return text == "chunked"       ? entry_of(row, "torchtune.modules.loss.LinearCrossEntropyLoss")
               : text == "fp32_upcast" ? entry_of(row, "torch.nn.CrossEntropyLoss")
                                       : std::nullopt;
    if (as == "titan_param")
        return text == "fp32" ? entry_of(row, "float32") : std::nullopt;
    if (as == "dtype") {
        static constexpr WordTable words = {{{"bf16", "bfloat16"}, {"fp16", "float16"}, {"fp32", "float32"}}};
        return entry_of(row, other_word(words, text));
    }
    if (as == "loss_type")
        return text == "chunked_nll" ? entry_of(row, text) : std::nullopt;
    if (as == "trainer")
        return entry_of(row, text);
    static constexpr std::array plain = {"",     "human_count", "positive",   "context_size", "slots",  "gpu_layers",
                                         "list", "targets",     "cache_half", "append",       "devices"};
    if (std::find(plain.begin(), plain.end(), as) == plain.end())
        return std::nullopt;
    if (as == "gpu_layers" && text == "-1")
        return entry_of(row, "all");
    if (field.kind == OptionKind::pair) {
        const PrecisionChoice& precision = writing.scenario->precision;
        return precision.kv_cache_k == precision.kv_cache_v ? entry_of(row, text) : std::nullopt;
    }
    return WrittenEntry{row.name, typed_value(writing, field)};
}

} // namespace weighbridge
