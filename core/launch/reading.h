#pragma once

#include "core/launch/flag_table.h"
#include "core/launch/launch.h"
#include "core/launch/settings.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What is known while the settings of a launch are read one by one: the scenario so far, and what only several of them
/// together say.
struct LaunchReading
{
    const Launch* launch = nullptr;
    const FlagTable* table = nullptr;
    LaunchCommand command;

    bool adapters = false; ///< LoRA or its like was asked for
    bool four_bit = false; ///< of the frozen network
    bool double_quant = false;
    bool dora = false;
    bool model_is_named = false;
    std::string model_folder;              ///< TabbyAPI's, in front of the model's name
    std::optional<std::int64_t> processes; ///< of one machine
    std::optional<std::int64_t> machines;
    std::optional<std::int64_t> visible_gpus;
    std::optional<std::int64_t> replicas;          ///< whole copies beside the sharded ones
    std::optional<std::int64_t> global_batch;      ///< sequences of a step
    std::optional<std::int64_t> virtual_layers;    ///< of one virtual stage
    std::map<std::string, std::string> dimensions; ///< of the network, where flags give them

    /// "training.lora_rank" is "fine_tune.lora_rank".
    std::string key(std::string_view row_key) const;
    /// Sets a key as `set_field` does.
    Outcome set(std::string_view row_key, std::string_view value);
    /// The same for what several flags say together; what is refused is asked.
    void settle(std::string_view row_key, std::string_view value);
    /// "fine_tune" or "train"; null for inference.
    TrainingChoice* training();
};

/// Reads one value into the scenario. The note says what was made of it; an error, why the value is no key's.
using ReadFlag = Outcome (*)(LaunchReading& reading, const FlagRow& row, const std::string& value, LaunchFlag& flag);

/// The conversion a row names; null where there is none of that name.
ReadFlag serving_conversion(std::string_view name);
ReadFlag training_conversion(std::string_view name);

/// Whether a text says yes ("true", "on", "1") or no.
std::optional<bool> truth_of(std::string_view text);

/// "a b", "a,b", "[\"a\", \"b\"]": the items.
std::vector<std::string> items_of(std::string_view text);

/// The key that has the flag's own name, where the table's engine or training reads it; empty where there is none. Of a
/// flag that was found to be without effect only an option of that very engine counts.
std::string key_named_after(const FlagTable& table, std::string_view engine, const std::string& name);

/// Sets `model` from a Hub's name or a path.
Outcome set_model(LaunchReading& reading, const std::string& text, LaunchFlag& flag);

/// What the settings of training say together: method, base, layout, batch.
void finish_training(LaunchReading& reading);
/// Of inference: GPUs at hand.
void finish_serving(LaunchReading& reading);

} // namespace weighbridge
