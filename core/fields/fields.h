#pragma once

#include "core/fields/number_text.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// One key of the scenario: a row of the one table behind the scenario's JSON, --set, range checks, the form's editors
/// and the lists of keys in the documents. The rows stand beside the members they are of, in core/scenario; here they
/// get the name of their group and their owners. `precision.kv_cache` and `hardware.accelerator` may also be objects;
/// scenario_json reads those shapes, and `model`, which is no row.
struct ScenarioField
{
    std::string key; ///< dotted: "inference.sequence_length"
    OptionKind kind = OptionKind::flag;
    bool optional = false; ///< may hold nothing
    OptionValue (*get)(const Scenario&) = nullptr;
    void (*set)(Scenario&, OptionValue) = nullptr;
    bool (*same)(const Scenario&, const Scenario&) = nullptr;
    OptionRange range = {};
    CountUnit unit = CountUnit::plain;
    std::vector<std::string_view> choices = {}; ///< of texts with a fixed set of values; empty: any text
    std::string_view word = {};                 ///< of numbers: what stands for the least, "auto"
    NameTable names = NameTable::none;
    std::vector<std::string_view> also = {}; ///< other spellings of the name that are read
    std::string_view label = {};             ///< empty: the last part of the key
    std::string_view help = {};
    std::string_view left_out = {};
    std::string_view symbol = {};
    std::string_view flag = {};
    bool (*concerns)(const Scenario&) = nullptr;
    /// Whose option this is, by inference.engine; empty: everybody's. Others keep the value and ignore it.
    std::vector<std::string_view> engines = {};
    /// The tasks that read it; empty: all. Others keep the value and ignore it.
    std::vector<std::string_view> tasks = {};
    std::size_t row = 0; ///< its place in scenario_fields() and in Scenario::chosen

    /// "lora_rank"
    std::string_view name() const { return std::string_view(key).substr(key.find('.') + 1); }
};

std::span<const ScenarioField> scenario_fields();

/// The row of that key; null where there is none. Other spellings of a name are read: those of hardware and precision
/// in every group ("inference.tensor_parallel_size") and without one, others in their own.
const ScenarioField* field_named(std::string_view key);

/// The same, for keys that people write. The error names the nearest of those that the scenario's engine
/// read: one that starts with or contains what was typed, or is at most two letters off.
Result<const ScenarioField*> find_field(const Scenario& scenario, std::string_view key);
/// Of whatever task and engine.
Result<const ScenarioField*> find_field(std::string_view key);

/// Whether it is a group of keys: "hardware.host".
bool is_group(std::string_view key);

/// Sets a field from text (command line, form), checking type and range, and marks it as chosen. An empty text unsets
/// an optional. Lists are written with commas or as JSON, a group of keys as an object. The scenario is unchanged on
/// error, but for the keys of a group before the one that is refused.
Outcome set_field(Scenario& scenario, std::string_view key, std::string_view text);

/// The same for typed values, as a JSON file holds them.
Outcome set_flag(Scenario& scenario, const ScenarioField& field, bool value);
Outcome set_count(Scenario& scenario, const ScenarioField& field, double value);
Outcome set_texts(Scenario& scenario, const ScenarioField& field, std::vector<std::string> texts);
Outcome set_numbers(Scenario& scenario, const ScenarioField& field, std::vector<double> numbers);
Outcome set_devices(Scenario& scenario, const ScenarioField& field, std::vector<DeviceGroup> groups);

/// "[24, 12]" or "24,12"; the range is not checked.
Result<std::vector<double>> parse_numbers(const ScenarioField& field, std::string_view text);

/// The GPUs of the machine, as the command line names them: one id, or groups ("2xrtx_3090,rtx_3060_12"). Takes off
/// what was said of others.
Outcome set_gpus(Scenario& scenario, std::string_view text);

/// Nobody chose it: it has the value of a new scenario again.
void unset_field(Scenario& scenario, const ScenarioField& field);

/// Whether the value is written as the field's word.
bool stands_for_least(const ScenarioField& field, const OptionValue& value);

/// The value as `set_field` would read it back; empty for an unset optional.
std::string field_text(const Scenario& scenario, const ScenarioField& field);

/// Whether the scenario's task reads the field, and its engine where the field is an engine's.
bool is_read(const Scenario& scenario, const ScenarioField& field);

/// Whether the scenario's task asks for the field at all, and the other options leave it a meaning: micro batches are
/// of no concern to inference, nor is the rank of adapters where every parameter is trained.
bool concerns_task(const Scenario& scenario, const ScenarioField& field);

/// "engine vllm", "engines vllm, sglang", "task train": whose option the field is.
std::string owners_text(const ScenarioField& field);

/// Whether the field has the value that a new scenario has.
bool is_default(const Scenario& scenario, const ScenarioField& field);

/// Whether somebody set the field, be it to the value that a new scenario has.
bool is_chosen(const Scenario& scenario, const ScenarioField& field);

/// "a whole number from 1 to 1,048,576", "one of a, b, c": what a field takes, for messages and tool tips.
std::string allowed_text(const ScenarioField& field);

/// "there is no key KEY; the nearest is ..." of a closed set; `known` must not be empty.
Error unknown_key(std::string_view key, std::span<const std::string_view> known);

/// "KEY is VALUE; it must be ALLOWED". `value` is what was given, ready to be shown.
Error field_error(const ScenarioField& field, std::string_view value);

} // namespace weighbridge
