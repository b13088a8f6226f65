#pragma once

#include "core/fields/fields.h"
#include "ui/form/form_field.h"

namespace weighbridge {

/// What an option that is left open comes to.
using OptionDefault = QString (*)(const Session&, const ScenarioField&);

/// Kind, unit, choices and placeholder of a row follow from what the option holds. `option` is a row of
/// scenario_fields() and outlives the form.
void describeValue(FormField& field, const ScenarioField& option, OptionDefault defaultOf);

/// The value of a scenario whose defaults are filled in, for a placeholder: "on", "16,384", "not set".
QString settledText(const Scenario& scenario, const ScenarioField& option);

} // namespace weighbridge
