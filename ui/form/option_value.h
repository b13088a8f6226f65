#pragma once

#include "core/fields/fields.h"
#include "ui/form/form_field.h"

#include <string_view>

namespace weighbridge {

/// A row of the form for a row of scenario_fields(), which outlives it: words, kind, unit, choices and placeholder. The
/// group is the caller's to say, and what the form does otherwise.
FormField optionRow(const ScenarioField& option);

/// The same for a key, which must be there.
FormField optionRow(std::string_view key);

} // namespace weighbridge
