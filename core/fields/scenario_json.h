#pragma once

#include "core/fields/model_json.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace weighbridge {

struct ScenarioField;

/// Reads a scenario (docs/scenario.md). Every key is optional, and those that stand there are chosen; an unknown one is
/// an error that names the nearest known key, a wrong type or a value out of range one that names key, value and what
/// is allowed. Tasks, engines and keys that are not built are refused by name. A preset must exist; files, hub
/// references and configs are looked at by whoever resolves the model.
Result<Scenario> read_scenario(const nlohmann::json& json);
Result<Scenario> read_scenario_text(std::string_view text, std::string_view name = "scenario");

/// Whether an object is meant as a scenario rather than as a config.json: it has keys that no config.json has, and
/// lacks its model_type.
bool is_scenario(const nlohmann::json& json);

/// What was chosen and nothing else, keys in the order of docs/scenario.md; reading it back gives an equal scenario
/// with the same keys chosen. Chosen options of engines and tasks that are not chosen are there too.
nlohmann::ordered_json write_scenario(const Scenario& scenario);

/// The keys that were left open in `asked` and were filled in in `used`, in the same shape: of those that the task and
/// the engine read and that have a meaning beside the others.
nlohmann::ordered_json write_filled_in(const Scenario& asked, const Scenario& used);

/// Whether write_scenario() and write_filled_in() write the field.
bool is_written(const Scenario& scenario, const ScenarioField& field);
bool is_filled_in(const Scenario& asked, const Scenario& used, const ScenarioField& field);

} // namespace weighbridge
