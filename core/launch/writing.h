#pragma once

#include "core/launch/flag_table.h"
#include "core/launch/write_launch.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

struct ScenarioField;

/// An entry on its way into a command or file: the flag's name in the tables, and its value; nothing is a switch.
struct WrittenEntry
{
    std::string name;
    std::optional<nlohmann::ordered_json> value;
    bool is_environment = false;
};

/// What is put together while the keys of a scenario are gone through.
struct LaunchWriting
{
    const Scenario* scenario = nullptr;
    const FlagTable* table = nullptr;
    std::string tool;      ///< "axolotl"
    std::string container; ///< "docker", "compose", "kubernetes"; empty: none
    std::string model;     ///< as the tool names it; empty where it can't
    std::vector<WrittenEntry> entries;
    WrittenLaunch written;

    const TrainingChoice* training() const { return scenario->training(); }
    /// Adds an entry under the dialect's spelling of the row that has this name or sets this key.
    void add(const std::string& name, std::optional<nlohmann::ordered_json> value, std::string_view key,
             std::string_view why);
    /// As the tool spells the row of that name.
    std::string spelled(const std::string& name) const;
};

/// The value of a row as the tool writes it; nothing where it has no word for it.
std::optional<WrittenEntry> written_value(const LaunchWriting& writing, const FlagRow& row, const ScenarioField& field);

/// What only several keys together say of training: method, optimizer, sharding, processes. The keys that are dealt
/// with.
std::vector<std::string> write_training(LaunchWriting& writing);

/// The command or file in the tool's own form.
void write_text(LaunchWriting& writing);

} // namespace weighbridge
