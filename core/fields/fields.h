#pragma once

#include "core/fields/number_text.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weighbridge {

/// Two texts that one key sets together: precision.kv_cache is that of keys and of values.
using TextPair = std::pair<std::string&, std::string&>;

/// Where a field lives in a scenario.
using FieldSlot = std::variant<std::int64_t& (*)(Scenario&), double& (*)(Scenario&), bool& (*)(Scenario&),
                               std::string& (*)(Scenario&), std::optional<std::int64_t>& (*)(Scenario&),
                               std::optional<double>& (*)(Scenario&), std::optional<bool>& (*)(Scenario&),
                               std::vector<std::string>& (*)(Scenario&), TextPair (*)(Scenario&)>;

/// One scalar key of the scenario: the one table behind the scenario's JSON, --set, range checks and the form's
/// editors. `precision.kv_cache` and `hardware.accelerator` may also be objects; scenario_json reads those shapes, and
/// `model`, which is no scalar.
struct ScenarioField
{
    std::string_view key; ///< dotted: "inference.sequence_length"
    FieldSlot slot;
    double minimum = 0; ///< of numbers, inclusive
    double maximum = 0;
    bool above_minimum = false; ///< the minimum itself is excluded
    CountUnit unit = CountUnit::plain;
    std::vector<std::string_view> choices = {};   ///< of texts with a fixed set of values; empty: any text
    std::vector<std::string_view> not_built = {}; ///< documented values that are refused by name
    /// Of texts: checks one and gives its canonical spelling ("BF16" is "bf16"); the error names the nearest known one.
    Result<std::string> (*canonical)(std::string_view) = nullptr;
    /// Whose option this is, by inference.engine; empty: everybody's. Others keep the value and ignore it.
    std::vector<std::string_view> engines = {};
    /// The tasks that read it; empty: all. Others keep the value and ignore it.
    std::vector<std::string_view> tasks = {};
};

std::span<const ScenarioField> scenario_fields();

/// The key that a second spelling of one stands for: "inference.max_batched_tokens" is
/// "inference.max_num_batched_tokens".
std::string_view current_name(std::string_view key);

/// The row of that key; null where there is none.
const ScenarioField* field_named(std::string_view key);

/// The same, for keys that people write. The error names the nearest known key.
Result<const ScenarioField*> find_field(std::string_view key);

/// Sets a field from text (command line, form), checking type and range. An empty text unsets an optional. The scenario
/// is unchanged on error.
Outcome set_field(Scenario& scenario, std::string_view key, std::string_view text);

/// The same for typed values, as a JSON file holds them.
Outcome set_count(Scenario& scenario, const ScenarioField& field, double value);
Outcome set_texts(Scenario& scenario, const ScenarioField& field, std::vector<std::string> texts);

/// The value as `set_field` would read it back; empty for an unset optional.
std::string field_text(const Scenario& scenario, const ScenarioField& field);

/// Whether the scenario's task reads the field, and its engine where the field is an engine's.
bool is_read(const Scenario& scenario, const ScenarioField& field);

/// Whether the scenario's task asks for the field at all: inference.* and the cache are of no concern to training, nor
/// are micro batches and interleaved stages to inference. Options that name an engine or a task: see is_read().
bool concerns_task(const Scenario& scenario, const ScenarioField& field);

/// "engine vllm", "engines vllm, sglang", "task train": whose option the field is.
std::string owners_text(const ScenarioField& field);

/// Whether the field has the value that a new scenario has.
bool is_default(const Scenario& scenario, const ScenarioField& field);

/// "a whole number from 1 to 1,048,576", "one of a, b, c": what a field takes, for messages and tool tips.
std::string allowed_text(const ScenarioField& field);

/// "there is no key KEY; the nearest is ..."; `known` must not be empty.
Error unknown_key(std::string_view key, std::span<const std::string_view> known);

/// "KEY is VALUE; it must be ALLOWED". `value` is what was given, ready to be shown.
Error field_error(const ScenarioField& field, std::string_view value);

} // namespace weighbridge
