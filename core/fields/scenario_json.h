#pragma once

#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace weighbridge {

struct ScenarioField;

/// Reads a scenario (docs/scenario.md). Every key is optional; an unknown one is an error that names the nearest known
/// key, a wrong type or a value out of range one that names key, value and what is allowed. Tasks, engines and keys
/// that are not built are refused by name. A preset must exist; files, hub references and configs are looked at by
/// whoever resolves the model.
Result<Scenario> read_scenario(const nlohmann::json& json);
Result<Scenario> read_scenario_text(std::string_view text, std::string_view name = "scenario");

/// Whether an object is meant as a scenario rather than as a config.json: it has keys that no config.json has, and
/// lacks its model_type.
bool is_scenario(const nlohmann::json& json);

/// The preset of that name in its own spelling, as `model` in a scenario takes it: with or without its organisation,
/// but never a path that happens to end in a preset's name.
Result<std::string> canonical_preset(std::string_view name);

/// Every default filled in, keys in the order of docs/scenario.md; reading it back gives an equal scenario. Optional
/// values that are not set are null. Options of engines that are not chosen are there only where they were set.
nlohmann::ordered_json write_scenario(const Scenario& scenario);

/// Whether the field is one of those that write_scenario() writes.
bool is_written(const Scenario& scenario, const ScenarioField& field);

} // namespace weighbridge
